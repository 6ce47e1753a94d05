import { readCallInfo, type DialogCallback } from "./callinfo-wire.js";
import type { GatewayEvent } from "./gateway-routes.js";
import { gatewayBody, gatewayReply, gatewaysReply } from "./gateway-wire.js";
import type { ErrorCode } from "../core/errors.js";
import { OrderedDelivery } from "../core/ordered-delivery.js";
import { dispatch, type Command, type EventSink, type Handlers } from "../core/service.js";
import type { SipCommands, SipEvent, SipService } from "../sip/sip-service.js";
import type { HttpClient } from "./client.js";
import { ReceivedDialogs } from "./received-dialogs.js";
import type { SipTidings } from "./sip-event-routes.js";
import { mailboxBody, messageBody, messageReply, presenceBody } from "./sip-event-wire.js";
import {
  ackBody,
  callidReply,
  createdReply,
  dialogCountReply,
  drainBody,
  drainReply,
  directoryPatchBody,
  directoryPutBody,
  directoryReply,
  hangupBody,
  contentBody,
  notifyBody,
  inviteBody,
  registrationsReply,
  ringBody,
  sdpBody,
  sipHealthReply,
} from "./sip-wire.js";
import type { Method } from "./route-table.js";
import { countReply, read, write } from "./wire.js";

export interface RemoteSipServiceOptions {
  readonly client: HttpClient;
  /** Base URL of the sip component, `http://127.0.0.1:9000`. */
  readonly url: string;
}

const NO_DOMAIN = { 400: "DOMAIN_UNKNOWN", 404: "DOMAIN_UNKNOWN" } as const;
const NO_USER = { 400: "DOMAIN_UNKNOWN", 404: "USER_UNKNOWN" } as const;
const NO_CALL = { 404: "CALL_UNKNOWN" } as const;
const NO_TARGET = { 404: "USER_UNKNOWN", 480: "USER_NOT_REGISTERED" } as const;

const NO_GATEWAY = { 404: "GATEWAY_UNKNOWN" } as const;
const gatewayPath = (name: string): string => `/gateway/${encodeURIComponent(name)}`;
const userPath = (first: string, domain: string, user: string): string =>
  `/${first}/${encodeURIComponent(domain)}/${encodeURIComponent(user)}`;
const dirPath = (domain: string, user?: string): string =>
  `/dir/${encodeURIComponent(domain)}${user === undefined ? "" : `/${encodeURIComponent(user)}`}`;
const regPath = (domain: string, user?: string): string =>
  `/reg/${encodeURIComponent(domain)}${user === undefined ? "" : `/${encodeURIComponent(user)}`}`;

/** A sip component elsewhere. Its events come in through `http/control-routes.ts`, which calls `deliver…`. */
export class RemoteSipService implements SipService {
  readonly #client: HttpClient;
  readonly #url: string;
  readonly #events = new OrderedDelivery<SipEvent>();
  readonly #dialogs = new ReceivedDialogs();

  constructor({ client, url }: RemoteSipServiceOptions) {
    this.#client = client;
    this.#url = url;
  }

