import { MediaswitchError } from "../core/errors.js";
import type { NativeEntry, NativePlaylist } from "./addon.js";
import { ConfinedFolder } from "./confined-folder.js";
import { CODING, FILE_PREFERENCE } from "./file-preference.js";
import type { AudioFormat } from "./media-service.js";
import type { PlannedEntry, SoundPlan } from "./sound-plan.js";

/** Finds what a plan names: of each sound the file that suits a channel best. */
export class SoundResolver {
  readonly #folder: ConfinedFolder;

  /** @param root folder that sounds are taken from, and from nowhere else. */
  constructor(root: string) {
    this.#folder = new ConfinedFolder(root);
  }

  /**
   * Entries of which no file is there are left out.
   * @param format what the channel is heard in.
   * @throws {MediaswitchError} MEDIA_FILE_UNKNOWN when nothing is left; ARGUMENT_INVALID for a name that leads out of
   * the folder.
   */
  async resolve(plan: SoundPlan, format: AudioFormat): Promise<NativePlaylist> {
    const found = await Promise.all(plan.entries.map((entry) => this.#resolveEntry(entry, format)));
    const entries = found.filter((entry) => entry !== undefined);
    if (entries.length === 0) throw nothingThere(plan);
    return { entries, plays: plan.plays, interruptible: plan.interruptible };
  }

  async #resolveEntry(entry: PlannedEntry, format: AudioFormat): Promise<NativeEntry | undefined> {
    if ("tone" in entry) return entry;
    const { files, field, startMillis, stopMillis, plays } = entry;
    for (const key of FILE_PREFERENCE[format]) {
      const name = files.get(key);
      if (name === undefined) continue;
      const file = await this.#folder.existing(name, `${field}.${key}`);
      if (file === undefined) continue;
      const stop = stopMillis === undefined ? {} : { stopMillis };
      return { file, coding: CODING[key], startMillis, ...stop, plays };
    }
    return undefined;
  }
}

function nothingThere({ entries }: SoundPlan): MediaswitchError {
  const names = entries.flatMap((entry) => ("tone" in entry ? [] : [...entry.files.values()]));
  return new MediaswitchError("MEDIA_FILE_UNKNOWN", `none of the files is there: ${names.join(", ")}`);
}
