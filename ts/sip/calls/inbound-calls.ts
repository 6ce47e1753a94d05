import type { Mutable } from "../../core/mutable.js";
import { readCallerId } from "../dialog/caller-identity.js";
import { CallRecord, type FirstFacts } from "../dialog/call-record.js";
import { InviteSession } from "../dialog/invite-session.js";
import { readPassedHeaders } from "../dialog/passed-headers.js";
import { isCalledSecurely } from "../dialog/secure-call.js";
import { DEFAULT_SESSION_TIMER, isTooShort } from "../dialog/session-timer.js";
import type { Caller } from "../caller.js";
import { binaryToText } from "../message/binary.js";
import type { SipRequest } from "../message/message.js";
import { parseUri } from "../message/uri.js";
import { gruuInstance } from "../registrar/gruu.js";
import type { RequestRefusal } from "../request-checks.js";
import type { ServerTransaction } from "../transaction/transaction.js";
import type { Flow } from "../transport/transport.js";
import { NO_SECRET, sessionContext, type CallContext } from "./call-context.js";

const MAX_FORWARDS = 70;

/** INVITEs that come in. */
export class InboundCalls {
  readonly #context: CallContext;

  constructor(context: CallContext) {
    this.#context = context;
  }

  /** An INVITE outside of a dialog. */
  invited(transaction: ServerTransaction, caller: Caller): void {
    const { request, flow } = transaction;
    const { calls, directory, gateways, options } = this.#context;
    const callid = request.headers["call-id"];
    const replaced = this.#checked(request, caller);
    if (replaced !== undefined && "status" in replaced) {
      this.#context.identity.refuse(transaction, replaced);
      return;
    }
    const destination = parseUri(request.uri);
    const dialled = binaryToText(destination?.user ?? "");
    const gateway = caller.gateway === undefined ? undefined : gateways.find(caller.gateway);
    const isOurs = gateway === undefined && directory.has(caller.domain);
    const named = isOurs ? caller.domain : (destination?.host ?? caller.domain);
    const domain = gateway?.plan.settings.domain ?? named;
    const record = this.#record(request, flow, { caller, domain, dialled, replaced });
    const scheme = isCalledSecurely(request.uri, request.headers) ? "sips" : "sip";
    const facts = { callid, user: dialled, authorize: NO_SECRET, flow, scheme } as const;
    const session = InviteSession.inbound(sessionContext(this.#context, facts), record, transaction);
    // A trunk or a test tool names no domain of ours; where there is one control, it is meant.
    const control = gateway?.plan.settings.control ?? directory.control(domain) ?? directory.commonControl();
    calls.add(session, control, { domain: caller.domain, user: caller.username });
    options.log.debug({ callid, cause: "new" }, "call event");
    calls.tell(callid, "new").catch((error: unknown) => {
      options.log.warn({ callid, error: String(error) }, "control did not take a new call");
      session.hangup(480, undefined);
    });
  }

  /** A CANCEL that the transaction layer has answered. */
  cancelled(invite: ServerTransaction, cancel: SipRequest): void {
    const session = this.#begunBy(invite) ?? this.#context.calls.owner(invite.request);
    session?.cancelled(invite, cancel);
  }

  acknowledged(request: SipRequest, flow: Flow): void {
    this.#context.calls.owner(request)?.acknowledged(request, flow);
  }

  /** A final response could not be sent, or got no ACK. */
  failed(transaction: ServerTransaction): void {
    this.#begunBy(transaction)?.transactionFailed();
  }

  /**
   * The live call that this INVITE began. Found by its Call-ID: a weak map of transactions would keep each call until the
   * next collection of all memory, for the collector of young objects takes what an old table refers to for alive.
   */
  #begunBy(invite: ServerTransaction): InviteSession | undefined {
    const session = this.#context.calls.get(invite.request.headers["call-id"]);
    return session?.isBegunBy(invite) === true ? session : undefined;
  }

  /** Why an INVITE is refused before control hears of it; or the call whose place it wants, where it names one. */
  #checked(request: SipRequest, caller: Caller): RequestRefusal | InviteSession | undefined {
    const { calls, options } = this.#context;
    // The same request by two ways (§8.2.2.2), or our own call come back to us.
    if (calls.has(request.headers["call-id"])) return { status: 482 };
    const timer = options.sessionTimer ?? DEFAULT_SESSION_TIMER;
    if (timer !== "off" && isTooShort(request, timer)) {
      return { status: 422, headers: { "min-se": timer.minimum } };
    }
    const { replaces } = request.headers;
    if (replaces === undefined) return undefined;
    const replaced = calls.replaced(replaces);
    if (typeof replaced === "number") return { status: replaced };
    // RFC 3891 §3: not everybody may take a call over; users of the call's own domain may.
    return replaced.record.domain === caller.domain ? replaced : { status: 403 };
  }

  #record(
    request: SipRequest,
    flow: Flow,
    facts: {
      readonly caller: Caller;
      readonly domain: string;
      readonly dialled: string;
      readonly replaced: InviteSession | undefined;
    },
  ): CallRecord {
    const { contact } = request.headers;
    const dialled = parseUri(request.uri);
    const gr = dialled === undefined ? undefined : gruuInstance(dialled);
    const { clock, trusted } = this.#context.options;
    const headers = readPassedHeaders(request);
    const { gateway, username } = facts.caller;
    const isTrusted = gateway !== undefined || trusted(flow.remote.address);
    const first: Mutable<FirstFacts> = {
      callid: request.headers["call-id"],
      domain: facts.domain,
      to: facts.dialled,
      from: username,
      contact: contact === undefined || contact === "*" ? "" : (contact[0]?.uri ?? ""),
      maxforwards: request.headers["max-forwards"] ?? MAX_FORWARDS,
      authenticated: true,
      originator: false,
      callerid: readCallerId(request.headers, isTrusted ? "trusted" : "not trusted"),
    };
    if (gr !== undefined) first.gr = gr;
    if (gateway !== undefined) first.gateway = gateway;
    if (headers !== undefined) first.headers = headers;
    if (facts.replaced !== undefined) first.replaces = facts.replaced.record.callid;
    return new CallRecord(clock, first, flow.remote);
  }
}
