/** The calls of the SIP component: INVITEs that come in, calls that control makes, and the commands about either. */
import { seconds, type Millis } from "../core/brand.js";
import type { Clock } from "../core/clock.js";
import { MediaswitchError } from "../core/errors.js";
import type { Log } from "../core/log.js";
import { hexToken, uuid, type Random } from "../core/random.js";
import type { Handlers } from "../core/service.js";
import type { SocketAddress } from "../core/socket-address.js";
import type { CallTable, StoredCall } from "./call-table.js";
import type { Caller } from "./caller.js";
import { authorizeWith } from "./dialog/authorize.js";
import { CallRecord } from "./dialog/call-record.js";
import { readCallerId } from "./dialog/caller-identity.js";
import { CALL_EXTENSIONS } from "./dialog/capabilities.js";
import { dialogRoute, type Dialog } from "./dialog/dialog.js";
import { inviteRequest } from "./dialog/invite-request.js";
import type { Authorize } from "./dialog/invite-retry.js";
import { InviteSession, type Redirect, type SessionContext } from "./dialog/invite-session.js";
import { readPassedHeaders } from "./dialog/passed-headers.js";
import { canResume } from "./dialog/stored-session.js";
import { DEFAULT_SESSION_TIMER, isTooShort, type SessionTimerPolicy } from "./dialog/session-timer.js";
import type { InviteTarget } from "./dialog/uac-invite.js";
import { binaryToText } from "./message/binary.js";
import type { NameAddr, OtherHeaders, Replaces, SipRequest } from "./message/message.js";
import { routedUri } from "./locate/next-hop.js";
import { parseUri, type SipUri } from "./message/uri.js";
import { overGateway } from "./gateway/gateway-call.js";
import type { Gateway } from "./gateway/gateway.js";
import type { Gateways } from "./gateway/gateways.js";
import { gruuInstance } from "./registrar/gruu.js";
import type { Directory } from "./registrar/directory.js";
import { ALLOWED_METHODS, type RequestRefusal } from "./request-checks.js";
import type { InviteRequest, SipCommands } from "./sip-service.js";
import type { ServerTransaction, TransactionLayer } from "./transaction/transaction.js";
import type { Flow } from "./transport/transport.js";

const MAX_FORWARDS = 70;

/** For what we send to phones that called us: there is nobody whose secret it would be. */
const NO_SECRET: Authorize = () => undefined;

export interface CallOptions {
  readonly isHold?: (sdp: string) => boolean;
  /** RFC 4028; 1800 s, at least 90 s, unless told otherwise. */
  readonly sessionTimer?: SessionTimerPolicy | "off";
  /** An answered call is ended after this; without it, never. */
  readonly maxCallDuration?: Millis;
  /** What a 3xx to a call of ours means: "pass" (default): it failed, and control is told where to; "follow": it goes on there. */
  readonly redirects?: "pass" | "follow";
}

export interface CallServerParts {
  readonly layer: TransactionLayer;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly directory: Directory;
  readonly calls: CallTable;
  readonly options: CallOptions;
  /** What we are called by where no call says more. */
  readonly advertised: SocketAddress;
  readonly userAgent: string;
  readonly other: OtherHeaders;
  readonly gateways: Gateways;
  /** Our Contact. @param flow to or from the far end, where it is known. */
  readonly contact: (user: string, flow?: Flow) => NameAddr;
  /** Sources whose asserted identities are believed. */
  readonly trusted: (address: string) => boolean;
  /**
   * Where a call to `user@domain` goes, or by a gateway.
   * Rejects {MediaswitchError} USER_UNKNOWN, USER_NOT_REGISTERED, DESTINATION_UNREACHABLE, ABORTED.
   */
  readonly locate: (
    user: string,
    domain: string,
    gateway: Gateway | undefined,
    signal: AbortSignal | undefined,
    gr?: string,
  ) => Promise<readonly InviteTarget[]>;
  /** Where a URI leads (RFC 3263 §4). Rejects {MediaswitchError} DESTINATION_UNREACHABLE. */
  readonly locateUri: (uri: SipUri) => Promise<readonly Flow[]>;
  /** @throws {MediaswitchError} SIP_DRAINING. */
  readonly checkNotDraining: () => void;
  readonly refuse: (transaction: ServerTransaction, refusal: RequestRefusal) => void;
}

