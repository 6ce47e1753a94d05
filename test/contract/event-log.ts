import type { MediaEvent } from "../../ts/rtp/media-service.js";

/** Events as they come, and waiting for one of them. */
export class EventLog {
  readonly events: MediaEvent[] = [];
  #waiting: (() => void)[] = [];

  readonly take = async (event: MediaEvent): Promise<void> => {
    this.events.push(event);
    for (const look of this.#waiting.splice(0)) look();
  };

  /** Waits until there is an event as described. */
  async until(expected: Partial<MediaEvent>): Promise<void> {
    while (!this.events.some((event) => isLike(event, expected))) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }

  /** `play start new`, `record finished requested`, `closed requested`: what came so far, and is forgotten now. */
  told(): string[] {
    return this.events.splice(0).map((event) => {
      const { type, event: what, reason } = event as { type: string; event?: string; reason?: string };
      return [type, what, reason].filter((word) => word !== undefined).join(" ");
    });
  }
}

const isLike = (event: MediaEvent, expected: Partial<MediaEvent>): boolean =>
  Object.entries(expected).every(
    ([key, value]) => (event as object as Record<string, unknown>)[key] === value,
  );
