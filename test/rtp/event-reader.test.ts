import t from "tap";
import { loadAddon, type NativeEvent } from "../../ts/rtp/addon.js";
import { EventNumbers } from "../../ts/rtp/event-numbers.js";
import { EventReader, type NativeLayout } from "../../ts/rtp/event-reader.js";
import { figureNames, statisticsOf } from "../../ts/rtp/figures.js";
import { nativeLayout } from "./support/native-layout.js";

const layout = nativeLayout();
const figures = layout.figures.length;

/** Figures by their paths; all others are 0. */
function numbersOf(given: Readonly<Record<string, number>> = {}): number[] {
  return layout.figures.map((name) => given[name] ?? 0);
}

const NOBODY_KNOWS = Object.fromEntries(
  layout.figures
    .filter((name) => /^(jitterBuffer|heard|roundTripMillis|sent\.(lost|jitter|rF|mos))/.test(name))
    .map((name) => [name, Number.NaN]),
);

function read(numbers: readonly number[], texts?: readonly string[]): NativeEvent[] {
  const room = Float64Array.from([...numbers, 99, 99, 99]);
  return new EventReader(layout).read(room, numbers.length, texts);
}

const kind = (name: string): number => layout.kinds.indexOf(name);

await t.test("each figure that the addon names is where its name says, and none is missing", (t) => {
  t.same(figureNames(), layout.figures);
  const drops = layout.figures.filter((name) => name.startsWith("dropped."));
  t.equal(drops.length, 34);
  for (const [index, name] of layout.figures.entries()) {
    const numbers = Float64Array.from({ length: figures }, (_, place) => (place === index ? 7.0 : 0));
    const statistics = statisticsOf(new EventNumbers().read(numbers, figures, ["192.0.2.7:4000"]));
    const found = name
      .split(".")
      .reduce<unknown>((within, step) => (within as Record<string, unknown>)[step], statistics);
    t.equal(found, 7, name);
  }
  t.end();
});

await t.test("what nobody knows is null, and groups that are not there are absent", (t) => {
  const [event] = read([
    kind("closed"),
    5,
    layout.closeReasons.indexOf("idle-timeout"),
    ...numbersOf(NOBODY_KNOWS),
  ]);
  t.match(event, { type: "closed", channel: 5, reason: "idle-timeout" });
  if (event?.type !== "closed") throw new Error("no event of that kind");
  const { statistics } = event;
  const unknown = { lost: null, jitterMillis: null, rFactor: null, mos: null };
  t.strictSame(statistics.sent, { packets: 0, octets: 0, ...unknown });
  t.equal(statistics.roundTripMillis, null);
  t.notOk("jitterBuffer" in statistics);
  t.notOk("heard" in statistics);
  t.strictSame(statistics.refused, {}, "reasons that there were none of are left out");
  t.equal(Object.keys(statistics.dropped).length, 34, "and here not");
  t.end();
});

await t.test("numbers that 32 bits don't hold, and such as are no whole ones", (t) => {
  const given = {
    datagrams: 2 ** 40 + 1,
    "received.octets": 2 ** 31,
    "tick.meanUs": 12.25,
    "refused.SendOff": 2 ** 32,
  };
  const numbers = Float64Array.from(numbersOf(given));
  const statistics = statisticsOf(new EventNumbers().read(numbers, figures, [""]));
  t.equal(statistics.datagrams, 2 ** 40 + 1);
  t.equal(statistics.received.octets, 2 ** 31);
  t.equal(statistics.tick.meanUs, 12.25);
  t.strictSame(statistics.refused, { SendOff: 2 ** 32 });
  t.end();
});

await t.test("events one behind the other, texts in their order", (t) => {
  const events = read(
    [
      ...[kind("reply"), 2 ** 33, layout.outcomes.indexOf("conflict"), 0],
      ...[kind("mix"), 1, 1],
      ...[kind("source-rejected"), 1, 4000],
      ...[kind("telephone-event"), 2, 1],
      ...[kind("telephone-event"), 2, 0],
      ...[kind("telephone-event-end"), 2, 120],
      ...[kind("play-changed"), 3, layout.playStates.indexOf("start")],
      ...[kind("play-changed"), 3, layout.playStates.indexOf("paused")],
      ...[kind("play-ended"), 3, layout.playEnds.indexOf("interrupted")],
      ...[kind("record-changed"), 3, layout.recordStates.indexOf("slow-disk")],
      ...[kind("record-finished"), 3, layout.recordEnds.indexOf("disk-full"), 44, 20],
      ...[kind("readable"), 8, kind("reader-ended"), 8, kind("writable"), 9, kind("writer-ended"), 9],
      ...[kind("closed"), 4, layout.closeReasons.indexOf("requested"), ...numbersOf()],
      ...[kind("mix"), 1, 0],
    ],
    ["192.0.2.9", "5", "#", "#", "/a.wav", "/b.wav", "192.0.2.7:4000"],
  );
  const closed = events.splice(15, 1)[0];
  t.match(closed, { type: "closed", channel: 4, statistics: { heard: { from: "192.0.2.7:4000" } } });
  t.strictSame(events, [
    { type: "reply", ticket: 2 ** 33, outcome: "conflict" },
    { type: "mix", channel: 1, event: "start" },
    { type: "source-rejected", channel: 1, address: "192.0.2.9", port: 4000 },
    { type: "telephone-event", channel: 2, event: "5", inband: true },
    { type: "telephone-event", channel: 2, event: "#" },
    { type: "telephone-event-end", channel: 2, event: "#", durationMillis: 120 },
    { type: "play", channel: 3, event: "start", reason: "new" },
    { type: "play", channel: 3, event: "paused" },
    { type: "play", channel: 3, event: "end", reason: "interrupted" },
    { type: "record", channel: 3, file: "/a.wav", event: "slow-disk" },
    {
      type: "record",
      channel: 3,
      file: "/b.wav",
      event: "finished",
      reason: "disk-full",
      filesize: 44,
      durationMillis: 20,
    },
    { type: "readable", reader: 8 },
    { type: "reader-ended", reader: 8 },
    { type: "writable", writer: 9 },
    { type: "writer-ended", writer: 9 },
    { type: "mix", channel: 1, event: "finished" },
  ]);
  t.end();
});

await t.test("an addon of other sources is told from ours before it says anything wrong", (t) => {
  const [first = "", second = "", ...others] = layout.figures;
  const strange: (NativeLayout | undefined)[] = [
    undefined,
    { ...layout, kinds: [...layout.kinds].reverse() },
    { ...layout, figures: [second, first, ...others] },
    { ...layout, figures: [...layout.figures, "dropped.New"] },
  ];
  for (const each of strange) {
    t.throws(() => new EventReader(each), { code: "MEDIA_UNAVAILABLE", message: /npm run build:native/ });
  }
  t.doesNotThrow(() => loadAddon());
  t.end();
});
