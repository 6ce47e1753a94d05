/** One sample at a time between 16-bit linear and G.711 (ITU-T G.711, tables 1a to 2b). */

/** Linear 16-bit samples that µ-law clips at, and what is added before the segments begin at powers of two. */
const U_CLIP = 32_635;
const U_BIAS = 0x84;
/** A-law inverts every other bit. */
const A_MASK = 0x55;

export function linearToUlaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), U_CLIP) + U_BIAS;
  const segment = 24 - Math.clz32(magnitude);
  const step = (magnitude >> (segment + 3)) & 0x0f;
  return ~(sign | (segment << 4) | step) & 0xff;
}

export function ulawToLinear(octet: number): number {
  const code = ~octet & 0xff;
  const magnitude = ((((code & 0x0f) << 3) + U_BIAS) << ((code >> 4) & 7)) - U_BIAS;
  return (code & 0x80) === 0 ? magnitude : -magnitude;
}

export function linearToAlaw(sample: number): number {
  // Negative values are told by their one's complement: there is no zero of its own.
  const isPositive = sample >= 0;
  const magnitude = (isPositive ? sample : -sample - 1) >> 3;
  const segment = Math.max(0, 27 - Math.clz32(magnitude | 0x1f));
  const step = segment === 0 ? (magnitude >> 1) & 0x0f : (magnitude >> segment) & 0x0f;
  return ((isPositive ? 0x80 : 0) | (segment << 4) | step) ^ A_MASK;
}

export function alawToLinear(octet: number): number {
  const code = octet ^ A_MASK;
  const segment = (code >> 4) & 7;
  const step = (code & 0x0f) << 4;
  const magnitude = segment === 0 ? step + 8 : (step + 0x108) << (segment - 1);
  return (code & 0x80) === 0 ? -magnitude : magnitude;
}
