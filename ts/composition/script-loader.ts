import { existsSync } from "node:fs";
import Module, { createRequire, register } from "node:module";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { MediaswitchError } from "../core/errors.js";
import * as mediaswitch from "../index.js";
import { projectqueue } from "../projectqueue.js";

const TYPESCRIPT = new Set([".ts", ".mts", ".cts"]);
const COMMONJS = new Set([".cjs", ".cts"]);

/** Names a script may use → the module of this very package, wherever the script lies. */
const ESM_TARGETS = {
  mediaswitch: new URL("../index.js", import.meta.url).href,
  "mediaswitch/projectcontrol": new URL("../projectcontrol.js", import.meta.url).href,
  "mediaswitch/projectqueue": new URL("../projectqueue.js", import.meta.url).href,
};

const CJS_TARGETS: Readonly<Record<string, unknown>> = {
  mediaswitch,
  "mediaswitch/projectcontrol": mediaswitch.projectcontrol,
  "mediaswitch/projectqueue": projectqueue,
};

/** Of the kind that this file is: from Node 22 on nobody makes one of the other in the thread of the hooks. */
const HOOKS = new URL(`./script-resolve-hooks${extname(import.meta.url)}`, import.meta.url);

/** Node's own loader of CommonJS modules, which has no public hook in Node 20. */
type Load = (request: string, parent: unknown, isMain: boolean) => unknown;

let areNamesMapped = false;

function mapNames(): void {
  if (areNamesMapped) return;
  areNamesMapped = true;
  register(HOOKS, { data: ESM_TARGETS });
  const loader = Module as unknown as { _load: Load };
  const load = loader._load;
  loader._load = function (request, parent, isMain) {
    return Object.hasOwn(CJS_TARGETS, request)
      ? CJS_TARGETS[request]
      : load.call(this, request, parent, isMain);
  };
}

/**
 * Runs a call script: JavaScript or TypeScript, ES module or CommonJS.
 * @throws {MediaswitchError} ARGUMENT_INVALID naming the file: there is none, or it threw while loading.
 */
export async function loadScript(file: string): Promise<void> {
  const path = resolve(file);
  if (!existsSync(path)) {
    throw new MediaswitchError("ARGUMENT_INVALID", `there is no script ${path}`, "script");
  }
  const extension = extname(path);
  try {
    if (TYPESCRIPT.has(extension)) {
      const [esm, cjs] = await Promise.all([import("tsx/esm/api"), import("tsx/cjs/api")]);
      esm.register();
      cjs.register();
    }
    mapNames();
    if (COMMONJS.has(extension)) createRequire(path)(path);
    else await import(pathToFileURL(path).href);
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    throw new MediaswitchError(
      "ARGUMENT_INVALID",
      `the script ${path} failed while loading: ${text}`,
      "script",
    );
  }
}
