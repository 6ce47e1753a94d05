import { epochSeconds } from "../core/brand.js";
import { MediaswitchError } from "../core/errors.js";
import { uuid } from "../core/random.js";
import type { CallerId, CallInfo } from "../sip/sip-service.js";
import type { Call } from "./call.js";
import type { HangupStatus } from "./causes.js";
import { openChannel } from "./channel.js";
import { spokenCodecs } from "./codecs.js";
import type { Desk } from "./desk.js";
import { forwarded } from "./forward.js";
import type { NewCallRequest, OutboundCall } from "./new-call-request.js";
import { runNewCall } from "./notify.js";

/** RFC 3261 §8.1.1.6. */
const DEFAULT_MAX_FORWARDS = 70;

/**
 * Calls somebody, for `parent` where there is one. What fails after this returns ends the call that is returned.
 * @param origin the call that it is made for, where that is not its parent.
 * @throws {MediaswitchError} ARGUMENT_INVALID for a request that says not enough.
 */
export function newCall(
  desk: Desk,
  parent: Call | undefined,
  request: NewCallRequest,
  origin: Call | undefined = parent,
): Call {
  const outbound = referred(prepared(desk, parent, request), origin);
  const call = desk.enter(firstInfo(desk, outbound), origin?.record);
  call.passesEarlyMedia = request.early === true;
  if (parent !== undefined) {
    call.metadata.family.parent = parent;
    parent.metadata.family.children.push(call);
    parent.history = `Creating child call to ${outbound.to.user}@${outbound.to.domain}`;
  }
  void call.tasks.run(() => dial(desk, call, outbound, origin));
  return call;
}

/** Calls several at once: the first to answer ends the others. */
export function groupCall(desk: Desk, parent: Call, requests: readonly NewCallRequest[]): Call[] {
  for (const request of requests) prepared(desk, parent, request);
  const calls = requests.map((request) => newCall(desk, parent, request));
  for (const call of calls) call.rivals = calls.filter((other) => other !== call);
  return calls;
}

/** `call` has won its group call. */
export async function endRivals(desk: Desk, call: Call): Promise<void> {
  await Promise.all(call.rivals.map((rival) => desk.feed(rival, "hangup", { status: ELSEWHERE })));
}

/** RFC 3326 §2: a phone told so lists no missed call. */
const ELSEWHERE: HangupStatus = { code: 200, reason: "Call completed elsewhere" };

async function dial(desk: Desk, call: Call, outbound: OutboundCall, origin: Call | undefined): Promise<void> {
  const { codecs, control, ...request } = outbound;
  try {
    if (call.isOver) return;
    if (call.metadata.family.parent?.isOver === true) {
      throw new MediaswitchError("CALL_ENDED", "the call that this one was made for has ended");
    }
    if (request.maxforwards <= 0) {
      // RFC 3261 §16.3: a request that may not be forwarded any more gets 483.
      throw new MediaswitchError("MAX_FORWARDS_EXCEEDED", "the call was forwarded too often");
    }
    const spoken = spokenCodecs(codecs ?? desk.script.codecs);
    await openChannel(desk, call, { control, codecs: spoken });
    const sdp = call.leg.makeOffer(spoken);
    call.info = { ...call.info, sdp: { us: sdp } };
    if (hasBeenHungUp(call)) return;
    call.isPlaced = true;
    await desk.invite(call, {
      callid: call.callid,
      ...request,
      sdp,
      ...(control !== undefined && { control }),
      ...(origin !== undefined && { parent: origin.callid }),
    });
  } catch (error) {
    // Refused, so there is nothing to hang up; unless an event told otherwise or the answer was lost on its way.
    const isUncertain = error instanceof MediaswitchError && error.code === "SIP_UNAVAILABLE";
    if (call.lastEvent === 0 && !isUncertain) call.isPlaced = false;
    desk.fail(call, error);
  }
  runNewCall(desk, call);
}

