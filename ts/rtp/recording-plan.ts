/** Reads the options of recordings: their grammar and their numbers. Where the file may be is `sound-resolver.ts`. */
import type { NativePrompt, NativeRecording } from "./addon.js";
import { fileName, flag, invalid, isObject, milliseconds, oneOf, wholeNumber } from "./argument-checks.js";
import { planSoup, type SoundPlan } from "./sound-plan.js";
import type { PlayRecordOptions, RecordOptions } from "./sound-soup.js";

/** What is to become of the recorder of a file. */
export type RecordingPlan =
  | { readonly kind: "pause" | "finish"; readonly file: string }
  | { readonly kind: "record"; readonly file: string; readonly settings: RecordingSettings };

export type RecordingSettings = Omit<NativeRecording, "file">;

export interface PromptPlan {
  readonly sound: SoundPlan;
  readonly file: string;
  readonly settings: RecordingSettings;
  readonly bargeIn: Omit<NativePrompt, "playlist" | "recording">;
}

/** Packets that power is averaged over. */
const AVERAGE = 250;
const BARGE_IN_AVERAGE = 5;
const LONGEST_AVERAGE = 250;
/** Of 16-bit samples: no root mean square is larger. */
const LOUDEST = 32_767;

/** @throws {MediaswitchError} ARGUMENT_INVALID, with the path of what is wrong. */
export function planRecording(options: RecordOptions, field = "options"): RecordingPlan {
  const file = fileName(isObject(options) ? options.file : undefined, `${field}.file`);
  if (flag(options.finish, `${field}.finish`)) return { kind: "finish", file };
  if (flag(options.pause, `${field}.pause`)) return { kind: "pause", file };
  return { kind: "record", file, settings: settingsOf(options, field) };
}

/** @throws {MediaswitchError} ARGUMENT_INVALID, with the path of what is wrong. */
export function planPrompt(options: PlayRecordOptions, field = "options"): PromptPlan {
  const sound = planSoup(options.soup, `${field}.soup`);
  const plan = planRecording(options.record, `${field}.record`);
  if (plan.kind !== "record")
    throw invalid("a new recording is neither paused nor finished", `${field}.record`);
  const interrupt = flag(options.interrupt, `${field}.interrupt`);
  if (interrupt && options.bargeinpower === undefined) {
    throw invalid("expected how loud speech has to be to end the prompt", `${field}.bargeinpower`);
  }
  return {
    sound,
    file: plan.file,
    settings: plan.settings,
    bargeIn: {
      interrupt,
      bargeInPower: power(options.bargeinpower, `${field}.bargeinpower`),
      bargeInAveragePackets: packets(
        options.bargeinpoweraveragepackets ?? BARGE_IN_AVERAGE,
        `${field}.bargeinpoweraveragepackets`,
      ),
      concurrent: flag(options.concurrent, `${field}.concurrent`),
    },
  };
}

function settingsOf(options: RecordOptions, field: string): RecordingSettings {
  const minMillis = milliseconds(options.minduration ?? 0, `${field}.minduration`);
  const maxMillis = milliseconds(options.maxduration ?? 0, `${field}.maxduration`);
  if (maxMillis !== 0 && maxMillis < minMillis) {
    throw invalid("expected no less than minduration", `${field}.maxduration`);
  }
  return {
    channels: oneOf([1, 2], options.numchannels ?? 2, `${field}.numchannels`),
    direction: oneOf(["in", "out", "both"], options.direction ?? "both", `${field}.direction`),
    startAbovePower: power(options.startabovepower, `${field}.startabovepower`),
    finishBelowPower: power(options.finishbelowpower, `${field}.finishbelowpower`),
    averagePackets: packets(options.poweraveragepackets ?? AVERAGE, `${field}.poweraveragepackets`),
    minMillis,
    maxMillis,
  };
}

/** Root mean square of 16-bit samples. */
function power(value: number | undefined, field: string): number {
  if (value === undefined) return 0;
  if (typeof value === "number" && value >= 0 && value <= LOUDEST) return value;
  throw invalid(`expected the root mean square of samples, 0 to ${String(LOUDEST)}`, field);
}

const packets = (value: number, field: string): number => wholeNumber(value, field, 1, LONGEST_AVERAGE);
