/** sipsak (https://github.com/nils-ohlmeier/sipsak): what operators probe a server with. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import t, { type Test } from "tap";
import { eventually } from "./support/eventually.js";
import { LOOPBACK } from "./support/ports.js";
import { startProcess } from "./support/process.js";
import { startSwitch, stopSwitch, type RunningSwitch } from "./support/switch.js";

/** Exit codes: 0 for a 200, 1 for another final answer, 2 and 3 where there was none to be had. */
interface Probe {
  readonly code: number | null;
  readonly output: string;
}

async function sipsak(t: Test, ...args: readonly string[]): Promise<Probe> {
  const running = startProcess(t, "timeout", ["20", "sipsak", ...args]);
  const { code } = await running.ended;
  return { code, output: running.output() };
}

const start = (t: Test, trust?: string): Promise<RunningSwitch> =>
  startSwitch(t, {
    deployment: "one process",
    script: "answer.cjs",
    ...(trust === undefined ? {} : { trust }),
  });

async function bindings({ sipUrl }: RunningSwitch): Promise<number | undefined> {
  const health = (await (await fetch(`${sipUrl}/health`)).json()) as { bindings?: number };
  return health.bindings;
}

void t.test("sipsak, who has to show a password", async (t) => {
  const mediaswitch = await start(t);
  const server = `${LOOPBACK}:${String(mediaswitch.sipPort)}`;
  const register = (secret: string, expires: string): Promise<Probe> =>
    sipsak(
      t,
      ...["-vvv", "-i", "-U", "-C", "sip:1003@127.0.0.1:5555", "-x", expires],
      ...["-u", "1003", "-a", secret, "-p", server, "-s", "sip:1003@scenario.example"],
    );

  const options = await sipsak(
    t,
    ...["-vv", "-u", "service", "-a", "not-used-by-trusted-sources", "-s", `sip:${server}`],
  );
  t.equal(options.code, 0, "OPTIONS");
  t.match(options.output, /SIP\/2\.0 200 OK[\s\S]*^Allow: .*INVITE/m);

  const bound = await register("green-apples", "600");
  t.equal(bound.code, 0, "REGISTER");
  t.match(bound.output, /SIP\/2\.0 200 OK[\s\S]*^Contact: .*sip:1003@127\.0\.0\.1:5555/m);
  t.equal(await bindings(mediaswitch), 1, "it is there");

  const refused = await register("blue-plums", "600");
  t.not(refused.code, 0, "a wrong password");
  t.match(refused.output, /SIP\/2\.0 401 /);
  t.notMatch(refused.output, /SIP\/2\.0 200 /);

  t.equal((await register("green-apples", "0")).code, 0, "the binding is taken back");
  t.equal(await bindings(mediaswitch), 0, "it is gone");
  await stopSwitch(t, mediaswitch);
});

/** The discard port: the flood names it as where answers go. */
const DISCARD_PORT = 9;
const noPort =
  process.getuid?.() === 0 ? false : "nobody but root may listen on the port of a flood's answers";

void t.test("sipsak floods with 200 OPTIONS", { skip: noPort }, async (t) => {
  const socket = createSocket({ type: "udp4", recvBufferSize: 1 << 20 });
  t.teardown(() => socket.close());
  socket.bind(DISCARD_PORT, LOOPBACK);
  await once(socket, "listening");
  /** By CSeq. */
  const answers = new Map<string, string>();
  socket.on("message", (datagram) => {
    const text = datagram.toString("latin1");
    answers.set(/^CSeq: (\d+)/m.exec(text)?.[1] ?? "none", text.slice(0, text.indexOf("\r\n")));
  });

  const mediaswitch = await start(t, `${LOOPBACK}/32`);
  const server = `sip:${LOOPBACK}:${String(mediaswitch.sipPort)}`;
  const flood = await sipsak(t, "-F", "-e", "200", "-s", server);
  t.equal(flood.code, 0);
  t.equal(
    await eventually(
      10_000,
      () => answers.size,
      (count) => count >= 200,
    ),
    200,
    "all are answered",
  );
  t.same([...new Set(answers.values())], ["SIP/2.0 200 OK"]);
  t.equal((await sipsak(t, "-s", server)).code, 0, "and so is who comes after");
  await stopSwitch(t, mediaswitch);
});
