import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, normalize, sep } from "node:path";
import { MediaswitchError } from "../core/errors.js";
import type { MailboxFiles } from "../control/services/voicemail/file-mailbox-store.js";

/** Files below a folder of this machine: for the index of mailboxes, the folder that recordings are written into. */
export class FolderFiles implements MailboxFiles {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async read(path: string): Promise<string | undefined> {
    try {
      return await readFile(this.#place(path), "utf8");
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async write(path: string, text: string): Promise<void> {
    const place = this.#place(path);
    const next = `${place}.next`;
    await mkdir(dirname(place), { recursive: true });
    await writeFile(next, text, { flush: true });
    await rename(next, place);
  }

  async remove(path: string): Promise<void> {
    await rm(this.#place(path), { force: true });
  }

  #place(path: string): string {
    const within = normalize(path);
    if (within.startsWith("..") || within.startsWith(sep)) {
      throw new MediaswitchError("ARGUMENT_INVALID", `"${path}" leads out of the folder`, "path");
    }
    return join(this.#root, within);
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ENOENT";
