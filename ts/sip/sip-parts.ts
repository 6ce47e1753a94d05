/** How the parts of the SIP component are put together: what each is told, and whom it tells. */
import type { Clock } from "../core/clock.js";
import type { Log } from "../core/log.js";
import type { Random } from "../core/random.js";
import { Authenticator } from "./auth/authenticator.js";
import type { CallContext, CallOptions } from "./calls/call-context.js";
import { CallRouting } from "./calls/call-routing.js";
import { CallTable } from "./calls/call-table.js";
import { InboundCalls } from "./calls/inbound-calls.js";
import { OutboundCalls } from "./calls/outbound-calls.js";
import { OutlivedCalls } from "./calls/outlived-calls.js";
import type { EventLimits } from "./events/event-limits.js";
import { EventServer } from "./events/event-server.js";
import type { SubscriptionPolicy } from "./events/notifier.js";
import { Gateways, type GatewaysOptions } from "./gateway/gateways.js";
import { NO_DNS, type Dns } from "./locate/dns.js";
import { locatorFor } from "./locate/locator-for.js";
import type { Locator } from "./locate/locator.js";
import { Drain } from "./overload/drain.js";
import { NO_LIMITS, type OverloadLimits } from "./overload/limits.js";
import type { LoadShare } from "./overload/load-share.js";
import { Overload } from "./overload/overload.js";
import { ownContact } from "./own-contact.js";
import { OwnIdentity } from "./own-identity.js";
import type { BindingLimits } from "./registrar/bindings.js";
import { Directory } from "./registrar/directory.js";
import { optionsPing } from "./registrar/options-ping.js";
import type { Ping, PingSettings } from "./registrar/registrar-options.js";
import { Registrar, type RegistrationEvent } from "./registrar/registrar.js";
import { RequestRouter, type RequestRules } from "./request-router.js";
import type { StateParts } from "./state/restore-state.js";
import { SipTransactionLayer } from "./transaction/layer.js";
import type { Transport } from "./transport/transport.js";

/** Seconds after which subscribers may look again whether a server that is drained is back. */
const RETRY_AFTER_DRAIN = 60;

export interface SipPartsOptions extends CallOptions, RequestRules {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** User-Agent and Server. */
  readonly userAgent?: string;
  /** Further names of this server, which a digest `uri` may carry. */
  readonly ownHosts?: readonly string[];
  /** Where names of foreign domains and gateways are looked up; without it they have to be numeric addresses. */
  readonly dns?: Dns;
  readonly eventLimits?: Partial<EventLimits>;
  /** Whether one user may watch another of the domain; everybody may, unless given. */
  readonly subscriptionPolicy?: SubscriptionPolicy;
  /** None at all unless given; of those given, what is left out is as in `overload/limits.ts`. */
  readonly overloadLimits?: Partial<OverloadLimits>;
  /** Fed with how busy this thread is; without it nothing is refused for that. */
  readonly load?: LoadShare;
  readonly registrar?: Partial<BindingLimits> & { readonly ping?: Partial<PingSettings> };
  /** What is kept over a restart is not what it was. */
  readonly stateChanged?: () => void;
}

export class SipParts {
  readonly identity: OwnIdentity;
  readonly directory = new Directory();
  readonly calls: CallTable;
  readonly registrar: Registrar;
  readonly authenticator: Authenticator;
  readonly overload: Overload;
  readonly drain: Drain;
  readonly layer: SipTransactionLayer;
  readonly gateways: Gateways;
  readonly routing: CallRouting;
  readonly inbound: InboundCalls;
  readonly outbound: OutboundCalls;
  readonly outlived: OutlivedCalls;
  readonly events: EventServer;
  readonly #options: SipPartsOptions;
  readonly #locator: Locator;
  readonly #ping: Ping;
  readonly #router: RequestRouter;

  constructor(options: SipPartsOptions) {
    const { transport, random, dns = NO_DNS, clock } = options;
    this.#options = options;
    this.identity = new OwnIdentity(transport, random, options.userAgent);
    this.calls = this.#makeCalls();
    this.registrar = this.#makeRegistrar();
    this.authenticator = this.#makeAuthenticator();
    this.overload = this.#makeOverload();
    this.drain = this.#makeDrain();
    this.layer = this.#makeLayer();
    this.#locator = locatorFor(transport, { dns, clock, random });
    this.gateways = this.#makeGateways();
    const { directory, registrar } = this;
    this.routing = new CallRouting({ directory, registrar, locator: this.#locator });
    const context: CallContext = { ...this.#callParts(), options };
    this.inbound = new InboundCalls(context);
    this.outbound = new OutboundCalls(context);
    this.outlived = new OutlivedCalls(context);
    this.events = this.#makeEvents();
    this.#ping = optionsPing({
      layer: this.layer,
      random,
      contact: (user) => this.identity.contact(user),
      userAgent: this.identity.name,
    });
    this.#router = new RequestRouter(this, options);
  }

  /** What is kept over a restart. */
  get state(): StateParts {
    const { calls, directory, gateways, outlived, registrar } = this;
    return {
      clock: this.#options.clock,
      directory,
      registrar,
      gateways,
      calls: {
        stored: () => calls.stored(),
        resume: (stored) => {
          outlived.resume(stored);
        },
      },
    };
  }

  /** Ends everything without a word to the far ends, but takes registrations at gateways back. */
  async close(): Promise<void> {
    this.routing.close();
    await this.gateways.close();
    this.drain.close();
    this.calls.abandon();
    this.events.close();
    this.registrar.close();
    this.layer.close();
  }

  #callParts(): Omit<CallContext, "options"> {
    const { calls, directory, drain, gateways, identity, layer, routing } = this;
    return { calls, directory, drain, gateways, identity, layer, routing };
  }

