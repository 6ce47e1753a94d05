/** Does what a client asks of a call, by the verbs of the modern face. */
import { MediaswitchError, toErrorRecord } from "../../core/errors.js";
import type { ActiveCall } from "../../control/app/active-call.js";
import { CallEnded } from "../../control/app/call-ended.js";
import type { Target } from "../../control/app/dial-options.js";
import type { Line } from "../../control/app/line.js";
import { Lines } from "../../control/app/lines.js";
import { unbridge } from "../../control/app/joint.js";
import { LiveCall } from "../../control/app/live-call.js";
import type { Call } from "../../control/call.js";
import type { HangupReason } from "../../control/causes.js";
import type { CallEvent } from "../../control/call-event.js";
import type { Controller } from "../../control/controller.js";
import { Services } from "../../control/services/services.js";
import type { Action } from "./action-schema.js";
import type { CallRegistry } from "./call-registry.js";
import type { EventLog } from "./event-log.js";
import type { Tidings } from "./event-schema.js";

type Finished = Extract<Tidings, { type: "call.action" }>["data"];
type Named<Name extends Action["action"]> = Extract<Action, { action: Name }>;

export class CallActions {
  readonly #controller: Controller;
  readonly #registry: CallRegistry;
  readonly #log: EventLog;
  readonly #lines: Lines;
  readonly #services: Services;
  readonly #faces = new WeakMap<Line, ActiveCall>();

