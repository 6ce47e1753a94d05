import { seconds } from "../../core/brand.js";
import type { Timer } from "../../core/clock.js";
import type { Call } from "../call.js";
import type { Desk } from "../desk.js";
import { link } from "../family.js";
import { stopMusic } from "./music.js";
import { notifyTransferor } from "./notify-transferor.js";
import { converse, separate } from "./partners.js";
import type { Referral, SipStatus } from "./referral.js";
import {
  TRANSFER_MACHINE,
  type TransferEffect,
  type TransferInput,
  type TransferState,
} from "./transfer-machine.js";

/**
 * How long a target may take. The SIP side gives up a REFER after 180 s by itself; before that the transferee has to be
 * somebody's again.
 */
const LIMIT = seconds(170);

export interface TransferParts {
  /** The leg that received the REFER. */
  readonly transferor: Call;
  /** The transferor's leg that talks to the transferee: `transferor` unless given. */
  readonly partner?: Call;
  /** Its other leg, where it called the target itself; not needed any more, however this ends. */
  readonly spare?: Call;
  readonly transferee: Call;
}

/**
 * A transferee on its way to the target. Until somebody has taken it the transferor's leg is kept, so that the two can
 * be joined again when it fails (RFC 5589 §6.1, §6.3).
 */
export class Transfer implements Referral {
  readonly #transferor: Call;
  readonly #desk: Desk;
  readonly #transferee: Call;
  readonly #partner: Call;
  readonly #spare: Call | undefined;
  /** Of partner and transferee, who was whose parent. */
  readonly #parent: Call;
  readonly #stoodFor: Call["standsFor"];
  readonly #limit: Timer;
  readonly #unwatch: () => void;
  #state: TransferState = "trying";
  #status: SipStatus = { code: 480 };

  /** Parts the two and takes the transferee over; who is to hear it now is for the caller to see to. */
  constructor(desk: Desk, { transferor, partner = transferor, spare, transferee }: TransferParts) {
    this.#desk = desk;
    this.#transferor = transferor;
    this.#partner = partner;
    this.#spare = spare;
    this.#transferee = transferee;
    this.#parent = separate(partner, transferee);
    this.#stoodFor = transferee.standsFor;
    this.#limit = desk.clock.after(LIMIT, () => {
      this.take("too-long");
    });
    this.#unwatch = transferee.watchers.add(({ type }) => {
      if (type === "ended") this.take("transferee-ended");
    });
    transferee.referral = this;
  }

  get isOver(): boolean {
    return this.#state === "over";
  }

  take(input: TransferInput, status?: SipStatus): void {
    const row = TRANSFER_MACHINE[this.#state][input];
    if (row === "ignore") return;
    this.#state = row.state;
    this.#status = status ?? this.#status;
    if (this.isOver) {
      this.#limit.cancel();
      this.#unwatch();
    }
    for (const effect of row.effects) this.#perform(effect);
  }

  #perform(effect: TransferEffect): void {
    switch (effect) {
      case "tell-ringing":
        this.#notify({ code: 180 });
        return;
      case "tell-done":
        this.#notify({ code: 200 });
        return;
      case "tell-refused":
        this.#notify(this.#status);
        return;
      case "tell-gone":
        this.#notify({ code: this.#transferee.error?.code ?? 487 });
        return;
      case "tell-timeout":
        this.#notify({ code: 408 });
        return;
      case "stop-music":
        void stopMusic(this.#desk, this.#transferee);
        return;
      case "end-transferor":
        this.#end(this.#partner);
        this.#end(this.#spare);
        return;
      case "drop-targets":
        for (const target of [...this.#transferee.metadata.family.children]) {
          separate(this.#transferee, target);
          void this.#desk.feed(target, "hangup");
        }
        return;
      case "give-back":
        this.#end(this.#spare);
        this.#giveBack();
        return;
    }
  }

  #notify(status: SipStatus): void {
    void notifyTransferor(this.#desk, this.#transferor, status);
  }

  #end(call: Call | undefined): void {
    if (call !== undefined) void this.#desk.feed(call, "hangup");
  }

  #giveBack(): void {
    const [desk, partner, transferee] = [this.#desk, this.#partner, this.#transferee];
    const { refer: _refer, ...info } = transferee.info;
    transferee.info = info;
    transferee.standsFor = this.#stoodFor;
    transferee.referral = undefined;
    if (partner.isOver) {
      transferee.history = "Xfer failed, nobody is left";
      void desk.feed(transferee, "hangup");
      return;
    }
    const [parent, child] = this.#parent === partner ? [partner, transferee] : [transferee, partner];
    link(desk, parent, child);
    transferee.history = "Xfer failed, back to the transferor";
    transferee.tell({ type: "partner", callid: partner.callid });
    void transferee.tasks.run(() => converse(desk, transferee, partner));
  }
}
