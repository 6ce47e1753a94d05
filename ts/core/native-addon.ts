import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { MediaswitchError, type ErrorCode } from "./errors.js";

/** This package's folder: both ts/ and dist/ are one level below it. */
const packageRoot = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Loads the addon: the one built here, else the one that came prebuilt in the package.
 * @throws {MediaswitchError} `unavailable`, saying what to do about it.
 */
export function loadNativeAddon(unavailable: ErrorCode): unknown {
  const require = createRequire(import.meta.url);
  const load = require("node-gyp-build") as (folder: string) => unknown;
  try {
    return load(packageRoot);
  } catch (error) {
    const cause = error instanceof Error ? error.message.trim() : String(error);
    throw new MediaswitchError(
      unavailable,
      `the native addon of mediaswitch can't be loaded (${cause}). Build it with "npm run build:native" in ` +
        `${packageRoot}; that needs a C++20 compiler, cmake, make or ninja, and the Boost.Asio headers ` +
        `(Debian: g++ cmake make libboost-dev libspandsp-dev; Fedora: gcc-c++ cmake make boost-devel ` +
        `spandsp-devel).`,
    );
  }
}