/** The commands that are carried out here. */
export type CallCommand = Extract<keyof SipCommands, `dialog.${string}`>;

export class CallServer {
  readonly #parts: CallServerParts;
  /** INVITEs that came in → their session; a transaction that is over takes its entry along. */
  readonly #inbound = new WeakMap<ServerTransaction, InviteSession>();

  constructor(parts: CallServerParts) {
    this.#parts = parts;
  }

  readonly handlers: Pick<Handlers<SipCommands>, CallCommand> = {
    "dialog.count": () => ({ count: this.#parts.calls.size, counter: this.#parts.calls.ever }),
    "dialog.invite": ({ request }, signal) => {
      this.#parts.checkNotDraining();
      return this.#invite(request, signal);
    },
    "dialog.ring": ({ callid, alertinfo, sdp }) => {
      this.#session(callid).ring(alertinfo, sdp);
      this.#parts.calls.changed(callid);
      return {};
    },
    "dialog.answer": ({ callid, sdp }) => {
      this.#session(callid).answer(sdp);
      return {};
    },
    "dialog.ok": ({ callid, sdp }) => {
      this.#session(callid).ok(sdp);
      return {};
    },
    "dialog.refuse": ({ callid, code, reason }) => {
      this.#session(callid).refuse(failure(code) ?? 488, reason);
      return {};
    },
    "dialog.ack": ({ callid, sdp }) => {
      this.#session(callid).acknowledge(sdp);
      return {};
    },
    "dialog.reinvite": ({ callid, sdp }) => {
      this.#session(callid).reinvite(sdp);
      return {};
    },
    "dialog.notify": ({ callid, code, reason }) => {
      const referral = this.#parts.calls.referral(callid);
      if (referral === undefined) {
        throw new MediaswitchError("CALL_UNKNOWN", `no REFER of ${callid} waits`, "callid");
      }
      referral.progress(sipfragStatus(code), reason);
      return {};
    },
    "dialog.info": ({ callid, contenttype, body }) => {
      this.#session(callid).send("INFO", contenttype, body);
      return {};
    },
    "dialog.message": ({ callid, contenttype, body }) => {
      this.#session(callid).send("MESSAGE", contenttype, body);
      return {};
    },
    "dialog.hangup": ({ callid, code, reason, q850 }) => {
      const session = this.#session(callid);
      session.hangup(session.record.isOurs && code === ELSEWHERE ? code : failure(code), reason, q850);
      return {};
    },
  };

  #session(callid: string): InviteSession {
    const session = this.#parts.calls.get(callid);
    if (session === undefined)
      throw new MediaswitchError("CALL_UNKNOWN", `there is no call ${callid}`, "callid");
    return session;
  }

  /** Takes up calls that another process had, as far as they were answered. @returns how many. */
  resume(stored: readonly StoredCall[]): number {
    const { calls, clock } = this.#parts;
    const answered = stored.filter(({ session }) => canResume(session) && !calls.has(session.info.callid));
    for (const call of answered) {
      const { info, localTag, contact } = call.session;
      const context = this.#context(info.callid, "", NO_SECRET, undefined);
      const record = CallRecord.resumed(clock, info);
      calls.resume(InviteSession.resumed({ ...context, localTag, contact }, record, call.session), call);
    }
    return answered.length;
  }

  // Requests from the network.

  /** An INVITE outside of a dialog. */
  invited(transaction: ServerTransaction, caller: Caller): void {
    const { request, flow } = transaction;
    const { calls, log, directory, gateways } = this.#parts;
    const callid = request.headers["call-id"];
    const replaced = this.#checked(request, caller);
    if (replaced !== undefined && "status" in replaced) {
      this.#parts.refuse(transaction, replaced);
      return;
    }
    const destination = parseUri(request.uri);
    const dialled = binaryToText(destination?.user ?? "");
    const gateway = caller.gateway === undefined ? undefined : gateways.find(caller.gateway);
    const isOurs = gateway === undefined && directory.has(caller.domain);
    const named = isOurs ? caller.domain : (destination?.host ?? caller.domain);
    const domain = gateway?.plan.settings.domain ?? named;
    const record = this.#record(request, flow, { caller, domain, dialled, replaced });
    const context = this.#context(callid, dialled, NO_SECRET, flow);
    const session = InviteSession.inbound(context, record, transaction);
    this.#inbound.set(transaction, session);
    // A trunk or a test tool names no domain of ours; where there is one control, it is meant.
    const control = gateway?.plan.settings.control ?? directory.control(domain) ?? directory.commonControl();
    calls.add(session, control, { domain: caller.domain, user: caller.username });
    calls.tell(callid, "new").catch((error: unknown) => {
      log.warn({ callid, error: String(error) }, "control did not take a new call");
      session.hangup(480, undefined);
    });
  }

  /** A CANCEL that the transaction layer has answered. */
  cancelled(invite: ServerTransaction, cancel: SipRequest): void {
    const session = this.#inbound.get(invite) ?? this.#parts.calls.owner(invite.request);
    session?.cancelled(invite, cancel);
  }

  acknowledged(request: SipRequest, flow: Flow): void {
    this.#parts.calls.owner(request)?.acknowledged(request, flow);
  }

  /**
   * A connection has ended that only its maker can make again: what we send in the dialogs that went by it goes where
   * their route set or remote target says (RFC 3261 §12.2.1.1), by a connection of our own.
   */
  connectionClosed({ connection, made }: Flow): void {
    if (connection === undefined || made === true) return;
    for (const dialog of this.#parts.calls.dialogsBy(connection)) void this.#relocate(dialog, connection);
  }

  async #relocate(dialog: Dialog, connection: number): Promise<void> {
    try {
      const [flow] = await this.#parts.locateUri(routedUri(dialogRoute(dialog)));
      // The far end may have come back meanwhile.
      if (flow !== undefined && dialog.nextHop.connection === connection) dialog.nextHop = flow;
    } catch (error) {
      const { callId: callid } = dialog;
      this.#parts.log.debug({ callid, error: String(error) }, "the far end can't be reached anew");
    }
  }

  /** A final response could not be sent, or got no ACK. */
  failed(transaction: ServerTransaction): void {
    this.#inbound.get(transaction)?.transactionFailed();
  }

  /** Why an INVITE is refused before control hears of it; or the call whose place it wants, where it names one. */
  #checked(request: SipRequest, caller: Caller): RequestRefusal | InviteSession | undefined {
    const { calls, options } = this.#parts;
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
    const { clock, trusted } = this.#parts;
    const headers = readPassedHeaders(request);
    const isTrusted = facts.caller.gateway !== undefined || trusted(flow.remote.address);
    return new CallRecord(
      clock,
      {
        callid: request.headers["call-id"],
        domain: facts.domain,
        to: facts.dialled,
        ...(gr === undefined ? {} : { gr }),
        from: facts.caller.username,
        contact: contact === undefined || contact === "*" ? "" : (contact[0]?.uri ?? ""),
        maxforwards: request.headers["max-forwards"] ?? MAX_FORWARDS,
        authenticated: true,
        originator: false,
        callerid: readCallerId(request.headers, isTrusted ? "trusted" : "not trusted"),
        ...(facts.caller.gateway === undefined ? {} : { gateway: facts.caller.gateway }),
        ...(headers === undefined ? {} : { headers }),
        ...(facts.replaced === undefined ? {} : { replaces: facts.replaced.record.callid }),
      },
      flow.remote,
    );
  }

