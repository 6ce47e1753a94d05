import { octetsToBinary } from "./binary.js";
import { CR, LF } from "./characters.js";
import { Cursor } from "./cursor.js";
import { endOfColon, endOfName, findLineEndAlone, isSpace, unfold } from "./header-lines.js";
import { headerRow, MANDATORY_ROWS, type Draft, type HeaderRow } from "./header-table.js";
import { DEFAULT_LIMITS, type ParseLimits } from "./limits.js";
import type { Headers, OtherHeaders, Refusal, SipMessage } from "./message.js";
import { refuse, type Fault } from "./refusal.js";
import type { RefusalReason } from "./refusal-reasons.js";
import { readStartLine, type StartLine } from "./start-line.js";

export { DEFAULT_LIMITS, type ParseLimits } from "./limits.js";

/**
 * Reads one datagram as a SIP message (RFC 3261 §7, §18.3). Total: every sequence of octets gives a message
 * or a refusal, in time linear in its length. There is one reading: nothing is repaired, and a message
 * that two readers could understand differently is refused.
 */
export function parseMessage(octets: Uint8Array, limits: ParseLimits = DEFAULT_LIMITS): SipMessage | Refusal {
  if (octets.length > limits.octets) return nothingRead("message-too-large", limits.octets);
  const start = skipLineEnds(octets);
  if (start === octets.length) return nothingRead("keep-alive", 0);
  return new Parsing(octets, start, limits).message();
}

const nothingRead = (reason: RefusalReason, offset: number): Refusal =>
  refuse({ reason, field: "message", offset }, { method: undefined, headers: {} });

/** RFC 3261 §7.5: CR LF before the start line is ignored. NULs and nothing else are some phones' keep-alive. */
function skipLineEnds(octets: Uint8Array): number {
  let start = 0;
  while (octets[start] === CR && octets[start + 1] === LF) start += 2;
  let at = start;
  while (octets[at] === CR || octets[at] === LF || octets[at] === 0) at += 1;
  return at === octets.length ? at : start;
}

/** One message being read: what was understood, and the first rule that it broke. */
class Parsing {
  readonly #limits: ParseLimits;
  readonly #start: number;
  /** As they came; the cursor's may have the folds taken out. */
  readonly #folded: Uint8Array;
  #cursor: Cursor;
  readonly #draft: Draft = { headers: {}, other: Object.create(null) as OtherHeaders };
  /** The rows of headers that may stand once, and the Via, as far as they stood. */
  readonly #seen: HeaderRow[] = [];
  /** The first rule broken. Reading goes on after it, to find out how to answer. */
  #fault: Fault | undefined;
  /** A Via was unreadable: those after it would stand in its place. */
  #pathLost = false;

  constructor(octets: Uint8Array, start: number, limits: ParseLimits) {
    this.#folded = octets;
    this.#start = start;
    this.#limits = limits;
    this.#cursor = new Cursor(octets, octetsToBinary(octets));
  }

  message(): SipMessage | Refusal {
    const end = this.#findLineEnd(this.#start);
    if (end < 0) {
      this.#noteUnterminated(this.#start);
      return this.#refuse(undefined);
    }
    const startLine = this.#startLine(end);
    const method = startLine.kind === "response" ? undefined : startLine.method;
    const bodyStart = this.#headers(end + 2, method);
    for (const row of MANDATORY_ROWS) {
      if (!this.#seen.includes(row)) this.#note("header-missing", row.name, bodyStart);
    }
    return this.#finish(startLine, method, bodyStart);
  }

  #note(reason: RefusalReason, field: string, offset: number): void {
    this.#fault ??= { reason, field, offset };
  }

