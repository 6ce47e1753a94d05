/**
 * The text that describes a tone, after ITU-T E.180's way of writing them:
 *
 *     definition  sound *("/" sound) ":" millis *("/" millis)
 *     sound       "0" / frequencies ["*" amplitude ["~" amplitude]]
 *     frequencies sweep *("+" sweep) / sweep "x" hertz
 *     sweep       hertz ["~" hertz]
 *
 * One sound after the other, each as long as its cadence; the shorter of the two lists is begun again until the
 * longer is through. `0` is silence, `+` sounds together, `~` goes evenly from one value to the other within the
 * cadence, `*` is the part of full scale of each frequency (1 when it is left out), `FxG` is F whose loudness goes
 * up to that and down to nothing G times a second.
 */
import { MediaswitchError } from "../core/errors.js";
import type { NativeTone } from "./addon.js";

/** What a line of 8 kHz can carry. */
const highestHertz = 4000;
/** Of all cadences together: an hour. */
const longestMillis = 3_600_000;
const longestText = 4096;

type Wave = NativeTone["waves"][number];
type Sound = Omit<NativeTone, "millis">;

/**
 * @param field the option that the text came in, for errors.
 * @throws {MediaswitchError} `ARGUMENT_INVALID`, telling the place in the text and what it should have there.
 */
export function parseTone(text: string, field = "tone"): readonly NativeTone[] {
  const scanner = new Scanner(text, field);
  if (text.length > longestText) scanner.refuse(`at most ${String(longestText)} characters`, longestText);
  const sounds = listOf(scanner, soundOf);
  scanner.demand(":", `"+", "~", "x", "*", "/" or ":"`);
  const cadences = listOf(scanner, (each) => each.whole("milliseconds", 1, longestMillis));
  scanner.demandEnd(`"/" or the end`);

  const tones = Array.from({ length: Math.max(sounds.length, cadences.length) }, (_, index) => ({
    millis: inTurn(cadences, index),
    ...inTurn(sounds, index),
  }));
  const millis = tones.reduce((sum, tone) => sum + tone.millis, 0);
  if (millis > longestMillis) scanner.refuse(`at most ${String(longestMillis)} milliseconds in all`);
  return tones;
}

function inTurn<Item>(items: readonly Item[], index: number): Item {
  return items[index % items.length] as Item;
}

function listOf<Item>(scanner: Scanner, read: (scanner: Scanner) => Item): readonly Item[] {
  const items = [read(scanner)];
  while (scanner.take("/")) items.push(read(scanner));
  return items;
}

function soundOf(scanner: Scanner): Sound {
  const first = sweepOf(scanner);
  const modulated = scanner.take("x");
  const waves = modulated ? modulatedOf(scanner, first) : [first];
  while (!modulated && scanner.take("+")) waves.push(sweepOf(scanner));

  // A modulated tone is four waves whose crests meet.
  const share = modulated ? 1 / 4 : 1;
  const amplitude = (): number => scanner.number("an amplitude", 0, 1) * share;
  const amplitudeFrom = scanner.take("*") ? amplitude() : undefined;
  const amplitudeTo = amplitudeFrom !== undefined && scanner.take("~") ? amplitude() : undefined;
  return {
    waves: waves.filter((wave) => wave.from !== 0 || wave.to !== 0),
    amplitudeFrom: amplitudeFrom ?? share,
    amplitudeTo: amplitudeTo ?? amplitudeFrom ?? share,
  };
}

function sweepOf(scanner: Scanner): Wave {
  const from = scanner.number("a frequency", 0, highestHertz);
  return { from, to: scanner.take("~") ? scanner.number("a frequency", 0, highestHertz) : from };
}

/** 2 sin F + 2 sin F cos G, which is 2 sin F (1 + cos G): the carrier twice, and its sums and differences. */
function modulatedOf(scanner: Scanner, carrier: Wave): Wave[] {
  const { from, to } = carrier;
  const most = Math.min(from, to, highestHertz - Math.max(from, to));
  const by = scanner.number("a frequency to modulate with", 0, most);
  return [carrier, carrier, { from: from - by, to: to - by }, { from: from + by, to: to + by }];
}

/** Reads a text from its start, and knows where it is. */
class Scanner {
  readonly #text: string;
  readonly #field: string;
  #at = 0;

  constructor(text: string, field: string) {
    this.#text = text;
    this.#field = field;
  }

  take(sign: string): boolean {
    if (!this.#text.startsWith(sign, this.#at)) return false;
    this.#at += sign.length;
    return true;
  }

  demand(sign: string, expected: string): void {
    if (!this.take(sign)) this.refuse(expected);
  }

  demandEnd(expected: string): void {
    if (this.#at < this.#text.length) this.refuse(expected);
  }

  /** A decimal number, both limits included. */
  number(what: string, least: number, most: number): number {
    return this.#match(/(?:\d+(?:\.\d+)?|\.\d+)/y, what, least, most);
  }

  whole(what: string, least: number, most: number): number {
    return this.#match(/\d+/y, `whole ${what}`, least, most);
  }

  #match(form: RegExp, what: string, least: number, most: number): number {
    form.lastIndex = this.#at;
    const digits = form.exec(this.#text)?.[0];
    const value = Number(digits);
    if (digits === undefined || value < least || value > most) {
      this.refuse(`${what} from ${String(least)} to ${String(most)}`);
    }
    this.#at += digits.length;
    return value;
  }

  refuse(expected: string, at = this.#at): never {
    const found = at < this.#text.length ? `"${this.#text.slice(at, at + 10)}"` : "the end";
    throw new MediaswitchError(
      "ARGUMENT_INVALID",
      `${this.#field}, character ${String(at + 1)}: expected ${expected}, found ${found}`,
      this.#field,
    );
  }
}
