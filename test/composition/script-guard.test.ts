import t from "tap";
import { ScriptGuard } from "../../ts/composition/script-guard.js";
import { silentLog } from "../../ts/core/log.js";
import type { SipEvent, SipService } from "../../ts/sip/sip-service.js";

t.test(
  "whose turn it is, is told before anything of a call is run, and again when that is over",
  async (t) => {
    const entered: string[] = [];
    const guard = new ScriptGuard({ log: silentLog, entered: (callid) => void entered.push(callid) });
    const seen: string[] = [];
    guard.within("a", () => {
      seen.push(...entered);
      guard.within("b", () => undefined);
    });
    t.same(seen, ["a"]);
    t.same(entered, ["a", "b", "a"]);
  },
);

t.test("an event of a call is run as that call's; others are nobody's", async (t) => {
  const entered: string[] = [];
  const guard = new ScriptGuard({ log: silentLog, entered: (callid) => void entered.push(callid) });
  let sink: ((event: SipEvent) => Promise<void>) | undefined;
  const service = { attach: (given: typeof sink) => void (sink = given), execute: () => undefined };
  const heard: string[] = [];
  guard.watch(service as unknown as SipService).attach(async (event) => void heard.push(event.type));
  await sink?.({ type: "dialog", info: { callid: "c1" } } as SipEvent);
  await sink?.({ type: "registered" } as SipEvent);
  t.same(heard, ["dialog", "registered"]);
  t.same(entered, ["c1"]);
});

t.test("a guard that follows nothing just runs what it is given: nobody's turn is kept", async (t) => {
  const entered: string[] = [];
  const told = (callid: string): void => void entered.push(callid);
  const guard = new ScriptGuard({ log: silentLog, entered: told, follows: "nothing" });
  const done = guard.within("a", () => "done");
  t.equal(done, "done");
  const fails = (): void => {
    throw new Error("a bug in the script");
  };
  t.throws(() => {
    guard.within("a", fails);
  }, /a bug in the script/);
  t.same(entered, []);
});
