/** `ActiveCall` over a line: one line per verb. */
import type { CallInfo, CallerId } from "../../sip/sip-service.js";
import type { CallMetadata, HistoryEntry } from "../call.js";
import type { HangupReason } from "../causes.js";
import { conference } from "../services/conference/conference.js";
import type { ConferenceOptions, ConferenceResult } from "../services/conference/conference-options.js";
import type {
  ParkOptions,
  ParkResult,
  PickedUp,
  PickupFrom,
  PickupResult,
} from "../services/park/park-options.js";
import { pickup } from "../services/park/pickup.js";
import { queueCall } from "../services/queue/queue-call.js";
import type { QueueCallOptions, QueueResult } from "../services/queue/queue-options.js";
import type { Services } from "../services/services.js";
import { supervise } from "../services/supervision/supervise.js";
import type { Supervision, SupervisionMode } from "../services/supervision/supervision-options.js";
import { listenToMailbox } from "../services/voicemail/mailbox.js";
import { leaveMessage } from "../services/voicemail/voicemail.js";
import type {
  MailboxAddress,
  MailboxOptions,
  MailboxResult,
  VoicemailOptions,
  VoicemailResult,
} from "../services/voicemail/voicemail-options.js";
import type { ActiveCall } from "./active-call.js";
import { answer, early, ring } from "./answer.js";
import { bridge } from "./bridge.js";
import { callEvents, detectTones, keyPresses } from "./call-events.js";
import type { CallEnding } from "./call-ended.js";
import { dial } from "./dial.js";
import type { DialOptions, DialResult, Target } from "./dial-options.js";
import { echo } from "./echo.js";
import { gather } from "./gather.js";
import { hangup } from "./hangup.js";
import { hold, unhold } from "./hold.js";
import type { Line } from "./line.js";
import type { LiveAudio, LiveAudioOptions } from "./live-audio.js";
import { liveAudio } from "./live-audio-of.js";
import { message } from "./message.js";
import { pausePlaying, play, resumePlaying, sayDigits, stopPlaying } from "./play.js";
import { record } from "./record.js";
import { sendKeys } from "./send-keys.js";
import { after, sleep } from "./sleep.js";
import type { Sounds } from "./sound.js";
import { attendedTransfer, blindTransfer } from "./transfer.js";
import type {
  Abortable,
  ActiveCallEvent,
  AnswerOptions,
  BridgeOptions,
  BridgeResult,
  CallTimer,
  EchoOptions,
  GatherOptions,
  GatherResult,
  HoldOptions,
  HoldResult,
  KeyPress,
  PlayOptions,
  PlayResult,
  RecordOptions,
  Recording,
  RingOptions,
  SayDigitsOptions,
  SendKeysOptions,
} from "./verb-options.js";

/** The face of a line: always the same one. */
export type FaceOf = (line: Line) => ActiveCall;

export class LiveCall implements ActiveCall {
  readonly line: Line;
  readonly #faceOf: FaceOf;
  readonly #services: Services;

  constructor(line: Line, services: Services, faceOf: FaceOf) {
    this.line = line;
    this.#services = services;
    this.#faceOf = faceOf;
  }

  get id(): string {
    return this.line.call.callid;
  }
  get direction(): "inbound" | "outbound" {
    return this.line.call.originator ? "outbound" : "inbound";
  }
  get to(): string {
    return this.line.call.destination;
  }
  get from(): string {
    return this.info.from;
  }
  get domain(): string {
    return this.info.domain;
  }
  get callerid(): CallerId | undefined {
    return this.info.callerid;
  }
  get gateway(): string | undefined {
    return this.info.gateway;
  }
  get headers(): Readonly<Record<string, string>> {
    return this.info.headers ?? {};
  }
  get info(): CallInfo {
    return this.line.call.info;
  }
  get ringing(): boolean {
    return this.line.call.ringing;
  }
  get answered(): boolean {
    return this.line.call.answered;
  }
  get held(): boolean {
    return this.line.call.hold;
  }
  get over(): boolean {
    return this.line.ending !== undefined;
  }
  get ending(): CallEnding | undefined {
    return this.line.ending;
  }
  get ended(): Promise<CallEnding> {
    return this.line.ended;
  }
  get signal(): AbortSignal {
    return this.line.signal;
  }
  get history(): readonly HistoryEntry[] {
    return this.line.call.history;
  }
  get metadata(): CallMetadata {
    return this.line.call.metadata;
  }

  ring(options: RingOptions = {}): Promise<void> {
    return ring(this.line, options);
  }
  early(options: AnswerOptions = {}): Promise<void> {
    return early(this.line, options);
  }
  answer(options: AnswerOptions = {}): Promise<void> {
    return answer(this.line, options);
  }
  hangup(reason?: HangupReason): Promise<void> {
    return hangup(this.line, reason);
  }

