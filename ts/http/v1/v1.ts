/** The language-neutral face of call control: calls, events and webhooks under `/v1`. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { hexToken } from "../../core/random.js";
import type { Controller } from "../../control/controller.js";
import type { CallDetailRecord } from "../../control/record/call-detail-record.js";
import type { RouteTable } from "../route-table.js";
import { CallActions } from "./call-actions.js";
import { feedCalls } from "./call-feed.js";
import { CallRegistry } from "./call-registry.js";
import { callRoutes } from "./call-routes.js";
import { EventLog } from "./event-log.js";
import { EventStreams } from "./event-streams.js";
import type { WebhookSend, WebhookSettings } from "./webhook.js";
import { Webhooks } from "./webhooks.js";

export interface V1Options {
  readonly controller: Controller;
  readonly send: WebhookSend;
  /** Receivers that are there from the start. */
  readonly webhooks?: Readonly<Record<string, WebhookSettings>>;
}

/** Live counts. */
export interface V1Health {
  readonly eventReaders: number;
  readonly webhooks: number;
  /** Events that wait for webhooks. */
  readonly webhookEventsWaiting: number;
}

export class V1 {
  readonly routes: RouteTable;
  readonly #registry: CallRegistry;
  readonly #log: EventLog;
  readonly #streams: EventStreams;
  readonly #webhooks: Webhooks;
  readonly #stopFeed: () => void;

  /** @throws {MediaswitchError} ARGUMENT_INVALID: a webhook's settings. */
  constructor({ controller, send, webhooks = {} }: V1Options) {
    const { clock, random, log } = controller;
    this.#log = new EventLog({ clock, feed: hexToken(random, 4) });
    this.#registry = new CallRegistry(controller);
    this.#stopFeed = feedCalls(controller, this.#registry, this.#log);
    this.#streams = new EventStreams({ log: this.#log, clock });
    this.#webhooks = new Webhooks({ events: this.#log, clock, random, log, send });
    for (const [name, settings] of Object.entries(webhooks)) this.#webhooks.set(name, settings);
    const actions = new CallActions(controller, this.#registry, this.#log);
    this.routes = {
      ...callRoutes({ controller, registry: this.#registry, actions }),
      ...this.#streams.routes,
      ...this.#webhooks.routes,
    };
  }

  /** A sink of the call recorder. */
  readonly cdr = (record: CallDetailRecord): void => {
    this.#log.tell({ type: "cdr", record: record.id, data: { record: { ...record } } });
  };

  readonly upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    this.#streams.upgrade(request, socket, head);
  };

  health(): V1Health {
    const webhooks = [...this.#webhooks.all.values()];
    return {
      eventReaders: this.#streams.readers,
      webhooks: webhooks.length,
      webhookEventsWaiting: webhooks.reduce((sum, { state }) => sum + state.waiting, 0),
    };
  }

  /** Ends all who read events; what waits for webhooks is forgotten. */
  close(): void {
    this.#stopFeed();
    this.#registry.close();
    this.#streams.close();
    this.#webhooks.close();
  }
}
