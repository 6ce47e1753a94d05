import t from "tap";
import { nativeDigits, type KeyPresses } from "../../ts/rtp/key-presses.js";

t.test("keys in either case, and the usual lengths", (t) => {
  t.strictSame(nativeDigits({ digits: "0123456789*#abcdABCDf" }), {
    digits: "0123456789*#ABCDABCDF",
    durationMillis: 220,
    pauseMillis: 200,
    volume: 13,
  });
  t.strictSame(nativeDigits({ digits: "5", duration: 40, pause: 8000, volume: 0 }), {
    digits: "5",
    durationMillis: 40,
    pauseMillis: 8000,
    volume: 0,
  });
  t.end();
});

t.test("what is wrong is blamed by its name", (t) => {
  const rows: readonly [field: string, keys: object][] = [
    ["digits", {}],
    ["digits", { digits: 5 }],
    ["digits", { digits: "" }],
    ["digits", { digits: "E" }],
    ["digits", { digits: "1,2" }],
    ["digits", { digits: "1".repeat(101) }],
    ["duration", { digits: "1", duration: 39 }],
    ["duration", { digits: "1", duration: 8001 }],
    ["pause", { digits: "1", pause: Number.NaN }],
    ["volume", { digits: "1", volume: 64 }],
    ["volume", { digits: "1", volume: -13 }],
    ["volume", { digits: "1", volume: 1.5 }],
  ];
  for (const [field, keys] of rows) {
    t.throws(
      () => nativeDigits(keys as KeyPresses),
      { code: "ARGUMENT_INVALID", field },
      JSON.stringify(keys),
    );
  }
  t.end();
});
