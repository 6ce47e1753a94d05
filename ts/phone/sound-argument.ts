import { statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { MediaswitchError } from "../core/errors.js";
import type { SoundSoup } from "../rtp/media-service.js";
import { parseTone } from "../rtp/tone-grammar.js";

/** What `--play` says, with the folder that it is in. */
export interface SoundArgument {
  readonly soup: SoundSoup;
  readonly root: string;
}

/** `tone`: a quiet beep every second. */
const BEEP = "425*0.2/0:300/700";

/**
 * `tone`, a tone as of `mediaswitch tone`, or a WAV file.
 * @throws {MediaswitchError} ARGUMENT_INVALID
 */
export function soundArgument(
  text: string,
  { loop = false }: { readonly loop?: boolean } = {},
): SoundArgument {
  const again = loop ? { loop: true } : {};
  if (text === "tone") return { soup: { files: [{ tone: BEEP }], loop: true }, root: "." };
  if (statSync(text, { throwIfNoEntry: false })?.isFile() === true) {
    const path = resolve(text);
    return { soup: { files: [{ wav: basename(path) }], ...again }, root: dirname(path) };
  }
  try {
    parseTone(text);
    return { soup: { files: [{ tone: text }], ...again }, root: "." };
  } catch {
    throw new MediaswitchError(
      "ARGUMENT_INVALID",
      `--play ${text}: there is no such file, and it is no tone; expected a WAV file, "tone", or such as 440*0.5:1000`,
      "play",
    );
  }
}
