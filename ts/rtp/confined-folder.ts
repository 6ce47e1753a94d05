import { lstat, mkdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { MediaswitchError } from "../core/errors.js";
import { fileName, invalid } from "./argument-checks.js";

/**
 * A folder that names of files are taken from, and that none leads out of: neither by `..` nor by a symbolic link.
 * Names are relative to it, or absolute and within it. What is resolved is as of that moment: whoever may write
 * into the folder can change it afterwards.
 */
export class ConfinedFolder {
  readonly #root: string;

  constructor(root: string) {
    this.#root = resolve(root);
  }

  /**
   * @returns the real path of a regular file; undefined where there is none that can be read.
   * @throws {MediaswitchError} ARGUMENT_INVALID when the name is none, or leads out.
   */
  async existing(name: string, field: string): Promise<string | undefined> {
    const root = await this.#realRoot();
    const real = await orUndefined(realpath(this.#within(name, root, field)));
    if (real === undefined) return undefined;
    if (!isBelow(root, real)) throw leadsOut(name, field);
    const found = await orUndefined(stat(real));
    return found?.isFile() === true ? real : undefined;
  }

  /**
   * @returns the real path of a file that may be written; it need not exist. Its folder is there then: below ours it is made.
   * @throws {MediaswitchError} as `existing`; MEDIA_FILE_UNKNOWN when there is no folder, and none can be made.
   */
  async writable(name: string, field: string): Promise<string> {
    const root = await this.#realRoot();
    const path = this.#within(name, root, field);
    const folder = (await orUndefined(realpath(dirname(path)))) ?? (await this.#made(dirname(path), root));
    if (folder === undefined) {
      throw new MediaswitchError("MEDIA_FILE_UNKNOWN", `${field}: there is no folder for "${name}"`, field);
    }
    if (folder !== root && !isBelow(root, folder)) throw leadsOut(name, field);
    const file = join(folder, basename(path));
    const there = await orUndefined(lstat(file));
    if (there === undefined || there.isFile()) return file;
    const real = there.isSymbolicLink() ? await this.existing(name, field) : undefined;
    if (real !== undefined) return real;
    throw invalid(`"${name}" is no file`, field);
  }

  /** Makes the folder within the last real one above it; never our own. @returns its real path. */
  async #made(folder: string, root: string): Promise<string | undefined> {
    const missing: string[] = [];
    for (let place = folder; ; place = dirname(place)) {
      const real = await orUndefined(realpath(place));
      if (real !== undefined) {
        // Of one that leads out `writable` says so.
        if (real !== root && !isBelow(root, real)) return real;
        const made = join(real, ...missing);
        await orUndefined(mkdir(made, { recursive: true }));
        return orUndefined(realpath(made));
      }
      if (place === this.#root || place === root) return undefined;
      missing.unshift(basename(place));
    }
  }

  async #realRoot(): Promise<string> {
    return (await orUndefined(realpath(this.#root))) ?? this.#root;
  }

  /** Before anything is looked for on the disk. */
  #within(name: string, realRoot: string, field: string): string {
    fileName(name, field);
    const path = isAbsolute(name) ? resolve(name) : resolve(this.#root, name);
    if (isBelow(this.#root, path) || isBelow(realRoot, path)) return path;
    throw leadsOut(name, field);
  }
}

function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

async function orUndefined<Result>(promise: Promise<Result>): Promise<Result | undefined> {
  try {
    return await promise;
  } catch {
    return undefined;
  }
}

const leadsOut = (name: string, field: string): MediaswitchError =>
  invalid(`"${name}" leads out of the folder that files are taken from`, field);
