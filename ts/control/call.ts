/** One leg of a call as the script sees it: what is known of it, its family, its callbacks and its verbs. */
import type { EpochMillis } from "../core/brand.js";
import type { Timer } from "../core/clock.js";
import type { CodecName } from "../sdp/payload-types.js";
import type { CallInfo } from "../sip/sip-service.js";
import type { CallEvent, CallHappening } from "./call-event.js";
import { transition, type CallEffect, type CallInput, type CallState } from "./call-machine.js";
import type { HangupReason } from "./causes.js";
import type { Leg } from "./leg.js";
import { ListenerList, type Listener } from "./listener-list.js";
import type { NewCallRequest } from "./new-call-request.js";
import { Sequence } from "./sequence.js";
import { Watchers } from "./watchers.js";

export type CallListener = Listener<Call>;

/** Why a call could not be had or kept, where the reason lies here; `info.error` tells what the far end said. */
export interface CallError {
  /** A SIP status. */
  readonly code: number;
  readonly message: string;
}

export interface HistoryEntry {
  /** Milliseconds since 1970. */
  readonly when: EpochMillis;
  readonly what: string;
}

/** Follows the call; free for the script's own keys besides those named here. */
export interface CallMetadata {
  [key: string]: unknown;
  readonly history: HistoryEntry[];
  /** One parent, any number of children that ring or talk for it. */
  readonly family: { parent?: Call; children: Call[] };
  channel?: { readonly uuid: string; readonly ip: string; readonly port: number };
}

export interface AnswerOptions {
  /** Default: those of `projectcontrol.codecs`. */
  readonly codecs?: readonly CodecName[];
}

/** What a call's verbs are carried out by. None of the promises rejects: a verb that fails ends the call. */
export interface CallVerbs {
  ring(call: Call, alertinfo: string | undefined): Promise<void>;
  early(call: Call, options: AnswerOptions): Promise<void>;
  answer(call: Call, options: AnswerOptions): Promise<void>;
  hangup(call: Call, reason: HangupReason | undefined): Promise<void>;
  newcall(parent: Call, request: NewCallRequest): Call;
  groupcall(parent: Call, requests: readonly NewCallRequest[]): Call[];
  now(): EpochMillis;
  /** Told of each event after the call's own watchers. */
  happened(call: Call, event: CallEvent): void;
  watcherFailed(call: Call, error: unknown): void;
}

export class Call {
  /** All that the SIP side knows of this leg; replaced whole by each of its events. */
  info: CallInfo;
  error: CallError | undefined;
  readonly metadata: CallMetadata = { history: [], family: { children: [] } };

  /** The rest of the public fields are control's own; scripts have no use for them. */
  readonly leg: Leg;
  readonly tasks = new Sequence();
  readonly listeners = {
    newcall: new ListenerList<Call>(),
    ringing: new ListenerList<Call>(),
    early: new ListenerList<Call>(),
    answer: new ListenerList<Call>(),
    hangup: new ListenerList<Call>(),
    reporting: new ListenerList<Call>(),
  };
  /** Told of everything that happens to this leg. */
  readonly watchers = new Watchers<CallEvent>();
  /** Calls of the same group: the first to answer ends the others. */
  rivals: readonly Call[] = [];
  /** What this call sends before it is answered is passed on to the parent. */
  passesEarlyMedia = false;
  /** Number of the last event taken. */
  lastEvent = 0;
  /** The SIP side has heard of this call. */
  isPlaced: boolean;
  /** Runs while the last word of the SIP side is awaited. */
  endGuard: Timer | undefined;

  readonly #verbs: CallVerbs;
  #state: CallState;
  #hasRung = false;
  #wasUp = false;
  #endedBy: "us" | "them" | undefined;

  constructor(info: CallInfo, leg: Leg, verbs: CallVerbs) {
    this.info = info;
    this.leg = leg;
    this.#verbs = verbs;
    this.#state = info.originator ? "dialling" : "offered";
    this.isPlaced = !info.originator;
  }

