/**
 * Time as a script sees it while it is tested: `setTimeout`, `setInterval`, `Date` and `AbortSignal.timeout` follow the
 * test's clock for whatever happens on behalf of the script. The test itself, and whatever runs it, keep the real ones.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { ms } from "../core/brand.js";
import type { Clock, Timer } from "../core/clock.js";

/** What an error in a script's own timer is told to. */
interface ScriptTime {
  readonly clock: Clock;
  readonly failed: (error: unknown) => void;
}

const current = new AsyncLocalStorage<ScriptTime>();

const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
  Date: globalThis.Date,
  abortAfter: AbortSignal.timeout.bind(AbortSignal),
};

type Handle = Parameters<typeof clearTimeout>[0];

/** What a script holds of its timer, in the shape of Node's. */
class ScriptTimer {
  timer: Timer | undefined;
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  hasRef(): boolean {
    return true;
  }
  close(): this {
    this.timer?.cancel();
    return this;
  }
  [Symbol.toPrimitive](): number {
    return Number.NaN;
  }
  [Symbol.dispose](): void {
    this.timer?.cancel();
  }
}

type Callback = (...values: unknown[]) => unknown;

function start(
  time: ScriptTime,
  { run, millis, repeats }: { run: () => unknown; millis: unknown; repeats: "once" | "again" },
): ScriptTimer {
  const handle = new ScriptTimer();
  const delay = Math.max(1, typeof millis === "number" && millis > 0 ? millis : 1);
  const arm = (): void => {
    handle.timer = time.clock.after(ms(delay), () => {
      if (repeats === "again") arm();
      current.run(time, () => {
        try {
          run();
        } catch (error) {
          time.failed(error);
        }
      });
    });
  };
  arm();
  return handle;
}

function cancel(handle: unknown, otherwise: (handle: Handle) => void): void {
  if (handle instanceof ScriptTimer) handle.close();
  else otherwise(handle as Handle);
}

function virtualDate(): DateConstructor {
  const now = (): number => current.getStore()?.clock.epoch() ?? real.Date.now();
  return new Proxy(real.Date, {
    construct: (target, values: unknown[], newTarget) =>
      Reflect.construct(target, values.length === 0 ? [now()] : values, newTarget) as Date,
    apply: () => new real.Date(now()).toString(),
    get: (target, key) => (key === "now" ? now : (Reflect.get(target, key) as unknown)),
  });
}

/** Those who need the clocks in place. */
const users = new Set<object>();

/** Puts the script's clocks in place; harmless to all others. @returns how to take them away again. */
export function installScriptTime(): () => void {
  if (users.size === 0) install();
  const user = {};
  users.add(user);
  return () => {
    if (users.delete(user) && users.size === 0) uninstall();
  };
}

function install(): void {
  const timer =
    (repeats: "once" | "again", otherwise: (...values: never[]) => unknown) =>
    (callback: Callback, millis?: unknown, ...values: unknown[]): unknown => {
      const time = current.getStore();
      if (time === undefined) return otherwise(...([callback, millis, ...values] as never[]));
      return start(time, { run: () => callback(...values), millis, repeats });
    };
  Object.assign(globalThis, {
    setTimeout: Object.assign(timer("once", real.setTimeout), real.setTimeout),
    setInterval: timer("again", real.setInterval),
    clearTimeout: (handle: unknown) => cancel(handle, real.clearTimeout),
    clearInterval: (handle: unknown) => cancel(handle, real.clearInterval),
    Date: virtualDate(),
  });
  AbortSignal.timeout = (millis) => {
    const time = current.getStore();
    if (time === undefined) return real.abortAfter(millis);
    const controller = new AbortController();
    const reason = new DOMException("The operation was aborted due to timeout", "TimeoutError");
    start(time, { run: () => controller.abort(reason), millis, repeats: "once" });
    return controller.signal;
  };
}

function uninstall(): void {
  const { setTimeout, setInterval, clearTimeout, clearInterval, Date } = real;
  Object.assign(globalThis, { setTimeout, setInterval, clearTimeout, clearInterval, Date });
  AbortSignal.timeout = real.abortAfter;
}

/** Runs something on behalf of a script: it, and all that follows from it, is in the script's time. */
export const inScriptTime = <Result>(time: ScriptTime, act: () => Result): Result => current.run(time, act);
