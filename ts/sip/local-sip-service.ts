/**
 * The SIP component: registrar and one side of a B2BUA per call leg. Requests come from the transaction layer,
 * commands from control; each is handed to the session, registrar or directory that owns it.
 */
import type { Clock } from "../core/clock.js";
import { MediaswitchError } from "../core/errors.js";
import type { Log } from "../core/log.js";
import { hexToken, uuid, type Random } from "../core/random.js";
import { dispatch, type Command, type EventSink, type Handlers } from "../core/service.js";
import { formatSocketAddress } from "../core/socket-address.js";
import { Authenticator } from "./auth/authenticator.js";
import { authorizeWith } from "./dialog/authorize.js";
import { CallTable } from "./call-table.js";
import { identify, type Caller } from "./caller.js";
import { CallRecord } from "./dialog/call-record.js";
import { inviteRequest } from "./dialog/invite-request.js";
import { InviteSession, type SessionContext } from "./dialog/invite-session.js";
import { SDP_TYPE } from "./dialog/uas-invite.js";
import { binaryToText } from "./message/binary.js";
import type { NameAddr, OtherHeaders } from "./message/message.js";
import { makeResponse } from "./message/response.js";
import { sipAddress } from "./message/sip-address.js";
import { parseUri } from "./message/uri.js";
import { targetsOf } from "./outbound-targets.js";
import { Directory } from "./registrar/directory.js";
import { Registrar, type RegistrationEvent } from "./registrar/registrar.js";
import {
  ALLOWED_METHODS,
  checkBodyOf,
  checkRequest,
  type BodyCheck,
  type RequestRefusal,
} from "./request-checks.js";
import type { InviteRequest, SipCommands, SipEvent, SipHealth, SipService } from "./sip-service.js";
import { SipTransactionLayer } from "./transaction/layer.js";
import type { ServerTransaction } from "./transaction/transaction.js";
import type { Transport } from "./transport/transport.js";

const MAX_FORWARDS = 70;

export interface LocalSipServiceOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Sources that need no digest (`--trust`): trunks, test tools. */
  readonly trusted: (address: string) => boolean;
  /** Refuses a session description that can't be read; SIP itself reads none. */
  readonly checkBody?: BodyCheck;
  readonly isHold?: (sdp: string) => boolean;
  /** User-Agent and Server. */
  readonly userAgent?: string;
  /** Further names of this server, which a digest `uri` may carry. */
  readonly ownHosts?: readonly string[];
}

export class LocalSipService implements SipService {
  readonly #options: LocalSipServiceOptions;
  readonly #layer: SipTransactionLayer;
  readonly #directory = new Directory();
  readonly #registrar: Registrar;
  readonly #authenticator: Authenticator;
  readonly #calls = new CallTable();
  /** INVITEs that came in → their session; a transaction that is over takes its entry along. */
  readonly #inbound = new WeakMap<ServerTransaction, InviteSession>();