  // Calls we make.

  async #invite(request: InviteRequest, signal: AbortSignal | undefined): Promise<{ callid: string }> {
    const { calls, directory, gateways, random } = this.#parts;
    const maxforwards = request.maxforwards ?? MAX_FORWARDS;
    if (maxforwards <= 0) {
      throw new MediaswitchError("MAX_FORWARDS_EXCEEDED", "maxforwards is used up", "maxforwards");
    }
    const callid = request.callid ?? uuid(random);
    this.#checkFree(callid);
    const gateway = request.gateway === undefined ? undefined : gateways.find(request.gateway);
    const asked = gateway === undefined ? request : overGateway(request, gateway);
    const domain = asked.to.domain ?? asked.from.domain;
    const targets = await this.#parts.locate(asked.to.user, domain, gateway, signal, asked.to.gr);
    // Names were looked up, and meanwhile others may have called.
    this.#checkFree(callid);
    const username = gateway?.plan.username ?? asked.from.user;
    const authorize = authorizeWith(username, asked.from.authsecret, random);
    const context: SessionContext = {
      ...this.#context(callid, asked.from.user, authorize, targets[0]?.to),
      ...(request.maxduration === undefined ? {} : { maxDuration: seconds(request.maxduration) }),
    };
    const invite = inviteRequest(asked, {
      callid,
      domain,
      maxforwards,
      contact: context.contact,
      localTag: context.localTag,
      allow: context.allow,
      supported: context.supported,
      userAgent: this.#parts.userAgent,
      sessionTimer: context.sessionTimer,
      replaces: this.#replaces(request.replaces),
    });
    const record = new CallRecord(
      this.#parts.clock,
      {
        callid,
        domain: request.from.domain,
        to: request.to.user,
        from: request.from.user,
        contact: "",
        maxforwards,
        authenticated: true,
        originator: true,
        ...(gateway === undefined ? {} : { gateway: gateway.name }),
      },
      targets[0]?.to.remote ?? this.#parts.advertised,
    );
    const control = request.control ?? directory.control(domain) ?? directory.control(request.from.domain);
    const session = InviteSession.outbound(context, record, { invite, targets, ...this.#redirect });
    calls.add(session, control, { domain, user: request.to.user });
    return { callid };
  }

  #checkFree(callid: string): void {
    if (this.#parts.calls.has(callid)) {
      throw new MediaswitchError("CALL_STATE", `there is a call ${callid} already`, "callid");
    }
  }

