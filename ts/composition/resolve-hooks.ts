/** Hooks that say which file the name in an `import` means, in the thread that asks or, before Node 22.15, in Node's own. */
import Module, { register } from "node:module";
import type { ResolveFnOutput, ResolveHookContext } from "node:module";
import { extname } from "node:path";

/** What a module of hooks exports: Node awaits `resolve` in its own thread, and does not wait for it in ours. */
export interface ResolveHooks<Data> {
  readonly initialize: (data: Data) => void;
  readonly resolve: (
    specifier: string,
    context: ResolveHookContext,
    nextResolve: (specifier: string, context?: Partial<ResolveHookContext>) => Resolved,
  ) => Resolved;
}

export type Resolved = ResolveFnOutput | Promise<ResolveFnOutput>;

interface InThread {
  readonly registerHooks?: (hooks: {
    readonly resolve: (
      specifier: string,
      context: ResolveHookContext,
      nextResolve: (specifier: string, context?: Partial<ResolveHookContext>) => ResolveFnOutput,
    ) => ResolveFnOutput;
  }) => unknown;
}

/** `resolved` with what `change` makes of it, at once or later. */
export function afterwards(
  resolved: Resolved,
  change: (resolved: ResolveFnOutput) => ResolveFnOutput,
): Resolved {
  return resolved instanceof Promise ? resolved.then(change) : change(resolved);
}

/**
 * Asks the module `name`, next to the module `parent`, from now on, before all hooks that are registered already.
 * Those of one kind do not see those of the other in every version, so ours are of the kind that tsx prefers.
 */
export async function addResolveHooks(name: string, parent: string, data: unknown): Promise<void> {
  // Of the kind that the parent is: from Node 22 on nobody makes one of the other in the thread of the hooks.
  const url = new URL(`${name}${extname(new URL(parent).pathname)}`, parent);
  const { registerHooks } = Module as InThread;
  if (registerHooks === undefined) {
    register(url, { data });
    return;
  }
  const hooks = (await import(url.href)) as ResolveHooks<unknown>;
  hooks.initialize(data);
  registerHooks({
    // The next hook is of this thread as well, so nothing is a promise.
    resolve: (specifier, context, nextResolve) =>
      hooks.resolve(specifier, context, nextResolve) as ResolveFnOutput,
  });
}
