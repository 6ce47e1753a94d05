import { ms, type Millis } from "../../core/brand.js";
import type { Clock, Timer } from "../../core/clock.js";
import type { ConnectionLimits } from "./connection-limits.js";
import { PING, PONG, type Framing, type FramingFault } from "./framing.js";
import { MessageFraming } from "./message-framing.js";
import type { Pipe, PipeEvents } from "./pipe.js";
import { StreamFraming } from "./stream-framing.js";
import type { Flow } from "./transport.js";

/** Why a connection is no more. "ended": the far end or the network did it. */
export type CloseReason =
  | "ended"
  | "shutdown"
  | "connect-failed"
  | "connect-timeout"
  | "handshake-failed"
  | "handshake-timeout"
  | "first-message-timeout"
  | "message-timeout"
  | "idle"
  | "no-pong"
  | "unsent-too-much"
  | FramingFault;

export interface ConnectionOptions {
  /** Names this connection. */
  readonly flow: Flow;
  /** Accepted from a peer, or made by us. */
  readonly origin: "accepted" | "made";
  readonly clock: Clock;
  readonly limits: ConnectionLimits;
}

/** Whom a connection tells. */
export interface ConnectionOwner {
  message(octets: Uint8Array, connection: Connection): void;
  /** The first message of an accepted one was whole. */
  proven(connection: Connection): void;
  /** Once. @param unsent what was given to `send` and could not even be begun, as the connection never stood. */
  closed(connection: Connection, reason: CloseReason, error: Error, unsent: readonly Uint8Array[]): void;
}

const NOW = ms(0);

const REASONS: Readonly<Record<CloseReason, string>> = {
  ended: "the connection has ended",
  shutdown: "the transport is closed",
  "connect-failed": "could not connect",
  "connect-timeout": "could not connect in time",
  "handshake-failed": "the handshake failed",
  "handshake-timeout": "the handshake took too long",
  "first-message-timeout": "connected, and sent no message",
  "message-timeout": "a message took too long",
  idle: "nothing was sent for too long",
  "no-pong": "a ping was not answered",
  "unsent-too-much": "the far end does not read",
  "not-sip": "what it sent is no SIP",
  "content-length-missing": "a message without Content-Length",
  "content-length-malformed": "a Content-Length that can't be read",
  "headers-too-large": "headers too large",
  "message-too-large": "a message too large",
};

const isWebSocket = ({ protocol }: Flow): boolean => protocol === "WS" || protocol === "WSS";

/** One connection: cuts what comes into messages, answers and sends pings, and ends it when a limit is passed. Sans-IO. */
export class Connection implements PipeEvents {
  readonly flow: Flow;
  readonly origin: "accepted" | "made";
  readonly #clock: Clock;
  readonly #limits: ConnectionLimits;
  readonly #owner: ConnectionOwner;
  readonly #framing: Framing;
  #pipe: Pipe | undefined;
  #state: "opening" | "open" | "closed" = "opening";
  #isProven: boolean;
  /** Given to `send` while opening. */
  #waiting: Uint8Array[] = [];
  #waitingOctets = 0;
  #lastActivity: Millis;
  /** Runs until the connection stands, then until its first message, then for as long as it is idle. */
  #phaseTimer: Timer;
  #messageTimer: Timer | undefined;
  #pingTimer: Timer | undefined;
  /** The far end has answered a ping once, so it has to go on doing so. */
  #answersPings: boolean;
  /** It ends as soon as nobody waits for `send` to return. */
  #isGivenUp = false;

  constructor({ flow, origin, clock, limits }: ConnectionOptions, owner: ConnectionOwner) {
    this.flow = flow;
    this.origin = origin;
    this.#clock = clock;
    this.#limits = limits;
    this.#owner = owner;
    this.#framing = isWebSocket(flow) ? new MessageFraming() : new StreamFraming();
    this.#isProven = origin === "made";
    this.#answersPings = isWebSocket(flow);
    this.#lastActivity = clock.now();
    this.#phaseTimer =
      origin === "made"
        ? this.#closeAfter(limits.connect, "connect-timeout")
        : this.#closeAfter(limits.handshake, "handshake-timeout");
  }

  /** Before anything else. */
  attach(pipe: Pipe): void {
    this.#pipe = pipe;
  }

  get isOpening(): boolean {
    return this.#state === "opening";
  }

  get isProven(): boolean {
    return this.#isProven;
  }

