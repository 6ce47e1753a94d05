import { writeCallInfo } from "./callinfo-wire.js";
import { ms, seconds, type Millis } from "../core/brand.js";
import type { Clock } from "../core/clock.js";
import { MediaswitchError } from "../core/errors.js";
import type { Log } from "../core/log.js";
import type { Random } from "../core/random.js";
import type { EventSink } from "../core/service.js";
import { systemRandom } from "../core/system-random.js";
import type { MediaEvent } from "../rtp/media-service.js";
import type { DialogCause, SipEvent } from "../sip/sip-service.js";
import type { HttpClient } from "./client.js";
import { ControlLink } from "./control-link.js";
import { mediaEventBody } from "./media-event-wire.js";
import { gatewayNewsBody } from "./gateway-wire.js";
import { messageInfoBody, subscriptionBody } from "./sip-event-wire.js";
import { deregisteredBody, registeredBody } from "./sip-wire.js";
import { write } from "./wire.js";

/** What happens to a call is told however long it takes: its control may be restarted. */
const UNTIL_TAKEN = seconds(3600);
/** Whoever asked for this waits no longer (RFC 3261 timer F: 32 s). */
const WHILE_ASKED = seconds(20);
/** What is told again anyhow, or is of no use later. */
const BRIEFLY = seconds(10);
/** A caller waits, and is better told 480 now than a success later. */
const ONCE = ms(0);

export interface ControlCallbacksOptions {
  readonly client: HttpClient;
  readonly clock: Clock;
  readonly log: Log;
  /** The system's, unless given. */
  readonly random?: Random;
}

interface Callback {
  readonly method: "PUT" | "DELETE";
  readonly path: string;
  readonly body?: object;
  /** How long it is repeated while control can't be reached. */
  readonly keep: Millis;
}

/**
 * Tells events to the control servers that own them. The sinks reject with CONTROL_UNAVAILABLE (or the
 * server's own error) when an event was not taken. Whoever sends events waits for each before the next of the
 * same call, so a repeated one keeps its place; how many may wait, `core/ordered-delivery.ts` says.
 */
export class ControlCallbacks {
  readonly #options: ControlCallbacksOptions;
  /** Channel → number of its last event. */
  readonly #mediaNumbers = new Map<string, number>();
  /** Control URL → the way there; kept while it is in use or down. */
  readonly #links = new Map<string, { readonly link: ControlLink; inUse: number }>();
  /** Calls whose first event never left, for control was known to be down: it is told nothing of them at all. */
  readonly #unheard = new Set<string>();

  constructor(options: ControlCallbacksOptions) {
    this.#options = options;
  }

  /** Without a control there is nobody to tell, which is an error only where a caller waits for an answer. */
  readonly sip: EventSink<SipEvent> = async (event) => {
    if (event.type === "dialog" && event.cause === "ended" && this.#unheard.delete(event.info.callid)) return;
    if (event.control !== undefined) {
      if (event.type === "dialog" && event.cause === "new" && !this.#mayTry(event.control)) {
        this.#unheard.add(event.info.callid);
      }
      await this.#tell(event.control, sipCallback(event));
    } else if (event.type === "dialog" && event.cause === "new" && !event.info.originator) {
      throw new MediaswitchError(
        "CONTROL_UNAVAILABLE",
        `no control is set for the domain ${event.info.domain}: nobody takes this call`,
      );
    } else if (event.type === "message") {
      throw new MediaswitchError(
        "CONTROL_UNAVAILABLE",
        `no control is set for the domain ${event.message.domain}: nobody takes this message`,
      );
    }
  };

  readonly media: EventSink<MediaEvent> = async (event) => {
    const number = (this.#mediaNumbers.get(event.uuid) ?? 0) + 1;
    if (event.type === "closed") this.#mediaNumbers.delete(event.uuid);
    else this.#mediaNumbers.set(event.uuid, number);
    if (event.control !== undefined) await this.#tell(event.control, mediaCallback(event, number));
  };

  /** Gives up what waits for a control. */
  close(): void {
    for (const { link } of this.#links.values()) link.close();
  }

  #mayTry(control: string): boolean {
    return this.#links.get(control)?.link.mayTry ?? true;
  }

  async #tell(control: string, { keep, ...callback }: Callback): Promise<void> {
    const { client, log, clock, random = systemRandom } = this.#options;
    const entry = this.#links.get(control) ?? { link: new ControlLink({ clock, random }), inUse: 0 };
    this.#links.set(control, entry);
    entry.inUse += 1;
    try {
      await entry.link.send(async () => {
        await client.request({ ...callback, base: control, unavailable: "CONTROL_UNAVAILABLE" });
      }, keep);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      log.warn({ control, path: callback.path, error: text }, "control did not take an event");
      throw error;
    } finally {
      entry.inUse -= 1;
      if (entry.inUse === 0 && (!entry.link.isDown || this.#links.size > MOST_LINKS))
        this.#links.delete(control);
    }
  }
}

/** Control servers that are remembered to be down. */
const MOST_LINKS = 1000;

function userPath(first: string, { domain, user }: { domain: string; user: string }): string {
  // A message may be for no user part at all: the body says so.
  return `/${first}/${encodeURIComponent(domain)}/${encodeURIComponent(user === "" ? "-" : user)}`;
}

function registrationPath(domain: string, user: string): string {
  return `/reg/${encodeURIComponent(domain)}/${encodeURIComponent(user)}`;
}

function keepOf(cause: DialogCause): Millis {
  if (cause === "new") return ONCE;
  return cause === "refer" ? WHILE_ASKED : UNTIL_TAKEN;
}

function sipCallback(event: SipEvent): Callback {
  switch (event.type) {
    case "dialog":
      return {
        method: "PUT",
        path: `/dialog/${encodeURIComponent(event.info.callid)}`,
        body: writeCallInfo(event.info, event),
        keep: keepOf(event.cause),
      };
    case "registered":
      return {
        method: "PUT",
        path: registrationPath(event.registration.domain, event.registration.user),
        body: write(registeredBody, event.registration),
        keep: BRIEFLY,
      };
    case "deregistered":
      return {
        method: "DELETE",
        path: registrationPath(event.domain, event.user),
        ...(event.reason === undefined ? {} : { body: write(deregisteredBody, { reason: event.reason }) }),
        keep: BRIEFLY,
      };
    case "gateway":
      return {
        method: "PUT",
        path: `/gateway/${encodeURIComponent(event.gateway.name)}`,
        body: write(gatewayNewsBody, event.gateway),
        keep: BRIEFLY,
      };
    case "subscribed":
      return {
        method: "PUT",
        path: userPath("subscription", event.subscription),
        body: write(subscriptionBody, event.subscription),
        keep: BRIEFLY,
      };
    case "message":
      return {
        method: "PUT",
        path: userPath("message", event.message),
        body: write(messageInfoBody, event.message),
        keep: ONCE,
      };
  }
}

const mediaCallback = (event: MediaEvent, number: number): Callback => ({
  method: "PUT",
  path: `/channel/${encodeURIComponent(event.uuid)}`,
  body: write(mediaEventBody, { number, event }),
  keep: BRIEFLY,
});
