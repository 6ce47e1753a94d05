import t from "tap";
import { LogTail } from "../../ts/core/log-tail.js";
import { ManualClock } from "../support/manual-clock.js";

function open(): { tail: LogTail; passed: string[] } {
  const passed: string[] = [];
  const pass =
    (level: string) =>
    (_fields: object, text: string): void => {
      passed.push(`${level} ${text}`);
    };
  const log = { debug: pass("debug"), info: pass("info"), warn: pass("warn"), error: pass("error") };
  return { tail: new LogTail({ log, clock: new ManualClock(), part: "sip" }), passed };
}

t.test("everything is passed on, and all but debugging kept", async (t) => {
  const { tail, passed } = open();
  tail.debug({}, "a");
  tail.info({ callid: "x", count: 3, list: [1] }, "b");
  tail.warn({ err: new Error("why") }, "c");
  tail.error({ long: "x".repeat(1000) }, "d");
  t.same(passed, ["debug a", "info b", "warn c", "error d"]);
  t.match(tail.after(0), [
    { number: 1, level: "info", text: "b", part: "sip", fields: { callid: "x", count: "3", list: "[1]" } },
    { number: 2, level: "warn", fields: { err: "why" } },
    { number: 3, level: "error" },
  ]);
  t.equal(tail.after(2)[0]?.fields["long"]?.length, 300);
  t.same(tail.after(3), []);
});

t.test("what can't be put into words does no harm", async (t) => {
  const { tail } = open();
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  tail.info({ circle, nothing: undefined, big: 1n }, "odd");
  t.match(tail.after(0)[0]?.fields, { circle: "[object Object]", nothing: "undefined", big: "1" });
});

t.test("the last five hundred lines at least are kept, a thousand at most", async (t) => {
  const { tail } = open();
  for (let n = 1; n <= 2750; n += 1) tail.info({}, String(n));
  const kept = tail.after(0);
  t.ok(kept.length >= 500 && kept.length <= 1000, String(kept.length));
  t.equal(kept.at(-1)?.text, "2750");
  t.equal(tail.last, 2750);
});

t.test("lines of another part are numbered anew", async (t) => {
  const { tail } = open();
  const { tail: other } = open();
  const told: number[] = [];
  tail.tell(({ number }) => told.push(number));
  other.info({}, "there");
  tail.info({}, "here");
  for (const line of other.after(0)) tail.add(line);
  t.match(tail.after(0), [
    { number: 1, text: "here" },
    { number: 2, text: "there" },
  ]);
  t.same(told, [1, 2]);
});
