import t from "tap";
import { MediaswitchError } from "../../ts/core/errors.js";
import type { NativeTone } from "../../ts/rtp/addon.js";
import { parseTone } from "../../ts/rtp/tone-grammar.js";

function steady(millis: number, hertz: readonly number[], amplitude = 1): NativeTone {
  return {
    millis,
    waves: hertz.map((each) => ({ from: each, to: each })),
    amplitudeFrom: amplitude,
    amplitudeTo: amplitude,
  };
}

t.test("a dial tone is two frequencies of half amplitude", (t) => {
  t.same(parseTone("350+440*0.5:1000"), [steady(1000, [350, 440], 0.5)]);
  t.same(parseTone("350+440*.75:1000"), [steady(1000, [350, 440], 0.75)]);
  t.same(parseTone("440:1000"), [steady(1000, [440])]);
  t.same(parseTone("697.5+1209+1336:20"), [steady(20, [697.5, 1209, 1336])]);
  t.end();
});

t.test("sounds and cadences go together one by one", (t) => {
  t.same(parseTone("400+450*0.5/0/400+450*0.5/0:400/200/400/2000"), [
    steady(400, [400, 450], 0.5),
    steady(200, []),
    steady(400, [400, 450], 0.5),
    steady(2000, []),
  ]);
  t.end();
});

t.test("the shorter list is begun again", (t) => {
  t.same(parseTone("950/1400/1800/0:333"), [
    steady(333, [950]),
    steady(333, [1400]),
    steady(333, [1800]),
    steady(333, []),
  ]);
  t.same(parseTone("697+1209*0.5/0/697+1336*0.5/0:400/100"), [
    steady(400, [697, 1209], 0.5),
    steady(100, []),
    steady(400, [697, 1336], 0.5),
    steady(100, []),
  ]);
  t.same(parseTone("440/0:400/350/225/525"), [
    steady(400, [440]),
    steady(350, []),
    steady(225, [440]),
    steady(525, []),
  ]);
  t.same(parseTone("440/0/880:100/200"), [steady(100, [440]), steady(200, []), steady(100, [880])]);
  t.end();
});

t.test("frequencies and amplitudes may go from one value to another", (t) => {
  t.same(parseTone("400~450*0.75~0:100"), [
    { millis: 100, waves: [{ from: 400, to: 450 }], amplitudeFrom: 0.75, amplitudeTo: 0 },
  ]);
  t.same(parseTone("0~400+1000*0~1:100"), [
    {
      millis: 100,
      waves: [
        { from: 0, to: 400 },
        { from: 1000, to: 1000 },
      ],
      amplitudeFrom: 0,
      amplitudeTo: 1,
    },
  ]);
  t.end();
});

t.test("a modulated tone swells to its amplitude and back to nothing", (t) => {
  const [tone] = parseTone("400x25*0.8:1000");
  const value = (seconds: number): number =>
    (tone?.waves ?? []).reduce(
      (sum, wave) => sum + (tone?.amplitudeFrom ?? 0) * Math.sin(2 * Math.PI * wave.from * seconds),
      0,
    );
  const wanted = (seconds: number): number =>
    0.8 * Math.sin(2 * Math.PI * 400 * seconds) * (0.5 + 0.5 * Math.cos(2 * Math.PI * 25 * seconds));
  const errors = Array.from({ length: 8000 }, (_, sample) =>
    Math.abs(value(sample / 8000) - wanted(sample / 8000)),
  );
  t.ok(Math.max(...errors) < 1e-9);
  t.equal(tone?.amplitudeTo, 0.2);
  t.same(parseTone("400~500x25:10"), [
    {
      millis: 10,
      waves: [
        { from: 400, to: 500 },
        { from: 400, to: 500 },
        { from: 375, to: 475 },
        { from: 425, to: 525 },
      ],
      amplitudeFrom: 0.25,
      amplitudeTo: 0.25,
    },
  ]);
  t.same(parseTone("400x400*1~.5:10")[0]?.waves[2], { from: 800, to: 800 }, "what is 0 Hz is left out");
  t.end();
});

t.test("what is no definition is refused, with the place and what should be there", (t) => {
  const refused: readonly [string, number, RegExp][] = [
    ["", 1, /a frequency from 0 to 4000, found the end/],
    ["440", 4, /"\/" or ":", found the end/],
    ["440:", 5, /whole milliseconds from 1 to 3600000, found the end/],
    [":1000", 1, /a frequency/],
    ["tone", 1, /a frequency .*, found "tone"/],
    ["440:0", 5, /whole milliseconds/],
    ["440:1.5", 6, /"\/" or the end, found "\.5"/],
    ["440:3600001", 5, /whole milliseconds/],
    ["440:100/", 9, /whole milliseconds/],
    ["440:100 ", 8, /"\/" or the end/],
    [" 440:100", 1, /a frequency/],
    ["440//880:100", 5, /a frequency/],
    ["4001:100", 1, /a frequency/],
    ["-1:100", 1, /a frequency/],
    ["440+:100", 5, /a frequency/],
    ["440~:100", 5, /a frequency/],
    ["440*:100", 5, /an amplitude from 0 to 1/],
    ["440*1.1:100", 5, /an amplitude/],
    ["440*0.5~:100", 9, /an amplitude/],
    ["440*0.5+350:100", 8, /"\/" or ":"/],
    ["400+450x25:100", 8, /"\/" or ":"/],
    ["400x25x5:100", 7, /"\/" or ":"/],
    ["400x25+450:100", 7, /"\/" or ":"/],
    ["400x401:100", 5, /a frequency to modulate with from 0 to 400/],
    ["3990x11:100", 6, /a frequency to modulate with from 0 to 10/],
    ["1e3:100", 2, /"\/" or ":"/],
    ["440/0:1800001", 14, /at most 3600000 milliseconds in all/],
    ["440:100:100", 8, /"\/" or the end/],
    [`${"440/".repeat(1024)}440:100`, 4097, /at most 4096 characters/],
  ];
  for (const [text, character, expected] of refused) {
    const error = thrown(() => parseTone(text, "files[0].tone"));
    const name = text.slice(0, 20);
    if (!(error instanceof MediaswitchError)) {
      t.fail(`${name} was not refused`);
      continue;
    }
    t.equal(error.code, "ARGUMENT_INVALID", name);
    t.equal(error.field, "files[0].tone", name);
    t.match(error.message, `files[0].tone, character ${String(character)}: expected `, name);
    t.match(error.message, expected, name);
  }
  t.end();
});

function thrown(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}
