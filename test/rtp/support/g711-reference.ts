/**
 * G.711 from its decoding rules alone, in the numbers of the recommendation's tables: which octet of one law may
 * stand for a value of the other. Unlike the engine's code, which is the point.
 */
interface Value {
  /** 16-bit linear. */
  readonly value: number;
  /** Half the width of the step that this octet stands for. */
  readonly half: number;
}

function fromMu(octet: number): Value {
  const bits = octet ^ 0xff;
  const segment = (bits >> 4) & 7;
  const magnitude = ((((bits & 0x0f) << 1) | 33) << segment) - 33;
  return { value: (bits & 0x80 ? -magnitude : magnitude) * 4, half: 4 << segment };
}

function fromA(octet: number): Value {
  const bits = octet ^ 0x55;
  const segment = (bits >> 4) & 7;
  const step = ((bits & 0x0f) << 1) | 1;
  const magnitude = segment === 0 ? step : (step | 32) << (segment - 1);
  return { value: (bits & 0x80 ? magnitude : -magnitude) * 8, half: 8 << Math.max(0, segment - 1) };
}

const standsFor = (code: Value, { value }: Value): boolean => Math.abs(code.value - value) <= code.half;

/** Whether A-law `a` is a right code for µ-law `mu`'s value, and the other way round. */
export const isMuInA = (mu: number, a: number): boolean => standsFor(fromA(a), fromMu(mu));
export const isAInMu = (a: number, mu: number): boolean => standsFor(fromMu(mu), fromA(a));
