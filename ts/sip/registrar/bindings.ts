/** What a REGISTER does to the bindings of one AOR (RFC 3261 §10.3 steps 6 to 8): pure. */
import { epochSeconds, ms, type EpochMillis, type Millis } from "../../core/brand.js";
import { ownCopy } from "../../core/own-copy.js";
import type { NameAddr, SipRequest } from "../message/message.js";
import { newParams } from "../message/params.js";
import { equalUri, parseUri, type SipUri } from "../message/uri.js";
import type { Flow } from "../transport/transport.js";
import { outboundUse, readRegId } from "./outbound.js";

/** AOR → contact, for a time. Plain data. */
export interface Binding {
  readonly domain: string;
  readonly user: string;
  /** Contact URI as the phone wrote it. */
  readonly contact: string;
  /** 0 to 1, higher is preferred; 1 where the phone gave none. */
  readonly q: number;
  /** Value of `+sip.instance` as written, quotes included (RFC 5626 §4.1). */
  readonly instance?: string;
  /** Which of the instance's flows this is, where it keeps several beside each other (RFC 5626 §4.2). */
  readonly regId?: number;
  readonly callId: string;
  readonly cseq: number;
  /** Where the last REGISTER came from; requests to the phone go there. */
  readonly flow: Flow;
  /** RFC 3327: the Route of requests to the phone. */
  readonly path?: readonly NameAddr[];
  readonly agent?: string;
  /** Unix seconds of the first REGISTER; a refresh keeps it. */
  readonly registeredAt: number;
  /** Instant of the monotonic clock. */
  readonly expiresAt: Millis;
}

/** Durations in seconds. */
export interface BindingLimits {
  readonly bindingsPerUser: number;
  readonly minExpires: number;
  /** Where the phone asks for none. */
  readonly defaultExpires: number;
  /** A longer wish is cut to it (RFC 3261 §10.3 step 7). */
  readonly maxExpires: number;
}

export const BINDING_LIMITS: BindingLimits = {
  bindingsPerUser: 10,
  minExpires: 60,
  defaultExpires: 3600,
  maxExpires: 7200,
};

/** Where and when a REGISTER arrived, and for whom. */
export interface Arrival {
  readonly domain: string;
  readonly user: string;
  readonly flow: Flow;
  readonly now: Millis;
  readonly epoch: EpochMillis;
  /** User-Agent of the phone. */
  readonly agent?: string;
}

type RefusalStatus = 400 | 403 | 423 | 439 | 500;

export type BindingsOutcome =
  /** All bindings the AOR now has, the one last registered first; those that stay as they were are the same objects. */
  | {
      readonly kind: "updated";
      readonly bindings: readonly Binding[];
      /** Flows are kept beside each other: the phone is to be told (RFC 5626 §6). */
      readonly outbound: boolean;
    }
  /** Nothing was changed. `minExpires` (s) stands with 423. */
  | {
      readonly kind: "refused";
      readonly status: RefusalStatus;
      readonly reason: string;
      readonly minExpires?: number;
    };

/** One Contact of the request, read. */
interface Change {
  readonly contact: string;
  readonly uri: SipUri;
  readonly q: number;
  readonly instance: string | undefined;
  /** Only where outbound is in use. */
  readonly regId: number | undefined;
  /** Seconds; 0 removes. */
  readonly expires: number;
}

/** §20.10: what stands for an `expires` parameter that can't be read. */
const UNREADABLE_EXPIRES = 3600;
/** §10.3 step 7: no interval of an hour or more may be refused as too brief. */
const NEVER_TOO_BRIEF = 3600;

/**
 * Carries out the Contacts of `request` on `current`, the live bindings of the AOR (last registered first): all or
 * none of them.
 */
export function updateBindings(
  current: readonly Binding[],
  request: SipRequest,
  arrival: Arrival,
  limits: BindingLimits,
): BindingsOutcome {
  const { contact } = request.headers;
  if (contact === "*") return removeAll(current, request);

  const use = outboundUse(request, arrival.flow);
  if (use === "first hop lacks it") return refused(439, "First Hop Lacks Outbound Support");
  const outbound = use === "used";
  const changes: Change[] = [];
  for (const address of contact ?? []) {
    const change = readContact(address, request.headers.expires, limits, outbound);
    if (change === undefined) return refused(400, "Contact Is Not a SIP URI");
    if (change.expires > 0 && change.expires < Math.min(limits.minExpires, NEVER_TOO_BRIEF)) {
      return { ...refused(423, "Interval Too Brief"), minExpires: limits.minExpires };
    }
    changes.push(change);
  }
  // RFC 5626 §4.2.1: a flow is one Contact's.
  if (changes.length > 1 && changes.some(({ regId, expires }) => regId !== undefined && expires > 0)) {
    return refused(400, "One Contact With reg-id");
  }

  const most = Math.max(limits.bindingsPerUser, current.length);
  let kept = current;
  let added: readonly Binding[] = [];
  for (const change of changes) {
    const isReplaced = (binding: Binding): boolean => isSameContact(binding, change, arrival.flow);
    if (kept.some((binding) => isReplaced(binding) && isOutdated(request, binding))) {
      return refused(500, "CSeq Out of Order");
    }
    const replaced = [...added, ...kept].filter(isReplaced);
    kept = kept.filter((binding) => !replaced.includes(binding));
    added = added.filter((binding) => !replaced.includes(binding));
    if (change.expires > 0) added = [...added, newBinding(change, request, arrival, replaced)];
    // Here too: what has to be compared stays bounded, however many Contacts come.
    if (added.length > most) return refused(403, "Too Many Bindings");
  }
  const bindings = [...added, ...kept];
  return bindings.length > most ? refused(403, "Too Many Bindings") : { kind: "updated", bindings, outbound };
}

