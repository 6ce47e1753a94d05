import { binaryToOctets } from "../../../ts/sip/message/binary.js";
import type { Refusal, SipMessage, SipRequest, SipResponse } from "../../../ts/sip/message/message.js";
import { parseMessage } from "../../../ts/sip/message/parse.js";
import type { ParseLimits } from "../../../ts/sip/message/limits.js";

/** The lines of an OPTIONS request that lacks nothing. */
export const OPTIONS_LINES: readonly string[] = [
  "OPTIONS sip:bob@example.com SIP/2.0",
  "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKabc;rport",
  "From: <sip:alice@example.com>;tag=1",
  "To: <sip:bob@example.com>",
  "Call-ID: call@192.0.2.1",
  "CSeq: 7 OPTIONS",
];

/** OPTIONS_LINES, changed: a line that begins with a name already there takes its place, others are added. */
export function optionsWith(...lines: readonly string[]): string[] {
  const nameOf = (line: string): string => line.slice(0, line.indexOf(":"));
  const replaced = new Set(lines.map(nameOf));
  return [...OPTIONS_LINES.filter((line, index) => index === 0 || !replaced.has(nameOf(line))), ...lines];
}

export const wire = (lines: readonly string[], body = ""): Uint8Array =>
  binaryToOctets(lines.join("\r\n") + "\r\n\r\n" + body);

export const read = (lines: readonly string[], body = "", limits?: ParseLimits): SipMessage | Refusal =>
  parseMessage(wire(lines, body), limits);

export function readRequest(lines: readonly string[], body = ""): SipRequest {
  const message = read(lines, body);
  if (message.kind !== "request") throw new Error(`no request: ${JSON.stringify(message)}`);
  return message;
}

export function readResponse(octets: Uint8Array): SipResponse {
  const message = parseMessage(octets);
  if (message.kind !== "response") throw new Error(`no response: ${JSON.stringify(message)}`);
  return message;
}
