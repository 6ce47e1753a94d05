/** Numbers, the window, and who reads at which pace. */
import t from "tap";
import { seconds } from "../../../ts/core/brand.js";
import { EventLog } from "../../../ts/http/v1/event-log.js";
import { EventReader, PATIENCE, type EventFilter } from "../../../ts/http/v1/event-reader.js";
import type { Gap, V1Event } from "../../../ts/http/v1/event-schema.js";
import { ManualClock } from "../../support/manual-clock.js";

interface Reading {
  readonly reader: EventReader;
  readonly got: (V1Event | Gap)[];
  room: number;
  slow: boolean;
}

function bench(limits: { mostEvents?: number; mostText?: number } = {}) {
  const clock = new ManualClock();
  const log = new EventLog({ clock, feed: "f1", ...limits });
  const note = (what: string, call?: string): void =>
    log.tell({ type: "call.note", ...(call !== undefined && { call }), data: { what } });
  const read = (since?: string, filter: EventFilter = {}, room = Infinity): Reading => {
    const reading = { got: [] as (V1Event | Gap)[], room, slow: false } as {
      -readonly [K in keyof Reading]: Reading[K];
    };
    reading.reader = new EventReader({
      log,
      clock,
      filter,
      since,
      write: (_number, _type, text) => {
        reading.got.push(JSON.parse(text) as V1Event | Gap);
        reading.room -= 1;
        return reading.room > 0;
      },
      tooSlow: () => (reading.slow = true),
    });
    reading.reader.start();
    return reading;
  };
  return { clock, log, note, read };
}

const numbers = ({ got }: Reading): number[] => got.map(({ number }) => number);

t.test("without a place one hears what comes from now on, in order", (t) => {
  const { note, read } = bench();
  note("before");
  const reading = read();
  note("a");
  note("b");
  t.same(numbers(reading), [2, 3]);
  t.match(reading.got[0], { type: "call.note", feed: "f1", data: { what: "a" } });
  t.end();
});

t.test("who comes back reads on without a gap, however he names his place", (t) => {
  const { note, read } = bench();
  for (const what of "abcde") note(what);
  t.same(numbers(read("f1.2")), [3, 4, 5]);
  t.same(numbers(read("2")), [3, 4, 5]);
  t.same(numbers(read("0")), [1, 2, 3, 4, 5]);
  t.same(numbers(read("f1.5")), []);
  t.same(numbers(read("f1.999")), [], "a number that is not there yet counts as the last");
  for (const bad of ["x", "f1.", "f1.-1", "1.5.2", ""]) {
    t.throws(() => read(bad), { code: "ARGUMENT_INVALID", field: "since" }, bad);
  }
  t.end();
});

t.test("what is gone is told as a gap", (t) => {
  const { log, note, read } = bench({ mostEvents: 3 });
  for (const what of "abcdefgh") note(what);
  t.equal(log.first, 6);
  const reading = read("f1.2");
  t.same(reading.got[0], { type: "gap", feed: "f1", number: 5, data: { reason: "expired", lost: 3 } });
  t.same(numbers(reading), [5, 6, 7, 8]);
  t.end();
});

t.test("after a restart all that is kept is read, behind a gap", (t) => {
  const { note, read } = bench();
  note("a");
  const reading = read("f0.4711");
  t.same(reading.got[0], { type: "gap", feed: "f1", number: 0, data: { reason: "restarted" } });
  t.same(numbers(reading), [0, 1]);
  t.end();
});

t.test("the window has a limit of characters, too; the newest stays", (t) => {
  const { log, note } = bench({ mostText: 500 });
  for (let i = 0; i < 10; i++) note("x".repeat(100));
  t.ok(log.last - log.first < 3);
  note("x".repeat(5000));
  t.equal(log.first, log.last);
  t.end();
});

t.test("filters by call and type", (t) => {
  const { log, note, read } = bench();
  const ofOne = read(undefined, { calls: new Set(["c1"]) });
  const ofType = read(undefined, { types: ["call.*"] });
  const cdr = read(undefined, { types: ["cdr"] });
  note("a", "c1");
  note("b", "c2");
  note("c");
  log.tell({ type: "cdr", data: { record: { version: 1, id: "r" } } });
  t.same(numbers(ofOne), [1]);
  t.same(numbers(ofType), [1, 2, 3]);
  t.same(numbers(cdr), [4]);
  t.end();
});

t.test("a slow one costs nothing: he reads on when there is room, and hears what he missed", async (t) => {
  const { clock, note, read } = bench({ mostEvents: 3 });
  const reading = read(undefined, {}, 1);
  for (const what of "abcdefgh") note(what);
  t.same(numbers(reading), [1]);
  reading.room = Infinity;
  reading.reader.resume();
  t.match(reading.got[1], { type: "gap", number: 5, data: { reason: "expired", lost: 4 } });
  t.same(numbers(reading), [1, 5, 6, 7, 8]);
  await clock.advance(PATIENCE);
  t.notOk(reading.slow);
});

t.test("one who takes nothing at all is cut off", async (t) => {
  const { clock, log, note, read } = bench();
  const reading = read(undefined, {}, 1);
  note("a");
  note("b");
  await clock.advance(seconds(14));
  t.notOk(reading.slow);
  await clock.advance(seconds(2));
  t.ok(reading.slow);
  t.equal(log.readers, 0);
  t.equal(clock.pendingTimers, 0);
});
