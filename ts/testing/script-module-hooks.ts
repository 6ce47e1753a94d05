import { afterwards, type ResolveHooks } from "../composition/resolve-hooks.js";

interface Names {
  readonly mark: string;
  readonly standIn: string;
}

/** The package's names that a script may import. */
const OWN_NAMES = new Set(["mediaswitch", "mediaswitch/projectcontrol"]);

/**
 * A module whose URL carries a test's mark gets the test's own `mediaswitch`; its relative imports are marked in turn,
 * so that each test has a script of its own with all its parts.
 */
let names: Names | undefined;

export const initialize: ResolveHooks<Names>["initialize"] = (given) => {
  names = given;
};

export const resolve: ResolveHooks<Names>["resolve"] = (specifier, context, nextResolve) => {
  const parent = context.parentURL;
  const mark =
    names === undefined || parent?.startsWith("file:") !== true
      ? null
      : new URL(parent).searchParams.get(names.mark);
  if (names === undefined || mark === null || parent?.startsWith(names.standIn.slice(0, -3)) === true) {
    return nextResolve(specifier, context);
  }
  const { mark: key, standIn } = names;
  const isOwn = OWN_NAMES.has(specifier);
  return afterwards(nextResolve(isOwn ? standIn : specifier, context), (found) => {
    const isMarked = isOwn || (specifier.startsWith(".") && found.url.startsWith("file:"));
    if (!isMarked) return found;
    const url = new URL(found.url);
    url.searchParams.set(key, mark);
    return { ...found, url: url.href };
  });
};
