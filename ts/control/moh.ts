import type { SoundSoup } from "../rtp/media-service.js";

/** Music on hold: a soup, or `{}` for none. */
export type MusicOnHold = SoundSoup | { readonly files?: undefined };

/** Undefined where there is nothing to play. */
export const soupOf = (music: MusicOnHold): SoundSoup | undefined =>
  music.files === undefined || music.files.length === 0 ? undefined : music;