/** §10.3 step 6: `*` removes everything, and so stands alone with Expires 0. */
function removeAll(current: readonly Binding[], request: SipRequest): BindingsOutcome {
  if (request.headers.expires !== 0) return refused(400, "Contact * Without Expires 0");
  if (current.some((binding) => isOutdated(request, binding))) return refused(500, "CSeq Out of Order");
  return { kind: "updated", bindings: [], outbound: false };
}

const refused = (status: RefusalStatus, reason: string): Extract<BindingsOutcome, { kind: "refused" }> => ({
  kind: "refused",
  status,
  reason,
});

/** §10.3 step 7: within one Call-ID only a higher CSeq changes a binding, so that a late request can't undo a newer. */
function isOutdated(request: SipRequest, binding: Binding): boolean {
  const { "call-id": callId, cseq } = request.headers;
  return binding.callId === callId && cseq.seq <= binding.cseq;
}

function readContact(
  { uri: contact, params }: NameAddr,
  header: number | undefined,
  limits: BindingLimits,
  outbound: boolean,
): Change | undefined {
  const uri = parseUri(contact);
  if (uri === undefined || uri.port === 0) return undefined;
  const instance = params["+sip.instance"] ?? undefined;
  return {
    contact,
    uri,
    q: readQ(params["q"]),
    instance,
    regId: outbound && instance !== undefined ? readRegId(params["reg-id"]) : undefined,
    expires: Math.min(readExpires(params["expires"]) ?? header ?? limits.defaultExpires, limits.maxExpires),
  };
}

/** Undefined where there is no such parameter; null is one without a value. */
function readExpires(value: string | null | undefined): number | undefined {
  if (value === undefined) return undefined;
  return value !== null && /^\d+$/.test(value) ? Number(value) : UNREADABLE_EXPIRES;
}

/** §25.1 qvalue. DEPARTURE RFC 3261 §25.1: what is no qvalue counts as none, it only orders. */
function readQ(value: string | null | undefined): number {
  const isQvalue = typeof value === "string" && /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(value);
  return isQvalue ? Number(value) : 1;
}

/**
 * A flow of a phone that keeps several: same instance and reg-id, whatever the URI (RFC 5626 §6). Without that: same
 * URI (§10.3 step 7, compared as in §19.1.4), or same instance of a phone that has moved (RFC 5626 §6). Two
 * phones behind different NATs may have the same private address: different instances from different sources
 * are different bindings even then.
 */
function isSameContact(binding: Binding, change: Change, flow: Flow): boolean {
  if (binding.regId !== undefined || change.regId !== undefined) {
    return binding.regId === change.regId && binding.instance === change.instance;
  }
  if (binding.instance !== undefined && change.instance !== undefined) {
    if (binding.instance === change.instance) return true;
    const { remote } = binding.flow;
    if (remote.address !== flow.remote.address || remote.port !== flow.remote.port) return false;
  }
  if (binding.contact === change.contact) return true;
  const uri = parseUri(binding.contact);
  return uri !== undefined && equalUri(uri, change.uri);
}

function newBinding(
  change: Change,
  { headers }: SipRequest,
  { domain, user, flow, now, epoch, agent }: Arrival,
  replaced: readonly Binding[],
): Binding {
  const { instance, regId } = change;
  return {
    domain,
    user,
    contact: ownCopy(change.contact),
    q: change.q,
    ...(instance === undefined ? {} : { instance: ownCopy(instance) }),
    ...(regId === undefined ? {} : { regId }),
    callId: ownCopy(headers["call-id"]),
    cseq: headers.cseq.seq,
    flow,
    ...(headers.path === undefined ? {} : { path: headers.path.map(ownAddress) }),
    ...(agent === undefined ? {} : { agent }),
    registeredAt: Math.min(epochSeconds(epoch), ...replaced.map((binding) => binding.registeredAt)),
    expiresAt: ms(now + change.expires * 1000),
  };
}

function ownAddress({ uri, params }: NameAddr): NameAddr {
  const own = newParams();
  for (const [name, value] of Object.entries(params)) own[name] = value === null ? null : ownCopy(value);
  return { uri: ownCopy(uri), params: own };
}
