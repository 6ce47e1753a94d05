import { payloadKey } from "./fields.js";
import type {
  Attribute,
  Bandwidth,
  Connection,
  Key,
  MediaDescription,
  SessionDescription,
} from "./session-description.js";

/**
 * Writes a session description: lines in the order of RFC 8866 §5, each ended by CRLF. What a media section
 * says of its payload types comes first among its attributes, in the order of its m= line. CR, LF and NUL
 * inside a value are left out, so that no value can become a line.
 */
export function serializeSdp(description: SessionDescription): string {
  const { v, o, s, i, u, e, p, c, b, t, z, k, a, m } = description;
  let text = line("v", String(v));
  text += line("o", `${o.username} ${o.sessionid} ${o.sessionversion} ${o.nettype} ${o.ipver} ${o.address}`);
  text += line("s", s);
  if (i !== undefined) text += line("i", i);
  if (u !== undefined) text += line("u", u);
  for (const address of e) text += line("e", address);
  for (const number of p) text += line("p", number);
  if (c !== undefined) text += connectionLine(c);
  for (const bandwidth of b) text += bandwidthLine(bandwidth);
  for (const { start, stop, repeats } of t) {
    text += line("t", `${String(start)} ${String(stop)}`);
    for (const repeat of repeats) text += line("r", repeat);
  }
  if (z !== undefined) text += line("z", z);
  if (k !== undefined) text += keyLine(k);
  for (const attribute of a) text += attributeLine(attribute);
  for (const media of m) text += mediaLines(media);
  return text;
}

function mediaLines(media: MediaDescription): string {
  const { port, numports, proto, payloads, i, c, b, k, ptime, maxptime, direction, a } = media;
  const ports = numports === undefined ? String(port) : `${String(port)}/${String(numports)}`;
  let text = line("m", `${media.media} ${ports} ${proto} ${payloads.join(" ")}`);
  if (i !== undefined) text += line("i", i);
  if (c !== undefined) text += connectionLine(c);
  for (const bandwidth of b) text += bandwidthLine(bandwidth);
  if (k !== undefined) text += keyLine(k);
  for (const key of payloadTypesOf(media)) text += payloadTypeLines(media, key);
  if (ptime !== undefined) text += line("a", `ptime:${String(ptime)}`);
  if (maxptime !== undefined) text += line("a", `maxptime:${String(maxptime)}`);
  if (direction !== undefined) text += line("a", direction);
  for (const attribute of a) text += attributeLine(attribute);
  return text;
}

/** Those of the m= line in its order, then others that something is said of. */
function payloadTypesOf({ payloads, rtpmap, fmtp }: MediaDescription): readonly string[] {
  const types: string[] = [];
  const add = (type: string | undefined): void => {
    if (type !== undefined && !types.includes(type)) types.push(type);
  };
  for (const payload of payloads) add(payloadKey(payload));
  for (const type of rtpmap.keys()) add(type);
  for (const type of fmtp.keys()) add(type);
  return types;
}

function payloadTypeLines(media: MediaDescription, key: string): string {
  const map = media.rtpmap.get(key);
  const fmtp = media.fmtp.get(key);
  let text = "";
  if (map !== undefined) {
    const params = map.params === undefined ? "" : `/${map.params}`;
    text += line("a", `rtpmap:${key} ${map.encoding}/${String(map.clock)}${params}`);
  }
  if (fmtp !== undefined) text += line("a", `fmtp:${key} ${fmtp}`);
  return text;
}

const connectionLine = ({ nettype, ipver, address }: Connection): string =>
  line("c", `${nettype} ${ipver} ${address}`);

const bandwidthLine = ({ bwtype, bandwidth }: Bandwidth): string =>
  line("b", `${bwtype}:${String(bandwidth)}`);

const keyLine = ({ method, key }: Key): string => line("k", key === undefined ? method : `${method}:${key}`);

const attributeLine = ({ name, value }: Attribute): string =>
  line("a", value === undefined ? name : `${name}:${value}`);

const BREAKS = /[\r\n\0]/;

const line = (letter: string, value: string): string =>
  `${letter}=${BREAKS.test(value) ? value.replace(/[\r\n\0]/g, "") : value}\r\n`;
