import type { InitializeHook, ResolveHook } from "node:module";

interface Names {
  readonly mark: string;
  readonly standIn: string;
}

/** The package's names that a script may import. */
const OWN_NAMES = new Set(["mediaswitch", "mediaswitch/projectcontrol"]);

/**
 * Runs in Node's hooks thread. A module whose URL carries a test's mark gets the test's own `mediaswitch`; its relative
 * imports are marked in turn, so that each test has a script of its own with all its parts.
 */
let names: Names | undefined;

export const initialize: InitializeHook<Names> = (given) => {
  names = given;
};

export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  const parent = context.parentURL;
  const mark =
    names === undefined || parent?.startsWith("file:") !== true
      ? null
      : new URL(parent).searchParams.get(names.mark);
  if (names === undefined || mark === null || parent?.startsWith(names.standIn.slice(0, -3)) === true) {
    return nextResolve(specifier, context);
  }
  const marked = (url: string): string => {
    const result = new URL(url);
    result.searchParams.set(names?.mark ?? "", mark);
    return result.href;
  };
  if (OWN_NAMES.has(specifier)) {
    const found = await nextResolve(names.standIn, context);
    return { ...found, url: marked(found.url) };
  }
  const found = await nextResolve(specifier, context);
  const isPart = specifier.startsWith(".") && found.url.startsWith("file:");
  return isPart ? { ...found, url: marked(found.url) } : found;
};
