/**
 * A call as the modern face shows it: types only.
 *
 * Every verb returns a promise that settles for certain. Where the call ends meanwhile, or has ended, it rejects with
 * `CallEnded`; where its signal is aborted, it undoes what it began and rejects with ABORTED; options that make no sense
 * reject with ARGUMENT_INVALID and the name of the field.
 */
import type { CallInfo, CallerId } from "../../sip/sip-service.js";
import type { CallMetadata, HistoryEntry } from "../call.js";
import type { HangupReason } from "../causes.js";
import type { ConferenceOptions, ConferenceResult } from "../services/conference/conference-options.js";
import type {
  ParkOptions,
  ParkResult,
  PickedUp,
  PickupFrom,
  PickupResult,
} from "../services/park/park-options.js";
import type { QueueCallOptions, QueueResult } from "../services/queue/queue-options.js";
import type { Supervision, SupervisionMode } from "../services/supervision/supervision-options.js";
import type {
  MailboxAddress,
  MailboxOptions,
  MailboxResult,
  VoicemailOptions,
  VoicemailResult,
} from "../services/voicemail/voicemail-options.js";
import type { CallEnding } from "./call-ended.js";
import type { DialOptions, DialResult, Target } from "./dial-options.js";
import type { Line } from "./line.js";
import type { LiveAudio, LiveAudioOptions } from "./live-audio.js";
import type { Sounds } from "./sound.js";
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

export interface ActiveCall {
  /** The Call-ID: unique, and the same in the record, in logs and over HTTP. */
  readonly id: string;
  /** `inbound`: the far end called us. */
  readonly direction: "inbound" | "outbound";
  /** The user part that was dialled. */
  readonly to: string;
  /** The user part of who calls. */
  readonly from: string;
  /** The domain it belongs to. */
  readonly domain: string;
  /** Who calls, as a trusted peer or else From says. */
  readonly callerid: CallerId | undefined;
  /** The gateway that it came in from, or goes out by. */
  readonly gateway: string | undefined;
  /** Headers of the INVITE that came in, as far as they are none of SIP's own; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** All that the SIP side knows of it; replaced whole by each of its events. */
  readonly info: CallInfo;
  readonly ringing: boolean;
  readonly answered: boolean;
  /** The far end has us on hold. */
  readonly held: boolean;
  /** It has ended, or is about to: no verb does anything any more. */
  readonly over: boolean;
  /** How it ended; undefined while it has not. */
  readonly ending: CallEnding | undefined;
  /** Settles when the call has ended; never rejects. */
  readonly ended: Promise<CallEnding>;
  /** Aborted when the call ends: for what a script does beside its call. */
  readonly signal: AbortSignal;
  /** All that was done to it, in order. */
  readonly history: readonly HistoryEntry[];
  /** Follows the call; free for the script's own keys. */
  readonly metadata: CallMetadata;

  /** 180 to the caller: its phone rings. Settles when that has gone out; nothing happens where it rings already. */
  ring(options?: RingOptions): Promise<void>;
  /** Early media: the caller, unanswered, hears what is played or a call it is bridged with. */
  early(options?: AnswerOptions): Promise<void>;
  /** 2xx to the caller. Settles when both sides have agreed. Nothing happens where it is answered. */
  answer(options?: AnswerOptions): Promise<void>;
  /**
   * Ends the call in any state: normally, with a name of the table of causes (`busy`, `DECLINED` …), or with a SIP status.
   * Settles when the SIP side has taken it. Never rejects with `CallEnded`.
   */
  hangup(reason?: HangupReason): Promise<void>;

  /**
   * Plays to the far end, in place of what is played. Settles when it ends, and tells why. MEDIA_MIXED while the call is in
   * a bridge, a conference or a talk of a queue: who is there hears them.
   */
  play(sounds: Sounds, options?: PlayOptions): Promise<PlayResult>;
  /** Stops what is played; the verb that plays it tells `stopped`. */
  stopPlaying(options?: Abortable): Promise<void>;
  /** What is played stops where it is, and goes on from there. MEDIA_STATE: nothing is played. */
  pausePlaying(options?: Abortable): Promise<void>;
  resumePlaying(options?: Abortable): Promise<void>;
  /** The far end hears itself from now on, until something is played, it is bridged, or `enabled` is false. */
  echo(options?: EchoOptions): Promise<void>;
  /** Says each character by its snippet: `0`–`9`, `*`, `#`, whatever the snippets have. */
  sayDigits(digits: string, options?: SayDigitsOptions): Promise<PlayResult>;
  /** Plays a prompt and collects key presses. */
  gather(options?: GatherOptions): Promise<GatherResult>;
  /** Begins to record. Settles when that is accepted; aborting the signal later ends the recording. */
  record(options: RecordOptions): Promise<Recording>;