  /** Takes a row of the table. @returns what is to be done, in order. */
  step(input: CallInput): readonly CallEffect[] {
    const { state, effects } = transition(this.#state, input);
    this.#state = state;
    if (state === "ending") this.#endedBy ??= "us";
    if (state === "ended") this.#endedBy ??= "them";
    if (state === "remote-ringing") this.#hasRung = true;
    if (state === "up") this.#wasUp = true;
    return effects;
  }

  /** Our 180 has gone out. */
  markRung(): void {
    this.#hasRung = true;
  }

  /** Tells all who watch this leg. */
  tell(happening: CallHappening): void {
    const event: CallEvent = { ...happening, at: this.#verbs.now() };
    this.watchers.tell(event, (error) => {
      this.#verbs.watcherFailed(this, error);
    });
    this.#verbs.happened(this, event);
  }

  get callid(): string {
    return this.info.callid;
  }
  get ringing(): boolean {
    return this.info.ring || this.#hasRung;
  }
  get answered(): boolean {
    return this.info.answered || this.#wasUp;
  }
  get hungup(): boolean {
    return this.info.hangup || this.#state === "ended";
  }
  /** No verb changes anything any more: hung up, or about to be. */
  get isOver(): boolean {
    return this.#state === "ending" || this.#state === "ended";
  }
  /** The last word was said: all callbacks have run. */
  get hasEnded(): boolean {
    return this.#state === "ended";
  }
  /** Which side ended it, or began to; undefined while nobody has. */
  get endedBy(): "us" | "them" | undefined {
    return this.#endedBy;
  }
  /** The far end has us on hold. */
  get hold(): boolean {
    return this.info.hold || this.leg.hold;
  }
  /** We made this call. */
  get originator(): boolean {
    return this.info.originator;
  }
  get destination(): string {
    return this.info.to;
  }
  get haserror(): boolean {
    return this.error !== undefined;
  }
  /** The parent, else the first child, else false. */
  get other(): Call | false {
    return this.others[0] ?? false;
  }
  get others(): Call[] {
    const { parent, children } = this.metadata.family;
    return parent === undefined ? [...children] : [parent];
  }
  // eslint-disable-next-line @typescript-eslint/related-getter-setter-pairs -- the seed's scripts assign a line
  get history(): HistoryEntry[] {
    return this.metadata.history;
  }
  /** Appends to the history. */
  set history(what: string) {
    this.metadata.history.push({ when: this.#verbs.now(), what });
    this.tell({ type: "note", what });
  }

  /** Assigning a callback adds it; each is run with this call as `this` and as argument. */
  set onnewcall(listener: CallListener) {
    this.listeners.newcall.add(listener);
  }
  set onringing(listener: CallListener) {
    this.listeners.ringing.add(listener);
  }
  set onanswer(listener: CallListener) {
    this.listeners.answer.add(listener);
  }
  set onhangup(listener: CallListener) {
    this.listeners.hangup.add(listener);
  }
  set onreporting(listener: CallListener) {
    this.listeners.reporting.add(listener);
  }

  /** 180 to the caller, with Alert-Info if given. Where it rings or is answered, pending callbacks are run. */
  ring(alertinfo?: string): Promise<void> {
    return this.#verbs.ring(this, alertinfo);
  }
  /** Early media: 183 to the caller with our description, so that it hears what is played, or another call, unanswered. */
  early(options: AnswerOptions = {}): Promise<void> {
    return this.#verbs.early(this, options);
  }
  /** 2xx to the caller. Where it is answered already, pending callbacks are run. */
  answer(options: AnswerOptions = {}): Promise<void> {
    return this.#verbs.answer(this, options);
  }
  /** Ends the call in any state: normally, with a name such as `"busy"`, or with a SIP status. */
  hangup(reason?: HangupReason): Promise<void> {
    return this.#verbs.hangup(this, reason);
  }
  busy(): Promise<void> {
    return this.hangup("busy");
  }
  notfound(): Promise<void> {
    return this.hangup("notfound");
  }
  paymentrequired(): Promise<void> {
    return this.hangup("paymentrequired");
  }

  /** Calls somebody for this call; a list of requests is a group: the first to answer gets it. */
  newcall(request: NewCallRequest): Call;
  newcall(requests: readonly NewCallRequest[]): Call[];
  newcall(request: NewCallRequest | readonly NewCallRequest[]): Call | Call[] {
    return isList(request) ? this.#verbs.groupcall(this, request) : this.#verbs.newcall(this, request);
  }
}

const isList = (request: NewCallRequest | readonly NewCallRequest[]): request is readonly NewCallRequest[] =>
  Array.isArray(request);