  /** No line ends from `offset` on. */
  #noteUnterminated(offset: number): void {
    const tooLarge = this.#folded.length - this.#start > this.#limits.headerOctets;
    this.#note(tooLarge ? "headers-too-large" : "headers-unterminated", "headers", offset);
  }

  /** Where the CR LF stands that ends the line with `from` in it; -1: none does. */
  #findLineEnd(from: number): number {
    const { text } = this.#cursor;
    const cr = text.indexOf("\r", from);
    if (cr >= 0 && text.indexOf("\n", from) === cr + 1) return cr;
    const end = text.indexOf("\r\n", from);
    const alone = findLineEndAlone(this.#cursor.octets, from, end);
    if (alone >= 0) this.#note("line-end-malformed", "headers", alone);
    return end;
  }

  #startLine(end: number): StartLine {
    const cursor = this.#cursor;
    cursor.position = this.#start;
    cursor.end = end;
    const line = readStartLine(cursor);
    if (line.kind === "malformed") this.#note(line.reason, "start-line", line.position);
    return line;
  }

  /** Gives where the body starts. */
  #headers(from: number, method: string | undefined): number {
    let line = from;
    for (let count = 1; !this.#isEmptyLine(line); count += 1) {
      const end = this.#findHeaderEnd(line);
      if (end < 0) {
        this.#noteUnterminated(line);
        return line;
      }
      if (end - this.#start > this.#limits.headerOctets) {
        this.#note("headers-too-large", "headers", line);
        return line;
      }
      if (count > this.#limits.headers) {
        this.#note("too-many-headers", "headers", line);
        return line;
      }
      this.#header(line, end, method);
      line = end + 2;
    }
    return line + 2;
  }

  #isEmptyLine(line: number): boolean {
    const { octets } = this.#cursor;
    return octets[line] === CR && octets[line + 1] === LF;
  }

  /** The end of the header at `line`, which has no fold any more. */
  #findHeaderEnd(line: number): number {
    const end = this.#findLineEnd(line);
    const { octets } = this.#cursor;
    if (end < 0 || !isSpace(octets[end + 2]) || octets !== this.#folded) return end;
    const unfolded = unfold(octets, line);
    this.#cursor = new Cursor(unfolded, octetsToBinary(unfolded));
    return this.#findLineEnd(line);
  }

  #header(line: number, end: number, method: string | undefined): void {
    const cursor = this.#cursor;
    const nameEnd = endOfName(cursor.octets, line);
    const valueStart = nameEnd > line ? endOfColon(cursor.octets, nameEnd) : -1;
    if (valueStart < 0) {
      this.#note("header-malformed", "headers", line);
      return;
    }
    const row = headerRow(cursor, line, nameEnd);
    const isVia = row.name === "via";
    if (isVia && this.#pathLost) return;
    const isSeen = this.#seen.includes(row);
    if (isSeen && row.lines === "one") {
      this.#note("header-duplicate", row.name, line);
      return;
    }
    if (!isSeen && (row.lines === "one" || isVia)) this.#seen.push(row);
    this.#enterValue(valueStart, end);
    const before = cursor.position;
    row.read(cursor, this.#draft, this.#limits);
    if (cursor.failure === undefined) cursor.finish();
    if (cursor.failure !== undefined) {
      this.#note(cursor.failure.reason, row.name, cursor.failure.position);
      this.#pathLost ||= isVia;
    } else if (row.name === "cseq" && method !== undefined && this.#draft.headers.cseq?.method !== method) {
      // RFC 3261 §8.1.1.5: the CSeq of a request names its method.
      this.#note("cseq-method-mismatch", "cseq", before);
    }
  }

  /** Sets the cursor on a header's value, without the white space around it. */
  #enterValue(start: number, lineEnd: number): void {
    const cursor = this.#cursor;
    const { octets } = cursor;
    let end = lineEnd;
    while (end > start && isSpace(octets[end - 1])) end -= 1;
    cursor.position = start;
    cursor.end = end;
    cursor.skipSpace();
    cursor.failure = undefined;
    cursor.folded = octets !== this.#folded && this.#folded.indexOf(LF, start) < lineEnd;
  }

  #refuse(method: string | undefined): Refusal {
    const fault = this.#fault ?? { reason: "header-missing", field: "headers", offset: this.#start };
    return refuse(fault, { method, headers: this.#draft.headers });
  }

  #finish(startLine: StartLine, method: string | undefined, bodyStart: number): SipMessage | Refusal {
    const { headers, other } = this.#draft;
    const { text } = this.#cursor;
    // RFC 3261 §18.3: octets after Content-Length are not the message's; without one the datagram's end is.
    const length = headers["content-length"] ?? text.length - bodyStart;
    if (bodyStart + length > text.length) this.#note("body-too-short", "content-length", text.length);
    if (this.#fault !== undefined || !isComplete(headers)) return this.#refuse(method);
    const content = length === 0 ? "" : text.slice(bodyStart, bodyStart + length);
    switch (startLine.kind) {
      case "request": {
        const { uri } = startLine;
        return { kind: "request", method: startLine.method, uri, version: "2.0", headers, other, content };
      }
      case "response": {
        const { status, reason } = startLine;
        return { kind: "response", status, reason, version: "2.0", headers, other, content };
      }
      case "malformed":
        return this.#refuse(method);
    }
  }
}

function isComplete(headers: Partial<Headers>): headers is Headers {
  return (
    headers.via !== undefined &&
    headers.from !== undefined &&
    headers.to !== undefined &&
    headers["call-id"] !== undefined &&
    headers.cseq !== undefined
  );
}
