/** G.711 µ-law, written from the tables of the recommendation: what the engine does is not checked by its own code. */
const BIAS = 0x84;
const HIGHEST = 32_635;

export function toMuLaw(sample: number): number {
  const magnitude = Math.min(Math.abs(sample), HIGHEST) + BIAS;
  const segment = Math.floor(Math.log2(magnitude)) - 7;
  const step = (magnitude >> (segment + 3)) & 0x0f;
  return ~((sample < 0 ? 0x80 : 0) | (segment << 4) | step) & 0xff;
}

export function fromMuLaw(octet: number): number {
  const bits = ~octet & 0xff;
  const magnitude = ((((bits & 0x0f) << 3) + BIAS) << ((bits >> 4) & 7)) - BIAS;
  return (bits & 0x80) === 0 ? magnitude : -magnitude;
}
