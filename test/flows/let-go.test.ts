/** What lasts beyond a call is what absorbs copies of its messages: not the call itself. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import t, { type Test } from "tap";
import { ms } from "../../ts/core/brand.js";
import { DOMAIN, SipBench, sdp } from "../support/sip-bench.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Each leg hands out what it knows with its events: when nobody has these any more, they live as long as the leg. */
async function isLetGo(t: Test, bench: SipBench): Promise<void> {
  const held = bench.events.map((event) => new WeakRef(event));
  const infos = bench.events.flatMap((event) => (event.type === "dialog" ? [new WeakRef(event.info)] : []));
  t.ok(infos.length > 0);
  bench.events.splice(0);
  const { transactions } = await bench.sip.execute({ type: "health" });
  t.ok(transactions > 0, "its transactions go on");
  // What a job has looked at through a weak reference stays until its end.
  await bench.clock.advance(ms(1));
  collect();
  t.notOk(held.some((one) => one.deref() !== undefined));
  t.notOk(
    infos.some((one) => one.deref() !== undefined),
    "nothing holds the call",
  );
}

const A_LITTLE = ms(10);

t.test("a call that came in, after its end", async (t) => {
  const bench = await new SipBench({
    control: (event, sip) =>
      event.cause === "new" &&
      sip.execute({ type: "dialog.answer", callid: event.info.callid, sdp: sdp("192.0.2.1") }),
  }).registered();
  const { alice, clock } = bench;
  alice.send("INVITE", { sdp: sdp("198.51.100.10") });
  await clock.advance(A_LITTLE);
  alice.send("ACK");
  await clock.advance(A_LITTLE);
  alice.send("BYE");
  await clock.advance(A_LITTLE);
  t.same(bench.causes, ["new", "answered", "ended"]);
  await isLetGo(t, bench);
  await bench.leavesNothing(t);
});

t.test("a call of ours, after its end", async (t) => {
  const bench = new SipBench();
  await bench.registered(bench.bob);
  const { bob, clock } = bench;
  await bench.sip.execute({
    type: "dialog.invite",
    request: { from: { user: "alice", domain: DOMAIN }, to: { user: "bob" }, sdp: sdp("192.0.2.1") },
  });
  await clock.advance(A_LITTLE);
  bob.send("200 OK", { sdp: sdp("198.51.100.20") });
  await clock.advance(A_LITTLE);
  bob.send("BYE");
  await clock.advance(A_LITTLE);
  t.same(bench.causes.slice(-2), ["answered", "ended"]);
  await isLetGo(t, bench);
  await bench.leavesNothing(t);
});
