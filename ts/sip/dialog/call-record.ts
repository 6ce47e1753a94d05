import type { Clock } from "../../core/clock.js";
import { epochSeconds } from "../../core/brand.js";
import type { SocketAddress } from "../../core/socket-address.js";
import type { CallInfo } from "../sip-service.js";

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] extends object ? Mutable<T[Key]> : T[Key] };

/** What is known of one call leg: the facts behind `CallInfo`, each stamped when it happened. */
export class CallRecord {
  readonly #info: Mutable<CallInfo>;
  readonly #clock: Clock;

  constructor(
    clock: Clock,
    facts: Pick<
      CallInfo,
      "callid" | "domain" | "to" | "from" | "contact" | "maxforwards" | "authenticated" | "originator"
    >,
    remote: SocketAddress,
  ) {
    this.#clock = clock;
    this.#info = {
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

  get callid(): string {
    return this.#info.callid;
  }

  get isRinging(): boolean {
    return this.#info.ring;
  }

  get remoteSdp(): string | undefined {
    return this.#info.sdp.them;
  }

  get isAnswered(): boolean {
    return this.#info.answered;
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
    if (sdp === undefined) delete this.#info.sdp.them;
    else this.#info.sdp.them = sdp;
  }

  /** A copy, to be sent. */
  info(): CallInfo {
    const { error, remote, sdp, epochs } = this.#info;
    return {
      ...this.#info,
      error: { ...error },
      remote: { ...remote },
      sdp: { ...sdp },
      epochs: { ...epochs },
    };
  }

  #now(): number {
    return epochSeconds(this.#clock.epoch());
  }
}
