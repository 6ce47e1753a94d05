/** What a script may ask to be played, and what the media engine is told. */
import { MediaswitchError } from "../../core/errors.js";
import type { SoundEntry, SoundSoup } from "../../rtp/media-service.js";

/** A WAV file by its path within the media server's root, or an entry of a sound soup: codings of a file, a part of it, a tone. */
export type Sound = string | SoundEntry;

/** One sound, several one after the other, or a whole sound soup. */
export type Sounds = Sound | readonly Sound[] | SoundSoup;

export interface SoundOptions {
  /** Plays of the whole in all; `true`: until something ends it. Default: as the soup says, else once. */
  readonly loop?: boolean | number;
  /** A key press ends it. Default: as the soup says, else no. */
  readonly interrupt?: boolean;
}

/** @throws {MediaswitchError} ARGUMENT_INVALID, with `field` or a place within it. */
export function soupOf(sounds: Sounds, options: SoundOptions = {}, field = "sounds"): SoundSoup {
  const soup = isSoup(sounds) ? sounds : { files: listOf(sounds, field) };
  const { loop = soup.loop, interrupt = soup.interrupt ?? soup.interupt } = options;
  return {
    files: soup.files,
    ...(loop !== undefined && { loop }),
    ...(interrupt !== undefined && { interrupt }),
  };
}

function listOf(sounds: Sound | readonly Sound[], field: string): SoundEntry[] {
  const list = isList(sounds) ? sounds : [sounds];
  if (list.length === 0) throw new MediaswitchError("ARGUMENT_INVALID", "there is nothing to play", field);
  return list.map((sound, index) => entryOf(sound, isList(sounds) ? `${field}[${String(index)}]` : field));
}

function entryOf(sound: Sound, field: string): SoundEntry {
  if (typeof sound === "string") {
    if (sound === "") throw new MediaswitchError("ARGUMENT_INVALID", "a file needs a name", field);
    return { wav: sound };
  }
  // JavaScript may give anything.
  if (typeof sound !== "object" || (sound as unknown) === null) {
    throw new MediaswitchError(
      "ARGUMENT_INVALID",
      "a sound is the name of a file, or an object that names files or a tone",
      field,
    );
  }
  return sound;
}

const isList = (sounds: Sounds): sounds is readonly Sound[] => Array.isArray(sounds);

const isSoup = (sounds: Sounds): sounds is SoundSoup =>
  typeof sounds === "object" && !isList(sounds) && (sounds as unknown) !== null && "files" in sounds;
