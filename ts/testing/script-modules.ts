/** Loads a call script's module anew for each test, with faces of its own in place of the package's singletons. */
import { AsyncLocalStorage } from "node:async_hooks";
import Module, { createRequire } from "node:module";
import { extname, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { addResolveHooks } from "../composition/resolve-hooks.js";
import type { App } from "../control/app/app.js";
import type { ProjectControl } from "../control/projectcontrol.js";

/** What a script may import from the package to work with. */
export interface Faces {
  /** The modern face. */
  readonly app: App;
  /** The seed's face of the same call control. */
  readonly projectcontrol: ProjectControl;
}

/** The query that marks the modules of one test. */
export const MARK = "mediaswitch-test";

const TYPESCRIPT = new Set([".ts", ".mts", ".cts"]);
const COMMONJS = new Set([".cjs", ".cts"]);
/** Milliseconds, real ones, that what a script does after its `run()` may take; what takes longer goes on beside the test. */
const GRACE = 200;

type Load = (request: string, parent: unknown, isMain: boolean) => unknown;

const facesByMark = new Map<string, Faces>();
/** Of the test whose script is being loaded: CommonJS modules have no marks. */
const loading = new AsyncLocalStorage<Faces>();
let names: Promise<void> | undefined;
let typescript: Promise<void> | undefined;
/** Scripts are loaded one after the other: they share the cache of CommonJS modules, and the environment. */
let previous: Promise<unknown> = Promise.resolve();
let loaded = 0;

/** The faces of the test that a module is marked with. @throws where it is none of a test. */
export function facesOf(url: string): Faces {
  const faces = facesByMark.get(new URL(url).searchParams.get(MARK) ?? "");
  if (faces === undefined) throw new Error(`${url} belongs to no test`);
  return faces;
}

async function mapNames(): Promise<void> {
  await addResolveHooks("./script-module-hooks", import.meta.url, {
    mark: MARK,
    standIn: new URL("./script-stand-in.js", import.meta.url).href,
  });
  const all = await import("../index.js");
  const loader = Module as unknown as { _load: Load };
  const load = loader._load;
  loader._load = function (request, parent, isMain) {
    const faces = loading.getStore();
    if (faces !== undefined && request === "mediaswitch") return { ...all, ...faces };
    if (faces !== undefined && request === "mediaswitch/projectcontrol") return faces.projectcontrol;
    return load.call(this, request, parent, isMain);
  };
}

async function readTypeScript(): Promise<void> {
  const [esm, cjs] = await Promise.all([import("tsx/esm/api"), import("tsx/cjs/api")]);
  esm.register();
  cjs.register();
}

export interface TestScriptOptions {
  readonly environment: Readonly<Record<string, string>>;
  /** Settles when the script has called `run()`: it may go on at its top level for as long as it likes. */
  readonly hasRun: Promise<unknown>;
  /** Told of what it fails with after that. */
  readonly failed: (error: unknown) => void;
}

/** @throws what the script throws while it is loaded. */
export async function loadTestScript(
  script: string | URL,
  faces: Faces,
  { environment, hasRun, failed }: TestScriptOptions,
): Promise<void> {
  const path = script instanceof URL || script.startsWith("file:") ? fileURLToPath(script) : resolve(script);
  const load = async (): Promise<void> => {
    if (TYPESCRIPT.has(extname(path))) await (typescript ??= readTypeScript());
    await (names ??= mapNames());
    const before = { ...process.env };
    Object.assign(process.env, environment);
    try {
      let goesOn = false;
      const whole = loading
        .run(faces, () => loadAnew(path, faces))
        .catch((error: unknown) => {
          if (!goesOn) throw error;
          failed(error);
        });
      await Promise.race([whole, hasRun.then(() => pause(GRACE))]);
      goesOn = true;
    } finally {
      process.env = before;
    }
  };
  const done = previous.then(load);
  previous = done.catch(() => undefined);
  await done;
}

/** Whether `.js` and `.ts` are CommonJS depends on their folder and, for some versions of Node, on what they say. */
async function loadAnew(path: string, faces: Faces): Promise<void> {
  const require = createRequire(path);
  for (const file of Object.keys(require.cache)) {
    if (!file.includes("/node_modules/")) Reflect.deleteProperty(require.cache, file);
  }
  if (COMMONJS.has(extname(path))) {
    require(path);
    return;
  }
  loaded += 1;
  const mark = String(loaded);
  facesByMark.set(mark, faces);
  await import(`${pathToFileURL(path).href}?${MARK}=${mark}`);
}
