/** Values of single SDP lines, text → data; undefined = malformed. Every reader is linear in its text. */
import { ownCopy } from "../core/own-copy.js";
import { isConnectionAddress } from "./address.js";
import type {
  Attribute,
  Bandwidth,
  Connection,
  Direction,
  Key,
  Origin,
  RtpMap,
  Timing,
} from "./session-description.js";

export const HIGHEST_PORT = 65_535;
export const HIGHEST_PAYLOAD_TYPE = 127;

/** A decimal number without sign, up to 15 digits (exact in a JavaScript number). */
export function parseCount(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** So many fields with a space between each two; more spaces may follow. */
function fieldsOf(text: string, count: number): readonly string[] | undefined {
  const fields: string[] = [];
  let end = text.length;
  while (text.charAt(end - 1) === " ") end -= 1;
  for (let start = 0; start < end;) {
    const space = text.indexOf(" ", start);
    const next = space === -1 || space > end ? end : space;
    if (next === start || fields.length === count) return undefined;
    fields.push(text.slice(start, next));
    start = next + 1;
  }
  return fields.length === count ? fields : undefined;
}

/** RFC 8866 §5.2. Session id and version may be longer than a JavaScript number is exact. */
export function parseOrigin(text: string): Origin | undefined {
  const fields = fieldsOf(text, 6);
  if (fields === undefined) return undefined;
  const [username = "", sessionid = "", sessionversion = "", nettype = "", ipver = "", address = ""] = fields;
  if (!/^\d{1,40}$/.test(sessionid) || !/^\d{1,40}$/.test(sessionversion)) return undefined;
  return { username, sessionid, sessionversion, nettype, ipver, address };
}

/** RFC 8866 §5.7. */
export function parseConnection(text: string): Connection | undefined {
  const fields = fieldsOf(text, 3);
  if (fields === undefined) return undefined;
  const [nettype = "", ipver = "", address = ""] = fields;
  return isConnectionAddress(address) ? { nettype, ipver, address } : undefined;
}

/** RFC 8866 §5.8. */
export function parseBandwidth(text: string): Bandwidth | undefined {
  const colon = text.indexOf(":");
  const bandwidth = parseCount(text.slice(colon + 1).trimEnd());
  if (colon < 1 || bandwidth === undefined) return undefined;
  return { bwtype: text.slice(0, colon), bandwidth };
}

/** RFC 8866 §5.9. */
export function parseTiming(text: string): Timing | undefined {
  const [start, stop] = (fieldsOf(text, 2) ?? []).map(parseCount);
  return start === undefined || stop === undefined ? undefined : { start, stop, repeats: [] };
}

/** RFC 4566 §5.12; obsolete in RFC 8866, carried unchanged. */
export function parseKey(text: string): Key | undefined {
  const colon = text.indexOf(":");
  if (colon === -1) return text === "" ? undefined : { method: text };
  return colon === 0 ? undefined : { method: text.slice(0, colon), key: text.slice(colon + 1) };
}

/** RFC 8866 §5.13. Only the first colon separates: values hold more (fingerprints, candidates). */
export function parseAttribute(text: string): Attribute {
  const colon = text.indexOf(":");
  return colon === -1 ? { name: text } : { name: text.slice(0, colon), value: text.slice(colon + 1) };
}

export interface MediaLine {
  readonly media: string;
  readonly port: number;
  readonly numports?: number;
  readonly proto: string;
  readonly payloads: readonly string[];
}

/** RFC 8866 §5.14: `<media> <port>[/<number>] <proto> <fmt> …`, at least one format. */
export function parseMediaLine(text: string): MediaLine | undefined {
  const [media = "", ports = "", proto = "", ...formats] = text.split(" ");
  const payloads = formats.filter((format) => format !== "");
  if (media === "" || proto === "" || payloads.length === 0) return undefined;
  const match = /^(\d{1,5})(?:\/(\d{1,5}))?$/.exec(ports);
  const port = Number(match?.[1]);
  if (match === null || port > HIGHEST_PORT) return undefined;
  if (match[2] === undefined) return { media, port, proto, payloads };
  const numports = Number(match[2]);
  return numports === 0 ? undefined : { media, port, numports, proto, payloads };
}

const PAYLOAD_KEYS = new Set(Array.from({ length: HIGHEST_PAYLOAD_TYPE + 1 }, (_, type) => String(type)));

/** Canonical text of a payload type, the key of `rtpmap` and `fmtp`; undefined = not one (RFC 3550 §5.1: 7 bits). */
export function payloadKey(text: string): string | undefined {
  if (PAYLOAD_KEYS.has(text)) return text;
  if (!/^\d{1,3}$/.test(text)) return undefined;
  const payloadType = Number(text);
  return payloadType <= HIGHEST_PAYLOAD_TYPE ? String(payloadType) : undefined;
}

interface KeyedMap {
  readonly key: string;
  readonly map: RtpMap;
}

/** Few different ones make nearly all there are. Who is given one must not change it. */
const RTP_MAPS = new Map<string, KeyedMap>();
const MOST_RTP_MAPS = 200;

/** Value of `a=rtpmap` (RFC 8866 §6.6). */
export function parseRtpMap(text: string): KeyedMap | undefined {
  const known = RTP_MAPS.get(text);
  if (known !== undefined) return known;
  const own = ownCopy(text);
  const read = readRtpMap(own);
  if (read !== undefined && RTP_MAPS.size < MOST_RTP_MAPS) RTP_MAPS.set(own, read);
  return read;
}

function readRtpMap(text: string): KeyedMap | undefined {
  const match = /^(\d{1,3}) ([^ /]+)\/(\d{1,9})(?:\/([^ ]+))? *$/.exec(text);
  if (match === null) return undefined;
  const key = payloadKey(match[1] ?? "");
  const encoding = match[2] ?? "";
  const clock = Number(match[3]);
  if (key === undefined || clock === 0) return undefined;
  return { key, map: match[4] === undefined ? { encoding, clock } : { encoding, clock, params: match[4] } };
}

/** Value of `a=fmtp` (RFC 8866 §6.15) where its format is an RTP payload type. */
export function parseFmtp(text: string): { readonly key: string; readonly parameters: string } | undefined {
  const space = text.indexOf(" ");
  const key = space === -1 ? undefined : payloadKey(text.slice(0, space));
  const parameters = text.slice(space + 1);
  return key === undefined || parameters === "" ? undefined : { key, parameters };
}

/** Value of `a=ptime` and `a=maxptime`: milliseconds, above 0, not always whole (RFC 8866 §6.4, §6.5). */
export function parsePacketTime(text: string): number | undefined {
  const millis = /^\d{1,5}(\.\d{1,5})? *$/.test(text) ? Number(text) : 0;
  return millis > 0 ? millis : undefined;
}

export function parseDirection(name: string): Direction | undefined {
  switch (name) {
    case "sendrecv":
    case "sendonly":
    case "recvonly":
    case "inactive":
      return name;
    default:
      return undefined;
  }
}
