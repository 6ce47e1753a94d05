/** Loads a call script's module anew for each test, with faces of its own in place of the package's singletons. */
import Module, { createRequire, register } from "node:module";
import { extname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
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

type Load = (request: string, parent: unknown, isMain: boolean) => unknown;

const facesByMark = new Map<string, Faces>();
/** Of the CommonJS script that is being loaded. */
let loading: Faces | undefined;
let areNamesMapped = false;
let loaded = 0;

/** The faces of the test that a module is marked with. @throws where it is none of a test. */
export function facesOf(url: string): Faces {
  const faces = facesByMark.get(new URL(url).searchParams.get(MARK) ?? "");
  if (faces === undefined) throw new Error(`${url} belongs to no test`);
  return faces;
}

async function mapNames(): Promise<void> {
  if (areNamesMapped) return;
  areNamesMapped = true;
  register("./script-module-hooks.js", {
    parentURL: import.meta.url,
    data: { mark: MARK, standIn: new URL("./script-stand-in.js", import.meta.url).href },
  });
  const all = await import("../index.js");
  const loader = Module as unknown as { _load: Load };
  const load = loader._load;
  loader._load = function (request, parent, isMain) {
    if (loading !== undefined && request === "mediaswitch") return { ...all, ...loading };
    if (loading !== undefined && request === "mediaswitch/projectcontrol") return loading.projectcontrol;
    return load.call(this, request, parent, isMain);
  };
}

/** @throws what the script throws while it is loaded. */
export async function loadTestScript(
  script: string | URL,
  faces: Faces,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const path = script instanceof URL || script.startsWith("file:") ? fileURLToPath(script) : resolve(script);
  const extension = extname(path);
  if (TYPESCRIPT.has(extension)) {
    const [esm, cjs] = await Promise.all([import("tsx/esm/api"), import("tsx/cjs/api")]);
    esm.register();
    cjs.register();
  }
  await mapNames();
  const before = { ...process.env };
  Object.assign(process.env, environment);
  try {
    if (COMMONJS.has(extension)) requireAnew(path, faces);
    else {
      loaded += 1;
      const mark = String(loaded);
      facesByMark.set(mark, faces);
      await import(`${pathToFileURL(path).href}?${MARK}=${mark}`);
    }
  } finally {
    process.env = before;
  }
}

function requireAnew(path: string, faces: Faces): void {
  const require = createRequire(path);
  for (const file of Object.keys(require.cache)) {
    if (!file.includes("/node_modules/")) Reflect.deleteProperty(require.cache, file);
  }
  loading = faces;
  try {
    require(path);
  } finally {
    loading = undefined;
  }
}
