/**
 * The SIP component: registrar and one side of a B2BUA per call leg. Requests come from the transaction layer,
 * commands from control; each is handed to the session, registrar or directory that owns it.
 */
import type { Clock } from "../core/clock.js";
import { MediaswitchError } from "../core/errors.js";
import type { Log } from "../core/log.js";
import { epochSeconds, seconds } from "../core/brand.js";
import { hexToken, uuid, type Random } from "../core/random.js";
import { dispatch, type Command, type EventSink, type Handlers } from "../core/service.js";
import { formatSocketAddress } from "../core/socket-address.js";
import { Authenticator } from "./auth/authenticator.js";
import { CallServer, type CallCommand, type CallOptions } from "./call-server.js";
import { CallTable, type StoredCall } from "./call-table.js";
import { CALL_EXTENSIONS, SIP_ACCEPT } from "./dialog/capabilities.js";
import { identify } from "./caller.js";
import type { InviteTarget } from "./dialog/uac-invite.js";
import { EVENT_METHODS, EVENT_PACKAGES, EventServer } from "./events/event-server.js";
import type { EventLimits } from "./events/event-limits.js";
import type { NameAddr, OtherHeaders } from "./message/message.js";
import { makeResponse } from "./message/response.js";
import { sipAddress } from "./message/sip-address.js";
import type { Gateway } from "./gateway/gateway.js";
import { gatewayCaller } from "./gateway/gateway-caller.js";
import { Gateways } from "./gateway/gateways.js";
import { NO_DNS, type Dns } from "./locate/dns.js";
import { locatorFor } from "./locate/locator-for.js";
import type { Locator } from "./locate/locator.js";
import { gatewayTarget, targetsOf } from "./outbound-targets.js";
import { ownContact } from "./own-contact.js";
import { Drain } from "./overload/drain.js";
import { NO_LIMITS, type OverloadLimits } from "./overload/limits.js";
import type { LoadShare } from "./overload/load-share.js";
import { Overload } from "./overload/overload.js";
import { Directory } from "./registrar/directory.js";
import type { BindingLimits } from "./registrar/bindings.js";
import { optionsPing } from "./registrar/options-ping.js";
import type { Ping, PingSettings } from "./registrar/registrar-options.js";
import { Registrar, type RegistrationEvent } from "./registrar/registrar.js";
import { restoreState, StateWriter, type SipState, type StateParts } from "./registrar/state.js";
import {
  ALLOWED_METHODS,
  checkBodyOf,
  checkRequest,
  type BodyCheck,
  type RequestRefusal,
} from "./request-checks.js";
import type { SipCommands, SipEvent, SipHealth, SipService } from "./sip-service.js";
import { SipTransactionLayer } from "./transaction/layer.js";
import type { ServerTransaction } from "./transaction/transaction.js";
import type { Flow, Transport } from "./transport/transport.js";

/** Seconds after which subscribers may look again whether a server that is drained is back. */
const RETRY_AFTER_DRAIN = 60;

export interface LocalSipServiceOptions extends CallOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Sources that need no digest (`--trust`): trunks, test tools. */
  readonly trusted: (address: string) => boolean;
  /** Refuses a session description that can't be read; SIP itself reads none. */
  readonly checkBody?: BodyCheck;
  /** User-Agent and Server. */
  readonly userAgent?: string;
  /** Further names of this server, which a digest `uri` may carry. */
  readonly ownHosts?: readonly string[];
  /** Where names of foreign domains and gateways are looked up; without it they have to be numeric addresses. */
  readonly dns?: Dns;
  readonly eventLimits?: Partial<EventLimits>;
  /** None at all unless given; of those given, what is left out is as in `overload/limits.ts`. */
  readonly overloadLimits?: Partial<OverloadLimits>;
  /** Fed with how busy this thread is; without it nothing is refused for that. */
  readonly load?: LoadShare;
  readonly registrar?: Partial<BindingLimits> & { readonly ping?: Partial<PingSettings> };
  /** Directory and bindings that an earlier process has saved. */
  readonly saved?: SipState;
  /** What `savedState` gives is not what it was. */
  readonly stateChanged?: () => void;
}

