import t from "tap";
import { ScriptPulse } from "../../ts/composition/script-pulse.js";

t.test("what one thread writes the other reads from the same memory", (t) => {
  const here = new ScriptPulse();
  const there = new ScriptPulse(here.memory);
  t.equal(there.beats, 0);
  t.equal(there.callid, undefined);
  here.beat();
  here.entered("call-ä");
  t.equal(there.beats, 1);
  t.equal(there.callid, "call-ä");
  here.entered("b");
  t.equal(there.callid, "b");
  here.beat();
  t.equal(there.callid, undefined, "the loop has turned: nothing of a call is running");
  t.equal(there.beats, 2);
  t.end();
});

t.test("a call-id that is too long is cut, not written elsewhere", (t) => {
  const pulse = new ScriptPulse();
  pulse.entered("x".repeat(10_000));
  t.equal(pulse.callid, "x".repeat(512));
  t.equal(pulse.beats, 0);
  t.end();
});
