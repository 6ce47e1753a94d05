import { MediaswitchError } from "../core/errors.js";
import type { ChannelStatistics, PlayEndReason, RecordOptions, SoundSoup } from "../rtp/media-service.js";
import type { CodecName } from "../sdp/payload-types.js";
import type { SipResponse } from "../sip/message/message.js";
import type { Changes, Waiting } from "./changes.js";
import type { PhoneCall, PhoneCallState } from "./phone-call.js";
import type { PhoneChannel, Recorded } from "./phone-channel.js";
import type { LineFailure } from "./phone-line.js";
import { statusWords } from "./status-words.js";

export interface PhoneLegOptions {
  readonly call: PhoneCall<PhoneChannel>;
  readonly changes: Changes;
  /** A number as a URI. */
  readonly uri: (number: string) => string;
}

/** How a call came to its end. */
export interface LegEnd {
  /** 0: a normal end after it was answered; else a SIP status. */
  readonly status: number;
  readonly by: "phone" | "switch";
}

/** One call of a phone: its dialog and its media channel. */
export class PhoneLeg {
  readonly #call: PhoneCall<PhoneChannel>;
  readonly #changes: Changes;
  readonly #uri: (number: string) => string;
  #closing: Promise<ChannelStatistics | undefined> | undefined;

  constructor({ call, changes, uri }: PhoneLegOptions) {
    this.#call = call;
    this.#changes = changes;
    this.#uri = uri;
  }

  get callId(): string {
    return this.#call.callId;
  }
  get direction(): "incoming" | "outgoing" {
    return this.#call.direction;
  }
  get state(): PhoneCallState {
    return this.#call.state;
  }
  /** The far end rings. */
  get isRinging(): boolean {
    return this.#call.isRinging;
  }
  /** The last provisional response to our INVITE; undefined: none came. */
  get provisional(): number | undefined {
    return this.#call.provisional;
  }
  /** It is called, and nothing came back yet: there is nobody who could be told that it is given up. */
  get isUnheard(): boolean {
    return this.state === "calling" && this.provisional === undefined;
  }
  /** Who calls, as the From header says; of incoming calls. */
  get from(): { readonly uri: string; readonly name?: string } | undefined {
    return this.#call.invite?.headers.from;
  }
  /** The last final response to our INVITE. */
  get final(): SipResponse | undefined {
    return this.#call.final;
  }
  /** Why that was made up here: nothing came, or nothing could be sent. */
  get failure(): LineFailure | undefined {
    return this.#call.failure;
  }
  /** What is sent; undefined before anything is agreed on. */
  get codec(): CodecName | undefined {
    return this.#call.audio.codec;
  }
  /** Where audio goes to. */
  get remote(): { readonly address: string; readonly port: number } | undefined {
    return this.#call.audio.remote;
  }
  get sendsKeyEvents(): boolean {
    return this.#call.audio.sendsKeyEvents;
  }
  /** Keys that were pressed towards it, in order. */
  get keys(): string {
    return this.#call.audio.keys;
  }

  /** Answers the call that rings. @throws {MediaswitchError} CALL_STATE; CALL_REFUSED without a codec in common. */
  async answer(): Promise<void> {
    this.#check("answer", "incoming");
    await this.#call.audio.open();
    this.#check("answer", "incoming");
    this.#call.answer();
    if (this.state === "ended") throw this.#refused("the call could not be answered");
  }

  /** @param status 486 unless given. @throws {MediaswitchError} CALL_STATE */
  refuse(status = 486): void {
    this.#check("refuse", "incoming");
    this.#call.reject(status);
  }

  /** Ends the call in any state, and waits until it has ended. */
  async hangup(waiting: Waiting = {}): Promise<LegEnd> {
    this.#call.hangup();
    return this.ended(waiting);
  }

