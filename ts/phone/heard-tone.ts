/** Where in a recording a tone sounds. */
export interface HeardTone {
  /** Milliseconds in all. */
  readonly millis: number;
  /** 1 where it sounds, every `HOP` milliseconds. */
  readonly moments: Uint8Array;
}

/** Milliseconds of audio that are looked at together: tones that are multiples of 50 Hz are told apart exactly. */
const WINDOW = 20;
/** Milliseconds from one look to the next. */
export const HOP = 2.5;
/** Of full scale: quieter ones are not heard. */
const AUDIBLE = 0.04;
const FULL_SCALE = 32_768;

/** Looks for a tone by its frequency in hertz; other tones beside it do not matter. */
export function findTone(samples: Int16Array, samplingRate: number, hertz: number): HeardTone {
  const window = Math.round((WINDOW * samplingRate) / 1000);
  const hop = Math.round((HOP * samplingRate) / 1000);
  const looks = samples.length < window ? 0 : Math.floor((samples.length - window) / hop) + 1;
  const moments = Uint8Array.from({ length: looks }, (_, look) => {
    const part = samples.subarray(look * hop, look * hop + window);
    return amplitude(part, hertz / samplingRate) < AUDIBLE ? 0 : 1;
  });
  return { millis: HOP * moments.reduce((sum, moment) => sum + moment, 0), moments };
}

/** Milliseconds, either way, within which two recordings begin. */
const FURTHEST = 1500;

/**
 * How many milliseconds later the same tone sounds on one recording than on another: where most of it falls on itself, so
 * that parts of it may be missing. Undefined where it does not sound on both.
 */
export function laterBy(said: HeardTone, heard: HeardTone): number | undefined {
  const furthest = FURTHEST / HOP;
  let most = 0;
  let best: number[] = [];
  for (let lag = -furthest; lag <= furthest; lag += 1) {
    const common = overlap(said.moments, heard.moments, lag);
    if (common > most) [most, best] = [common, []];
    if (common === most) best.push(lag);
  }
  if (most === 0) return undefined;
  return (HOP * best.reduce((sum, lag) => sum + lag, 0)) / best.length;
}

function overlap(one: Uint8Array, other: Uint8Array, lag: number): number {
  const end = Math.min(one.length, other.length - lag);
  let common = 0;
  for (let at = Math.max(0, -lag); at < end; at += 1) common += (one[at] ?? 0) & (other[at + lag] ?? 0);
  return common;
}

/** Goertzel's algorithm: of the wave with so many turns per sample, as a part of full scale. */
function amplitude(samples: Int16Array, turns: number): number {
  const coefficient = 2 * Math.cos(2 * Math.PI * turns);
  let [before, last] = [0, 0];
  for (const sample of samples) [before, last] = [last, sample + coefficient * last - before];
  const power = before * before + last * last - coefficient * before * last;
  return (2 * Math.sqrt(Math.max(0, power))) / samples.length / FULL_SCALE;
}
