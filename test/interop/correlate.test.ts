import t from "tap";
import { SAMPLING_RATE, isSameSpeech, likeness } from "./support/correlate.js";
import { temporaryFolder } from "./support/folder.js";
import { makeSpeech } from "./support/speech.js";

const folder = temporaryFolder(t);
const alice = makeSpeech(folder, "alice").sound.samples;
const bob = makeSpeech(folder, "bob").sound.samples;

const seconds = (count: number): number => count * SAMPLING_RATE;
const loudness = (samples: Int16Array): number =>
  Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);

/** Reproducible noise: a 32-bit linear congruential generator (Numerical Recipes' constants). */
function noise(length: number, peak: number): Int16Array {
  let state = 1;
  return Int16Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 31 - 1) * peak;
  });
}

/** What a telephone line does to a sample, roughly: about 38 dB of noise below the signal. */
const throughLine = (samples: Int16Array): Int16Array =>
  samples.map((sample, n) => sample + ((n * 7919) % 17) * 0.0015 * sample);

const heard = throughLine(alice.subarray(seconds(3), seconds(15)));

void t.test("the same speech, later and a little worse, passes", async (t) => {
  const result = likeness(alice, heard);
  t.ok(isSameSpeech(result), JSON.stringify(result));
  t.ok(result.seconds >= 8);
});

void t.test("loudness does not matter", async (t) => {
  t.ok(
    isSameSpeech(
      likeness(
        alice,
        heard.map((sample) => sample / 4),
      ),
    ),
  );
});

void t.test("silence fails", async (t) => {
  t.same(likeness(alice, new Int16Array(seconds(12))).correlation, 0);
  t.notOk(isSameSpeech(likeness(alice, new Int16Array(seconds(12)))));
});

void t.test("noise fails, however loud", async (t) => {
  for (const peak of [30, loudness(alice) * 2, 32767]) {
    const result = likeness(alice, noise(seconds(12), peak));
    t.ok(result.correlation < 0.3, JSON.stringify(result));
    t.notOk(isSameSpeech(result));
  }
});

void t.test("the wrong party's speech fails", async (t) => {
  for (const [said, other] of [
    [alice, bob],
    [bob, alice],
  ] as const) {
    const result = likeness(said, other.subarray(0, seconds(12)));
    t.ok(result.correlation < 0.5, JSON.stringify(result));
    t.notOk(isSameSpeech(result));
  }
});

void t.test("nothing was said: nothing is proven", async (t) => {
  const hush = new Int16Array(seconds(20));
  t.same(likeness(hush, hush.subarray(0, seconds(12))).seconds, 0);
  t.notOk(isSameSpeech(likeness(hush, hush.subarray(0, seconds(12)))));
});

void t.test("less than five seconds is not enough", async (t) => {
  const result = likeness(alice, heard.subarray(0, seconds(4)));
  t.ok(result.correlation > 0.99);
  t.notOk(isSameSpeech(result), JSON.stringify(result));
});

void t.test("a call that goes silent half-way fails", async (t) => {
  const halved = heard.slice();
  halved.fill(0, halved.length / 2);
  t.notOk(isSameSpeech(likeness(alice, halved)));
});

void t.test("both voices at once fail", async (t) => {
  t.notOk(
    isSameSpeech(
      likeness(
        alice,
        heard.map((sample, n) => sample / 2 + (bob[n] ?? 0) / 2),
      ),
    ),
  );
});

void t.test("a packet that a jitter buffer dropped is borne with", async (t) => {
  const cut = seconds(5);
  const shorter = new Int16Array([...heard.subarray(0, cut), ...heard.subarray(cut + 160)]);
  const result = likeness(alice, shorter);
  t.ok(isSameSpeech(result), JSON.stringify(result));
});
