/** A trace, sorted for questions: what each leg has said, read once. */
import ipaddr from "ipaddr.js";
import type { CallTrace, LegTrace, MediaMoment, MediaSample, TracedMessage } from "./call-trace.js";
import { headerOf, readMessage, type MessageText } from "./message-text.js";
import { offeredAudio, type OfferedAudio } from "./offered-audio.js";

export interface CaseMessage {
  readonly traced: TracedMessage;
  readonly message: MessageText;
}

export interface LegCase {
  /** Absent for what control knows nothing of. */
  readonly index?: number;
  readonly leg?: LegTrace;
  /** Whoever is at its far end, for people. */
  readonly who: string;
  readonly messages: readonly CaseMessage[];
  /** The newest figures of its channel. */
  readonly media: MediaSample | undefined;
  /** What became of its channels. */
  readonly moments: readonly MediaMoment[];
  /** Milliseconds since it was answered; undefined where it was not. */
  readonly talked: number | undefined;
}

export interface CallCase {
  readonly trace: CallTrace;
  readonly now: number;
  readonly legs: readonly LegCase[];
}

export function callCase(trace: CallTrace, now: number): CallCase {
  const read = trace.messages.map((traced): CaseMessage => ({ traced, message: readMessage(traced.text) }));
  const legs = trace.legs.map((leg, index): LegCase => {
    const number = leg.direction === "inbound" ? leg.from : leg.to;
    return {
      index,
      leg,
      who: number === "" ? `${leg.remote.host}:${String(leg.remote.port)}` : number,
      messages: read.filter(({ traced }) => traced.leg === index),
      media: leg.samples.at(-1),
      moments: trace.media.filter((moment) => moment.leg === index),
      talked: leg.answer === undefined ? undefined : (leg.end ?? now) - leg.answer,
    };
  });
  if (legs.length > 0 || trace.state !== "unknown") return { trace, now, legs };
  const who = trace.direction === "inbound" ? trace.from : trace.to;
  return { trace, now, legs: [{ who, messages: read, media: undefined, moments: [], talked: undefined }] };
}

type Way = "in" | "out";

export const requestsOf = ({ messages }: LegCase, way: Way, method?: string): readonly CaseMessage[] =>
  messages.filter(
    ({ traced, message }) =>
      traced.direction === way &&
      message.status === undefined &&
      (method === undefined || message.method === method),
  );

export const responsesOf = ({ messages }: LegCase, way: Way, method = "INVITE"): readonly CaseMessage[] =>
  messages.filter(
    ({ traced, message }) =>
      traced.direction === way && message.status !== undefined && message.method === method,
  );

/** The last final response to the INVITE that a leg began with, whichever way it went. */
export function refusalOf(
  leg: LegCase,
): { readonly status: number; readonly way: Way; readonly phrase: string } | undefined {
  const finals = [...responsesOf(leg, "in"), ...responsesOf(leg, "out")].filter(
    ({ message: { status = 0 } }) => status >= 200,
  );
  if (finals.some(({ message: { status = 0 } }) => status < 300)) return undefined;
  const last = finals.at(-1);
  if (last?.message.status === undefined) return undefined;
  const phrase = last.message.firstLine.replace(/^SIP\/2\.0 \d+ ?/, "");
  return { status: last.message.status, way: last.traced.direction, phrase };
}

/** Why we ended it, as the Reason of our BYE says. */
export function ownReason(leg: LegCase): string {
  return requestsOf(leg, "out", "BYE").map(({ message }) => headerOf(message, "reason") ?? "")[0] ?? "";
}

/** What the far end last described of its audio. */
export function farAudio(leg: LegCase): OfferedAudio | undefined {
  return audioOf(leg, "in");
}

export function ownAudio(leg: LegCase): OfferedAudio | undefined {
  return audioOf(leg, "out");
}

function audioOf({ messages }: LegCase, way: Way): OfferedAudio | undefined {
  return messages
    .filter(({ traced }) => traced.direction === way)
    .map(({ message }) => offeredAudio(message.body))
    .filter((audio) => audio !== undefined)
    .at(-1);
}

/** Addresses that mean nothing on the other side of a NAT (RFC 1918, RFC 6598, RFC 4193, RFC 3927). */
export function isPrivate(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  return ["private", "carrierGradeNat", "uniqueLocal", "linkLocal"].includes(ipaddr.process(address).range());
}

export interface BehindNat {
  /** `its Contact is a private address (192.168.1.5) and there is no rport`. */
  readonly signs: string;
}

/** Signs that the far end sits behind a NAT and does not know it. */
export function behindNat(leg: LegCase): BehindNat | undefined {
  const heard = leg.messages.filter(({ traced }) => traced.direction === "in");
  const [first] = heard;
  if (first === undefined) return undefined;
  const source = first.traced.peer.replace(/^\[?([^\]]*?)\]?:\d+$/, "$1");
  if (isPrivate(source) || source.startsWith("127.") || source === "::1") return undefined;
  const contact = heard
    .map(({ message }) => hostOf(headerOf(message, "contact") ?? ""))
    .find((host) => isPrivate(host));
  const media = farAudio(leg)?.address ?? "";
  const named = [
    ...(contact === undefined ? [] : [`its Contact is a private address (${contact})`]),
    ...(isPrivate(media) ? [`its session description names a private address (${media})`] : []),
  ];
  if (named.length === 0) return undefined;
  const request = heard.find(({ message }) => message.status === undefined);
  const hasRport = request === undefined || /;\s*rport/i.test(headerOf(request.message, "via") ?? "");
  return { signs: [...named, ...(hasRport ? [] : ["there is no rport"])].join(" and ") };
}

/** The host of the first URI of a header. */
function hostOf(value: string): string {
  const host = /sips?:(?:[^@>;,]*@)?(\[[^\]]*\]|[^:;>?,\s]*)/i.exec(value)?.[1] ?? "";
  return host.replace(/^\[|\]$/g, "");
}
