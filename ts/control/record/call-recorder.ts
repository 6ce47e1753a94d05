/** Makes one record of each call, of what the controller's watchers are told, and hands it to the sinks. */
import { ms, type Millis, seconds } from "../../core/brand.js";
import { BusyMap } from "../../core/busy-map.js";
import type { Clock, Timer } from "../../core/clock.js";
import type { Log } from "../../core/log.js";
import { uuid, type Random } from "../../core/random.js";
import type { Call } from "../call.js";
import type { CallEvent } from "../call-event.js";
import type { Controller } from "../controller.js";
import type { CallDetailRecord, CdrSink } from "./call-detail-record.js";
import { CallHistory } from "./call-history.js";

/** How long a record waits for the statistics of channels that are being closed. */
const LAST_WORDS = seconds(5);
/** What is done in the very moment that a call ends still belongs to it. */
const AT_ONCE = ms(0);
/** Ids of written records that are remembered, so that a leg that comes late names the one it belongs to. */
const MOST_WRITTEN = 1000;

export interface RecorderOptions {
  readonly controller: Pick<Controller, "watchers" | "lastWatchers">;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Which keys were pressed is written, too; else how many only, since they may be somebody's number or PIN. */
  readonly keepsDigits?: boolean;
}

interface Open {
  readonly history: CallHistory;
  readonly key: string;
  timer: Timer | undefined;
}

export class CallRecorder {
  readonly #options: RecorderOptions;
  readonly #sinks = new Set<CdrSink>();
  /** By the id that all legs of a call share. */
  readonly #open = new BusyMap<Open>();
  /** That id → id of the record that was written for it. */
  readonly #written = new Map<string, string>();
  readonly #unwatch: readonly (() => void)[];
  readonly #handingOver = new Set<Promise<void>>();
  /** Told once no call is without its record. */
  readonly #idle = new Set<() => void>();
  #isClosed = false;

  constructor(options: RecorderOptions) {
    this.#options = options;
    const { controller, clock } = options;
    this.#unwatch = [
      controller.watchers.add(({ call, event }) => this.#take(call, event)),
      controller.lastWatchers.add(({ call, event }) => {
        const open = this.#open.get(call.record);
        open?.history.lastWord(call, event, clock.epoch());
        if (open?.history.isComplete === true) this.#soon(open);
      }),
    ];
  }

  /** Calls whose record is not written yet. */
  get open(): number {
    return this.#open.size;
  }

  /** What there is so far of the calls whose record is not written yet. */
  *unwritten(): Generator<CallDetailRecord> {
    for (const { history } of this.#open.values()) yield history.toRecord();
  }

  /** The same of one, by its record's id. */
  unwrittenOf(id: string): CallDetailRecord | undefined {
    for (const { history } of this.#open.values()) if (history.id === id) return history.toRecord();
    return undefined;
  }

  /** @returns takes it out again. */
  add(sink: CdrSink): () => void {
    this.#sinks.add(sink);
    return () => this.#sinks.delete(sink);
  }

  /** Settles when no call is without its record, `limit` from now at the latest. */
  async settled(limit: Millis): Promise<void> {
    if (this.#open.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = this.#options.clock.after(limit, resolve);
      this.#idle.add(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  /** Writes what there is of all calls, those too that have not ended. Settles when the sinks have taken it. */
  async close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      for (const unwatch of this.#unwatch) unwatch();
      for (const open of [...this.#open.values()]) {
        open.history.cutShort(this.#options.clock.epoch());
        this.#write(open);
      }
    }
    await Promise.all(this.#handingOver);
  }

  #take(call: Call, event: CallEvent): void {
    // What is noted of a call after its end comes too late for its record.
    const open = this.#open.get(call.record) ?? (call.hasEnded ? undefined : this.#begin(call.record));
    if (open === undefined) return;
    open.history.take(call, event);
    if (!open.history.hasEnded) {
      open.timer?.cancel();
      open.timer = undefined;
    } else if (open.history.isComplete) {
      this.#soon(open);
    } else if (open.timer === undefined) {
      this.#writeAfter(open, LAST_WORDS);
    }
  }

  #begin(key: string): Open {
    const continues = this.#written.get(key);
    const { random, keepsDigits = false } = this.#options;
    const id = continues === undefined ? key : uuid(random);
    const open: Open = { history: new CallHistory({ id, continues, keepsDigits }), key, timer: undefined };
    this.#open.set(key, open);
    return open;
  }

  #soon(open: Open): void {
    open.timer?.cancel();
    this.#writeAfter(open, AT_ONCE);
  }

  #writeAfter(open: Open, delay: Millis): void {
    open.timer = this.#options.clock.after(delay, () => this.#write(open));
  }

  #write(open: Open): void {
    open.timer?.cancel();
    this.#open.delete(open.key);
    this.#remember(open);
    if (this.#open.size === 0) {
      for (const idle of this.#idle) idle();
      this.#idle.clear();
    }
    if (this.#sinks.size === 0) return;
    const record = open.history.toRecord();
    for (const sink of this.#sinks) {
      const handing = this.#handOver(sink, record).finally(() => this.#handingOver.delete(handing));
      this.#handingOver.add(handing);
    }
  }

  #remember({ key, history }: Open): void {
    this.#written.delete(key);
    this.#written.set(key, history.id);
    if (this.#written.size <= MOST_WRITTEN) return;
    const [oldest] = this.#written.keys();
    if (oldest !== undefined) this.#written.delete(oldest);
  }

  async #handOver(sink: CdrSink, record: CallDetailRecord): Promise<void> {
    try {
      await sink(record);
    } catch (error) {
      this.#options.log.error({ err: error, record: record.id }, "a call's record could not be handed over");
    }
  }
}
