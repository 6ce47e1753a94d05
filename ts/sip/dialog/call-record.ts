import type { Clock } from "../../core/clock.js";
import { epochSeconds } from "../../core/brand.js";
import type { Mutable } from "../../core/mutable.js";
import type { SocketAddress } from "../../core/socket-address.js";
import type { CallInfo, CallNews, CallReason } from "../sip-service.js";

type Facts = Omit<CallInfo, keyof CallNews>;
/** What is known when a call begins. */
export type FirstFacts = Pick<
  CallInfo,
  "callid" | "domain" | "to" | "from" | "contact" | "maxforwards" | "authenticated" | "originator"
> &
  Partial<Pick<CallInfo, "gr" | "callerid" | "headers" | "replaces" | "gateway">>;

/**
 * What is known of one call leg: the facts behind `CallInfo`, each stamped when it happened. A fact that changes makes a
 * new set of them, so that one that was handed out stays as it was.
 */
export class CallRecord {
  #facts: Mutable<Facts>;
  #isHandedOut = false;
  readonly #clock: Clock;

  constructor(clock: Clock, facts: FirstFacts, remote: SocketAddress) {
    this.#clock = clock;
    this.#facts = {
      callid: facts.callid,
      domain: facts.domain,
      to: facts.to,
      from: facts.from,
      contact: facts.contact,
      maxforwards: facts.maxforwards,
      authenticated: facts.authenticated,
      originator: facts.originator,
      ring: false,
      answered: false,
      hold: false,
      hangup: false,
      error: { code: 0, status: "" },
      remote: { host: remote.address, port: remote.port },
      sdp: {},
      epochs: { start: this.#now(), ring: 0, answer: 0, end: 0 },
    };
    addGiven(this.#facts, facts);
  }

  /** As another process left it. */
  static resumed(clock: Clock, info: CallInfo): CallRecord {
    const record = new CallRecord(clock, info, { address: info.remote.host, port: info.remote.port });
    record.#facts = { ...info };
    return record;
  }

  get callid(): string {
    return this.#facts.callid;
  }

  get domain(): string {
    return this.#facts.domain;
  }

  get isRinging(): boolean {
    return this.#facts.ring;
  }

  get isAnswered(): boolean {
    return this.#facts.answered;
  }

  get isHeld(): boolean {
    return this.#facts.hold;
  }

  /** We made the call, and its Call-ID. */
  get isOurs(): boolean {
    return this.#facts.originator;
  }

  get ours(): string | undefined {
    return this.#facts.sdp.us;
  }

  get theirs(): string | undefined {
    return this.#facts.sdp.them;
  }

  ringing(): void {
    const { ring, epochs } = this.#facts;
    if (ring) return;
    const facts = this.#changing();
    facts.ring = true;
    facts.epochs = { start: epochs.start, ring: this.#now(), answer: epochs.answer, end: epochs.end };
  }

  answered(): void {
    const { answered, epochs } = this.#facts;
    if (answered) return;
    const facts = this.#changing();
    facts.answered = true;
    facts.epochs = { start: epochs.start, ring: epochs.ring, answer: this.#now(), end: epochs.end };
  }

  ended(): void {
    const { hangup, epochs } = this.#facts;
    if (hangup) return;
    const facts = this.#changing();
    facts.hangup = true;
    facts.epochs = { start: epochs.start, ring: epochs.ring, answer: epochs.answer, end: this.#now() };
  }

  failed(code: number, status: string): void {
    this.#changing().error = { code, status };
  }

  because(reason: CallReason | undefined): void {
    if (reason !== undefined) this.#changing().reason = reason;
  }

  redirectedTo(uris: readonly string[]): void {
    this.#changing().redirect = [...uris];
  }

  held(isHeld: boolean): void {
    if (this.#facts.hold !== isHeld) this.#changing().hold = isHeld;
  }

  reachedAt({ address: host, port }: SocketAddress, contact: string): void {
    const facts = this.#changing();
    facts.remote = { host, port };
    facts.contact = contact;
  }

  described(side: "us" | "them", sdp: string | undefined): void {
    if (sdp !== undefined) this.restore(side, sdp);
  }

  /** A new offer takes the place of what was; none means that ours is asked for. */
  offered(sdp: string | undefined): void {
    this.restore("them", sdp);
  }

  /** Puts a description back that an exchange which failed had changed. */
  restore(side: "us" | "them", sdp: string | undefined): void {
    const { us, them } = this.#facts.sdp;
    this.#changing().sdp = side === "us" ? descriptions(sdp, them) : descriptions(us, sdp);
  }

  /** All of it as of now. @param news of this event alone. */
  info(news?: CallNews): CallInfo {
    this.#isHandedOut = true;
    return news === undefined ? this.#facts : { ...this.#facts, ...news };
  }

  /** The facts, to be changed now. */
  #changing(): Mutable<Facts> {
    if (this.#isHandedOut) this.#facts = copyOf(this.#facts);
    this.#isHandedOut = false;
    return this.#facts;
  }

  #now(): number {
    return epochSeconds(this.#clock.epoch());
  }
}

/** Field by field: a spread costs twenty times as much, once facts with different fields have come by. */
function copyOf(facts: Facts): Mutable<Facts> {
  const copy: Mutable<Facts> = {
    callid: facts.callid,
    domain: facts.domain,
    to: facts.to,
    from: facts.from,
    contact: facts.contact,
    maxforwards: facts.maxforwards,
    authenticated: facts.authenticated,
    originator: facts.originator,
    ring: facts.ring,
    answered: facts.answered,
    hold: facts.hold,
    hangup: facts.hangup,
    error: facts.error,
    remote: facts.remote,
    sdp: facts.sdp,
    epochs: facts.epochs,
  };
  addGiven(copy, facts);
  return copy;
}

/** Facts that not every call has. */
function addGiven(to: Mutable<Facts>, given: Partial<Facts>): void {
  const { gr, callerid, headers, replaces, gateway, redirect, reason } = given;
  if (gr !== undefined) to.gr = gr;
  if (callerid !== undefined) to.callerid = callerid;
  if (headers !== undefined) to.headers = headers;
  if (replaces !== undefined) to.replaces = replaces;
  if (gateway !== undefined) to.gateway = gateway;
  if (redirect !== undefined) to.redirect = redirect;
  if (reason !== undefined) to.reason = reason;
}

function descriptions(us: string | undefined, them: string | undefined): CallInfo["sdp"] {
  if (us === undefined) return them === undefined ? {} : { them };
  return them === undefined ? { us } : { us, them };
}
