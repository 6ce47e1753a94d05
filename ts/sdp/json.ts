/**
 * The JSON form of a session description: what scripts and HTTP clients see as `sdp`. Written in one shape
 * (`SdpJson`), read in that and in the looser ones that older peers send.
 */
import { connectionOf, connectionTo } from "./address.js";
import { attributeDirection } from "./direction.js";
import { payloadKey } from "./fields.js";
import {
  attributeName,
  attributeValues,
  mediaShape,
  sdpShape,
  type MediaInput,
  type SdpInput,
} from "./json-schema.js";
import { isSdpRefusal, parseSdp, type SdpRefusal } from "./parse.js";
import { serializeSdp } from "./serialize.js";
import type {
  Attribute,
  Bandwidth,
  Connection,
  Direction,
  Key,
  MediaDescription,
  RtpMap,
  SessionDescription,
} from "./session-description.js";

/** One value as itself, several as a list. */
type OneOrMany<T> = T | readonly T[];

export interface SdpJson {
  readonly v: 0;
  readonly o: {
    readonly username: string;
    /** A string where a number would lose digits (above 2^53 − 1); so is the version. */
    readonly sessionid: number | string;
    readonly sessionversion: number | string;
    readonly nettype: string;
    readonly ipver: string;
    readonly address: string;
  };
  readonly s: string;
  readonly i?: string;
  readonly u?: string;
  readonly e?: OneOrMany<string>;
  readonly p?: OneOrMany<string>;
  /** One entry: where the first audio goes, whichever level that was written on. */
  readonly c?: readonly Connection[];
  readonly b?: OneOrMany<Bandwidth>;
  readonly t?: OneOrMany<{ readonly start: number; readonly stop: number }>;
  /** Repetitions of the first `t`, all in seconds. */
  readonly r?: OneOrMany<RepeatJson>;
  readonly k?: Key;
  /** Session attributes; the empty string for one without value. */
  readonly a?: Readonly<Record<string, OneOrMany<string>>>;
  readonly m: readonly MediaJson[];
}

export interface RepeatJson {
  readonly interval: number;
  readonly duration: number;
  readonly offsets: readonly number[];
}

export interface MediaJson {
  readonly media: string;
  readonly port: number;
  readonly numports?: number;
  readonly proto: string;
  /** Payload types as numbers; names of other formats as strings. */
  readonly payloads: readonly (number | string)[];
  readonly i?: string;
  /** Where the section has its own, or goes elsewhere than `c[0]` of the session. */
  readonly c?: Connection;
  readonly b?: OneOrMany<Bandwidth>;
  readonly k?: Key;
  readonly rtpmap: Readonly<Record<string, RtpMap>>;
  readonly fmtp: Readonly<Record<string, string>>;
  /** The attribute that counts, also where it is the session's or the default. */
  readonly direction: Direction;
  readonly ptime?: number;
  readonly maxptime?: number;
  /** Every other attribute under its own name; `quality` and `framerate` as numbers. */
  readonly [attribute: string]: unknown;
}

/** Writes the JSON form. Not in it: `z=`, and the repetitions of a second `t=`. */
export function toJson(description: SessionDescription): SdpJson {
  const { v, o, s, i, u, e, p, b, t, k, a, m } = description;
  const repeats = (t[0]?.repeats ?? []).map(repeatJson).filter((repeat) => repeat !== undefined);
  const audio = m.find(({ media, port }) => media === "audio" && port !== 0);
  const first = (audio === undefined ? undefined : connectionOf(description, audio)) ?? description.c;
  return {
    v,
    o: { ...o, sessionid: idJson(o.sessionid), sessionversion: idJson(o.sessionversion) },
    s,
    ...(i !== undefined && { i }),
    ...(u !== undefined && { u }),
    ...several("e", e),
    ...several("p", p),
    ...(first !== undefined && { c: [first] }),
    ...several("b", b),
    ...several(
      "t",
      t.map(({ start, stop }) => ({ start, stop })),
    ),
    ...several("r", repeats),
    ...(k !== undefined && { k }),
    ...(a.length > 0 && { a: attributesJson(a) }),
    m: m.map((media) => mediaJson(description, media, first)),
  };
}

