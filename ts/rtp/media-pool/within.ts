import type { Millis } from "../../core/brand.js";
import type { Clock } from "../../core/clock.js";
import { MediaswitchError } from "../../core/errors.js";

/**
 * Settles as `answer` does, or rejects when that takes too long; `answer` goes on then.
 * @throws {MediaswitchError} MEDIA_UNAVAILABLE
 */
export function within<Answer>(clock: Clock, limit: Millis, answer: Promise<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(limit, () => {
      reject(new MediaswitchError("MEDIA_UNAVAILABLE", `no answer within ${String(limit)} ms`));
    });
    answer.then(resolve, reject).finally(() => {
      timer.cancel();
    });
  });
}