  execute<Type extends keyof SipCommands>(
    command: Command<SipCommands, Type>,
    signal?: AbortSignal,
  ): Promise<SipCommands[Type]["result"]> {
    return dispatch(this.#handlers, command, signal);
  }

  attach(sink: EventSink<SipEvent>): void {
    this.#events.attach(sink);
  }

  /** Settles as the sink does. A callback that came before and was taken is not delivered again. */
  deliverDialog(callback: DialogCallback): Promise<void> {
    return this.#dialogs.inOrder(callback, (event) => this.#events.send(event.info.callid, event));
  }

  deliverTidings(event: SipTidings): Promise<void> {
    const key =
      event.type === "message"
        ? `message ${event.message.from}`
        : `${event.subscription.user}@${event.subscription.domain}`;
    return this.#events.send(key, event);
  }

  deliverRegistration(
    event: Extract<SipEvent, { type: "registered" } | { type: "deregistered" }>,
  ): Promise<void> {
    const { domain, user } = event.type === "registered" ? event.registration : event;
    return this.#events.send(`${user}@${domain}`, event);
  }

  deliverGateway(event: GatewayEvent): Promise<void> {
    return this.#events.send(`gateway ${event.gateway.name}`, event);
  }

  async #send(
    method: Method,
    path: string,
    {
      body,
      signal,
      refusals,
    }: {
      body?: object;
      signal: AbortSignal | undefined;
      refusals?: Readonly<Partial<Record<number, ErrorCode>>>;
    },
  ): Promise<unknown> {
    const reply = await this.#client.request({
      method,
      base: this.#url,
      path,
      signal,
      unavailable: "SIP_UNAVAILABLE",
      ...(body === undefined ? {} : { body }),
      ...(refusals === undefined ? {} : { refusals }),
    });
    return reply.body;
  }

  async #act(action: string, body: object, signal: AbortSignal | undefined): Promise<object> {
    await this.#send("PUT", `/dialog/${action}`, { body, signal, refusals: NO_CALL });
    return {};
  }

  readonly #handlers: Handlers<SipCommands> = {
    "directory.put": async (command, signal) => {
      const body = write(directoryPutBody, command);
      const reply = await this.#send("PUT", dirPath(command.domain), { body, signal });
      // The original says nothing but 201.
      return reply === undefined ? { created: true } : read(createdReply, reply);
    },
    "directory.patch": async (command, signal) => {
      const body = write(directoryPatchBody, command);
      const path = dirPath(command.domain);
      const reply = await this.#send("PATCH", path, { body, signal, refusals: NO_DOMAIN });
      return reply === undefined ? { created: false } : read(createdReply, reply);
    },
    "directory.delete": async ({ domain, user }, signal) => {
      await this.#send("DELETE", dirPath(domain, user), { signal, refusals: NO_DOMAIN });
      return {};
    },
    "directory.get": async ({ domain, user }, signal) =>
      read(
        directoryReply,
        await this.#send("GET", domain === undefined ? "/dir" : dirPath(domain, user), {
          signal,
          refusals: user === undefined ? NO_DOMAIN : NO_USER,
        }),
      ),
    "registrations.count": async (_command, signal) =>
      read(countReply, await this.#send("GET", "/reg", { signal })),
    "registrations.domain": async ({ domain, user }, signal) =>
      read(
        registrationsReply,
        await this.#send("GET", regPath(domain, user), { signal, refusals: NO_DOMAIN }),
      ),
    "dialog.count": async (_command, signal) =>
      read(dialogCountReply, await this.#send("GET", "/dialog", { signal })),
    "dialog.get": async ({ callid }, signal) => {
      const path = `/dialog/call/${encodeURIComponent(callid)}`;
      return readCallInfo(await this.#send("GET", path, { signal, refusals: NO_CALL })).info;
    },
    "dialog.invite": async ({ request }, signal) => {
      const body = write(inviteBody, request);
      return read(
        callidReply,
        await this.#send("POST", "/dialog/invite", { body, signal, refusals: NO_TARGET }),
      );
    },
    "dialog.ring": (command, signal) => this.#act("ring", write(ringBody, command), signal),
    "dialog.answer": (command, signal) => this.#act("answer", write(sdpBody, command), signal),
    "dialog.ok": (command, signal) => this.#act("ok", write(sdpBody, command), signal),
    "dialog.refuse": (command, signal) => this.#act("refuse", write(hangupBody, command), signal),
    "dialog.reinvite": (command, signal) => this.#act("invite", write(sdpBody, command), signal),
    "dialog.notify": (command, signal) => this.#act("notify", write(notifyBody, command), signal),
    "dialog.info": (command, signal) => this.#act("info", write(contentBody, command), signal),
    "dialog.message": (command, signal) => this.#act("message", write(contentBody, command), signal),
    "dialog.ack": (command, signal) => this.#act("ack", write(ackBody, command), signal),
    "dialog.hangup": (command, signal) => this.#act("hangup", write(hangupBody, command), signal),
    "presence.set": async ({ domain, user, status, note }, signal) => {
      const path = userPath("presence", domain, user);
      if (status === undefined) await this.#send("DELETE", path, { signal, refusals: NO_USER });
      else {
        const body = write(presenceBody, { status, ...(note === undefined ? {} : { note }) });
        await this.#send("PUT", path, { body, signal, refusals: NO_USER });
      }
      return {};
    },
    "mwi.set": async ({ domain, user, mailbox }, signal) => {
      const body = write(mailboxBody, mailbox);
      await this.#send("PUT", userPath("mwi", domain, user), { body, signal, refusals: NO_USER });
      return {};
    },
    "gateway.put": async ({ name, ...command }, signal) => {
      const body = write(gatewayBody, command);
      return read(createdReply, await this.#send("PUT", gatewayPath(name), { body, signal }));
    },
    "gateway.delete": async ({ name }, signal) => {
      await this.#send("DELETE", gatewayPath(name), { signal, refusals: NO_GATEWAY });
      return {};
    },
    "gateway.get": async ({ name }, signal) => {
      if (name === undefined) return read(gatewaysReply, await this.#send("GET", "/gateway", { signal }));
      const reply = await this.#send("GET", gatewayPath(name), { signal, refusals: NO_GATEWAY });
      return { gateways: [read(gatewayReply, reply)] };
    },
    "message.send": async ({ request }, signal) => {
      const body = write(messageBody, request);
      return read(messageReply, await this.#send("POST", "/message", { body, signal, refusals: NO_TARGET }));
    },
    drain: async (command, signal) =>
      read(drainReply, await this.#send("PUT", "/drain", { body: write(drainBody, command), signal })),
    health: async (_command, signal) => read(sipHealthReply, await this.#send("GET", "/health", { signal })),
  };
}
