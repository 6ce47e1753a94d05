/** SIP messages of late, by Call-ID: what `trace` draws its ladders of. Taking one is cheap, everything else is done by who asks. */
import { ownCopy } from "../core/own-copy.js";
import type { Captured } from "../sip/hep/hep3.js";
import { binaryToOctets, indexOfOctets, octetsToBinary } from "../sip/message/binary.js";
import type { TracedMessage, TracedMessages } from "./call-trace.js";
import { KeptMessages, type KeptMessage, type MessageDirection } from "./kept-messages.js";
import { readMessage, nameOf } from "./message-text.js";
import { withoutSecrets } from "./secrets.js";
import { Shelf } from "./shelf.js";

export interface MessageStoreLimits {
  /** Call-IDs of calls, and of registrations. */
  readonly calls: number;
  readonly registrations: number;
  /** Octets in all. */
  readonly octets: number;
  /** Messages of one Call-ID: half of them the first, half the last. */
  readonly perCall: number;
}

const DEFAULT_LIMITS: MessageStoreLimits = {
  calls: 2_000,
  registrations: 500,
  octets: 32 * 1024 * 1024,
  perCall: 200,
};
/** Of a registration, which goes on for as long as the phone is there. */
const PER_REGISTRATION = 20;
/** Octets of a message that are shown. */
const MOST_TEXT = 8192;

type Kind = "call" | "registration";

interface Entry {
  readonly kind: Kind;
  readonly callid: string;
  readonly kept: KeptMessages;
  /** Nothing more is expected to come: the first to be forgotten. */
  isOver: boolean;
}

/** Kept for the next Call-IDs. */
const MOST_SPARE = 100;

export class MessageStore {
  readonly #limits: MessageStoreLimits;
  readonly #entries = new Map<string, Entry>();
  /** Calls that go on, registrations, and calls that are over. */
  readonly #shelves = {
    call: new Shelf<Entry>(),
    registration: new Shelf<Entry>(),
    over: new Shelf<Entry>(),
  };
  readonly #spare: KeptMessages[] = [];
  #octets = 0;
  #calls = 0;
  #taken = 0;

  constructor(limits: Partial<MessageStoreLimits> = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  /** Of all that is kept, with what it costs to keep it. */
  get octets(): number {
    return this.#octets;
  }
  get size(): number {
    return this.#entries.size;
  }

  /** The octets are copied. */
  take(captured: Captured, direction: MessageDirection): void {
    const { octets } = captured;
    const start = startOf(octets);
    if (start === undefined) return;
    const callid = callIdOf(octets);
    if (callid === undefined) return;
    const entry = this.#entries.get(callid) ?? this.#begin(callid, start);
    if (entry === undefined) return;
    this.#mark(entry, start);
    const { kept } = entry;
    const before = kept.cost;
    this.#taken += 1;
    const most = entry.kind === "call" ? this.#limits.perCall : PER_REGISTRATION;
    kept.add(captured, direction, this.#taken, most / 2);
    this.#octets += kept.cost - before;
    if (this.#octets > this.#limits.octets) this.#makeRoom(entry);
  }

  messagesOf(callid: string): TracedMessages {
    const entry = this.#entries.get(callid);
    if (entry === undefined) return { messages: [], omitted: 0 };
    const seen = new Set<string>();
    const messages = [...entry.kept.all()].map((one) => traced(one, callid, seen));
    return { messages, omitted: entry.kept.omitted };
  }

  #begin(callid: string, start: Start): Entry | undefined {
    if (start !== "INVITE" && start !== "REGISTER") return undefined;
    const kind = start === "INVITE" ? "call" : "registration";
    if (kind === "call") {
      if (this.#calls >= this.#limits.calls) this.#forgetOldestOf([this.#shelves.over, this.#shelves.call]);
      this.#calls += 1;
    } else if (this.#shelves.registration.size >= this.#limits.registrations) {
      this.#forgetOldestOf([this.#shelves.registration]);
    }
    const entry: Entry = {
      kind,
      callid,
      kept: this.#spare.pop() ?? new KeptMessages(),
      isOver: false,
    };
    this.#octets += entry.kept.cost;
    this.#entries.set(entry.callid, entry);
    this.#shelves[kind].add(entry);
    return entry;
  }

  #mark(entry: Entry, start: Start): void {
    if (entry.kind === "registration" || start === "other") return;
    const isOver = start !== "INVITE";
    if (entry.isOver === isOver) return;
    entry.isOver = isOver;
    if (isOver) {
      this.#shelves.call.delete(entry);
      this.#shelves.over.add(entry);
    } else {
      this.#shelves.over.delete(entry);
      this.#shelves.call.add(entry);
    }
  }

  /** Calls that are over go first, then registrations, then calls that go on. */
  #makeRoom(spared: Entry): void {
    const { over, registration, call } = this.#shelves;
    while (this.#octets > this.#limits.octets) {
      if (!this.#forgetOldestOf([over, registration, call], spared)) return;
    }
  }

  #forgetOldestOf(shelves: readonly Shelf<Entry>[], spared?: Entry): boolean {
    for (const shelf of shelves) {
      const oldest = shelf.oldest(spared);
      if (oldest === undefined) continue;
      this.#forget(oldest);
      return true;
    }
    return false;
  }

  #forget(entry: Entry): void {
    this.#entries.delete(entry.callid);
    this.#shelves[entry.kind].delete(entry);
    this.#shelves.over.delete(entry);
    this.#octets -= entry.kept.cost;
    if (entry.kind === "call") this.#calls -= 1;
    if (this.#spare.length < MOST_SPARE && entry.kept.clear()) this.#spare.push(entry.kept);
  }
}