  /** Waits until the far end rings, or answers at once. @throws {MediaswitchError} CALL_REFUSED, NO_ANSWER, ABORTED */
  async ringing(waiting: Waiting = {}): Promise<void> {
    await this.#until(
      () => (this.isRinging || this.state === "talking" ? true : undefined),
      "the far end to ring",
      waiting,
    );
  }

  /** Waits until the call is answered. @throws {MediaswitchError} CALL_REFUSED, NO_ANSWER, ABORTED */
  async answered(waiting: Waiting = {}): Promise<void> {
    await this.#until(() => (this.state === "talking" ? true : undefined), "an answer", waiting);
  }

  /** Waits until the call has ended. @throws {MediaswitchError} NO_ANSWER, ABORTED */
  ended(waiting: Waiting = {}): Promise<LegEnd> {
    return this.#changes.until(
      () => {
        const { state, status = 0, endedBy = "switch" } = this.#call;
        return state === "ended" ? { status, by: endedBy } : undefined;
      },
      "the end of the call",
      waiting,
    );
  }

  /**
   * Plays until it is over. @returns why that was.
   * @throws {MediaswitchError} CALL_STATE; ABORTED by the signal, which stops it; MEDIA_FILE_UNKNOWN.
   */
  play(soup: SoundSoup, waiting: Pick<Waiting, "signal"> = {}): Promise<PlayEndReason> {
    return this.#talking("play", (channel) => channel.play(soup, waiting));
  }
  stopPlay(): Promise<void> {
    return this.#talking("stop playing", (channel) => channel.stopPlay());
  }
  /** Begins a recording, which ends with the call at the latest. */
  record(options: RecordOptions): Promise<void> {
    return this.#talking("record", (channel) => channel.record(options));
  }
  /** Ends a recording, unless it has ended. */
  finishRecording(file: string, waiting: Waiting = {}): Promise<Recorded> {
    return this.#call.audio.finishRecording(file, waiting);
  }
  /** Says what it hears from now on, or does so no more. */
  echo(options: { readonly enabled: boolean }): Promise<void> {
    return this.#talking("echo", (channel) => channel.echo(options));
  }

  /** Presses keys one after the other (RFC 4733). @throws {MediaswitchError} CALL_STATE where the far end takes none. */
  press(digits: string): Promise<void> {
    return this.#talking("press keys", (channel) => {
      if (channel.sendsKeyEvents) return channel.press(digits);
      throw new MediaswitchError("CALL_STATE", "the far end takes no key presses (RFC 4733)");
    });
  }
  /** Waits until these keys have been pressed towards it. @throws {MediaswitchError} CALL_ENDED, NO_ANSWER, ABORTED */
  async hearsKeys(keys: string, waiting: Waiting = {}): Promise<void> {
    await this.#changes.until(
      () => {
        if (this.keys.includes(keys)) return true;
        if (this.state === "ended") throw callEnded(`before the keys ${keys} were heard`);
        return undefined;
      },
      `the keys ${keys} (heard: ${this.keys === "" ? "none" : this.keys})`,
      waiting,
    );
  }

  /** Waits for a text that is sent within the call (MESSAGE, INFO). @throws {MediaswitchError} CALL_ENDED, NO_ANSWER, ABORTED */
  async hearsText(text: string, waiting: Waiting = {}): Promise<void> {
    await this.#changes.until(
      () => {
        if (this.#call.messages.includes(text)) return true;
        if (this.state === "ended") throw callEnded(`before "${text}" was sent`);
        return undefined;
      },
      `the text "${text}"`,
      waiting,
    );
  }

  /**
   * Blind transfer (REFER): waits until the switch says what became of it.
   * @throws {MediaswitchError} CALL_STATE, CALL_REFUSED, CALL_ENDED, NO_ANSWER, ABORTED
   */
  async transfer(to: string, waiting: Waiting = {}): Promise<void> {
    this.#check("transfer", "talking");
    this.#call.refer(this.#uri(to));
    const status = await this.#changes.until(
      () => {
        const { accepted = 0, outcome = 0 } = this.#call.transfer;
        if (accepted >= 300) return accepted;
        if (outcome >= 200) return outcome;
        // RFC 5589 §6.1: who transfers is let go of when the transfer was accepted, often before it is told more.
        if (this.state === "ended") {
          if (accepted >= 200) return 200;
          throw callEnded("before the transfer was accepted");
        }
        return undefined;
      },
      "what became of the transfer",
      waiting,
    );
    if (status < 300) return;
    throw new MediaswitchError(
      "CALL_REFUSED",
      `the transfer to ${to} was refused with ${String(status)}: ${statusWords(status)}`,
    );
  }

  /** Books of its media channel, also after the call. @throws {MediaswitchError} CALL_STATE where there never was one. */
  async statistics(): Promise<ChannelStatistics> {
    const atEnd = await this.#closing;
    return atEnd ?? this.#call.audio.statistics();
  }

  /** Gives the media channel back once the call has ended; does nothing before. For its phone. */
  release(): void {
    if (this.state !== "ended" || this.#closing !== undefined) return;
    this.#closing = this.#call.audio.close();
    // Whoever asks for the statistics is told.
    this.#closing.catch(() => undefined);
  }

  /** Settles when its media channel is closed. */
  async released(): Promise<void> {
    await this.#closing;
  }

  async #talking<T>(verb: string, run: (channel: PhoneChannel) => Promise<T>): Promise<T> {
    this.#check(verb, "talking");
    return run(this.#call.audio);
  }

  #check(verb: string, state: PhoneCallState): void {
    if (this.state === state) return;
    throw new MediaswitchError("CALL_STATE", `can't ${verb}: the call is ${this.state}, not ${state}`);
  }

  #until<T>(look: () => T | undefined, what: string, waiting: Waiting): Promise<T> {
    return this.#changes.until(
      () => {
        const found = look();
        if (found === undefined && this.state === "ended") throw this.#refused("the call was not answered");
        return found;
      },
      what,
      waiting,
    );
  }

  #refused(what: string): MediaswitchError {
    switch (this.failure) {
      case "timeout":
        return new MediaswitchError("NO_ANSWER", `${what}: nothing came back from the server`);
      case "transport":
        return new MediaswitchError("DESTINATION_UNREACHABLE", `${what}: the server could not be reached`);
      case undefined: {
        const status = this.#call.status ?? 0;
        const phrase = this.final === undefined ? "" : ` ${this.final.reason}`;
        return new MediaswitchError(
          "CALL_REFUSED",
          `${what}: ${String(status)}${phrase}, ${statusWords(status)}`,
        );
      }
    }
  }
}

const callEnded = (when: string): MediaswitchError =>
  new MediaswitchError("CALL_ENDED", `the call ended ${when}`);
