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
  const { o } = description;
  const lines = [
    `v=${String(description.v)}`,
    `o=${[o.username, o.sessionid, o.sessionversion, o.nettype, o.ipver, o.address].join(" ")}`,
    `s=${description.s}`,
    ...optional("i", description.i),
    ...optional("u", description.u),
    ...description.e.map((address) => `e=${address}`),
    ...description.p.map((number) => `p=${number}`),
    ...connectionLine(description.c),
    ...description.b.map(bandwidthLine),
    ...description.t.flatMap(({ start, stop, repeats }) => [
      `t=${String(start)} ${String(stop)}`,
      ...repeats.map((repeat) => `r=${repeat}`),
    ]),
    ...optional("z", description.z),
    ...keyLine(description.k),
    ...description.a.map(attributeLine),
    ...description.m.flatMap(mediaLines),
  ];
  return lines.map((line) => `${line.replace(/[\r\n\0]/g, "")}\r\n`).join("");
}

function mediaLines(media: MediaDescription): readonly string[] {
  const ports = media.numports === undefined ? "" : `/${String(media.numports)}`;
  return [
    `m=${media.media} ${String(media.port)}${ports} ${media.proto} ${media.payloads.join(" ")}`,
    ...optional("i", media.i),
    ...connectionLine(media.c),
    ...media.b.map(bandwidthLine),
    ...keyLine(media.k),
    ...payloadTypesOf(media).flatMap((key) => payloadTypeLines(media, key)),
    ...optional("a", media.ptime === undefined ? undefined : `ptime:${String(media.ptime)}`),
    ...optional("a", media.maxptime === undefined ? undefined : `maxptime:${String(media.maxptime)}`),
    ...optional("a", media.direction),
    ...media.a.map(attributeLine),
  ];
}

function payloadTypesOf(media: MediaDescription): readonly string[] {
  const listed = media.payloads.map(payloadKey).filter((key) => key !== undefined);
  return [...new Set([...listed, ...Object.keys(media.rtpmap), ...Object.keys(media.fmtp)])];
}

function payloadTypeLines(media: MediaDescription, key: string): readonly string[] {
  const map = media.rtpmap[key];
  const params = map?.params === undefined ? "" : `/${map.params}`;
  const fmtp = media.fmtp[key];
  return [
    ...optional(
      "a",
      map === undefined ? undefined : `rtpmap:${key} ${map.encoding}/${String(map.clock)}${params}`,
    ),
    ...optional("a", fmtp === undefined ? undefined : `fmtp:${key} ${fmtp}`),
  ];
}

function optional(letter: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [`${letter}=${value}`];
}

function connectionLine(connection: Connection | undefined): readonly string[] {
  if (connection === undefined) return [];
  return [`c=${connection.nettype} ${connection.ipver} ${connection.address}`];
}

const bandwidthLine = ({ bwtype, bandwidth }: Bandwidth): string => `b=${bwtype}:${String(bandwidth)}`;

function keyLine(key: Key | undefined): readonly string[] {
  if (key === undefined) return [];
  return [key.key === undefined ? `k=${key.method}` : `k=${key.method}:${key.key}`];
}

const attributeLine = ({ name, value }: Attribute): string =>
  value === undefined ? `a=${name}` : `a=${name}:${value}`;