  /**
   * Calls one or several for this call: the caller of `dial` is told of a failure by the result, not by an error. The
   * call that answers is not bridged yet, and is hung up when this one ends, unless it was handed on.
   * NOT_ALLOWED: a target out by a gateway or in a foreign domain that no rule of `app.allow` allows.
   */
  dial(targets: Target | readonly Target[], options?: DialOptions): Promise<DialResult<ActiveCall>>;
  /**
   * Lets the two hear each other until one ends; answers this call if need be. Aborting parts them. What they were
   * bridged with before is left.
   */
  bridge(other: ActiveCall, options?: BridgeOptions): Promise<BridgeResult>;
  /** Puts the far end on hold (re-INVITE, sendonly), out of its bridge. */
  hold(options?: HoldOptions): Promise<HoldResult>;
  /** Takes it back (sendrecv); a bridge is not restored. */
  unhold(options?: Abortable): Promise<HoldResult>;
  /**
   * Blind: calls the target for this call and joins the two; whoever this call talked with is left as it is. Attended,
   * with a call that is up: joins the two at once. Afterwards both live on without a script, until one of them ends.
   */
  transfer(
    target: Target | readonly Target[] | ActiveCall,
    options?: DialOptions,
  ): Promise<DialResult<ActiveCall>>;
  /** From now on the call lives without the script: it is not hung up when the handler returns, or with who dialled it. */
  handOn(): void;

  /** Presses keys towards the far end, one after the other. Settles when the last was let go. */
  sendKeys(keys: string, options?: SendKeysOptions): Promise<void>;
  /** Key presses of the far end from now on, until the call ends. */
  keys(options?: Abortable): AsyncIterable<KeyPress>;
  /** Whether keys are also looked for as tones in the audio; not unless asked. */
  detectTones(options: Abortable & { readonly enabled: boolean }): Promise<void>;
  /** Text within the call (MESSAGE); `contentType` is text/plain unless given. */
  message(text: string, options?: Abortable & { readonly contentType?: string }): Promise<void>;
  /** The call's audio as streams. MEDIA_UNAVAILABLE where the media server is another process. */
  audio(options?: LiveAudioOptions): LiveAudio;

  /** Into a conference room, answered if need be. Settles when it has left, or may not come in. */
  conference(room: string, options?: ConferenceOptions): Promise<ConferenceResult>;
  /**
   * Into a queue, answered if need be, until an agent takes it. Settles when the two have talked, or it waits no more.
   * The agent's call is hung up with this one.
   */
  queue(name: string, options?: QueueCallOptions): Promise<QueueResult>;
  /** Waits in a slot until somebody picks it up. Settles when the two have talked, or nobody came. */
  park(options?: ParkOptions): Promise<ParkResult>;
  /** Takes the parked call of a slot, or one that rings in a group. Settles when the two have talked. */
  pickup(from: PickupFrom, options?: Abortable): Promise<PickupResult>;
  /** As `dial`, of phones of a group: meanwhile a call that picks up from the group gets this one. */
  ringGroup(
    group: string,
    targets: Target | readonly Target[],
    options?: DialOptions,
  ): Promise<DialResult<ActiveCall> | PickedUp>;
  /** Takes a message for a mailbox, `user` or `user@domain`; it is kept also when the caller hangs up. */
  voicemail(box: MailboxAddress, options?: VoicemailOptions): Promise<VoicemailResult>;
  /** Plays the messages of a mailbox, and does what keys ask for. */
  mailbox(box: MailboxAddress, options?: MailboxOptions): Promise<MailboxResult>;
  /**
   * Listens to a call that talks with others: heard by nobody (`listen`), by that call only (`whisper`), by all
   * (`barge`). Settles when it is heard; aborting later ends it. CALL_STATE: that call talks with nobody.
   */
  supervise(other: ActiveCall, mode: SupervisionMode, options?: Abortable): Promise<Supervision>;

  /** Waits; milliseconds. */
  sleep(millis: number, options?: Abortable): Promise<void>;
  /** Runs `task` once, so many milliseconds from now, unless the call has ended by then. An error ends this call only. */
  after(millis: number, task: () => unknown): CallTimer;
  /** What happens to the call from now on; the last one is `ended`. */
  events(options?: Abortable): AsyncIterable<ActiveCallEvent>;
  /** Adds a line to the history. */
  note(what: string): void;

  /** What the verbs are built on; for control's own services. */
  readonly line: Line;
}