/** Asked again after a wait: the script, or the parent's end, may have hung up meanwhile. */
const hasBeenHungUp = (call: Call): boolean => call.isOver;

function prepared(desk: Desk, parent: Call | undefined, request: NewCallRequest): OutboundCall {
  const wanted = request.forward === true ? forwarded(request, desk.script.gateways[0]) : request;
  return withDefaults(wanted, parent, desk.controlUrl);
}

/** RFC 3892 §2.1: what a REFER leads to says who sent that, while the transfer lasts and unless the script says otherwise. */
function referred(outbound: OutboundCall, origin: Call | undefined): OutboundCall {
  const referredBy = origin?.referral?.isOver === false ? origin.standsFor?.referredBy : undefined;
  if (referredBy === undefined) return outbound;
  const isSaid = Object.keys(outbound.headers ?? {}).some((name) => name.toLowerCase() === "referred-by");
  return isSaid
    ? outbound
    : { ...outbound, headers: { ...outbound.headers, "Referred-By": `<${referredBy}>` } };
}

function withDefaults(
  request: NewCallRequest,
  parent: Call | undefined,
  controlUrl: string | undefined,
): OutboundCall {
  const from = {
    user: named(request.from?.user ?? parent?.standsFor?.from ?? parent?.info.from, "from.user"),
    domain: named(request.from?.domain ?? parent?.standsFor?.domain ?? parent?.info.domain, "from.domain"),
    ...(request.from?.authsecret !== undefined && { authsecret: request.from.authsecret }),
  };
  const cid = request.cid ?? parent?.standsFor?.cid;
  const inherited = parent === undefined ? DEFAULT_MAX_FORWARDS : parent.info.maxforwards - 1;
  return {
    from,
    to: called(request.to, from.domain, parent?.info),
    maxforwards: request.maxforwards ?? inherited,
    ...(request.gateway === undefined
      ? { cid: presented(cid, from.user) }
      : {
          gateway: request.gateway,
          ...(cid !== undefined && { cid: presented(cid, from.user) }),
        }),
    codecs: request.codecs,
    control: request.control ?? controlUrl,
    ...(request.headers !== undefined && { headers: request.headers }),
    ...(request.maxduration !== undefined && { maxduration: request.maxduration }),
  };
}

/** Who dialled one phone of a user means that one when the script passes the call on to the user. */
function called(
  to: NewCallRequest["to"],
  ofCaller: string,
  parent: Pick<CallInfo, "to" | "domain" | "gr"> | undefined,
): OutboundCall["to"] {
  const user = named(to.user, "to.user");
  const domain = to.domain ?? ofCaller;
  const isDialled = parent?.to === user && parent.domain === domain;
  const gr = to.gr ?? (isDialled ? parent.gr : undefined);
  return { user, domain, ...(gr !== undefined && { gr }) };
}

function presented(cid: NewCallRequest["cid"], user: string): CallerId {
  return {
    number: cid?.number ?? user,
    name: cid?.name ?? user,
    ...(cid?.private !== undefined && { private: cid.private }),
  };
}

function named(value: string | undefined, field: string): string {
  if (value === undefined || value === "") {
    throw new MediaswitchError("ARGUMENT_INVALID", `a new call needs ${field}`, field);
  }
  return value;
}

/** What is known before the SIP side says more; the id is ours, so that no event can come before it is known. */
function firstInfo(desk: Desk, { from, to, maxforwards }: OutboundCall): CallInfo {
  return {
    callid: uuid(desk.random),
    domain: from.domain,
    to: to.user,
    from: from.user,
    contact: "",
    maxforwards,
    authenticated: false,
    originator: true,
    ring: false,
    answered: false,
    hold: false,
    hangup: false,
    error: { code: 0, status: "" },
    remote: { host: "", port: 0 },
    sdp: {},
    epochs: { start: epochSeconds(desk.clock.epoch()), ring: 0, answer: 0, end: 0 },
  };
}