  play(sounds: Sounds, options: PlayOptions = {}): Promise<PlayResult> {
    return play(this.line, sounds, options);
  }
  stopPlaying(options: Abortable = {}): Promise<void> {
    return stopPlaying(this.line, options);
  }
  pausePlaying(options: Abortable = {}): Promise<void> {
    return pausePlaying(this.line, options);
  }
  resumePlaying(options: Abortable = {}): Promise<void> {
    return resumePlaying(this.line, options);
  }
  echo(options: EchoOptions = {}): Promise<void> {
    return echo(this.line, options);
  }
  sayDigits(digits: string, options: SayDigitsOptions = {}): Promise<PlayResult> {
    const snippets = options.snippets ?? this.#services.home.settings.snippets();
    return sayDigits(this.line, digits, { ...options, ...(snippets !== undefined && { snippets }) });
  }
  gather(options: GatherOptions = {}): Promise<GatherResult> {
    return gather(this.line, options);
  }
  record(options: RecordOptions): Promise<Recording> {
    return record(this.line, options);
  }

  async dial(
    targets: Target | readonly Target[],
    options: DialOptions = {},
  ): Promise<DialResult<ActiveCall>> {
    const { home } = this.#services;
    return this.#faced(await dial({ home, caller: this.line, verb: "dial" }, targets, options));
  }
  bridge(other: ActiveCall, options: BridgeOptions = {}): Promise<BridgeResult> {
    return bridge(this.line, other.line, options);
  }
  hold(options: HoldOptions = {}): Promise<HoldResult> {
    return hold(this.line, options);
  }
  unhold(options: Abortable = {}): Promise<HoldResult> {
    return unhold(this.line, options);
  }
  async transfer(
    target: Target | readonly Target[] | ActiveCall,
    options: DialOptions = {},
  ): Promise<DialResult<ActiveCall>> {
    const { line } = this;
    return this.#faced(
      isCall(target)
        ? await attendedTransfer(line, target.line, options)
        : await blindTransfer(this.#services.home, line, target, options),
    );
  }
  handOn(): void {
    this.line.handOn();
    this.line.joint?.release?.();
  }

  sendKeys(keys: string, options: SendKeysOptions = {}): Promise<void> {
    return sendKeys(this.line, keys, options);
  }
  keys(options: Abortable = {}): AsyncIterable<KeyPress> {
    return keyPresses(this.line, options);
  }
  detectTones(options: Abortable & { readonly enabled: boolean }): Promise<void> {
    return detectTones(this.line, options);
  }
  message(text: string, options: Abortable & { readonly contentType?: string } = {}): Promise<void> {
    return message(this.line, text, options);
  }
  audio(options: LiveAudioOptions = {}): LiveAudio {
    return liveAudio(this.line, options);
  }

  conference(room: string, options: ConferenceOptions = {}): Promise<ConferenceResult> {
    return conference(this.#services.rooms, this.line, room, options);
  }
  async queue(name: string, options: QueueCallOptions = {}): Promise<QueueResult> {
    const { queues, home } = this.#services;
    return queueCall({ queue: queues.of(name), home }, this.line, options);
  }
  park(options: ParkOptions = {}): Promise<ParkResult> {
    return this.#services.parking.park(this.line, options);
  }
  pickup(from: PickupFrom, options: Abortable = {}): Promise<PickupResult> {
    return pickup(this.#services, this.line, from, options);
  }
  async ringGroup(
    group: string,
    targets: Target | readonly Target[],
    options: DialOptions = {},
  ): Promise<DialResult<ActiveCall> | PickedUp> {
    const result = await this.#services.groups.dial(this.line, group, targets, options);
    return result.outcome === "picked-up" ? result : this.#faced(result);
  }
  voicemail(box: MailboxAddress, options: VoicemailOptions = {}): Promise<VoicemailResult> {
    return leaveMessage(this.#services.voicemail, this.line, box, options);
  }
  mailbox(box: MailboxAddress, options: MailboxOptions = {}): Promise<MailboxResult> {
    return listenToMailbox(this.#services.voicemail, this.line, box, options);
  }
  supervise(other: ActiveCall, mode: SupervisionMode, options: Abortable = {}): Promise<Supervision> {
    return supervise(this.line, other.line, mode, options);
  }

  sleep(millis: number, options: Abortable = {}): Promise<void> {
    return sleep(this.line, millis, options);
  }
  after(millis: number, task: () => unknown): CallTimer {
    return after(this.line, millis, task);
  }
  events(options: Abortable = {}): AsyncIterable<ActiveCallEvent> {
    return callEvents(this.line, options);
  }
  note(what: string): void {
    this.line.call.history = what;
  }

  #faced(result: DialResult<Line>): DialResult<ActiveCall> {
    return result.outcome === "answered" ? { ...result, call: this.#faceOf(result.call) } : result;
  }
}

const isCall = (target: Target | readonly Target[] | ActiveCall): target is ActiveCall =>
  typeof target === "object" && "line" in target;
