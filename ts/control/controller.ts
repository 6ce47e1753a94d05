/**
 * Joins SIP legs and media channels into calls: takes the events of both sides, moves each call through its table
 * and has the effects carried out by the verbs, one file each.
 */
import { BusyMap } from "../core/busy-map.js";
import type { Clock } from "../core/clock.js";
import { MediaswitchError } from "../core/errors.js";
import type { Log } from "../core/log.js";
import { uuid, type Random } from "../core/random.js";
import type { EventSink } from "../core/service.js";
import type { MediaEvent, MediaService } from "../rtp/media-service.js";
import type { CodecName } from "../sdp/payload-types.js";
import type { CallInfo, DialogCause, InviteRequest, SipEvent, SipService } from "../sip/sip-service.js";
import { sendAck, sendAnswer, sendOk, takeAnswer, takeModified, takeReanswer } from "./answer.js";
import { callError, isCallGone, isEveryday } from "./call-error.js";
import type { CallEvent } from "./call-event.js";
import type { CallEffect, CallInput } from "./call-machine.js";
import { Call, type CallVerbs } from "./call.js";
import { callVerbs } from "./call-verbs.js";
import { ChannelLease } from "./channel-lease.js";
import { channelClosed } from "./channel.js";
import { ClosingChannels } from "./closing-channels.js";
import type { Desk, InputDetails } from "./desk.js";
import { sendEarly, sendEarlyAck, takeEarly } from "./early.js";
import { finish, sendHangup } from "./hangup.js";
import { relayKey } from "./relay-key.js";
import { Leg } from "./leg.js";
import type { NewCallRequest } from "./new-call-request.js";
import { endRivals, newCall } from "./newcall.js";
import { runPending, tellNewCall, tellRinging } from "./notify.js";
import { sendRing } from "./ring.js";
import { Script } from "./script.js";
import { isForTransfer } from "./transfer/listen.js";
import { takeRefer } from "./transfer/refer.js";
import { takePlace } from "./transfer/replace.js";
import { Watchers } from "./watchers.js";

export interface ControllerOptions {
  readonly sip: SipService;
  readonly media: MediaService;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** URL that events are to come back to, where the other components are elsewhere. */
  readonly controlUrl?: string;
  /** Seconds that channels live on without us, where the media side is elsewhere; for ever unless given. */
  readonly leaseSeconds?: number;
  /** Runs what belongs to a call, and remembers whose it is: for errors that nobody catches. */
  readonly within?: <Result>(callid: string, run: () => Result) => Result;
}

const DONE = Promise.resolve();

/** Live counts; each goes back to 0 once all calls are over. */
export interface ControlHealth {
  readonly calls: number;
  readonly channels: number;
}

type DialogEvent = Extract<SipEvent, { type: "dialog" }>;

const INPUTS: Readonly<Record<Exclude<DialogCause, "refer">, CallInput>> = {
  new: "new",
  ringing: "remote-ringing",
  early: "remote-early",
  "early-offer": "remote-early-offer",
  answered: "answered",
  offer: "offer",
  reinvite: "reinvite",
  modified: "modified",
  unmodified: "unmodified",
  key: "key",
  message: "message",
  ended: "ended",
};

export class Controller implements Desk {
  readonly sip: SipService;
  readonly media: MediaService;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly controlUrl: string | undefined;
  readonly lease: ChannelLease | undefined;
  /** The callbacks and codecs in force; `ProjectControl` puts its own here. */
  script = new Script();
  readonly channels: Map<string, Call> = new BusyMap<Call>();
  readonly serviceChannels = new Map<string, (event: MediaEvent) => void>();
  /** Told of everything that happens to any leg. */
  readonly watchers = new Watchers<{ readonly call: Call; readonly event: CallEvent }>();

  /** Told of what a channel says once its call has ended: its last recordings, its statistics. */
  readonly lastWatchers = new Watchers<{ readonly call: Call; readonly event: MediaEvent }>();
  readonly closing = new ClosingChannels<Call>();

  readonly #within: NonNullable<ControllerOptions["within"]>;
  readonly #verbs: CallVerbs = callVerbs(this, this.watchers);
  readonly #calls = new BusyMap<Call>();
  #pendingInvites = 0;
  /** Events of outbound calls under ids that no call has, kept while an invite is pending that may get that id. */
  readonly #unclaimed = new Map<string, DialogEvent[]>();

  constructor(options: ControllerOptions) {
    const { sip, media, clock, random, log, controlUrl, leaseSeconds, within } = options;
    this.sip = sip;
    this.media = media;
    this.clock = clock;
    this.random = random;
    this.log = log;
    this.controlUrl = controlUrl;
    this.lease =
      leaseSeconds === undefined
        ? undefined
        : new ChannelLease({ media, clock, log, holder: uuid(random), seconds: leaseSeconds });
    this.#within = within ?? ((_callid, run) => run());
    sip.attach(this.onSipEvent);
    media.attach(this.onMediaEvent);
  }

