import { setTimeout as sleep } from "node:timers/promises";

const STEP_MILLIS = 100;

/**
 * Asks again and again until `isRight` says yes or `withinMillis` is over.
 * @returns the last value asked for, right or not: the caller's assertion tells which.
 */
export async function eventually<Value>(
  withinMillis: number,
  ask: () => Promise<Value> | Value,
  isRight: (value: Value) => boolean,
): Promise<Value> {
  const deadline = performance.now() + withinMillis;
  for (;;) {
    const value = await ask();
    if (isRight(value) || performance.now() > deadline) return value;
    await sleep(STEP_MILLIS);
  }
}