  /** The dialog of a call of ours as its far end sees it (RFC 3891 §3). */
  #replaces(callid: string | undefined): Replaces | undefined {
    if (callid === undefined) return undefined;
    const replaces = this.#session(callid).asReplaces();
    if (replaces !== undefined) return replaces;
    throw new MediaswitchError("CALL_STATE", `call ${callid} has no dialog yet`, "replaces");
  }

  /** §8.1.3.4, where redirections are followed: each Contact is somebody to be called, as control would name them. */
  get #redirect(): { readonly redirect?: Redirect } {
    if (this.#parts.options.redirects !== "follow") return {};
    return {
      redirect: async (contacts) => {
        const found = await Promise.allSettled(contacts.map(({ uri }) => this.#locateUri(uri)));
        return found.flatMap((outcome) => (outcome.status === "fulfilled" ? outcome.value : []));
      },
    };
  }

  #locateUri(text: string): Promise<readonly InviteTarget[]> {
    const uri = parseUri(text);
    if (uri === undefined) return Promise.resolve([]);
    const domain = uri.port === undefined ? uri.host : `${uri.host}:${String(uri.port)}`;
    const user = binaryToText(uri.user ?? "");
    return this.#parts.locate(user, domain, undefined, undefined, gruuInstance(uri));
  }

  // What both directions share.

  #context(callid: string, user: string, authorize: Authorize, flow: Flow | undefined): SessionContext {
    const { layer, clock, random, log, other, calls, options } = this.#parts;
    const { sessionTimer = DEFAULT_SESSION_TIMER, maxCallDuration, isHold } = options;
    return {
      layer,
      clock,
      random,
      log,
      contact: this.#parts.contact(user, flow),
      localTag: hexToken(random, 8),
      allow: [...ALLOWED_METHODS],
      supported: [...CALL_EXTENSIONS],
      other,
      authorize,
      ...(sessionTimer === "off" ? {} : { sessionTimer }),
      ...(maxCallDuration === undefined ? {} : { maxDuration: maxCallDuration }),
      isHold: isHold ?? (() => false),
      tell: (cause, news) => {
        calls.tell(callid, cause, news).catch((error: unknown) => {
          log.warn({ callid, cause, error: String(error) }, "control did not take an event");
        });
      },
      ask: (cause, news) => calls.tell(callid, cause, news),
      isBehind: () => calls.isBehind(callid),
    };
  }
}

/** 200 unless given. */
function sipfragStatus(code = 200): number {
  if (Number.isInteger(code) && code >= 100 && code <= 699) return code;
  throw new MediaswitchError("ARGUMENT_INVALID", "code must be a SIP status, 100 to 699", "code");
}

/** Of a call we make: its CANCEL says that another phone has answered (RFC 3326 §2); it is never a response. */
const ELSEWHERE = 200;

/** What control named, if it is a final failure (RFC 3261 §21.3–21.6). */
function failure(code: number | undefined): number | undefined {
  if (code === undefined || (Number.isInteger(code) && code >= 300 && code <= 699)) return code;
  throw new MediaswitchError("ARGUMENT_INVALID", "code must be a final failure status, 300 to 699", "code");
}
