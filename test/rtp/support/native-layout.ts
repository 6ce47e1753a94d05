import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { NumericAddon } from "../../../ts/rtp/addon.js";
import type { NativeLayout } from "../../../ts/rtp/event-reader.js";

/** The names of what the addon that was built here tells by number. */
export function nativeLayout(): NativeLayout {
  const load = createRequire(import.meta.url)("node-gyp-build") as (folder: string) => NumericAddon;
  return load(fileURLToPath(new URL("../../..", import.meta.url))).layout;
}