  send(octets: Uint8Array): void {
    if (this.#isGivenUp) return;
    switch (this.#state) {
      case "opening":
        this.#wait(octets);
        return;
      case "open":
        this.#write(octets);
        return;
      case "closed":
        return;
    }
  }

  /** Ends it; what was given to `send` is still sent, for a moment. */
  end(): void {
    this.#close("shutdown", (pipe) => {
      pipe.end();
    });
  }

  // What the pipe tells.

  opened(): void {
    if (this.#state !== "opening") return;
    this.#state = "open";
    this.#lastActivity = this.#clock.now();
    this.#phaseTimer.cancel();
    this.#phaseTimer = this.#isProven
      ? this.#idleAfter(this.#limits.idle)
      : this.#closeAfter(this.#limits.firstMessage, "first-message-timeout");
    this.#pingLater();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const octets of waiting) this.#write(octets);
  }

  octets(octets: Uint8Array): void {
    if (this.#state !== "open") return;
    this.#lastActivity = this.#clock.now();
    let isNewMessage = this.#messageTimer === undefined;
    for (const framed of this.#framing.push(octets)) {
      switch (framed.kind) {
        case "message":
          isNewMessage = true;
          this.#message(framed.octets);
          break;
        case "ping":
          this.#write(PONG);
          break;
        case "pong":
          this.#ponged();
          break;
        case "fault":
          this.#close(framed.reason);
          break;
      }
      if (this.#isClosed()) return;
    }
    this.#timeMessage(isNewMessage);
  }

  pong(): void {
    if (this.#state === "open") this.#ponged();
  }

  closed(error?: Error, fault?: FramingFault): void {
    const failed = this.origin === "made" ? "connect-failed" : "handshake-failed";
    this.#close(this.#state === "opening" ? failed : (fault ?? "ended"), () => undefined, error);
  }

  #message(octets: Uint8Array): void {
    if (!this.#isProven) {
      this.#isProven = true;
      this.#phaseTimer.cancel();
      this.#phaseTimer = this.#idleAfter(this.#limits.idle);
      this.#owner.proven(this);
    }
    this.#owner.message(octets, this);
  }

  /** A sender of single octets shall not hold a connection for ever. */
  #timeMessage(isNewMessage: boolean): void {
    if (!this.#framing.isInMessage || isNewMessage) {
      this.#messageTimer?.cancel();
      this.#messageTimer = undefined;
    }
    if (this.#framing.isInMessage) {
      this.#messageTimer ??= this.#closeAfter(this.#limits.message, "message-timeout");
    }
  }

  #wait(octets: Uint8Array): void {
    this.#waiting.push(octets);
    this.#waitingOctets += octets.length;
    if (this.#waitingOctets > this.#limits.unsent) this.#closeSoon("unsent-too-much");
  }

  #write(octets: Uint8Array): void {
    if (this.#state !== "open" || this.#pipe === undefined) return;
    if (this.#pipe.unsent + octets.length > this.#limits.unsent) {
      this.#closeSoon("unsent-too-much");
      return;
    }
    this.#lastActivity = this.#clock.now();
    this.#pipe.write(octets);
  }

  /** From within `send`, whose caller is not to be called back. */
  #closeSoon(reason: CloseReason): void {
    this.#isGivenUp = true;
    this.#phaseTimer.cancel();
    this.#phaseTimer = this.#closeAfter(NOW, reason);
  }

  // Pings.

  #pingLater(): void {
    const every =
      this.origin === "made"
        ? this.#limits.ping
        : isWebSocket(this.flow)
          ? this.#limits.webSocketPing
          : undefined;
    if (every === undefined) return;
    this.#pingTimer?.cancel();
    this.#pingTimer = this.#clock.after(every, () => {
      this.#ping();
    });
  }

  #ping(): void {
    if (isWebSocket(this.flow)) this.#pipe?.ping();
    else {
      this.#framing.expectPong();
      this.#write(PING);
    }
    this.#pingTimer = this.#clock.after(this.#limits.pong, () => {
      this.#framing.forgetPong();
      if (this.#answersPings) this.#close("no-pong");
      else this.#pingLater();
    });
  }

  #ponged(): void {
    this.#answersPings = true;
    this.#pingLater();
  }

  // Timers and the end.

  #closeAfter(delay: Millis, reason: CloseReason): Timer {
    return this.#clock.after(delay, () => {
      this.#close(reason);
    });
  }

  /** Looks whether it was idle for all that time; where it was not, again when it may have been. */
  #idleAfter(delay: Millis): Timer {
    return this.#clock.after(delay, () => {
      const left = this.#lastActivity + this.#limits.idle - this.#clock.now();
      if (left <= 0) this.#close("idle");
      else this.#phaseTimer = this.#idleAfter(ms(left));
    });
  }

  #isClosed(): boolean {
    return this.#state === "closed";
  }

  #close(
    reason: CloseReason,
    leave: (pipe: Pipe) => void = (pipe) => {
      pipe.destroy();
    },
    error: Error = new Error(REASONS[reason]),
  ): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#phaseTimer.cancel();
    this.#messageTimer?.cancel();
    this.#pingTimer?.cancel();
    if (this.#pipe !== undefined) leave(this.#pipe);
    const unsent = this.#waiting;
    this.#waiting = [];
    this.#owner.closed(this, reason, error, unsent);
  }
}
