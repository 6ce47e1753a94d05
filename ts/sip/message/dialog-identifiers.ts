import { SEMICOLON, visibleExcept } from "./characters.js";
import { Cursor } from "./cursor.js";
import { DEFAULT_LIMITS, type ParseLimits } from "./limits.js";
import type { Params, Replaces, TargetDialog } from "./message.js";
import { written, type OctetWriter } from "./octet-writer.js";
import { readParams, writeParams } from "./params.js";

/** Here a Call-ID ends where parameters begin. */
const CALL_ID = visibleExcept(";,");

/** RFC 3891 §6.1. Both tags have to be there (§3). */
export function readReplaces(cursor: Cursor, limits: ParseLimits): Replaces | undefined {
  const read = readDialog(cursor, limits);
  if (read === undefined) return undefined;
  const { callId, params } = read;
  const toTag = params["to-tag"];
  const fromTag = params["from-tag"];
  if (typeof toTag !== "string" || typeof fromTag !== "string") {
    cursor.fail("param-missing");
    return undefined;
  }
  return { callId, toTag, fromTag, earlyOnly: "early-only" in params };
}

/** The value of a Replaces header that stands elsewhere, as in the URI of a Refer-To (RFC 3891 §4). Total. */
export function parseReplaces(text: string): Replaces | undefined {
  const cursor = Cursor.over(text);
  const replaces = readReplaces(cursor, DEFAULT_LIMITS);
  cursor.finish();
  return cursor.failure === undefined ? replaces : undefined;
}

export function writeReplaces(writer: OctetWriter, replaces: Replaces): void {
  const { callId, toTag, fromTag, earlyOnly } = replaces;
  writer.only(CALL_ID, callId);
  writeParams(writer, { "to-tag": toTag, "from-tag": fromTag, ...(earlyOnly ? { "early-only": null } : {}) });
}

/** As it stands in a header, without the header's name. */
export function formatReplaces(replaces: Replaces): string {
  return written((writer) => {
    writeReplaces(writer, replaces);
  });
}

export function writeTargetDialog(writer: OctetWriter, { callId, localTag, remoteTag }: TargetDialog): void {
  writer.only(CALL_ID, callId);
  if (localTag !== undefined) writeParams(writer, { "local-tag": localTag });
  if (remoteTag !== undefined) writeParams(writer, { "remote-tag": remoteTag });
}

/** RFC 4538 §7. */
export function readTargetDialog(cursor: Cursor, limits: ParseLimits): TargetDialog | undefined {
  const read = readDialog(cursor, limits);
  if (read === undefined) return undefined;
  const localTag = read.params["local-tag"];
  const remoteTag = read.params["remote-tag"];
  return {
    callId: read.callId,
    ...(typeof localTag === "string" ? { localTag } : {}),
    ...(typeof remoteTag === "string" ? { remoteTag } : {}),
  };
}

function readDialog(cursor: Cursor, limits: ParseLimits): { callId: string; params: Params } | undefined {
  const callId = cursor.some(CALL_ID, "value-malformed");
  if (callId === undefined) return undefined;
  cursor.skipSpace();
  if (!cursor.atEnd && cursor.peek() !== SEMICOLON) {
    cursor.fail("value-malformed");
    return undefined;
  }
  const params = readParams(cursor, limits);
  return cursor.failure === undefined ? { callId, params } : undefined;
}
