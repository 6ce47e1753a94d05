/** Requests from the network, each handed to who owns it; what nobody owns is refused. */
import type { Authenticator } from "./auth/authenticator.js";
import { identify } from "./caller.js";
import type { CallTable } from "./calls/call-table.js";
import type { InboundCalls } from "./calls/inbound-calls.js";
import { CALL_EXTENSIONS, SIP_ACCEPT } from "./dialog/capabilities.js";
import { EVENT_METHODS, EVENT_PACKAGES, type EventServer } from "./events/event-server.js";
import { gatewayCaller } from "./gateway/gateway-caller.js";
import type { Gateways } from "./gateway/gateways.js";
import type { OwnIdentity } from "./own-identity.js";
import type { Registrar } from "./registrar/registrar.js";
import {
  ALLOWED_METHODS,
  checkBodyOf,
  checkRequest,
  type BodyCheck,
  type RequestRefusal,
} from "./request-checks.js";
import type { ServerTransaction } from "./transaction/transaction.js";

export interface RequestOwners {
  readonly identity: OwnIdentity;
  readonly authenticator: Authenticator;
  readonly gateways: Gateways;
  readonly registrar: Registrar;
  readonly calls: CallTable;
  readonly inbound: InboundCalls;
  readonly events: EventServer;
}

export interface RequestRules {
  /** Sources that need no digest. */
  readonly trusted: (address: string) => boolean;
  /** Refuses a session description that can't be read. */
  readonly checkBody?: BodyCheck;
}

export class RequestRouter {
  readonly #owners: RequestOwners;
  readonly #rules: RequestRules;

  constructor(owners: RequestOwners, rules: RequestRules) {
    this.#owners = owners;
    this.#rules = rules;
  }

  route(transaction: ServerTransaction): void {
    if (transaction.request.headers.to.params["tag"] === undefined) this.#outside(transaction);
    else this.#inDialog(transaction);
  }

  #outside(transaction: ServerTransaction): void {
    const { request, flow } = transaction;
    const { authenticator, events, gateways, identity, inbound, registrar } = this.#owners;
    const { trusted, checkBody } = this.#rules;
    const isEvent = EVENT_METHODS.includes(request.method);
    const refusal = checkRequest(request) ?? (isEvent ? undefined : checkBodyOf(request, checkBody));
    if (refusal !== undefined) {
      this.#refuse(transaction, refusal);
      return;
    }
    const trunk = gatewayCaller(request, flow, gateways);
    const ownHost = identity.advertised.address;
    const identified =
      trunk === undefined
        ? identify(request, flow, { authenticator, trusted, ownHost })
        : { kind: "known" as const, caller: trunk };
    if (identified.kind === "refused") {
      this.#refuse(transaction, identified.refusal);
      return;
    }
    const { caller } = identified;
    switch (request.method) {
      case "REGISTER":
        transaction.respond(registrar.handle(request, flow, caller));
        return;
      case "INVITE":
        inbound.invited(transaction, caller);
        return;
      case "OPTIONS":
        this.#refuse(transaction, WHAT_WE_CAN);
        return;
      case "SUBSCRIBE":
      case "PUBLISH":
      case "MESSAGE":
        events.handle(transaction, caller);
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
    const { calls, events } = this.#owners;
    const session = calls.owner(request);
    if (session === undefined) {
      const refusal = checkRequest(request);
      if (refusal !== undefined) this.#refuse(transaction, refusal);
      else if (!events.inDialog(transaction)) this.#refuse(transaction, { status: 481 });
      return;
    }
    const refusal = checkRequest(request) ?? checkBodyOf(request, this.#rules.checkBody);
    if (refusal !== undefined) this.#refuse(transaction, refusal);
    else session.request(transaction);
  }

  #refuse(transaction: ServerTransaction, refusal: RequestRefusal): void {
    this.#owners.identity.refuse(transaction, refusal);
  }
}

/** The answer to OPTIONS (RFC 3261 §11.2). */
const WHAT_WE_CAN: RequestRefusal = {
  status: 200,
  headers: {
    allow: [...ALLOWED_METHODS],
    supported: [...CALL_EXTENSIONS],
    "allow-events": [...EVENT_PACKAGES],
  },
  other: { ...SIP_ACCEPT },
};