  constructor(controller: Controller, registry: CallRegistry, log: EventLog) {
    this.#controller = controller;
    this.#registry = registry;
    this.#log = log;
    this.#lines = new Lines(controller, {
      snippets: () => undefined,
      // Who may speak to this interface may call whom he likes.
      checkAllowed: () => undefined,
      defaultDomain: () => undefined,
    });
    this.#services = new Services(this.#lines);
  }

  /** Settles when it has begun, or is done; how one that takes a while ends is told as `call.action`. */
  async perform(id: string, action: Action): Promise<void> {
    const call = this.#registry.call(id);
    const face = this.#faceOf(call);
    switch (action.action) {
      case "ring":
      case "early":
      case "answer":
        return this.#establish(face, action);
      case "play":
      case "gather":
      case "stop-play":
      case "pause-play":
      case "resume-play":
      case "echo":
      case "send-keys":
      case "detect-tones":
        return this.#sound(call, face, action);
      case "record":
      case "pause-record":
      case "resume-record":
      case "stop-record":
        return this.#record(call, face, action);
      case "hold":
        await face.hold(action.music === undefined ? {} : { music: action.music });
        return;
      case "unhold":
        await face.unhold();
        return;
      case "mute":
        return this.#mute(call, action.direction ?? "in");
      case "unmute":
        return this.#mute(call, "none");
      case "bridge":
      case "unbridge":
      case "dial":
      case "transfer":
        return this.#join(call, face, action);
      case "message":
        return face.message(
          action.text,
          action.contentType === undefined ? {} : { contentType: action.contentType },
        );
      case "note":
        face.note(action.what);
        return;
      case "metadata":
        call.metadata["cdr"] = action.cdr;
        return;
    }
  }

  /** Ends the call; whatever waits for it is told at once, a script's verbs as well. */
  hangup(id: string, reason: HangupReason | undefined): Promise<void> {
    return this.#faceOf(this.#registry.call(id)).hangup(reason);
  }

  #faceOf(call: Call): ActiveCall {
    return this.#face(this.#lines.of(call));
  }

  readonly #face = (line: Line): ActiveCall => {
    const known = this.#faces.get(line);
    if (known !== undefined) return known;
    const face = new LiveCall(line, this.#services, this.#face);
    this.#faces.set(line, face);
    return face;
  };

  #establish(face: ActiveCall, action: Named<"ring" | "early" | "answer">): Promise<void> {
    switch (action.action) {
      case "ring":
        return face.ring(action.alertinfo === undefined ? {} : { alertinfo: action.alertinfo });
      case "early":
        return face.early(action.codecs === undefined ? {} : { codecs: action.codecs });
      case "answer":
        return face.answer(action.codecs === undefined ? {} : { codecs: action.codecs });
    }
  }

  #sound(
    call: Call,
    face: ActiveCall,
    action: Named<
      "play" | "gather" | "stop-play" | "pause-play" | "resume-play" | "echo" | "send-keys" | "detect-tones"
    >,
  ): Promise<void> {
    switch (action.action) {
      case "play": {
        const { action: name, sounds, ...options } = action;
        return this.#begin(call, name, face.play(sounds, options), startsToPlay);
      }
      case "gather": {
        const { action: name, ...options } = action;
        return this.#begin(call, name, face.gather(options), AT_ONCE);
      }
      case "stop-play":
        return face.stopPlaying();
      case "pause-play":
        return face.pausePlaying();
      case "resume-play":
        return face.resumePlaying();
      case "echo":
        return face.echo(action.enabled === undefined ? {} : { enabled: action.enabled });
      case "send-keys": {
        const { action: name, keys, ...options } = action;
        return this.#begin(call, name, face.sendKeys(keys, options), AT_ONCE);
      }
      case "detect-tones":
        return face.detectTones({ enabled: action.enabled });
    }
  }

  async #record(
    call: Call,
    face: ActiveCall,
    action: Named<"record" | "pause-record" | "resume-record" | "stop-record">,
  ): Promise<void> {
    if (action.action === "record") {
      const { action: name, ...options } = action;
      const recording = await face.record(options);
      this.#tellEnd(call, name, recording.finished);
      return;
    }
    const { file } = action;
    const options =
      action.action === "resume-record"
        ? { file }
        : action.action === "pause-record"
          ? { file, pause: true }
          : { file, finish: true };
    await this.#controller.media.execute({ type: "record", uuid: channelOf(call), options });
  }

  /** What the far end says is not heard (`in`), or it hears nothing (`out`). */
  async #mute(call: Call, direction: "in" | "out" | "both" | "none"): Promise<void> {
    const recv = direction === "out" || direction === "none";
    const send = direction === "in" || direction === "none";
    await this.#controller.media.execute({ type: "direction", uuid: channelOf(call), send, recv });
  }

  async #join(
    call: Call,
    face: ActiveCall,
    action: Named<"bridge" | "unbridge" | "dial" | "transfer">,
  ): Promise<void> {
    switch (action.action) {
      case "bridge": {
        const { action: name, with: other, music } = action;
        const bridged = face.bridge(
          this.#faceOf(this.#registry.call(other)),
          music === undefined ? {} : { music },
        );
        return this.#begin(call, name, bridged, isJoined);
      }
      case "unbridge":
        await unbridge(face.line);
        return;
      case "dial": {
        const { action: name, to, bridge = true, ...options } = action;
        const dialled = this.#dial(call, face.dial(to, options), { bridge });
        return this.#begin(call, name, dialled, AT_ONCE);
      }
      case "transfer": {
        const { action: name, to, with: other, ...options } = action;
        if ((to === undefined) === (other === undefined)) {
          throw new MediaswitchError("ARGUMENT_INVALID", "to: expected either to or with", "to");
        }
        const target =
          other === undefined ? (to as Target | Target[]) : this.#faceOf(this.#registry.call(other));
        return this.#begin(
          call,
          name,
          this.#dial(call, face.transfer(target, options), { bridge: false }),
          AT_ONCE,
        );
      }
    }
  }

  async #dial(
    call: Call,
    dialling: ReturnType<ActiveCall["dial"]>,
    { bridge }: { readonly bridge: boolean },
  ): Promise<object> {
    const result = await dialling;
    if (result.outcome !== "answered") {
      const { outcome, code, cause } = result;
      return { outcome, code, cause };
    }
    const other = result.call;
    if (bridge) this.#tellEnd(call, "bridge", this.#faceOf(call).bridge(other));
    return { outcome: "answered", call: this.#registry.idOf(other.line.call) };
  }

  /**
   * Settles with the first of: the call tells that it has begun, the verb is done, the verb fails. Only a failure before
   * the answer went out is told there; everything else is told as an event.
   */
  async #begin(
    call: Call,
    name: Finished["action"],
    verb: Promise<unknown>,
    hasBegun: ((event: CallEvent) => boolean) | undefined,
  ): Promise<void> {
    let unwatch: () => void = () => undefined;
    const begun =
      hasBegun === undefined
        ? settled()
        : new Promise<void>((resolve) => {
            unwatch = call.watchers.add((event) => {
              if (hasBegun(event)) resolve();
            });
          });
    try {
      await Promise.race([begun, verb]);
    } finally {
      unwatch();
    }
    this.#tellEnd(call, name, verb);
  }

  #tellEnd(call: Call, action: Finished["action"], verb: Promise<unknown>): void {
    const of = { call: this.#registry.idOf(call), record: call.record };
    const tell = (data: Finished): void => this.#log.tell({ type: "call.action", ...of, data });
    verb.then(
      (result) => {
        tell({ action, ...(typeof result === "object" && result !== null && { result: { ...result } }) });
      },
      (error: unknown) => {
        // That the call has ended is told by an event of its own.
        if (error instanceof CallEnded) return;
        const { code, message } = toErrorRecord(error);
        tell({ action, error: { code, message } });
      },
    );
  }
}

/** Nothing tells that it has begun. */
const AT_ONCE = undefined;

const startsToPlay = (event: CallEvent): boolean =>
  event.type === "channel" && event.event.type === "play" && event.event.event === "start";

const isJoined = (event: CallEvent): boolean =>
  (event.type === "channel" && event.event.type === "mix") || (event.type === "note" && event.what === "Mix");

/** A few turns of the loop of promises: what is refused at once has been refused by then. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

/** @throws {MediaswitchError} CALL_STATE */
function channelOf(call: Call): string {
  const uuid = call.leg.channel?.uuid;
  if (uuid === undefined) throw new MediaswitchError("CALL_STATE", "the call has no audio yet");
  return uuid;
}
