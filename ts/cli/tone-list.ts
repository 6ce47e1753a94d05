import { MediaswitchError } from "../core/errors.js";

/** A tone and the file that it is to be written into. */
export interface ListedTone {
  readonly definition: string;
  readonly file: string;
}

/**
 * Reads a list of tones: a line each, its definition and after spaces its file; empty lines and those that begin with # are
 * left out.
 * @param name of the list, for complaints.
 * @throws {MediaswitchError} ARGUMENT_INVALID, with the line.
 */
export function readToneList(text: string, name: string): readonly ListedTone[] {
  return text.split("\n").flatMap((line, index) => {
    const trimmed = line.trim();
    if (trimmed === "" || trimmed.startsWith("#")) return [];
    const [, definition, file] = /^(\S+)\s+(.+)$/.exec(trimmed) ?? [];
    if (definition !== undefined && file !== undefined) return [{ definition, file }];
    throw new MediaswitchError(
      "ARGUMENT_INVALID",
      `${name}:${String(index + 1)}: expected a tone and its file, such as 350+440*0.5:1000 dial.wav`,
      "batch",
    );
  });
}
