// What a thing takes that a server holds: growth of live memory by the number of them.
import { setTimeout as wait } from "node:timers/promises";
import { load } from "./load.mjs";
import { CALLERS, PHONES } from "./plan.mjs";

/** Transactions linger 64·T1 = 32 s (RFC 3261 §17). */
const LINGER_MILLIS = 34_000;

async function withoutTransactions(server, counts) {
  const deadline = performance.now() + LINGER_MILLIS;
  while (performance.now() < deadline) {
    if (counts !== undefined && (await counts()).transactions === 0) return;
    await wait(250);
  }
}

/** How many there are, as the server says; a server that says nothing has what was sent to it. */
const countOf = async (server, name, sent) =>
  server.counts === undefined ? sent : (await server.counts())[name];

/** A server that is busy for a moment may refuse a few; what it holds it says itself. */
const USABLE_SHARE = 0.99;

async function fully(name, options) {
  const { done, failed } = await load(name, options);
  if (done < options.count * USABLE_SHARE)
    throw new Error(`${String(failed)} of ${String(done + failed)} failed: ${name}`);
  return done;
}

/** @returns figures by what was held. */
export async function measureMemory(kind, server, { count, calls, rate, callRate }) {
  const { port } = server;
  const counts = server.counts && (() => server.counts());
  const at = (from) => ({ port, from, rate });
  // Code is compiled, tables get their first size.
  await fully("register", { ...at(PHONES), count: 500 });
  await fully("options", { ...at(CALLERS), count: 500 });
  await fully("caller", { ...at(CALLERS), rate: callRate, count: 50 });
  await withoutTransactions(server, counts);
  const figures = {};

  const idle = await server.memory();
  const opened = await fully("options", { ...at(CALLERS), count });
  const open = await server.memory();
  figures["an open transaction"] = {
    octets: (open.octets - idle.octets) / (await countOf(server, "transactions", opened)),
  };
  await withoutTransactions(server, counts);

  const boundBefore = await countOf(server, "bindings", 500);
  const before = await server.memory();
  // The accounts come in their order, from the first one on: those of before among them.
  const registered = await fully("register", { ...at(PHONES), count });
  await withoutTransactions(server, counts);
  const bound = await server.memory();
  const bindings = (await countOf(server, "bindings", registered)) - boundBefore;
  figures["a binding"] = { octets: (bound.octets - before.octets) / bindings };

  if (kind.holdsDialogs) {
    let child;
    const setUp = (calls / callRate) * 1000;
    const running = load("caller", {
      ...at(CALLERS),
      rate: callRate,
      count: calls,
      hold: setUp + LINGER_MILLIS + 5_000,
      started: (started) => (child = started),
    }).catch((error) => error);
    await wait(setUp + 1000);
    await withoutTransactions(server, counts);
    const held = await server.memory();
    const { dialogs } = await server.counts();
    if (dialogs < calls || child.exitCode !== null) throw new Error(`only ${String(dialogs)} dialogs stand`);
    figures["a dialog"] = { octets: (held.octets - bound.octets) / dialogs };
    figures["a call, in control's thread"] = { octets: ((held.control - bound.control) / dialogs) * 2 };
    child.kill("SIGKILL");
    await running;
  }
  return figures;
}
