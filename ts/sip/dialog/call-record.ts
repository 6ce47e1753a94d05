import type { Clock } from "../../core/clock.js";
import { epochSeconds } from "../../core/brand.js";
import type { SocketAddress } from "../../core/socket-address.js";
import type { CallInfo, CallNews, CallReason } from "../sip-service.js";

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] extends object ? Mutable<T[Key]> : T[Key] };
type Facts = Omit<CallInfo, keyof CallNews>;

/** What is known when a call begins. */
export type FirstFacts = Pick<
  CallInfo,
  "callid" | "domain" | "to" | "from" | "contact" | "maxforwards" | "authenticated" | "originator"
> &
  Partial<Pick<CallInfo, "gr" | "callerid" | "headers" | "replaces" | "gateway">>;

/** What is known of one call leg: the facts behind `CallInfo`, each stamped when it happened. Plain data inside. */
export class CallRecord {
  readonly #info: Mutable<Facts>;
  readonly #clock: Clock;

  constructor(clock: Clock, facts: FirstFacts, remote: SocketAddress) {
    this.#clock = clock;
    this.#info = {
      ...structuredClone(facts),
      ring: false,
      answered: false,
      hold: false,
      hangup: false,
      error: { code: 0, status: "" },
      remote: { host: remote.address, port: remote.port },
      sdp: {},
      epochs: { start: this.#now(), ring: 0, answer: 0, end: 0 },
    };
  }

  /** As another process left it. */
  static resumed(clock: Clock, info: CallInfo): CallRecord {
    const record = new CallRecord(clock, info, { address: info.remote.host, port: info.remote.port });
    Object.assign(record.#info, structuredClone(info));
    return record;
  }

  get callid(): string {
    return this.#info.callid;
  }

  get domain(): string {
    return this.#info.domain;
  }

  get isRinging(): boolean {
    return this.#info.ring;
  }

  get isAnswered(): boolean {
    return this.#info.answered;
  }

  get isHeld(): boolean {
    return this.#info.hold;
  }

  /** We made the call, and its Call-ID. */
  get isOurs(): boolean {
    return this.#info.originator;
  }

  get ours(): string | undefined {
    return this.#info.sdp.us;
  }

  get theirs(): string | undefined {
    return this.#info.sdp.them;
  }

  ringing(): void {
    if (this.#info.ring) return;
    this.#info.ring = true;
    this.#info.epochs.ring = this.#now();
  }

  answered(): void {
    if (this.#info.answered) return;
    this.#info.answered = true;
    this.#info.epochs.answer = this.#now();
  }

  ended(): void {
    if (this.#info.hangup) return;
    this.#info.hangup = true;
    this.#info.epochs.end = this.#now();
  }

  failed(code: number, status: string): void {
    this.#info.error = { code, status };
  }

  because(reason: CallReason | undefined): void {
    if (reason !== undefined) this.#info.reason = { ...reason };
  }

  redirectedTo(uris: readonly string[]): void {
    this.#info.redirect = [...uris];
  }

  held(isHeld: boolean): void {
    this.#info.hold = isHeld;
  }

  reachedAt(remote: SocketAddress, contact: string): void {
    this.#info.remote = { host: remote.address, port: remote.port };
    this.#info.contact = contact;
  }

  described(side: "us" | "them", sdp: string | undefined): void {
    if (sdp !== undefined) this.#info.sdp[side] = sdp;
  }

  /** A new offer takes the place of what was; none means that ours is asked for. */
  offered(sdp: string | undefined): void {
    this.restore("them", sdp);
  }

  /** Puts a description back that an exchange which failed had changed. */
  restore(side: "us" | "them", sdp: string | undefined): void {
    if (sdp === undefined) Reflect.deleteProperty(this.#info.sdp, side);
    else this.#info.sdp[side] = sdp;
  }

  /** A copy, to be sent. @param news of this event alone. */
  info(news: CallNews = {}): CallInfo {
    return { ...structuredClone(this.#info), ...news };
  }

  #now(): number {
    return epochSeconds(this.#clock.epoch());
  }
}
