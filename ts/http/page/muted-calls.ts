/** Calls whose far end an operator does not want to be heard. */
import { MediaswitchError } from "../../core/errors.js";
import type { Call } from "../../control/call.js";
import type { Controller } from "../../control/controller.js";
import { memberOf } from "./rooms-and-queues.js";

export class MutedCalls {
  readonly #controller: Controller;
  readonly #muted = new WeakSet<Call>();

  constructor(controller: Controller) {
    this.#controller = controller;
  }

  has(call: Call): boolean {
    return this.#muted.has(call);
  }

  /** Of a member of a room, the room goes by it. @throws {MediaswitchError} CALL_STATE: there is no audio yet. */
  async set(call: Call, { muted }: { readonly muted: boolean }): Promise<void> {
    const member = memberOf(this.#controller, call.callid);
    if (member === undefined) await this.#whisper(call, { muted });
    else await (muted ? member.mute() : member.unmute());
    if (muted) this.#muted.add(call);
    else this.#muted.delete(call);
  }

  /** Who whispers to himself is heard by nobody. */
  async #whisper(call: Call, { muted }: { readonly muted: boolean }): Promise<void> {
    const uuid = call.leg.channel?.uuid;
    if (uuid === undefined) throw new MediaswitchError("CALL_STATE", "the call has no audio yet");
    await this.#controller.media.execute({ type: "whisper", uuid, ...(muted && { to: uuid }) });
  }
}
