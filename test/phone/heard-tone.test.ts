import t from "tap";
import { findTone, HOP, laterBy } from "../../ts/phone/heard-tone.js";

interface Part {
  readonly hertz: readonly number[];
  readonly millis: number;
  /** Of full scale. */
  readonly loudness?: number;
}

function sound(samplingRate: number, ...parts: readonly Part[]): Int16Array {
  const samples = parts.flatMap(({ hertz, millis, loudness = 0.2 }) =>
    Array.from({ length: (millis * samplingRate) / 1000 }, (_, at) =>
      hertz.reduce(
        (sum, one) => sum + 32_767 * loudness * Math.sin((2 * Math.PI * one * at) / samplingRate),
        0,
      ),
    ),
  );
  return Int16Array.from(samples);
}

t.test("how long a tone sounds, and where, at both sampling rates", (t) => {
  for (const rate of [8000, 16_000]) {
    const samples = sound(
      rate,
      { hertz: [], millis: 300 },
      { hertz: [450], millis: 1000 },
      { hertz: [], millis: 400 },
    );
    const { millis, moments } = findTone(samples, rate, 450);
    t.ok(Math.abs(millis - 1000) < 25, `${rate} Hz: ${millis} ms`);
    t.ok(Math.abs(moments.indexOf(1) * HOP - 300) < 25);
    t.ok(Math.abs(moments.lastIndexOf(1) * HOP - 1300) < 25);
  }
  t.end();
});

t.test("how much later it sounds, either way, also where a part of it is missing", (t) => {
  const rhythm = [500, 100, 250, 150, 700].map((millis, at) => ({
    hertz: at % 2 === 0 ? [450] : [],
    millis,
  }));
  const after = (millis: number, ...parts: readonly Part[]): ReturnType<typeof findTone> =>
    findTone(sound(8000, { hertz: [], millis }, ...parts, { hertz: [], millis: 100 }), 8000, 450);
  const said = after(200, ...rhythm);
  t.equal(laterBy(said, after(345, ...rhythm)), 145);
  t.equal(laterBy(after(345, ...rhythm), said), -145);
  const [, ...withoutBeginning] = rhythm;
  t.ok(Math.abs((laterBy(said, after(345 + 500, ...withoutBeginning)) ?? 0) - 145) < 5, "its beginning");
  t.ok(Math.abs((laterBy(said, after(345, ...rhythm.slice(0, 4))) ?? 0) - 145) < 5, "its end");
  t.equal(laterBy(said, after(300)), undefined, "it does not sound at all");
  t.end();
});

t.test("tones beside it are not taken for it, and do not hide it", (t) => {
  const chord = sound(8000, { hertz: [600, 750], millis: 500 }, { hertz: [450, 600, 750], millis: 500 });
  t.ok(Math.abs(findTone(chord, 8000, 450).millis - 500) < 25);
  t.equal(findTone(sound(8000, { hertz: [600], millis: 500 }), 8000, 450).millis, 0);
  t.end();
});

t.test("silence, noise that is too quiet, and nothing at all", (t) => {
  t.equal(findTone(new Int16Array(), 8000, 450).millis, 0);
  t.equal(findTone(new Int16Array(8000), 8000, 450).millis, 0);
  t.equal(findTone(sound(8000, { hertz: [450], millis: 500, loudness: 0.02 }), 8000, 450).millis, 0);
  t.end();
});