function mediaJson(
  session: SessionDescription,
  media: MediaDescription,
  first: Connection | undefined,
): MediaJson {
  const { port, proto, payloads, i, b, k, numports, ptime, maxptime, rtpmap, fmtp } = media;
  const connection = connectionOf(session, media);
  const isFirst = connection?.address === first?.address && connection?.ipver === first?.ipver;
  return {
    ...withNumbers(attributesJson(media.a.filter(({ name }) => !Object.hasOwn(mediaShape.shape, name)))),
    media: media.media,
    port,
    ...(numports !== undefined && { numports }),
    proto,
    payloads: payloads.map((format) => (payloadKey(format) === format ? Number(format) : format)),
    ...(i !== undefined && { i }),
    ...(connection !== undefined && (media.c !== undefined || !isFirst) && { c: connection }),
    ...several("b", b),
    ...(k !== undefined && { k }),
    // Of their own: they are others' as well, and scripts may write into what they are given.
    rtpmap: Object.fromEntries([...rtpmap].map(([type, { ...map }]) => [type, map])),
    fmtp: Object.fromEntries(fmtp),
    direction: attributeDirection(session, media),
    ...(ptime !== undefined && { ptime }),
    ...(maxptime !== undefined && { maxptime }),
  };
}

function idJson(digits: string): number | string {
  const number = Number(digits);
  return Number.isSafeInteger(number) && String(number) === digits ? number : digits;
}

function several<Name extends string, T>(
  name: Name,
  values: readonly T[],
): Partial<Record<Name, OneOrMany<T>>> {
  const [first] = values;
  if (first === undefined) return {};
  const record: Partial<Record<Name, OneOrMany<T>>> = {};
  record[name] = values.length === 1 ? first : values;
  return record;
}

/** RFC 8866 §6.13, §6.14. */
const NUMERIC_ATTRIBUTES = ["quality", "framerate"];

function withNumbers(
  attributes: Record<string, OneOrMany<string>>,
): Record<string, OneOrMany<string> | number> {
  const numbers = NUMERIC_ATTRIBUTES.flatMap((name) => {
    const value = attributes[name];
    return typeof value === "string" && /^\d{1,9}(\.\d{1,9})?$/.test(value)
      ? [[name, Number(value)] as const]
      : [];
  });
  return { ...attributes, ...Object.fromEntries(numbers) };
}

function attributesJson(attributes: readonly Attribute[]): Record<string, OneOrMany<string>> {
  const values = new Map<string, string[]>();
  for (const { name, value = "" } of attributes) {
    const known = values.get(name);
    if (known === undefined) values.set(name, [value]);
    else known.push(value);
  }
  return Object.fromEntries(
    [...values].map(([name, [first = "", ...more]]) => [name, more.length === 0 ? first : [first, ...more]]),
  );
}

const SECONDS: Readonly<Record<string, number>> = { d: 86_400, h: 3_600, m: 60, s: 1 };

/** RFC 8866 §5.10: `<interval> <duration> <offset> …`, each with an optional unit. */
function repeatJson(line: string): RepeatJson | undefined {
  const times = line.split(" ").map((time) => {
    const match = /^(\d{1,9})([dhms]?)$/.exec(time);
    return match === null ? NaN : Number(match[1]) * (SECONDS[match[2] ?? "s"] ?? 1);
  });
  const [interval, duration, ...offsets] = times;
  if (interval === undefined || duration === undefined || times.some(Number.isNaN)) return undefined;
  return { interval, duration, offsets };
}

/**
 * Reads the JSON form; `json` is left as it is. Missing parts get what an offer of ours would have (`o` too:
 * older peers drop it when its id is long). The result obeys `parseSdp`, and no value can smuggle in a line.
 */