  constructor(options: LocalSipServiceOptions) {
    this.#options = options;
    const { clock, random, log, transport } = options;
    this.#registrar = new Registrar({
      clock,
      random,
      directory: this.#directory,
      log,
      events: (event) => {
        this.#registrationChanged(event);
      },
    });
    this.#authenticator = new Authenticator({
      clock,
      random,
      directory: this.#directory,
      ownHosts: [...(options.ownHosts ?? []), transport.advertised.address, transport.local.address],
    });
    this.#layer = new SipTransactionLayer(
      { transport, clock, random, log },
      {
        request: (transaction) => {
          this.#request(transaction);
        },
        cancel: (invite) => {
          this.#inbound.get(invite)?.cancelled();
        },
        ack: (request, flow) => {
          this.#calls.owner(request)?.acknowledged(request, flow);
        },
        failed: (transaction) => {
          this.#inbound.get(transaction)?.transactionFailed();
        },
      },
    );
  }

  execute<Type extends keyof SipCommands>(
    command: Command<SipCommands, Type>,
    signal?: AbortSignal,
  ): Promise<SipCommands[Type]["result"]> {
    return dispatch(this.#handlers, command, signal);
  }

  attach(sink: EventSink<SipEvent>): void {
    this.#calls.attach(sink);
  }

  /** Ends everything without a word to the far ends, and closes the transport. */
  async close(): Promise<void> {
    this.#calls.abandon();
    this.#registrar.close();
    this.#layer.close();
    await this.#options.transport.close();
  }

  readonly #handlers: Handlers<SipCommands> = {
    "directory.put": (command) => this.#directory.put(command.domain, command),
    "directory.patch": (command) => this.#directory.patch(command.domain, command),
    "directory.delete": ({ domain, user }) => {
      this.#directory.delete(domain, user);
      return {};
    },
    "directory.get": ({ domain }) => this.#directory.get(domain),
    "registrations.count": () => ({ count: this.#registrar.count }),
    "registrations.domain": ({ domain, user }) => this.#registrar.domain(domain, user),
    "dialog.count": () => ({ count: this.#calls.size, counter: this.#calls.ever }),
    "dialog.invite": ({ request }) => this.#invite(request),
    "dialog.ring": ({ callid, alertinfo }) => {
      this.#session(callid).ring(alertinfo);
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
      this.#session(callid).refuse(finalStatus(code, 488), reason);
      return {};
    },
    "dialog.ack": ({ callid, sdp }) => {
      this.#session(callid).acknowledge(sdp);
      return {};
    },
    "dialog.hangup": ({ callid, code, reason }) => {
      this.#session(callid).hangup(finalStatus(code, 480), reason);
      return {};
    },
    health: () => this.#health(),
  };

  #health(): SipHealth {
    return {
      calls: this.#calls.size,
      dialogs: this.#calls.dialogs,
      transactions: this.#layer.size,
      timers: this.#options.clock.pendingTimers,
      sockets: 1,
      bindings: this.#registrar.count,
      refused: Object.fromEntries(this.#layer.refused),
    };
  }

  #session(callid: string): InviteSession {
    const session = this.#calls.get(callid);
    if (session === undefined)
      throw new MediaswitchError("CALL_UNKNOWN", `there is no call ${callid}`, "callid");
    return session;
  }

  // Requests from the network.

  #request(transaction: ServerTransaction): void {
    const { request } = transaction;
    if (request.headers.to.params["tag"] !== undefined) {
      this.#inDialog(transaction);
      return;
    }
    const refusal = checkRequest(request) ?? checkBodyOf(request, this.#options.checkBody);
    if (refusal !== undefined) {
      this.#refuse(transaction, refusal);
      return;
    }
    const identified = identify(request, transaction.flow, {
      authenticator: this.#authenticator,
      trusted: this.#options.trusted,
      ownHost: this.#options.transport.advertised.address,
    });
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
        this.#invited(transaction, caller);
        return;
      case "OPTIONS":
        this.#refuse(transaction, {
          status: 200,
          headers: { allow: [...ALLOWED_METHODS] },
          other: { Accept: SDP_TYPE },
        });
        return;
      default:
        // BYE without a To tag belongs to no dialog (RFC 3261 §15.1.2).
        this.#refuse(transaction, { status: 481 });
    }
  }

  #inDialog(transaction: ServerTransaction): void {
    const { request } = transaction;
    const session = this.#calls.owner(request);
    if (session === undefined) {
      this.#refuse(transaction, { status: 481 });
      return;
    }
    const refusal = checkRequest(request) ?? checkBodyOf(request, this.#options.checkBody);
    if (refusal !== undefined) this.#refuse(transaction, refusal);
    else session.request(transaction);
  }

  #invited(transaction: ServerTransaction, caller: Caller): void {
    const { request, flow } = transaction;
    const callid = request.headers["call-id"];
    if (this.#calls.has(callid)) {
      // The same request by two ways (§8.2.2.2), or our own call come back to us.
      this.#refuse(transaction, { status: 482 });
      return;
    }
    const destination = parseUri(request.uri);
    const own = this.#directory.has(caller.domain);
    const domain = own ? caller.domain : (destination?.host ?? caller.domain);
    const contact = request.headers.contact;
    const record = new CallRecord(
      this.#options.clock,
      {
        callid,
        domain,
        to: binaryToText(destination?.user ?? ""),
        from: caller.username,
        contact: contact === undefined || contact === "*" ? "" : (contact[0]?.uri ?? ""),
        maxforwards: request.headers["max-forwards"] ?? MAX_FORWARDS,
        authenticated: true,
        originator: false,
      },
      flow.remote,
    );
    const session = InviteSession.inbound(
      this.#context(callid, binaryToText(destination?.user ?? "")),
      record,
      transaction,
    );
    this.#inbound.set(transaction, session);
    // A trunk or a test tool names no domain of ours; where there is one control, it is meant.
    this.#calls.add(session, this.#directory.control(domain) ?? this.#directory.commonControl());
    this.#calls.tell(callid, "new").catch((error: unknown) => {
      this.#options.log.warn({ callid, error: String(error) }, "control did not take a new call");
      session.hangup(480, undefined);
    });
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

  // Calls we make.

  #invite(request: InviteRequest): { callid: string } {
    const maxforwards = request.maxforwards ?? MAX_FORWARDS;
    if (maxforwards <= 0) {
      throw new MediaswitchError("MAX_FORWARDS_EXCEEDED", "maxforwards is used up", "maxforwards");
    }
    const callid = request.callid ?? uuid(this.#options.random);
    if (this.#calls.has(callid)) {
      throw new MediaswitchError("CALL_STATE", `there is a call ${callid} already`, "callid");
    }
    const domain = request.to.domain ?? request.from.domain;
    const targets = targetsOf(
      { directory: this.#directory, registrar: this.#registrar },
      request.to.user,
      domain,
    );
    const context = this.#context(callid, request.from.user);
    const invite = inviteRequest(request, {
      callid,
      domain,
      maxforwards,
      contact: context.contact,
      localTag: context.localTag,
      allow: context.allow,
      userAgent: this.#name,
    });
    const record = new CallRecord(
      this.#options.clock,
      {
        callid,
        domain: request.from.domain,
        to: request.to.user,
        from: request.from.user,
        contact: "",
        maxforwards,
        authenticated: true,
        originator: true,
      },
      targets[0]?.to.remote ?? this.#options.transport.advertised,
    );
    const control =
      request.control ?? this.#directory.control(domain) ?? this.#directory.control(request.from.domain);
    const authorize = authorizeWith(request.from.user, request.from.authsecret, this.#options.random);
    this.#calls.add(InviteSession.outbound(context, record, invite, targets, authorize), control);
    return { callid };
  }

  // What both directions share.

  #context(callid: string, user: string): SessionContext {
    const { clock, transport, isHold } = this.#options;
    const contact: NameAddr = {
      uri: sipAddress(user, formatSocketAddress(transport.advertised)),
      params: {},
    };
    return {
      layer: this.#layer,
      clock,
      contact,
      localTag: this.#tag(),
      allow: [...ALLOWED_METHODS],
      other: this.#ownHeaders,
      isHold: isHold ?? (() => false),
      tell: (cause) => {
        this.#calls.tell(callid, cause).catch((error: unknown) => {
          this.#options.log.warn({ callid, cause, error: String(error) }, "control did not take an event");
        });
      },
    };
  }

  #registrationChanged(event: RegistrationEvent): void {
    const { domain, user } = event.type === "registered" ? event.registration : event;
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

/** `otherwise`, unless control named a final failure (RFC 3261 §21.3–21.6). */
function finalStatus(code: number | undefined, otherwise: number): number {
  if (code === undefined) return otherwise;
  if (!Number.isInteger(code) || code < 300 || code > 699) {
    throw new MediaswitchError("ARGUMENT_INVALID", "code must be a final failure status, 300 to 699", "code");
  }
  return code;
}