  #makeCalls(): CallTable {
    return new CallTable((info, party, dialog) => {
      this.events.callChanged(info, party, dialog);
      if (info.answered) this.#options.stateChanged?.();
    });
  }

  #makeRegistrar(): Registrar {
    const { clock, random, log, registrar: limits, stateChanged } = this.#options;
    return new Registrar({
      clock,
      random,
      directory: this.directory,
      log,
      ...(limits === undefined ? {} : { limits }),
      ...(limits?.ping === undefined ? {} : { pingSettings: limits.ping }),
      ping: (binding, answered) => {
        this.#ping(binding, answered);
      },
      events: (event) => {
        this.#registrationChanged(event);
      },
      changed: () => stateChanged?.(),
    });
  }

  #makeAuthenticator(): Authenticator {
    const { clock, random, ownHosts = [], transport } = this.#options;
    return new Authenticator({
      clock,
      random,
      directory: this.directory,
      ownHosts: [...ownHosts, transport.advertised.address, transport.local.address],
      isAtHome: (address, domain, user) => this.registrar.isAtHome(address, domain, user),
    });
  }

  #makeOverload(): Overload {
    return new Overload({
      ...this.#options,
      limits: this.#options.overloadLimits ?? NO_LIMITS,
      knows: (request) => this.calls.owner(request) !== undefined,
      replaces: ({ headers: { replaces } }) =>
        replaces !== undefined && typeof this.calls.replaced(replaces) === "object",
      calls: () => this.calls.size,
    });
  }

  #makeDrain(): Drain {
    return new Drain({
      clock: this.#options.clock,
      calls: () => this.calls.size,
      endCalls: () => {
        this.calls.hangupAll(503, "Service Unavailable");
      },
      changed: (isOn) => {
        this.overload.draining = isOn;
        if (isOn) this.events.drain(RETRY_AFTER_DRAIN);
        else this.events.resume();
      },
    });
  }

  #makeLayer(): SipTransactionLayer {
    const { transport, clock, random, log } = this.#options;
    const { admission: admit, answers: answersUnreadable } = this.overload;
    return new SipTransactionLayer(
      { transport, clock, random, log, admit, answersUnreadable },
      {
        request: (transaction) => {
          this.#router.route(transaction);
        },
        cancel: (invite, cancel) => {
          this.inbound.cancelled(invite, cancel);
        },
        ack: (request, flow) => {
          this.inbound.acknowledged(request, flow);
        },
        flowClosed: (flow) => {
          this.registrar.connectionClosed(flow);
          this.events.connectionClosed(flow);
          void this.outlived.connectionClosed(flow);
        },
        failed: (transaction) => {
          this.inbound.failed(transaction);
        },
      },
    );
  }

  #makeGateways(): Gateways {
    const { transport, clock, random, stateChanged } = this.#options;
    return new Gateways({
      layer: this.layer,
      locator: this.#locator,
      clock,
      random,
      userAgent: this.identity.name,
      contact: (user, to) => ownContact(transport, user, to),
      changed: () => stateChanged?.(),
      tell: (...news) => {
        this.#tellOfGateway(...news);
      },
    });
  }

  #makeEvents(): EventServer {
    const { clock, random, log, transport, eventLimits, subscriptionPolicy } = this.#options;
    return new EventServer({
      layer: this.layer,
      clock,
      random,
      log,
      directory: this.directory,
      limits: eventLimits,
      policy: subscriptionPolicy,
      locator: this.#locator,
      contact: (user, flow) => ownContact(transport, user, flow),
      other: this.identity.headers,
      bindings: (domain, user) => this.registrar.lookup(domain, user),
      tell: (key, event) => this.calls.send(key, event),
    });
  }

  #registrationChanged(event: RegistrationEvent): void {
    const { domain, user } = event.type === "registered" ? event.registration : event;
    this.events.registrationChanged(domain, user);
    this.calls.send(`${user}@${domain}`, event).catch((error: unknown) => {
      this.#options.log.warn({ domain, user, error: String(error) }, "control did not take a registration");
    });
  }

  readonly #tellOfGateway: GatewaysOptions["tell"] = (gateway, control, domain) => {
    const owner = control ?? this.directory.control(domain ?? "") ?? this.directory.commonControl();
    const whom = owner === undefined ? {} : { control: owner };
    const { name } = gateway;
    this.calls.send(`gateway ${name}`, { type: "gateway", ...whom, gateway }).catch((error: unknown) => {
      this.#options.log.warn(
        { gateway: name, error: String(error) },
        "control did not take the news of a gateway",
      );
    });
  };
}
