import { existsSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { extname, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { MediaswitchError } from "../core/errors.js";
import type { Log } from "../core/log.js";
import * as mediaswitch from "../index.js";
import { projectqueue } from "../projectqueue.js";
import { addResolveHooks } from "./resolve-hooks.js";

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

/** Node's own loader of CommonJS modules, which has no public hook in Node 20. */
type Load = (request: string, parent: unknown, isMain: boolean) => unknown;

/** Milliseconds for which a script that is connected may still fail as one that fails while loading. */
const GRACE = 200;

let names: Promise<void> | undefined;

async function mapNames(): Promise<void> {
  await addResolveHooks("./script-resolve-hooks", import.meta.url, ESM_TARGETS);
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
    await (names ??= mapNames());
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

/**
 * As `loadScript`, for a script that may go on at its top level when it is connected, with a loop over events for instance:
 * it has started then. What it fails with later is logged.
 * @param connected settles once the script's `run()` has done its work.
 */
export async function startScript(file: string, connected: Promise<unknown>, log: Log): Promise<void> {
  let hasStarted = false;
  const loading = loadScript(file).catch((error: unknown) => {
    if (!hasStarted) throw error;
    log.error({ err: error }, "the script failed after it had started");
  });
  // One that could not connect says so by itself, or tries again.
  const goingOn = connected.then(
    () => pause(GRACE),
    () => loading,
  );
  await Promise.race([loading, goingOn]);
  hasStarted = true;
}
