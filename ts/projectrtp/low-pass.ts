/** The low pass that goes before 16 kHz become 8 kHz, on its own: a windowed sinc (Blackman), 17 taps, 3.4 kHz of 16. */

const TAPS = 17;
const CUT_OFF = 3400 / 16_000;

const taps: readonly number[] = (() => {
  const middle = (TAPS - 1) / 2;
  const shape = Array.from({ length: TAPS }, (_, index) => {
    const from = index - middle;
    const turn = (2 * Math.PI * (index + 1)) / (TAPS + 1);
    const window = 0.42 - 0.5 * Math.cos(turn) + 0.08 * Math.cos(2 * turn);
    return window * (from === 0 ? 2 * CUT_OFF : Math.sin(2 * Math.PI * CUT_OFF * from) / (Math.PI * from));
  });
  const sum = shape.reduce((total, tap) => total + tap, 0);
  return shape.map((tap) => tap / sum);
})();

const OCTETS_PER_SAMPLE = 2;

/** In place. @param samples 16-bit, big endian, at 16 kHz. @returns true. */
export function filterLowPass(samples: Buffer): true {
  const count = Math.floor(samples.length / OCTETS_PER_SAMPLE);
  const heard = Array.from({ length: count }, (_, index) => samples.readInt16BE(index * OCTETS_PER_SAMPLE));
  for (let index = 0; index < count; index += 1) {
    const sum = taps.reduce((total, tap, back) => total + tap * (heard[index - back] ?? 0), 0);
    samples.writeInt16BE(Math.max(-32_768, Math.min(32_767, Math.round(sum))), index * OCTETS_PER_SAMPLE);
  }
  return true;
}
