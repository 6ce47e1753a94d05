import type { InitializeHook, ResolveHook } from "node:module";

/** Runs in Node's hooks thread: `import "mediaswitch"` in a script means the package that runs the script. */
let targets: Readonly<Record<string, string>> = {};

export const initialize: InitializeHook<Readonly<Record<string, string>>> = (given) => {
  targets = given;
};

export const resolve: ResolveHook = (specifier, context, nextResolve) =>
  nextResolve(Object.hasOwn(targets, specifier) ? (targets[specifier] ?? specifier) : specifier, context);