export function fromJson(json: unknown): SessionDescription | SdpRefusal {
  const read = sdpShape.safeParse(json);
  if (!read.success) {
    const [issue] = read.error.issues;
    const path = (issue?.path ?? []).map(String).join(".");
    return refusal(`${path === "" ? "sdp" : path}: ${issue?.message ?? "not valid"}`);
  }
  const { o, c, m } = read.data;
  if (o === undefined && c.length === 0 && m.length === 0) return refusal("sdp: empty");
  const draft = sessionFrom(read.data);
  if (isSdpRefusal(draft)) return draft;
  const result = parseSdp(serializeSdp(draft));
  return isSdpRefusal(result) ? refusal(result.message) : result;
}

function refusal(message: string): SdpRefusal {
  return { kind: "refusal", line: 0, message };
}

function sessionFrom(input: SdpInput): SessionDescription | SdpRefusal {
  const { v, s, i, u, e, p, b, k } = input;
  const [first] = input.c;
  const c = first === undefined ? undefined : connectionFrom(first);
  const origin = input.o ?? {
    username: "-",
    sessionid: "0",
    sessionversion: "0",
    ...(c ?? connectionTo("0.0.0.0")),
  };
  const repeats = input.r.map(({ interval, duration, offsets }) =>
    [interval, duration, ...offsets].join(" "),
  );
  const times = input.t.length === 0 ? [{ start: 0, stop: 0 }] : input.t;
  const m: MediaDescription[] = [];
  for (const [index, media] of input.m.entries()) {
    const description = mediaFrom(media, index);
    if ("kind" in description) return description;
    m.push(description);
  }
  return {
    v,
    o: { ...origin, ipver: origin.ipver ?? connectionTo(origin.address).ipver },
    s,
    ...(i !== undefined && { i }),
    ...(u !== undefined && { u }),
    e,
    p,
    ...(c !== undefined && { c }),
    b,
    t: times.map((time, index) => ({ ...time, repeats: index === 0 ? repeats : [] })),
    ...(k !== undefined && { k: keyFrom(k) }),
    a: Object.entries(input.a).flatMap(([name, values]) => attributesFrom(name, values)),
    m,
  };
}

function mediaFrom(input: MediaInput, index: number): MediaDescription | SdpRefusal {
  const { media, port, numports, proto, payloads, i, c, b, k, direction, ptime, maxptime } = input;
  const a: Attribute[] = [];
  for (const [name, value] of Object.entries(input)) {
    if (Object.hasOwn(mediaShape.shape, name)) continue;
    const values = attributeValues.safeParse(value);
    if (!attributeName.safeParse(name).success || !values.success) {
      return refusal(`m.${String(index)}: ${JSON.stringify(name)} is no attribute`);
    }
    a.push(...attributesFrom(name, values.data));
  }
  const rtpmap = new Map<string, RtpMap>();
  for (const [payloadType, { encoding, clock, params }] of Object.entries(input.rtpmap)) {
    rtpmap.set(payloadType, params === undefined ? { encoding, clock } : { encoding, clock, params });
  }
  return {
    media,
    port,
    ...(numports !== undefined && { numports }),
    proto,
    payloads,
    ...(i !== undefined && { i }),
    ...(c !== undefined && { c: connectionFrom(c) }),
    b,
    ...(k !== undefined && { k: keyFrom(k) }),
    ...(ptime !== undefined && { ptime }),
    ...(maxptime !== undefined && { maxptime }),
    ...(direction !== undefined && { direction }),
    rtpmap,
    fmtp: new Map(Object.entries(input.fmtp)),
    a,
  };
}

function attributesFrom(name: string, values: string | readonly string[]): readonly Attribute[] {
  return [values].flat().map((value) => (value === "" ? { name } : { name, value }));
}

function connectionFrom({ nettype, ipver, address }: SdpInput["c"][number]): Connection {
  return { nettype, ipver: ipver ?? connectionTo(address).ipver, address };
}

function keyFrom({ method, key }: NonNullable<SdpInput["k"]>): Key {
  return key === undefined ? { method } : { method, key };
}
