/** Reads a sound soup: its grammar and its numbers. Which of its files are there is `sound-resolver.ts`. */
import { fileName, flag, invalid, isObject, milliseconds, wholeNumber } from "./argument-checks.js";
import type { NativeTone } from "./addon.js";
import type { SoundEntry, SoundFileKey, SoundSoup } from "./sound-soup.js";
import { parseTone } from "./tone-grammar.js";

/** A soup that was checked, with nothing left out. */
export interface SoundPlan {
  readonly entries: readonly PlannedEntry[];
  /** In all; 0: for ever. */
  readonly plays: number;
  readonly interruptible: boolean;
}

export type PlannedEntry =
  | {
      /** The entry's path in the command, for what turns out to be wrong with its files. */
      readonly field: string;
      /** Names as they were written. */
      readonly files: ReadonlyMap<SoundFileKey, string>;
      readonly startMillis: number;
      /** Absent: to the end. */
      readonly stopMillis?: number;
      readonly plays: number;
    }
  | { readonly tone: readonly NativeTone[]; readonly plays: number };

const FILE_KEYS = [
  "wav",
  "pcma",
  "pcmu",
  "l168k",
  "l1616k",
  "ilbc",
  "g722",
] as const satisfies SoundFileKey[];

/** Entries of one soup. */
const MOST_ENTRIES = 1000;

/**
 * @param field where the soup is in its command.
 * @throws {MediaswitchError} ARGUMENT_INVALID, with the path of what is wrong.
 */
export function planSoup(soup: SoundSoup, field = "soup"): SoundPlan {
  const files: unknown = isObject(soup) ? soup.files : undefined;
  if (!Array.isArray(files) || files.length === 0 || files.length > MOST_ENTRIES) {
    const what = `expected a list of 1 to ${String(MOST_ENTRIES)} sounds`;
    throw invalid(what, `${field}.files`);
  }
  return {
    entries: soup.files.map((entry, index) => planEntry(entry, `${field}.files[${String(index)}]`)),
    plays: plays(soup.loop, `${field}.loop`),
    interruptible: [
      flag(soup.interupt, `${field}.interupt`),
      flag(soup.interrupt, `${field}.interrupt`),
    ].includes(true),
  };
}

function planEntry(entry: SoundEntry, field: string): PlannedEntry {
  if (!isObject(entry)) throw invalid("expected files or a tone", field);
  const repeats = plays(entry.loop, `${field}.loop`);
  if ("tone" in entry) {
    const tone: unknown = entry.tone;
    if (typeof tone !== "string") {
      throw invalid("expected a tone such as 350+440*0.5:1000", `${field}.tone`);
    }
    return { tone: parseTone(tone, `${field}.tone`), plays: repeats };
  }
  const files = new Map<SoundFileKey, string>();
  for (const key of FILE_KEYS) {
    const name: unknown = entry[key];
    if (name === undefined) continue;
    files.set(key, fileName(name, `${field}.${key}`));
  }
  if (files.size === 0) throw invalid(`expected one of ${FILE_KEYS.join(", ")} or tone`, field);
  const startMillis = milliseconds(entry.start ?? 0, `${field}.start`);
  if (entry.stop === undefined) return { field, files, startMillis, plays: repeats };
  const stopMillis = milliseconds(entry.stop, `${field}.stop`);
  if (stopMillis <= startMillis) throw invalid("expected a moment after start", `${field}.stop`);
  return { field, files, startMillis, stopMillis, plays: repeats };
}

/** `loop` counts plays in all; 0 and `false` are once, `true` is for ever (0 in a plan). */
function plays(loop: unknown, field: string): number {
  if (loop === undefined || loop === false || loop === 0) return 1;
  if (loop === true) return 0;
  return wholeNumber(loop, field, 1);
}