/** What a message means for its call, as far as its first octets tell. */
type Start = "INVITE" | "REGISTER" | "end" | "other";

const SPACE = 0x20;
const starts = (text: string): readonly number[] => Array.from(text, (character) => character.charCodeAt(0));
const INVITE = starts("INVITE ");
const REGISTER = starts("REGISTER ");
const BYE = starts("BYE ");
const CANCEL = starts("CANCEL ");
const RESPONSE = starts("SIP/2.0 ");

function beginsWith(octets: Uint8Array, text: readonly number[]): boolean {
  for (let index = 0; index < text.length; index += 1) if (octets[index] !== text[index]) return false;
  return true;
}

/** Undefined for what keeps a connection open, and for what is none. */
function startOf(octets: Uint8Array): Start | undefined {
  const [first = SPACE] = octets;
  if (first <= SPACE) return undefined;
  // "S": a response. From 300 on the call has come to nothing, unless another request says otherwise.
  if (beginsWith(octets, RESPONSE)) {
    const hundreds = octets[RESPONSE.length] ?? 0;
    return hundreds >= 0x33 && hundreds <= 0x36 ? "end" : "other";
  }
  if (beginsWith(octets, INVITE)) return "INVITE";
  if (beginsWith(octets, REGISTER)) return "REGISTER";
  return beginsWith(octets, BYE) || beginsWith(octets, CANCEL) ? "end" : "other";
}

/** Octets in which a Call-ID nearly always stands. */
const NEAR = 1024;
const USUAL = binaryToOctets("\r\nCall-ID:");
const CR = 0x0d;

/** The value of the first Call-ID header, in memory of its own; undefined where there is none. */
export function callIdOf(octets: Uint8Array): string | undefined {
  const at = indexOfOctets(octets, USUAL);
  const start = at + USUAL.length;
  const end = at < 0 || at > NEAR ? -1 : octets.indexOf(CR, start);
  const value = end < 0 ? unusualCallId(octets) : octetsToBinary(octets.subarray(start, end)).trim();
  return value === "" ? undefined : value;
}

/** Written in another way, or far down. */
function unusualCallId(octets: Uint8Array): string | undefined {
  const [head = ""] = octetsToBinary(octets).split("\r\n\r\n", 1);
  const value = /\n(?:call-id|i)[ \t]*:([^\r\n]*)/i.exec(head)?.[1]?.trim();
  // A piece of the text would keep the whole text.
  return value === undefined ? undefined : ownCopy(value);
}

function traced(kept: KeptMessage, callid: string, seen: Set<string>): TracedMessage {
  const { number, octets, protocol, peer, direction, at } = kept;
  const binary = octetsToBinary(octets);
  const key = `${direction} ${peer} ${binary}`;
  const isRepeated = seen.has(key);
  seen.add(key);
  const message = readMessage(binary);
  const text = withoutSecrets(binary);
  return {
    at,
    number,
    callid,
    direction,
    peer,
    protocol,
    firstLine: message.firstLine.slice(0, MOST_TEXT),
    name: nameOf(message).slice(0, 100),
    text: text.slice(0, MOST_TEXT),
    size: octets.length,
    ...(text.length > MOST_TEXT && { cut: true }),
    ...(isRepeated && { retransmission: true }),
  };
}
