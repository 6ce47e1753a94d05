import { ms } from "../core/brand.js";
import type { Clock } from "../core/clock.js";
import { ERRORS, MediaswitchError } from "../core/errors.js";
import type { Log } from "../core/log.js";
import type { EventSink } from "../core/service.js";
import type { MediaEvent } from "../rtp/media-service.js";
import type { SipEvent } from "../sip/sip-service.js";
import type { HttpClient } from "./client.js";
import { mediaEventBody } from "./media-event-wire.js";
import { registeredBody, writeCallInfo } from "./sip-wire.js";
import { write } from "./wire.js";

/** An event is tried this often in all … */
const TRIES = 5;
/** … first after 250 ms, then after twice as long each time: some 4 s together. */
const FIRST_PAUSE = ms(250);

export interface ControlCallbacksOptions {
  readonly client: HttpClient;
  readonly clock: Clock;
  readonly log: Log;
}

interface Callback {
  readonly method: "PUT" | "DELETE";
  readonly path: string;
  readonly body?: object;
  /** 1: a caller waits, and is better told 480 now than a success later. */
  readonly tries: number;
}

/**
 * Tells events to the control servers that own them. The sinks reject with CONTROL_UNAVAILABLE (or the
 * server's own error) when an event was not taken. Whoever sends events waits for each before the next of the
 * same call, so a repeated one keeps its place.
 */
export class ControlCallbacks {
  readonly #options: ControlCallbacksOptions;
  /** Channel → number of its last event. */
  readonly #mediaNumbers = new Map<string, number>();

  constructor(options: ControlCallbacksOptions) {
    this.#options = options;
  }

  /** Without a control there is nobody to tell, which is an error only where a caller waits for an answer. */
  readonly sip: EventSink<SipEvent> = async (event) => {
    if (event.control !== undefined) {
      await this.#tell(event.control, sipCallback(event));
    } else if (event.type === "dialog" && event.cause === "new" && !event.info.originator) {
      throw new MediaswitchError(
        "CONTROL_UNAVAILABLE",
        `no control is set for the domain ${event.info.domain}: nobody takes this call`,
      );
    }
  };

  readonly media: EventSink<MediaEvent> = async (event) => {
    const number = (this.#mediaNumbers.get(event.uuid) ?? 0) + 1;
    if (event.type === "closed") this.#mediaNumbers.delete(event.uuid);
    else this.#mediaNumbers.set(event.uuid, number);
    if (event.control !== undefined) await this.#tell(event.control, mediaCallback(event, number));
  };

  async #tell(control: string, { tries, ...callback }: Callback): Promise<void> {
    const { client, log } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await client.request({ ...callback, base: control, unavailable: "CONTROL_UNAVAILABLE" });
        return;
      } catch (error) {
        const canHelp = error instanceof MediaswitchError && ERRORS[error.code].retry;
        const text = error instanceof Error ? error.message : String(error);
        if (attempt >= tries || !canHelp) {
          log.warn({ control, path: callback.path, attempt, error: text }, "control did not take an event");
          throw error;
        }
        log.debug({ control, path: callback.path, attempt, error: text }, "an event is tried again");
        await this.#pause(attempt);
      }
    }
  }

  #pause(attempt: number): Promise<void> {
    return new Promise((resolve) => {
      this.#options.clock.after(ms(FIRST_PAUSE * 2 ** (attempt - 1)), resolve);
    });
  }
}

function registrationPath(domain: string, user: string): string {
  return `/reg/${encodeURIComponent(domain)}/${encodeURIComponent(user)}`;
}

function sipCallback(event: SipEvent): Callback {
  switch (event.type) {
    case "dialog":
      return {
        method: "PUT",
        path: `/dialog/${encodeURIComponent(event.info.callid)}`,
        body: writeCallInfo(event.info, event.number, event.cause),
        tries: event.cause === "new" ? 1 : TRIES,
      };
    case "registered":
      return {
        method: "PUT",
        path: registrationPath(event.registration.domain, event.registration.user),
        body: write(registeredBody, event.registration),
        tries: TRIES,
      };
    case "deregistered":
      return { method: "DELETE", path: registrationPath(event.domain, event.user), tries: TRIES };
  }
}

const mediaCallback = (event: MediaEvent, number: number): Callback => ({
  method: "PUT",
  path: `/channel/${encodeURIComponent(event.uuid)}`,
  body: write(mediaEventBody, { number, event }),
  tries: TRIES,
});
