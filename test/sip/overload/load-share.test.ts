import t from "tap";
import { ms } from "../../../ts/core/brand.js";
import { LoadShare, type LoadSample } from "../../../ts/sip/overload/load-share.js";

const MARKS = {
  lag: { high: ms(250), low: ms(50) },
  utilization: { high: 0.98, low: 0.9 },
};
const idle: LoadSample = { lag: ms(1), utilization: 0.2 };
const busy: LoadSample = { lag: ms(1), utilization: 1 };
const late: LoadSample = { lag: ms(500), utilization: 0.5 };
const between: LoadSample = { lag: ms(100), utilization: 0.95 };

const admitted = (load: LoadShare, of: number): number =>
  Array.from({ length: of }, () => load.admits()).filter(Boolean).length;
/** A second in which 400 new things were asked for. */
const note = (load: LoadShare, sample: LoadSample): void => {
  admitted(load, 400);
  load.note(sample);
};
const after = (...samples: LoadSample[]): LoadShare => {
  const load = new LoadShare(MARKS);
  for (const sample of samples) note(load, sample);
  return load;
};

t.test("one long pause is no overload, three high samples in a row are", async (t) => {
  t.equal(after(late, late).share, 1);
  t.equal(after(late, late, idle, late, late).share, 1);
  t.equal(after(late, late, late).share, 0.5, "late by far: halved");
  t.equal(after(busy, busy, busy).share, 0.9, "busy: by as much as it is above the lower mark");
  t.equal(after(busy, late, busy).share, 0.9);
});

t.test("the share is what is let in, evenly", async (t) => {
  const load = after(late, late, late, late);
  t.equal(load.share, 0.25);
  t.equal(admitted(load, 1000), 250);
  t.equal(admitted(load, 4), 1);
  t.equal(admitted(new LoadShare(MARKS), 1000), 1000);
});

t.test("hysteresis: between the marks nothing changes, below them it comes back step by step", async (t) => {
  const load = after(...Array<LoadSample>(30).fill(late));
  t.equal(load.share, 0.02, "never nothing: else nobody would see that it is over");
  note(load, between);
  t.equal(load.share, 0.02);
  let steps = 0;
  for (; load.share < 1; steps += 1) note(load, idle);
  t.ok(steps > 5 && steps < 20, `${steps} steps`);
  t.equal(admitted(load, 100), 100);
});

t.test("in a closed loop it settles where the machine can serve", async (t) => {
  const load = new LoadShare(MARKS);
  /** Three times as much is asked for as can be served. */
  const offered = 3;
  const shares: number[] = [];
  for (let step = 0; step < 200; step += 1) {
    const work = offered * load.share;
    note(load, { lag: ms(work > 1 ? 300 * (work - 1) : 1), utilization: Math.min(1, work) });
    shares.push(load.share);
  }
  const settled = shares.slice(100);
  t.ok(Math.min(...settled) > 0.2, `at least ${Math.min(...settled)}`);
  t.ok(Math.max(...settled) < 0.45, `at most ${Math.max(...settled)}`);
});

t.test("where little is asked for, others keep the machine busy: nothing is refused for that", async (t) => {
  const load = new LoadShare(MARKS);
  for (let second = 0; second < 10; second += 1) {
    t.equal(admitted(load, 19), 19);
    load.note(late);
  }
  t.equal(load.share, 1);
  const before = after(late, late, late, late);
  t.ok(before.share < 0.5);
  for (let second = 0; second < 20; second += 1) before.note(late);
  t.equal(before.share, 1, "and what was refused before is taken on again");
});