  /** Live calls by call-id. */
  get calls(): ReadonlyMap<string, Call> {
    return this.#calls;
  }

  get codecs(): readonly CodecName[] {
    return this.script.codecs;
  }
  set codecs(codecs: readonly CodecName[]) {
    this.script.codecs = codecs;
  }

  health(): ControlHealth {
    return { calls: this.#calls.size, channels: this.channels.size };
  }

  /** Calls somebody for nobody yet: a call without a parent. */
  newcall(request: NewCallRequest): Call {
    return newCall(this, undefined, request);
  }

  /** Hangs up all calls. @returns settles when the SIP side has been told. */
  async hangupAll(): Promise<void> {
    await Promise.all([...this.#calls.values()].map((call) => this.feed(call, "hangup")));
  }

  /** Takes an event and returns; what follows from it is done afterwards. Rejects for a call nobody wants. */
  readonly onSipEvent: EventSink<SipEvent> = async (event) => {
    switch (event.type) {
      case "dialog":
        return this.#onDialog(event);
      case "registered":
        this.script.reg.run(event.registration, this.#logCallbackFailure);
        return;
      case "deregistered":
        this.#onDeregistered(event);
        return;
      case "gateway":
        this.script.gateway.run(event.gateway, this.#logCallbackFailure);
        return;
      case "subscribed":
        this.script.subscribe.run(event.subscription, this.#logCallbackFailure);
        return;
      case "message":
        if (this.script.message.size === 0) {
          throw new MediaswitchError("CONTROL_UNAVAILABLE", "no script takes messages");
        }
        this.script.message.run(event.message, this.#logCallbackFailure);
        return;
    }
  };

  // eslint-disable-next-line @typescript-eslint/require-await -- what is thrown has to reject
  readonly onMediaEvent: EventSink<MediaEvent> = async (event) => {
    const call = this.channels.get(event.uuid);
    if (call === undefined) this.#onMedia(event);
    else this.within(call, () => this.#onMedia(event));
  };

  #onMedia(event: MediaEvent): void {
    const service = this.serviceChannels.get(event.uuid);
    if (service !== undefined) {
      service(event);
      return;
    }
    const call = this.channels.get(event.uuid);
    if (call === undefined) this.#onLastWords(event);
    switch (event.type) {
      case "closed":
        call?.tell({ type: "channel", event });
        this.#onChannelClosed(event.uuid, event.reason);
        return;
      case "source-rejected":
        this.log.debug({ ...event }, "audio from a source that was not agreed on");
        call?.tell({ type: "channel", event });
        return;
      case "telephone-event":
        call?.tell({
          type: "key",
          key: event.event,
          source: event.inband === true ? "inband" : "telephone-event",
        });
        return;
      case "telephone-event-end":
        call?.tell({ type: "key-end", key: event.event, durationMillis: event.durationMillis });
        return;
      case "play":
      case "record":
      case "mix":
        call?.tell({ type: "channel", event });
        return;
    }
  }

  /** Of a channel that we have closed. */
  #onLastWords(event: MediaEvent): void {
    const call = this.closing.take(event);
    if (call === undefined) return;
    this.lastWatchers.tell({ call, event }, (error) => {
      this.log.error({ callid: call.callid, err: error }, "one who watches a call failed");
    });
  }

  /** @returns settles when all that follows has been done. */
  feed(call: Call, input: CallInput, details: InputDetails = {}): Promise<void> {
    if (isForTransfer(call, input, details)) return DONE;
    const effects = call.step(input);
    const [only] = effects;
    if (only === undefined) return DONE;
    return effects.length === 1
      ? this.#perform(call, only, details)
      : this.#performAll(call, effects, details);
  }

  async #performAll(call: Call, effects: readonly CallEffect[], details: InputDetails): Promise<void> {
    await Promise.all(effects.map((effect) => this.#perform(call, effect, details)));
  }

  fail(call: Call, error: unknown): void {
    if (call.isPlaced && isCallGone(error)) {
      this.log.debug({ callid: call.callid, err: error }, "the call ended before this could be done");
      void this.feed(call, "failed");
      return;
    }
    const why = callError(error);
    const level = isEveryday(error) ? "info" : "error";
    this.log[level]({ callid: call.callid, code: why.code, err: error }, `call failed: ${why.message}`);
    if (call.isOver) return;
    call.error = why;
    call.failure = error;
    void this.feed(call, "failed", { status: { code: why.code } });
  }

  enter(info: CallInfo, record?: string): Call {
    const leg = new Leg(this.media, this.random);
    const call = new Call(info, leg, this.#verbs, record ?? uuid(this.random));
    this.#calls.set(info.callid, call);
    this.log.debug({ callid: info.callid, call: call.record }, "a leg of the call");
    call.tell({ type: "new" });
    call.history = "New call";
    return call;
  }

  within<Result>(call: Call, run: () => Result): Result {
    return this.#within(call.callid, run);
  }

  leave(call: Call): void {
    if (this.#calls.get(call.callid) === call) this.#calls.delete(call.callid);
  }

  async invite(call: Call, request: InviteRequest): Promise<void> {
    this.#pendingInvites += 1;
    try {
      const { callid } = await this.sip.execute({ type: "dialog.invite", request });
      if (callid !== call.callid) this.#rename(call, callid);
    } finally {
      this.#pendingInvites -= 1;
      if (this.#pendingInvites === 0) this.#unclaimed.clear();
    }
  }

  /** @returns of a REFER: settles when it is taken, rejects when it is not. */
  #onDialog(event: DialogEvent): Promise<void> | undefined {
    const { info, cause } = event;
    const call = this.#calls.get(info.callid);
    if (call !== undefined) return this.#takeEvent(call, event);
    if (info.originator) {
      this.#keepUnclaimed(event);
    } else if (cause === "new") {
      if (this.script.newcall.size === 0) {
        throw new MediaswitchError("CONTROL_UNAVAILABLE", "no script takes calls");
      }
      this.log.info({ callid: info.callid, from: info.from, to: info.to, domain: info.domain }, "new call");
      return this.#takeEvent(this.enter(info), event);
    } else {
      this.log.debug({ callid: info.callid, cause }, "event of a call that is not known here");
    }
    return undefined;
  }

  /** Events come at least once: a number that was there before is not taken again. */
  #takeEvent(call: Call, { number, info, cause }: DialogEvent): Promise<void> | undefined {
    if (number <= call.lastEvent) return undefined;
    call.lastEvent = number;
    call.info = info;
    this.#tellNews(call, cause);
    if (cause === "refer") return takeRefer(this, call);
    if (cause === "new" && info.replaces !== undefined) void takePlace(this, call);
    else void this.feed(call, INPUTS[cause], { them: info.sdp.them, key: info.key });
    return undefined;
  }

  /** What this event alone tells. */
  #tellNews(call: Call, cause: DialogCause): void {
    const { key, message, refer, refused } = call.info;
    if (cause === "key" && key !== undefined) call.tell({ type: "key", key: key.key, source: "info" });
    if (cause === "message" && message !== undefined) call.tell({ type: "message", message });
    if (cause === "refer" && refer !== undefined) call.tell({ type: "refer", refer });
    if (cause === "modified") call.tell({ type: "modified" });
    if (cause === "unmodified") call.tell({ type: "unmodified", refused });
  }

  #keepUnclaimed(event: DialogEvent): void {
    const { callid } = event.info;
    if (this.#pendingInvites === 0) {
      this.log.debug({ callid, cause: event.cause }, "event of an outbound call that is not known here");
      return;
    }
    const kept = this.#unclaimed.get(callid);
    if (kept === undefined) this.#unclaimed.set(callid, [event]);
    else kept.push(event);
  }

  /** The SIP side took another call-id than the one we asked for. */
  #rename(call: Call, callid: string): void {
    this.leave(call);
    call.info = { ...call.info, callid };
    if (!call.hasEnded) this.#calls.set(callid, call);
    const kept = this.#unclaimed.get(callid) ?? [];
    this.#unclaimed.delete(callid);
    for (const event of kept) void this.#takeEvent(call, event);
  }

  #onDeregistered({ domain, user, reason }: Extract<SipEvent, { type: "deregistered" }>): void {
    this.script.dereg.run(
      { domain, user, ...(reason === undefined ? {} : { reason }) },
      this.#logCallbackFailure,
    );
  }

  #onChannelClosed(uuid: string, reason: string): void {
    const call = channelClosed(this, uuid);
    if (call === undefined) return;
    this.fail(call, new MediaswitchError("MEDIA_UNAVAILABLE", `the media channel was closed: ${reason}`));
  }

  #perform(call: Call, effect: CallEffect, details: InputDetails): Promise<void> {
    switch (effect) {
      case "send-ring":
        return sendRing(this, call, details.alertinfo);
      case "send-early":
        return sendEarly(this, call, details.codecs);
      case "send-answer":
        return sendAnswer(this, call, details.codecs);
      case "send-ok":
        return sendOk(this, call, details.them);
      case "send-ack":
        return sendAck(this, call, details.them);
      case "send-hangup":
        return sendHangup(this, call, details.status ?? {});
      case "send-early-ack":
        return sendEarlyAck(this, call, details.them);
      case "take-early":
        return takeEarly(this, call, details.them);
      case "take-modified":
        return takeModified(this, call, details.them);
      case "relay-key":
        return relayKey(this, call, details.key);
      case "take-answer":
        return takeAnswer(this, call, details.them);
      case "take-reanswer":
        return takeReanswer(this, call, details.them);
      case "end-rivals":
        return endRivals(this, call);
      case "tell-new":
        return tellNewCall(this, call);
      case "tell-ringing":
        return tellRinging(this, call);
      case "tell-pending":
        return runPending(this, call);
      case "finish":
        return finish(this, call);
    }
  }

  readonly #logCallbackFailure = (error: unknown): void => {
    this.log.error({ err: error }, "a registration callback failed");
  };
}
