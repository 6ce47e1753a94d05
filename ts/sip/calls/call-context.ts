import type { Millis } from "../../core/brand.js";
import type { Clock } from "../../core/clock.js";
import type { Log } from "../../core/log.js";
import { hexToken, type Random } from "../../core/random.js";
import { CALL_EXTENSIONS } from "../dialog/capabilities.js";
import type { Authorize } from "../dialog/invite-retry.js";
import type { SessionContext } from "../dialog/session-core.js";
import { DEFAULT_SESSION_TIMER, type SessionTimerPolicy } from "../dialog/session-timer.js";
import type { Drain } from "../overload/drain.js";
import type { Gateways } from "../gateway/gateways.js";
import type { OwnIdentity } from "../own-identity.js";
import type { Directory } from "../registrar/directory.js";
import { ALLOWED_METHODS } from "../request-checks.js";
import type { TransactionLayer } from "../transaction/transaction.js";
import type { Flow } from "../transport/transport.js";
import type { CallRouting } from "./call-routing.js";
import type { CallTable } from "./call-table.js";

export interface CallOptions {
  readonly isHold?: (sdp: string) => boolean;
  /** RFC 4028; 1800 s, at least 90 s, unless told otherwise. */
  readonly sessionTimer?: SessionTimerPolicy | "off";
  /** An answered call is ended after this; without it, never. */
  readonly maxCallDuration?: Millis;
  /** What a 3xx to a call of ours means: "pass" (default): it failed, and control is told where to; "follow": it goes on there. */
  readonly redirects?: "pass" | "follow";
}

/** What all calls are made with. */
export interface CallContext {
  readonly options: CallOptions & {
    readonly clock: Clock;
    readonly random: Random;
    readonly log: Log;
    /** Sources whose asserted identities are believed. */
    readonly trusted: (address: string) => boolean;
  };
  readonly layer: TransactionLayer;
  readonly directory: Directory;
  readonly gateways: Gateways;
  readonly calls: CallTable;
  readonly routing: CallRouting;
  readonly identity: OwnIdentity;
  readonly drain: Drain;
}

/** For what we send to phones that called us: there is nobody whose secret it would be. */
export const NO_SECRET: Authorize = () => undefined;

/** Of one call. */
export interface SessionFacts {
  readonly callid: string;
  /** User part of our Contact. */
  readonly user: string;
  readonly authorize: Authorize;
  /** To or from the far end, where it is known. */
  readonly flow?: Flow | undefined;
  /** Of our Contact; sip unless given. */
  readonly scheme?: "sip" | "sips";
}

/** What a session of that call works with. */
export function sessionContext(
  { layer, calls, identity, options }: CallContext,
  { callid, user, authorize, flow, scheme }: SessionFacts,
): SessionContext {
  const { clock, random, log, sessionTimer = DEFAULT_SESSION_TIMER, maxCallDuration, isHold } = options;
  return {
    layer,
    clock,
    random,
    log,
    contact: identity.contact(user, flow, scheme),
    localTag: hexToken(random, 8),
    allow: [...ALLOWED_METHODS],
    supported: [...CALL_EXTENSIONS],
    other: identity.headers,
    authorize,
    sessionTimer: sessionTimer === "off" ? undefined : sessionTimer,
    maxDuration: maxCallDuration,
    isHold: isHold ?? (() => false),
    tell: (cause, news) => {
      log.debug({ callid, cause }, "call event");
      calls.tell(callid, cause, news).catch((error: unknown) => {
        log.warn({ callid, cause, error: String(error) }, "control did not take an event");
      });
    },
    ask: (cause, news) => {
      log.debug({ callid, cause }, "call event");
      return calls.tell(callid, cause, news);
    },
    changed: () => {
      calls.changed(callid);
    },
    isHere: (named) => calls.get(named.callId)?.hasDialogOf(named.toTag, named.fromTag) === true,
    isBehind: () => calls.isBehind(callid),
  };
}
