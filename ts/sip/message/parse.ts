import { octetsToBinary } from "./binary.js";
import { Cursor } from "./cursor.js";
import { collapseSpace, findBareLineEnd, headerLines, type HeaderLine } from "./header-lines.js";
import { headerRow, type Draft } from "./header-table.js";
import { DEFAULT_LIMITS, type ParseLimits } from "./limits.js";
import type { Headers, OtherHeaders, Refusal, SipMessage } from "./message.js";
import { refuse, type Fault } from "./refusal.js";
import type { RefusalReason } from "./refusal-reasons.js";
import { parseStartLine, type StartLine } from "./start-line.js";

export { DEFAULT_LIMITS, type ParseLimits } from "./limits.js";

/**
 * Reads one datagram as a SIP message (RFC 3261 §7, §18.3). Total: every sequence of octets gives a message
 * or a refusal, in time linear in its length. There is one reading: nothing is repaired, and a message
 * that two readers could understand differently is refused.
 */
export function parseMessage(octets: Uint8Array, limits: ParseLimits = DEFAULT_LIMITS): SipMessage | Refusal {
  const parsing = new Parsing(limits);
  if (octets.length > limits.octets) return parsing.refuse("message-too-large", "message", limits.octets);
  const text = octetsToBinary(octets);

  const start = skipLineEnds(text);
  if (start === text.length) return parsing.refuse("keep-alive", "message", 0);
  const headersEnd = findHeadersEnd(text, start, limits);
  const bareLineEnd = findBareLineEnd(text, start, headersEnd.at);
  if (bareLineEnd >= 0) parsing.fault("line-end-malformed", "headers", bareLineEnd);
  if (headersEnd.fault !== undefined) parsing.fault(headersEnd.fault, "headers", headersEnd.at);

  const startLineEnd = text.indexOf("\r\n", start);
  if (startLineEnd < 0) return parsing.refuse("start-line-malformed", "start-line", start);
  const startLine = parseStartLine(text.slice(start, startLineEnd));
  parsing.startLine(startLine, start);
  parsing.headers(headerLines(text, startLineEnd + 2, headersEnd.at));
  parsing.checkHeaders(headersEnd.at);
  return parsing.finish(startLine, text, headersEnd.at + 2);
}

/** RFC 3261 §7.5: CR LF before the start line is ignored. NULs and nothing else are some phones' keep-alive. */
function skipLineEnds(text: string): number {
  let start = 0;
  while (text.startsWith("\r\n", start)) start += 2;
  for (let at = start; at < text.length; at += 1) if (!"\r\n\0".includes(text.charAt(at))) return start;
  return text.length;
}

/** Where the empty line begins; where there is none, the end of the last complete line. */
function findHeadersEnd(
  text: string,
  start: number,
  limits: ParseLimits,
): { at: number; fault: RefusalReason | undefined } {
  const empty = text.indexOf("\r\n\r\n", start);
  if (empty >= 0 && empty - start <= limits.headerOctets) return { at: empty + 2, fault: undefined };
  const tooLarge = text.length - start > limits.headerOctets;
  const lastLine = text.lastIndexOf("\r\n", tooLarge ? start + limits.headerOctets : text.length);
  return {
    at: lastLine < start ? start : lastLine + 2,
    fault: tooLarge ? "headers-too-large" : "headers-unterminated",
  };
}

const MANDATORY = ["via", "from", "to", "call-id", "cseq"] as const;

/** One message being read: what was understood, and the first rule that it broke. */
class Parsing {
  readonly #limits: ParseLimits;
  readonly #draft: Draft;
  readonly #seen = new Set<string>();
  /** The first rule broken. Reading goes on after it, to find out how to answer. */
  #fault: Fault | undefined;
  #method: string | undefined;
  /** A Via was unreadable: those after it would stand in its place. */
  #pathLost = false;

  constructor(limits: ParseLimits) {
    this.#limits = limits;
    this.#draft = {
      headers: Object.create(null) as Partial<Headers>,
      other: Object.create(null) as OtherHeaders,
    };
  }

  fault(reason: RefusalReason, field: string, offset: number): void {
    this.#fault ??= { reason, field, offset };
  }

  refuse(reason: RefusalReason, field: string, offset: number): Refusal {
    return refuse(this.#fault ?? { reason, field, offset }, {
      method: this.#method,
      headers: this.#draft.headers,
    });
  }

  startLine(line: StartLine, offset: number): void {
    switch (line.kind) {
      case "request":
        this.#method = line.method;
        return;
      case "response":
        return;
      case "malformed":
        this.#method = line.method;
        this.fault(line.reason, "start-line", offset + line.position);
    }
  }

  headers(lines: Iterable<HeaderLine>): void {
    let count = 0;
    for (const line of lines) {
      count += 1;
      if (count > this.#limits.headers) {
        this.fault("too-many-headers", "headers", line.offset);
        return;
      }
      this.#header(line);
    }
  }

  #header(line: HeaderLine): void {
    if (line.name === undefined) {
      this.fault("header-malformed", "headers", line.offset);
      return;
    }
    const row = headerRow(line.name);
    if (row.name === "via" && this.#pathLost) return;
    if (row.lines === "one" && this.#seen.has(row.name)) {
      this.fault("header-duplicate", row.name, line.offset);
      return;
    }
    this.#seen.add(row.name);
    const cursor = new Cursor(line.folded && row.text ? collapseSpace(line.value) : line.value);
    row.read(cursor, this.#draft, this.#limits);
    if (cursor.failure === undefined) cursor.finish();
    if (cursor.failure !== undefined) {
      this.fault(cursor.failure.reason, row.name, line.valueOffset + cursor.failure.position);
      this.#pathLost ||= row.name === "via";
    }
    // RFC 3261 §8.1.1.5: the CSeq of a request names its method.
    const { cseq } = this.#draft.headers;
    if (
      row.name === "cseq" &&
      this.#method !== undefined &&
      cseq !== undefined &&
      cseq.method !== this.#method
    ) {
      this.fault("cseq-method-mismatch", "cseq", line.valueOffset);
    }
  }

  checkHeaders(offset: number): void {
    for (const name of MANDATORY) if (!this.#seen.has(name)) this.fault("header-missing", name, offset);
  }

  finish(startLine: StartLine, text: string, bodyStart: number): SipMessage | Refusal {
    const { headers, other } = this.#draft;
    // RFC 3261 §18.3: octets after Content-Length are not the message's; without one the datagram's end is.
    const length = headers["content-length"] ?? text.length - bodyStart;
    if (bodyStart + length > text.length) this.fault("body-too-short", "content-length", text.length);
    if (this.#fault !== undefined || startLine.kind === "malformed" || !isComplete(headers)) {
      return this.refuse("header-missing", "headers", bodyStart);
    }
    const content = text.slice(bodyStart, bodyStart + length);
    switch (startLine.kind) {
      case "request":
        return { ...startLine, version: "2.0", headers, other, content };
      case "response":
        return { ...startLine, version: "2.0", headers, other, content };
    }
  }
}

function isComplete(headers: Partial<Headers>): headers is Headers {
  return MANDATORY.every((name) => headers[name] !== undefined);
}