export class LocalSipService implements SipService {
  readonly #options: LocalSipServiceOptions;
  readonly #layer: SipTransactionLayer;
  readonly #overload: Overload;
  readonly #drain: Drain;
  readonly #directory = new Directory();
  readonly #registrar: Registrar;
  readonly #authenticator: Authenticator;
  readonly #instance: string;
  readonly #started: number;
  readonly #events: EventServer;
  readonly #locator: Locator;
  readonly #gateways: Gateways;
  /** Ends what waits for lookups. */
  readonly #closing = new AbortController();
  readonly #calls = new CallTable((info, party) => {
    this.#events.callChanged(info, party);
  });
  readonly #callServer: CallServer;
  readonly #handlers: Handlers<SipCommands>;

  constructor(options: LocalSipServiceOptions) {
    this.#options = options;
    const { clock, random, log, transport } = options;
    this.#instance = uuid(random);
    this.#started = epochSeconds(clock.epoch());
    this.#registrar = new Registrar({
      clock,
      random,
      directory: this.#directory,
      log,
      ...(options.registrar === undefined ? {} : { limits: options.registrar }),
      ...(options.registrar?.ping === undefined ? {} : { pingSettings: options.registrar.ping }),
      ping: (binding, answered) => {
        this.#ping(binding, answered);
      },
      events: (event) => {
        this.#registrationChanged(event);
      },
      changed: () => options.stateChanged?.(),
    });
    this.#authenticator = new Authenticator({
      clock,
      random,
      directory: this.#directory,
      ownHosts: [...(options.ownHosts ?? []), transport.advertised.address, transport.local.address],
      isAtHome: (address, domain, user) => this.#registrar.isAtHome(address, domain, user),
    });
    this.#overload = new Overload({
      ...options,
      limits: options.overloadLimits ?? NO_LIMITS,
      knows: (request) => this.#calls.owner(request) !== undefined,
      calls: () => this.#calls.size,
    });
    this.#drain = new Drain({
      clock,
      calls: () => this.#calls.size,
      endCalls: () => {
        this.#calls.hangupAll(503, "Service Unavailable");
      },
      changed: (isOn) => {
        this.#overload.draining = isOn;
        if (isOn) this.#events.drain(RETRY_AFTER_DRAIN);
        else this.#events.resume();
      },
    });
    this.#layer = new SipTransactionLayer(
      {
        transport,
        clock,
        random,
        log,
        admit: this.#overload.admission,
        answersUnreadable: this.#overload.answers,
      },
      {
        request: (transaction) => {
          this.#request(transaction);
        },
        cancel: (invite, cancel) => {
          this.#callServer.cancelled(invite, cancel);
        },
        ack: (request, flow) => {
          this.#callServer.acknowledged(request, flow);
        },
        flowClosed: (flow) => {
          this.#registrar.connectionClosed(flow);
          this.#events.connectionClosed(flow);
          this.#callServer.connectionClosed(flow);
        },
        failed: (transaction) => {
          this.#callServer.failed(transaction);
        },
      },
    );
    this.#locator = locatorFor(transport, { dns: options.dns ?? NO_DNS, clock, random });
    this.#gateways = new Gateways({
      layer: this.#layer,
      locator: this.#locator,
      clock,
      random,
      userAgent: this.#name,
      contact: (user, to) => ownContact(transport, user, to),
      tell: (gateway, control, domain) => {
        const owner = control ?? this.#directory.control(domain ?? "") ?? this.#directory.commonControl();
        const whom = owner === undefined ? {} : { control: owner };
        this.#calls
          .send(`gateway ${gateway.name}`, { type: "gateway", ...whom, gateway })
          .catch((error: unknown) => {
            const { name } = gateway;
            log.warn({ gateway: name, error: String(error) }, "control did not take the news of a gateway");
          });
      },
    });
    this.#callServer = new CallServer({
      layer: this.#layer,
      clock,
      random,
      log,
      directory: this.#directory,
      gateways: this.#gateways,
      calls: this.#calls,
      options,
      advertised: transport.advertised,
      userAgent: this.#name,
      other: this.#ownHeaders,
      trusted: options.trusted,
      contact: (user, flow) => this.#contact(user, flow),
      locate: (user, domain, gateway, signal, gr) => this.#targets(user, domain, gateway, signal, gr),
      locateUri: (uri) => this.#locator.all(uri, this.#closing.signal),
      checkNotDraining: () => {
        this.#checkNotDraining();
      },
      refuse: (transaction, refusal) => {
        this.#refuse(transaction, refusal);
      },
    });
    this.#handlers = { ...this.#ownHandlers, ...this.#callServer.handlers };
    this.#events = new EventServer({
      layer: this.#layer,
      clock,
      random,
      log,
      directory: this.#directory,
      limits: options.eventLimits,
      contact: (user, flow) => ownContact(transport, user, flow),
      other: this.#ownHeaders,
      bindings: (domain, user) => this.#registrar.lookup(domain, user),
      tell: (key, event) => this.#calls.send(key, event),
    });
    this.#ping = optionsPing({
      layer: this.#layer,
      random,
      contact: (user) => this.#contact(user),
      userAgent: this.#name,
    });
    if (options.saved !== undefined) restoreState(options.saved, this.#stateParts);
    this.#directory.watch({ changed: () => options.stateChanged?.() });
  }

  readonly #ping: Ping;

  get #stateParts(): StateParts {
    return { directory: this.#directory, registrar: this.#registrar, clock: this.#options.clock };
  }

  /** Directory and bindings as a JSON document, in pieces; `LocalSipServiceOptions.saved` puts it back. */
  savedState(): Iterable<string> {
    this.#stateWriter ??= new StateWriter(this.#stateParts);
    return this.#stateWriter.pieces();
  }

  #stateWriter: StateWriter | undefined;

  execute<Type extends keyof SipCommands>(
    command: Command<SipCommands, Type>,
    signal?: AbortSignal,
  ): Promise<SipCommands[Type]["result"]> {
    return dispatch(this.#handlers, command, signal);
  }

  /** The calls as plain data: JSON keeps them whole. */
  storedCalls(): StoredCall[] {
    return this.#calls.stored();
  }

  /** Takes up calls that another process had, as far as they were answered. @returns how many. */
  resumeCalls(calls: readonly StoredCall[]): number {
    return this.#callServer.resume(calls);
  }

  attach(sink: EventSink<SipEvent>): void {
    this.#calls.attach(sink);
  }

  /** @returns settles when a drain has come to its end; at once when there is none. */
  drained(): Promise<void> {
    return this.#drain.finished();
  }

  /** Ends everything without a word to the far ends, but takes registrations at gateways back; closes the transport. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#gateways.close();
    this.#drain.close();
    this.#calls.abandon();
    this.#events.close();
    this.#registrar.close();
    this.#layer.close();
    await this.#options.transport.close();
  }

  readonly #ownHandlers: Omit<Handlers<SipCommands>, CallCommand> = {
    "directory.put": (command) => this.#directory.put(command.domain, command),
    "directory.patch": (command) => this.#directory.patch(command.domain, command),
    "directory.delete": ({ domain, user }) => {
      this.#directory.delete(domain, user);
      return {};
    },
    "directory.get": ({ domain, user }) => this.#directory.get(domain, user),
    "registrations.count": () => ({ count: this.#registrar.count }),
    "registrations.domain": ({ domain, user }) => this.#registrar.domain(domain, user),
    "presence.set": (setting) => {
      this.#events.setPresence(setting);
      return {};
    },
    "mwi.set": ({ domain, user, mailbox }) => {
      this.#events.setMailbox(domain, user, mailbox);
      return {};
    },
    "message.send": ({ request }) => {
      this.#checkNotDraining();
      return this.#events.sendMessage(request);
    },
    drain: ({ enabled, seconds: within }) => {
      if (enabled) this.#drain.begin(within === undefined ? undefined : seconds(within));
      else this.#drain.stop();
      return { draining: this.#drain.isOn, calls: this.#calls.size };
    },
    "gateway.put": (command) => this.#gateways.put(command),
    "gateway.delete": ({ name }) => {
      this.#gateways.delete(name);
      return {};
    },
    "gateway.get": ({ name }) => ({ gateways: this.#gateways.list(name) }),
    health: () => this.#health(),
  };

  #health(): SipHealth {
    return {
      calls: this.#calls.size,
      dialogs: this.#calls.dialogs,
      transactions: this.#layer.size,
      timers: this.#options.clock.pendingTimers,
      ...this.#options.transport.health,
      bindings: this.#registrar.count,
      ...this.#events.counts,
      instance: this.#instance,
      started: this.#started,
      draining: this.#drain.isOn,
      admits: this.#overload.share,
      ...this.#calls.events,
      refused: {
        ...Object.fromEntries([...this.#layer.refused, ...this.#overload.counts]),
        ...this.#authenticator.counts,
      },
    };
  }

  #checkNotDraining(): void {
    if (this.#drain.isOn) throw new MediaswitchError("SIP_DRAINING", "this server takes no new calls");
  }

  // Requests from the network.

  #request(transaction: ServerTransaction): void {
    const { request } = transaction;
    if (request.headers.to.params["tag"] !== undefined) {
      this.#inDialog(transaction);
      return;
    }
    const isEvent = EVENT_METHODS.includes(request.method);
    const refusal =
      checkRequest(request) ?? (isEvent ? undefined : checkBodyOf(request, this.#options.checkBody));
    if (refusal !== undefined) {
      this.#refuse(transaction, refusal);
      return;
    }
    const trunk = gatewayCaller(request, transaction.flow, this.#gateways);
    const identified =
      trunk === undefined
        ? identify(request, transaction.flow, {
            authenticator: this.#authenticator,
            trusted: this.#options.trusted,
            ownHost: this.#options.transport.advertised.address,
          })
        : { kind: "known" as const, caller: trunk };
    if (identified.kind === "refused") {
      this.#refuse(transaction, identified.refusal);
      return;
    }
    const { caller } = identified;
    switch (request.method) {
      case "REGISTER":
        transaction.respond(this.#registrar.handle(request, transaction.flow, caller));
        return;
      case "INVITE":
        this.#callServer.invited(transaction, caller);
        return;
      case "OPTIONS":
        this.#refuse(transaction, {
          status: 200,
          headers: {
            allow: [...ALLOWED_METHODS],
            supported: [...CALL_EXTENSIONS],
            "allow-events": [...EVENT_PACKAGES],
          },
          other: { ...SIP_ACCEPT },
        });
        return;
      case "SUBSCRIBE":
      case "PUBLISH":
      case "MESSAGE":
        this.#events.handle(transaction, caller);
        return;
      case "REFER":
        // RFC 3515 §2.4.2: one outside of a call is for nobody here.
        this.#refuse(transaction, { status: 603 });
        return;
      default:
        // BYE without a To tag belongs to no dialog (RFC 3261 §15.1.2), nor do UPDATE, PRACK, INFO and NOTIFY.
        this.#refuse(transaction, { status: 481 });
    }
  }

  #inDialog(transaction: ServerTransaction): void {
    const { request } = transaction;
    const session = this.#calls.owner(request);
    if (session === undefined) {
      const refusal = checkRequest(request);
      if (refusal !== undefined) this.#refuse(transaction, refusal);
      else if (!this.#events.inDialog(transaction)) this.#refuse(transaction, { status: 481 });
      return;
    }
    const refusal = checkRequest(request) ?? checkBodyOf(request, this.#options.checkBody);
    if (refusal !== undefined) this.#refuse(transaction, refusal);
    else session.request(transaction);
  }

  #refuse(transaction: ServerTransaction, refusal: RequestRefusal): void {
    transaction.respond(
      makeResponse(transaction.request, refusal.status, {
        toTag: this.#tag(),
        headers: refusal.headers ?? {},
        other: { ...this.#ownHeaders, ...refusal.other },
        ...(refusal.reason === undefined ? {} : { reason: refusal.reason }),
      }),
    );
  }

  async #targets(
    user: string,
    domain: string,
    gateway: Gateway | undefined,
    signal: AbortSignal | undefined,
    gr: string | undefined,
  ): Promise<InviteTarget[]> {
    const closing = this.#closing.signal;
    const until = signal === undefined ? closing : AbortSignal.any([signal, closing]);
    if (gateway !== undefined) return [await gatewayTarget(this.#locator, gateway, user, until)];
    const sources = { directory: this.#directory, registrar: this.#registrar, locator: this.#locator };
    return targetsOf(sources, { user, domain, gr }, until);
  }

  #contact(user: string, flow?: Flow): NameAddr {
    if (flow !== undefined) return ownContact(this.#options.transport, user, flow);
    return { uri: sipAddress(user, formatSocketAddress(this.#options.transport.advertised)), params: {} };
  }

  #registrationChanged(event: RegistrationEvent): void {
    const { domain, user } = event.type === "registered" ? event.registration : event;
    this.#events.registrationChanged(domain, user);
    this.#calls.send(`${user}@${domain}`, event).catch((error: unknown) => {
      this.#options.log.warn({ domain, user, error: String(error) }, "control did not take a registration");
    });
  }

  #tag(): string {
    return hexToken(this.#options.random, 8);
  }

  get #ownHeaders(): OtherHeaders {
    return { Server: this.#name };
  }

  get #name(): string {
    return this.#options.userAgent ?? "mediaswitch";
  }
}
