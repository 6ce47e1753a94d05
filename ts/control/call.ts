/** One leg of a call as the script sees it: what is known of it, its family, its callbacks and its verbs. */
import type { EpochMillis } from "../core/brand.js";
import type { Timer } from "../core/clock.js";
import type { SoundSoup } from "../rtp/media-service.js";
import type { CodecName } from "../sdp/payload-types.js";
import type { CallInfo, CallNews } from "../sip/sip-service.js";
import type { CallEvent, CallHappening, KeySource } from "./call-event.js";
import { transition, type CallEffect, type CallInput, type CallState } from "./call-machine.js";
import type { HangupReason, HangupStatus } from "./causes.js";
import type { ActionData } from "./action-data.js";
import type { Leg, LegChannel } from "./leg.js";
import { ListenerList, type Listener } from "./listener-list.js";
import type { MusicOnHold } from "./moh.js";
import type { NewCallRequest } from "./new-call-request.js";
import type { QueuePlace } from "./queue-place.js";
import { Sequence } from "./sequence.js";
import type { Referral } from "./transfer/referral.js";
import { Watchers } from "./watchers.js";

export type CallListener = Listener<Call>;

/** A key of the far end's phone. */
export interface KeyPress {
  readonly key: string;
  readonly source: KeySource;
}
export type KeyListener = Listener<Call, [KeyPress]>;

/** A MESSAGE or INFO within the call. */
export type CallMessage = NonNullable<CallNews["message"]>;
export type CallMessageListener = Listener<Call, [CallMessage]>;

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
  channel?: LegChannel;
  /** Where it stands in a queue of `projectqueue`. */
  queue?: QueuePlace;
}

/** Who somebody wants to talk to, and as whom. */
export interface StandsFor {
  readonly to: string;
  readonly from?: string;
  /** The domain of `from`. */
  readonly domain?: string;
  /** How he is presented. */
  readonly cid?: NewCallRequest["cid"];
  /** URI of who referred him there (RFC 3892). */
  readonly referredBy?: string;
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
  play(call: Call, soup: SoundSoup): Promise<void>;
  echo(call: Call, options: { readonly enabled?: boolean }): Promise<void>;
  mix(call: Call, done: Listener<Call> | undefined): Promise<void>;
  unmix(call: Call, done: Listener<Call> | undefined): Promise<void>;
  link(call: Call, other: Call | false): void;
  unlink(call: Call): void;
  action(call: Call, action: string, data: ActionData): Promise<void>;
  callBack(call: Call, listeners: ListenerList<Call>): void;
  /** The music of calls that have none of their own. */
  moh(): MusicOnHold;
  now(): EpochMillis;
  /** Told of each event after the call's own watchers. */
  happened(call: Call, event: CallEvent): void;
  watcherFailed(call: Call, error: unknown): void;
}

/** Of a history: a far end may hold and come back without end. Those who watch are told of all. */
const MOST_LINES = 5_000;

export class Call {
  /** All that the SIP side knows of this leg; replaced whole by each of its events. */
  info: CallInfo;
  error: CallError | undefined;
  /** What `error` was made of. */
  failure: unknown;
  readonly metadata: CallMetadata = { history: [], family: { children: [] } };

  /** The rest of the public fields are control's own; scripts have no use for them. */
  readonly leg: Leg;
  readonly tasks = new Sequence();
  readonly listeners = {
    newcall: new ListenerList<Call>(),
    ringing: new ListenerList<Call>(),
    answer: new ListenerList<Call>(),
    hold: new ListenerList<Call>(),
    offhold: new ListenerList<Call>(),
    key: new ListenerList<Call, [KeyPress]>(),
    message: new ListenerList<Call, [CallMessage]>(),
    hangup: new ListenerList<Call>(),
    reporting: new ListenerList<Call>(),
  };
  /** What joins this call with another once it sends early media, or is answered; no business of the script's. */
  readonly joins = { early: new ListenerList<Call>(), answer: new ListenerList<Call>() };
  /** Whom this call is for, and from, where that is not what `info` says: it was transferred, or made for somebody. */
  standsFor: StandsFor | undefined;
  /** It is being transferred, or was. */
  referral: Referral | undefined;
  /** Of a call that a transfer ended: the one that has its place and its channel. */
  replacedBy: Call | undefined;
  /** Told of everything that happens to this leg. */
  readonly watchers = new Watchers<CallEvent>();
  /** The same in all legs of one call: the first and those that were made for it; its record has this id. */
  readonly record: string;
  /** What we hung up with. */
  hungUpWith: HangupStatus | undefined;
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
  #moh: MusicOnHold | undefined;
  #state: CallState;
  #hasRung = false;
  #wasUp = false;
  #endedBy: "us" | "them" | undefined;

