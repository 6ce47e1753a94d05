import type { Line } from "../app/line.js";

/** Runs a callback of the script; where it, or what it promises, fails, that ends this call and nothing else. */
export function tellScript(line: Line, callback: () => unknown): void {
  const failed = (error: unknown): void => {
    line.failed(error);
  };
  try {
    Promise.resolve(callback()).catch(failed);
  } catch (error) {
    failed(error);
  }
}
