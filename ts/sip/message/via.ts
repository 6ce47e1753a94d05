import { COLON, SLASH, TOKEN, visibleExcept } from "./characters.js";
import type { Cursor } from "./cursor.js";
import { parseHost, parsePort } from "./host.js";
import type { ParseLimits } from "./limits.js";
import type { Via } from "./message.js";
import { newParams, readParams } from "./params.js";

const HOST = visibleExcept(':;,"<>[]');
const REFERENCE = visibleExcept(';,"<>');

/**
 * Reads one Via value (RFC 3261 §20.42) and appends it. It is appended before its parameters are read: where
 * these are malformed, the refusal still knows the path.
 */
export function readVia(cursor: Cursor, vias: Via[], limits: ParseLimits): void {
  if (cursor.some(TOKEN, "value-malformed")?.toUpperCase() !== "SIP") {
    cursor.fail("value-malformed");
    return;
  }
  if (!cursor.expect(SLASH)) return;
  const version = cursor.some(TOKEN, "value-malformed");
  if (version === undefined || !cursor.expect(SLASH)) return;
  const protocol = cursor.some(TOKEN, "value-malformed")?.toUpperCase();
  if (protocol === undefined || !cursor.expectSpace()) return;
  const host = readHost(cursor);
  if (host === undefined) return;
  const via: Via = { version, protocol, host, params: newParams() };
  if (cursor.separator(COLON)) {
    const port = parsePort(cursor.run(TOKEN));
    // Nothing can be sent to port 0.
    if (port === undefined || port === 0) {
      cursor.fail("value-malformed");
      return;
    }
    via.port = port;
  }
  vias.push(via);
  readParams(cursor, via.params, limits);
}

function readHost(cursor: Cursor): string | undefined {
  const start = cursor.position;
  if (cursor.text.startsWith("[", start)) {
    const end = cursor.text.indexOf("]", start);
    const reference = cursor.run(REFERENCE);
    // The port follows the bracket: give it back.
    if (end >= 0 && end < start + reference.length) cursor.position = end + 1;
  } else {
    cursor.run(HOST);
  }
  const host = parseHost(cursor.text.slice(start, cursor.position));
  if (host === undefined) cursor.fail("value-malformed", start);
  return host;
}