  constructor(info: CallInfo, leg: Leg, verbs: CallVerbs, record: string) {
    this.info = info;
    this.record = record;
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

  /** Tells all who watch this leg. @param happening is theirs from now on. */
  tell(happening: CallHappening): void {
    const event = happening as CallHappening & { at: EpochMillis };
    event.at = this.#verbs.now();
    this.watchers.tell(event, (error) => {
      this.#verbs.watcherFailed(this, error);
    });
    this.#verbs.happened(this, event);
  }

  /** Runs listeners as callbacks of this call: one that fails ends it. */
  callBack(listeners: ListenerList<Call>): void {
    this.#verbs.callBack(this, listeners);
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
  /** Who is to be called: since a transfer, whoever it went to. */
  get destination(): string {
    return this.info.refer?.to ?? this.standsFor?.to ?? this.info.to;
  }
  /** What the other hears while this one holds: its own music, else that of `projectcontrol`. */
  get moh(): MusicOnHold {
    return this.#moh ?? this.#verbs.moh();
  }
  set moh(music: MusicOnHold) {
    this.#moh = music;
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
    const { history } = this.metadata;
    if (history.length < MOST_LINES) history.push({ when: this.#verbs.now(), what });
    else if (history.length === MOST_LINES) history.push({ when: this.#verbs.now(), what: "… and so on" });
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
  /** The far end puts us on hold; run each time. */
  set onhold(listener: CallListener) {
    this.listeners.hold.add(listener);
  }
  set onoffhold(listener: CallListener) {
    this.listeners.offhold.add(listener);
  }
  /** A key was pressed; run each time, with what was pressed as the second argument. */
  set onkey(listener: KeyListener) {
    this.listeners.key.add(listener);
  }
  /** A MESSAGE or INFO came within the call; run each time, with it as the second argument. */
  set onmessage(listener: CallMessageListener) {
    this.listeners.message.add(listener);
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

  /** Plays on this call, in place of what is played; a call in a mix leaves it. Without a channel, nothing. */
  play(soup: SoundSoup): Promise<void> {
    return this.#verbs.play(this, soup);
  }
  /** The far end hears itself, until something is played, it is in a mix, or `enabled` is false. */
  echo(options: { readonly enabled?: boolean } = {}): Promise<void> {
    return this.#verbs.echo(this, options);
  }
  /** This call and its other hear each other; `done` is run in any case. */
  mix(done?: CallListener): Promise<void> {
    return this.#verbs.mix(this, done);
  }
  unmix(done?: CallListener): Promise<void> {
    return this.#verbs.unmix(this, done);
  }
  /** Makes `other` a child of this call: it is hung up with this one. */
  link(other: Call | false): void {
    this.#verbs.link(this, other);
  }
  /** Takes this call out of its family; all go on. */
  unlink(): void {
    this.#verbs.unlink(this);
  }
  /** Takes out all callbacks of the script. What happens by default goes on. */
  clearcallbacks(): void {
    for (const list of Object.values(this.listeners)) list.clear();
  }
  /** An action on the call's dialog: `ring`, `answer`, `ok`, `notify`, `hangup`, `invite`. */
  postrequest(action: string, data: ActionData = {}): Promise<void> {
    return this.#verbs.action(this, action, data);
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
