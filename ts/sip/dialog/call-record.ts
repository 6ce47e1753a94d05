import type { Clock } from "../../core/clock.js";
import { epochSeconds } from "../../core/brand.js";
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
  #facts: Facts;
  readonly #clock: Clock;

  constructor(clock: Clock, facts: FirstFacts, remote: SocketAddress) {
    this.#clock = clock;
    this.#facts = {
      ...facts,
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
    record.#change(info);
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
    if (!ring) this.#change({ ring: true, epochs: { ...epochs, ring: this.#now() } });
  }

  answered(): void {
    const { answered, epochs } = this.#facts;
    if (!answered) this.#change({ answered: true, epochs: { ...epochs, answer: this.#now() } });
  }

  ended(): void {
    const { hangup, epochs } = this.#facts;
    if (!hangup) this.#change({ hangup: true, epochs: { ...epochs, end: this.#now() } });
  }

  failed(code: number, status: string): void {
    this.#change({ error: { code, status } });
  }

  because(reason: CallReason | undefined): void {
    if (reason !== undefined) this.#change({ reason });
  }

  redirectedTo(uris: readonly string[]): void {
    this.#change({ redirect: [...uris] });
  }

  held(isHeld: boolean): void {
    if (this.#facts.hold !== isHeld) this.#change({ hold: isHeld });
  }

  reachedAt({ address: host, port }: SocketAddress, contact: string): void {
    this.#change({ remote: { host, port }, contact });
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
    const { [side]: _before, ...other } = this.#facts.sdp;
    this.#change({ sdp: sdp === undefined ? other : { ...other, [side]: sdp } });
  }

  /** All of it as of now. @param news of this event alone. */
  info(news?: CallNews): CallInfo {
    return news === undefined ? this.#facts : { ...this.#facts, ...news };
  }

  #change(facts: Partial<Facts>): void {
    this.#facts = { ...this.#facts, ...facts };
  }

  #now(): number {
    return epochSeconds(this.#clock.epoch());
  }
}
