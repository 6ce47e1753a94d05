/** Calls that wait in slots until somebody takes them. */
import { MediaswitchError } from "../../../core/errors.js";
import type { Millis } from "../../../core/brand.js";
import { answer } from "../../app/answer.js";
import { dial } from "../../app/dial.js";
import type { Target } from "../../app/dial-options.js";
import { hangup } from "../../app/hangup.js";
import type { Line, LineHome } from "../../app/line.js";
import { checkedMillis } from "../../app/option-checks.js";
import type { Abortable } from "../../app/verb-options.js";
import { waitFor, type Waiter } from "../../app/wait-for.js";
import { EventFeed, type LostEvents } from "../event-feed.js";
import { tellScript } from "../tell-script.js";
import { WaitingSound } from "../waiting-sound.js";
import { handOver, type Takeable } from "./hand-over.js";
import type {
  ParkedCall,
  ParkEvent,
  ParkingSettings,
  ParkOptions,
  ParkResult,
  TalkEnd,
} from "./park-options.js";

const DEFAULT_SLOTS = Array.from({ length: 20 }, (_, index) => String(701 + index));

/** A slot in use. */
export interface Parked extends Takeable {
  readonly slot: string;
  readonly since: Millis;
}

/** The slots of an app. */
export interface ParkingLot {
  /** Who waits there, and for how long. */
  readonly calls: readonly ParkedCall[];
  /** Goes by these from now on; those left out stay. */
  set(settings: ParkingSettings): void;
  events(options?: Abortable): AsyncIterable<ParkEvent | LostEvents>;
}

export class Parking {
  readonly events: EventFeed<ParkEvent>;
  settings: ParkingSettings = {};
  readonly #home: LineHome;
  readonly #parked = new Map<string, Parked>();

  constructor(home: LineHome) {
    this.#home = home;
    this.events = new EventFeed(home.desk.log);
  }

