import { COLON, SLASH, TOKEN, visibleExcept } from "./characters.js";
import type { Cursor } from "./cursor.js";
import { endOfPlainHost, parseHost } from "./host.js";
import type { ParseLimits } from "./limits.js";
import type { Via } from "./message.js";
import { NameTable } from "./name-table.js";
import { readWithin } from "./numbers.js";
import { readParams } from "./params.js";

const HOST = visibleExcept(':;,"<>[]');
const REFERENCE = visibleExcept(';,"<>');

const TRANSPORTS = new NameTable(
  ["UDP", "TCP", "TLS", "WS", "WSS", "SCTP", "TLS-SCTP"].map((name) => [name, name]),
);

/**
 * Reads one Via value (RFC 3261 §20.42) and appends it, even where its parameters are malformed: the refusal still
 * knows the path.
 */
export function readVia(cursor: Cursor, vias: Via[], limits: ParseLimits): void {
  const version = readVersion(cursor);
  if (version === undefined || !cursor.expect(SLASH)) return;
  const protocol = readTransport(cursor);
  if (protocol === undefined || !cursor.expectSpace()) return;
  const host = readHost(cursor);
  if (host === undefined) return;
  let port: number | undefined;
  if (cursor.separator(COLON)) {
    // Nothing can be sent to port 0.
    port = readWithin(cursor, 1, 65_535, "value-malformed");
    if (port === undefined) return;
  }
  const params = readParams(cursor, limits);
  vias.push(
    port === undefined ? { version, protocol, host, params } : { version, protocol, host, port, params },
  );
}

/** What follows "SIP/"; a later version than ours is for others to judge. */
function readVersion(cursor: Cursor): string | undefined {
  if (cursor.text.startsWith("SIP/2.0/", cursor.position)) {
    cursor.position += 7;
    return "2.0";
  }
  if (cursor.some(TOKEN, "value-malformed")?.toUpperCase() !== "SIP") {
    cursor.fail("value-malformed");
    return undefined;
  }
  return cursor.expect(SLASH) ? cursor.some(TOKEN, "value-malformed") : undefined;
}

function readTransport(cursor: Cursor): string | undefined {
  const start = cursor.position;
  cursor.skip(TOKEN);
  if (cursor.position === start) {
    cursor.fail("value-malformed");
    return undefined;
  }
  return TRANSPORTS.find(cursor.octets, start, cursor.position) ?? cursor.since(start).toUpperCase();
}

function readHost(cursor: Cursor): string | undefined {
  const start = cursor.position;
  const plainEnd = endOfPlainHost(cursor.octets, start, cursor.end);
  if (plainEnd >= 0 && HOST[cursor.octets[plainEnd] ?? 0] !== 1) {
    cursor.position = plainEnd;
    return cursor.since(start).toLowerCase();
  }
  if (cursor.text.startsWith("[", start)) {
    const end = cursor.text.indexOf("]", start);
    cursor.skip(REFERENCE);
    // The port follows the bracket: give it back.
    if (end >= 0 && end < cursor.position) cursor.position = end + 1;
  } else {
    cursor.skip(HOST);
  }
  const host = parseHost(cursor.since(start));
  if (host === undefined) cursor.fail("value-malformed", start);
  return host;
}
