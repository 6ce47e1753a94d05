/**
 * Is what one phone recorded what the other phone said? The rule, in numbers:
 *
 * - One second of the recording, its loudest, is slid over all that was said; the best place gives the lag.
 * - From there outwards the recording is cut into pieces of half a second. Each may sit up to 60 ms off its
 *   neighbour's lag, because a jitter buffer that drops or repeats a packet shifts all that follows.
 * - Pieces during which (nearly) nothing was said prove nothing and are left out; so are those that lie outside
 *   what was said. Pieces where something was said and nothing is heard are kept, and count against.
 * - `correlation` is the normalised correlation (1 = same shape, any loudness) over all kept pieces together, and
 *   `seconds` is how long they are.
 *
 * The same speech therefore needs both: `isSameSpeech` asks for 0.95 over 5 s.
 */
export interface Likeness {
  readonly correlation: number;
  readonly seconds: number;
}

export const REQUIRED: Likeness = { correlation: 0.95, seconds: 5 };

export const isSameSpeech = ({ correlation, seconds }: Likeness): boolean =>
  correlation >= REQUIRED.correlation && seconds >= REQUIRED.seconds;

/** Telephone audio: the only rate that is used here. */
export const SAMPLING_RATE = 8000;
const PROBE = SAMPLING_RATE;
const PIECE = SAMPLING_RATE / 2;
const SLIP = 0.06 * SAMPLING_RATE;
/** The search for the probe's place runs on every fourth sample first. */
const COARSE = 4;
/** Root mean square below which a piece counts as "nothing said": −46 dB of full scale. */
const QUIET = 160;

/** `Σ a·b`, `Σ a²` and `Σ b²` of two equally long stretches. */
interface Products {
  readonly ab: number;
  readonly aa: number;
  readonly bb: number;
}

function products(a: Int16Array, fromA: number, b: Int16Array, fromB: number, length: number): Products {
  let [ab, aa, bb] = [0, 0, 0];
  for (let n = 0; n < length; n += 1) {
    const x = a[fromA + n] ?? 0;
    const y = b[fromB + n] ?? 0;
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return { ab, aa, bb };
}

const normalised = ({ ab, aa, bb }: Products): number => (aa === 0 || bb === 0 ? 0 : ab / Math.sqrt(aa * bb));

/** The place in `sent`, from `low` up to `high`, at which the stretch of `heard` fits best; undefined if none lies inside. */
function bestPlace(
  heard: Int16Array,
  from: number,
  length: number,
  sent: Int16Array,
  low: number,
  high: number,
): number | undefined {
  let best: number | undefined;
  let bestFit = -Infinity;
  for (let place = Math.max(0, low); place <= Math.min(high, sent.length - length); place += 1) {
    const fit = normalised(products(heard, from, sent, place, length));
    if (fit > bestFit) [best, bestFit] = [place, fit];
  }
  return best;
}

function loudestStretch(samples: Int16Array, length: number): number {
  let [loudest, most] = [0, -1];
  for (let from = 0; from + length <= samples.length; from += length / 4) {
    const { aa } = products(samples, from, samples, from, length);
    if (aa > most) [loudest, most] = [from, aa];
  }
  return loudest;
}

/** Every `COARSE`th sample as the mean of that many. */
function thinned(samples: Int16Array): Int16Array {
  return Int16Array.from({ length: Math.floor(samples.length / COARSE) }, (_, n) => {
    let sum = 0;
    for (let k = 0; k < COARSE; k += 1) sum += samples[COARSE * n + k] ?? 0;
    return sum / COARSE;
  });
}

/** Where in `sent` the loudest second of `heard` lies, as the lag `place in sent − place in heard`. */
function firstLag(sent: Int16Array, heard: Int16Array): { from: number; lag: number } | undefined {
  const from = loudestStretch(heard, PROBE);
  const coarse = bestPlace(thinned(heard), from / COARSE, PROBE / COARSE, thinned(sent), 0, Infinity);
  if (coarse === undefined) return undefined;
  const around = coarse * COARSE;
  const fine = bestPlace(heard, from, PROBE, sent, around - 2 * COARSE, around + 2 * COARSE);
  return fine === undefined ? undefined : { from, lag: fine - from };
}

/** How much of `sent` is in `heard`; both at `SAMPLING_RATE`. */
export function likeness(sent: Int16Array, heard: Int16Array): Likeness {
  const probe = heard.length < PROBE ? undefined : firstLag(sent, heard);
  if (probe === undefined) return { correlation: 0, seconds: 0 };
  const total = { ab: 0, aa: 0, bb: 0 };
  let kept = 0;
  for (const step of [PIECE, -PIECE]) {
    let { lag } = probe;
    for (let from = probe.from + Math.min(0, step); from >= 0 && from + PIECE <= heard.length; from += step) {
      const place = bestPlace(heard, from, PIECE, sent, from + lag - SLIP, from + lag + SLIP);
      if (place === undefined) continue;
      const { ab, aa, bb } = products(heard, from, sent, place, PIECE);
      if (Math.sqrt(bb / PIECE) < QUIET) continue;
      // A piece in which nothing is heard has no best place: its neighbour's lag stands.
      if (aa > 0) lag = place - from;
      total.ab += ab;
      total.aa += aa;
      total.bb += bb;
      kept += PIECE;
    }
  }
  return { correlation: normalised(total), seconds: kept / SAMPLING_RATE };
}