  get calls(): readonly ParkedCall[] {
    const now = this.#home.desk.clock.now();
    return [...this.#parked.values()].map(({ slot, line, since }) => ({
      slot,
      callid: line.call.callid,
      waited: now - since,
    }));
  }

  get lot(): ParkingLot {
    const calls = (): readonly ParkedCall[] => this.calls;
    return {
      get calls() {
        return calls();
      },
      set: (settings) => {
        this.settings = { ...this.settings, ...settings };
      },
      events: ({ signal } = {}) => this.events.read(signal),
    };
  }

  at(slot: string): Parked | undefined {
    return this.#parked.get(slot);
  }

  park(line: Line, options: ParkOptions = {}): Promise<ParkResult> {
    const { signal } = options;
    return waitFor<ParkResult>({ verb: "park", desk: line.desk, line, signal }, async (waiter) => {
      const timeout = checkedMillis(options.timeout ?? this.settings.timeout ?? 120_000, "timeout");
      const ringback = checkedMillis(options.ringback ?? 30_000, "ringback");
      const music = options.music ?? this.settings.music;
      const sound = new WaitingSound(line, { music, announcement: undefined, every: 0 });
      await answer(line, {});
      await line.joint?.part();
      if (waiter.isSettled()) return;
      const slot = this.#slot(options.slot);
      if (typeof slot !== "string") {
        waiter.done(slot);
        return;
      }
      const stay = new Stay(this, { home: this.#home, slot, line, waiter, sound });
      this.#parked.set(slot, stay);
      waiter.afterwards(() => {
        stay.leave();
        if (this.#parked.get(slot) === stay) this.#parked.delete(slot);
      });
      line.call.history = `Park ${slot}`;
      stay.tell({ type: "parked" });
      sound.start();
      waiter.after(timeout, () => void stay.timeOut(options.parker, ringback));
      tellScript(line, () => options.parked?.(slot));
    });
  }

  /** The slot is free again: who has taken it talks. */
  release(parked: Parked): void {
    if (this.#parked.get(parked.slot) === parked) this.#parked.delete(parked.slot);
  }

  #slot(wanted: string | undefined): string | Extract<ParkResult, { outcome: "refused" }> {
    if (wanted !== undefined) {
      if (typeof wanted !== "string" || wanted === "") {
        throw new MediaswitchError("ARGUMENT_INVALID", "a slot is a string that is not empty", "slot");
      }
      return this.#parked.has(wanted) ? { outcome: "refused", reason: "taken" } : wanted;
    }
    const free = (this.settings.slots ?? DEFAULT_SLOTS).find((slot) => !this.#parked.has(slot));
    return free ?? { outcome: "refused", reason: "full" };
  }
}

interface StayOptions {
  readonly home: LineHome;
  readonly slot: string;
  readonly line: Line;
  readonly waiter: Waiter<ParkResult>;
  readonly sound: WaitingSound;
}

class Stay implements Parked {
  readonly slot: string;
  readonly line: Line;
  readonly since: Millis;
  readonly #parking: Parking;
  readonly #home: LineHome;
  readonly #waiter: Waiter<ParkResult>;
  readonly #sound: WaitingSound;
  readonly #ringback = new AbortController();
  #isTaken = false;

  constructor(parking: Parking, { home, slot, line, waiter, sound }: StayOptions) {
    this.#parking = parking;
    this.#home = home;
    this.slot = slot;
    this.line = line;
    this.#waiter = waiter;
    this.#sound = sound;
    this.since = line.desk.clock.now();
  }

  tell(event: DistributiveOmit<ParkEvent, "at" | "slot" | "callid">): void {
    const { call, desk } = this.line;
    this.#parking.events.tell({ ...event, at: desk.clock.epoch(), slot: this.slot, callid: call.callid });
  }

  take(by: Line, signal: AbortSignal | undefined): Promise<TalkEnd> | undefined {
    return this.#take(by, "picked-up", signal);
  }

  #take(
    by: Line,
    how: "picked-up" | "returned",
    signal: AbortSignal | undefined,
  ): Promise<TalkEnd> | undefined {
    if (this.#isTaken || this.line.ending !== undefined) return undefined;
    this.#isTaken = true;
    this.#parking.release(this);
    if (how === "picked-up") this.#ringback.abort();
    const waited = this.#waited;
    this.tell({ type: how, by: by.call.callid });
    return handOver(this.line, by, {
      signal,
      ready: () => this.#sound.stop(),
      over: (ended) => {
        this.#waiter.done({ outcome: how, slot: this.slot, by: by.call.callid, waited, ended });
      },
    });
  }

  /** It has waited for too long: the parker is rung, then it is its script's again. */
  async timeOut(parker: Target | undefined, ringback: number): Promise<void> {
    if (this.#isTaken) return;
    const home = this.#home;
    if (parker !== undefined) {
      this.tell({ type: "ringback" });
      try {
        const result = await dial({ home, caller: this.line, verb: "park" }, parker, {
          signal: this.#ringback.signal,
          timeout: ringback,
          early: "none",
        });
        if (result.outcome === "answered") {
          const back = result.call;
          if (this.#take(back, "returned", undefined) === undefined) void hangup(back, undefined);
          return;
        }
      } catch (error) {
        home.desk.log.debug({ callid: this.line.call.callid, err: error }, "the parker was not rung back");
      }
    }
    if (this.#isGone()) return;
    this.tell({ type: "timeout" });
    this.#waiter.done({ outcome: "timeout", slot: this.slot, waited: this.#waited });
  }

  /** The verb has settled. */
  leave(): void {
    if (!this.#isTaken) {
      if (this.line.ending !== undefined) this.tell({ type: "abandoned" });
      this.#isTaken = true;
      this.#ringback.abort();
    }
    void this.#sound.stop();
  }

  #isGone(): boolean {
    return this.#isTaken || this.line.ending !== undefined;
  }

  get #waited(): number {
    return this.line.desk.clock.now() - this.since;
  }
}

type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;
