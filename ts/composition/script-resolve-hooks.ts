import type { ResolveHooks } from "./resolve-hooks.js";

type Targets = Readonly<Record<string, string>>;

/** `import "mediaswitch"` in a script means the package that runs the script. */
let targets: Targets = {};

export const initialize: ResolveHooks<Targets>["initialize"] = (given) => {
  targets = given;
};

export const resolve: ResolveHooks<Targets>["resolve"] = (specifier, context, nextResolve) =>
  nextResolve(Object.hasOwn(targets, specifier) ? (targets[specifier] ?? specifier) : specifier, context);
