import { TOKEN } from "../message/characters.js";
import { DEFAULT_LIMITS, type ParseLimits } from "../message/limits.js";
import { findContentLength } from "./content-length.js";
import type { Framed, Framing, FramingFault } from "./framing.js";

const LF = 0x0a;
const CR = 0x0d;

const NOTHING: Uint8Array = new Uint8Array(0);

type Limits = Pick<ParseLimits, "octets" | "headerOctets">;

/**
 * Cuts a stream of octets (TCP, TLS) into messages: the empty line ends the headers, Content-Length says how long the
 * body is and has to be there (RFC 3261 §18.3, §20.14). How the stream was cut up on its way makes no difference.
 * What is held is bounded by the limits of one message.
 */
export class StreamFraming implements Framing {
  readonly #limits: Limits;
  readonly #framed: Framed[] = [];
  /** Octets not yet given away; those from `#held` on are spare room. */
  #buffer = NOTHING;
  #held = 0;
  /** Where the message, or what stands between two, begins in `#buffer`. */
  #start = 0;
  /** All before it was looked at. */
  #scanned = 0;
  #isStartLineSeen = false;
  /** Of the message in progress, once its headers are whole. */
  #messageOctets: number | undefined;
  /** An odd number of CR LF stood between messages so far. */
  #isPingHalf = false;
  #isPongDue = false;
  #isBroken = false;

  constructor(limits: Limits = DEFAULT_LIMITS) {
    this.#limits = limits;
  }

  get isInMessage(): boolean {
    return !this.#isBroken && this.#held > this.#start && this.#buffer[this.#start] !== CR;
  }

  expectPong(): void {
    this.#isPongDue = true;
  }

  forgetPong(): void {
    this.#isPongDue = false;
  }

  push(octets: Uint8Array): readonly Framed[] {
    if (this.#isBroken) return [];
    this.#append(octets);
    while (this.#step());
    this.#release(octets);
    return this.#framed.splice(0);
  }

  /** Takes one message or line end. @returns false when more octets are needed. */
  #step(): boolean {
    const first = this.#held > this.#start ? this.#buffer[this.#start] : undefined;
    if (first === undefined) return false;
    if (first === CR) return this.#lineEnd();
    return this.#messageOctets === undefined ? this.#headers(first) : this.#body(this.#messageOctets);
  }

  /** Line ends between messages: pings, pongs, or nothing (RFC 3261 §7.5, RFC 5626 §4.4.1). */
  #lineEnd(): boolean {
    if (this.#held - this.#start < 2) return false;
    if (this.#buffer[this.#start + 1] !== LF) return this.#fail("not-sip");
    this.#start += 2;
    this.#scanned = this.#start;
    if (this.#isPongDue) {
      this.#isPongDue = false;
      this.#framed.push({ kind: "pong" });
      return true;
    }
    if (this.#isPingHalf) this.#framed.push({ kind: "ping" });
    this.#isPingHalf = !this.#isPingHalf;
    return true;
  }

  #headers(first: number): boolean {
    if (TOKEN[first] !== 1) return this.#fail("not-sip");
    const last = Math.min(this.#held, this.#start + this.#limits.headerOctets);
    for (;;) {
      const at = this.#buffer.subarray(0, last).indexOf(LF, this.#scanned);
      if (at === -1) {
        this.#scanned = last;
        return last < this.#held ? this.#fail("headers-too-large") : false;
      }
      if (this.#buffer[at - 1] !== CR) return this.#fail("not-sip");
      this.#scanned = at + 1;
      if (!this.#isStartLineSeen) {
        if (!isStartLine(this.#buffer.subarray(this.#start, at))) return this.#fail("not-sip");
        this.#isStartLineSeen = true;
      } else if (this.#buffer[at - 2] === LF) return this.#headersEnd(at - 1, at + 1);
    }
  }

  #headersEnd(end: number, bodyStart: number): boolean {
    const contentLength = findContentLength(this.#buffer, this.#start, end);
    if (contentLength === undefined) return this.#fail("content-length-missing");
    if (Number.isNaN(contentLength)) return this.#fail("content-length-malformed");
    this.#messageOctets = bodyStart - this.#start + contentLength;
    return this.#messageOctets > this.#limits.octets ? this.#fail("message-too-large") : true;
  }

  #body(messageOctets: number): boolean {
    const end = this.#start + messageOctets;
    if (end > this.#held) return false;
    this.#framed.push({ kind: "message", octets: this.#buffer.slice(this.#start, end) });
    this.#start = end;
    this.#scanned = end;
    this.#isStartLineSeen = false;
    this.#messageOctets = undefined;
    this.#isPingHalf = false;
    return true;
  }

  #fail(reason: FramingFault): boolean {
    this.#isBroken = true;
    this.#framed.push({ kind: "fault", reason });
    return false;
  }

  #append(octets: Uint8Array): void {
    if (this.#held === 0) {
      // Read in place: most messages come whole.
      this.#buffer = octets;
      this.#held = octets.length;
      return;
    }
    const needed = this.#held + octets.length;
    if (needed > this.#buffer.length) {
      const larger = new Uint8Array(2 * needed);
      larger.set(this.#buffer.subarray(0, this.#held));
      this.#buffer = larger;
    }
    this.#buffer.set(octets, this.#held);
    this.#held = needed;
  }

  /** Lets go of what was read, and of the array that was pushed: what is kept is a copy. */
  #release(pushed: Uint8Array): void {
    if (this.#isBroken || this.#start === this.#held) this.#keep(NOTHING);
    else if (this.#buffer === pushed || this.#start > 0) {
      this.#keep(this.#buffer.slice(this.#start, this.#held));
    }
  }

  #keep(rest: Uint8Array): void {
    this.#scanned -= this.#start;
    this.#start = 0;
    this.#held = rest.length;
    this.#buffer = rest;
  }
}

const SIP = [0x53, 0x49, 0x50];
const SLASH = 0x2f;
const upperCase = (letter: number): number => letter & ~0x20;

/** Has "SIP/" in it, of whatever version: that is for the parser to say (RFC 3261 §7.1, §7.2). */
function isStartLine(line: Uint8Array): boolean {
  for (let at = line.indexOf(SLASH); at !== -1; at = line.indexOf(SLASH, at + 1)) {
    if (at >= 3 && SIP.every((octet, index) => upperCase(line[at - 3 + index] ?? 0) === octet)) return true;
  }
  return false;
}
