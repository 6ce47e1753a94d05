/**
 * Two lines that hear each other. While they do, one is the other's child, so that what the seed's face does for two who
 * talk (music while one holds, transfers by REFER, keys by INFO) is done for them too; the end of one is not the other's.
 */
import { MediaswitchError } from "../../core/errors.js";
import { unbridge as unmix } from "../bridge.js";
import { link, unlink } from "../family.js";
import type { Joint, Line } from "./line.js";

/** How two that heard each other came apart; `moved`: both are still there. */
export type Parting = { readonly ended: Line } | { readonly ended: undefined };

export class Pair implements Joint {
  /** Settles when they hear each other no more. */
  readonly parted: Promise<Parting>;
  readonly #one: Line;
  readonly #two: Line;
  readonly #unwatch: (() => void)[] = [];
  #settle: (parting: Parting) => void = () => undefined;

  private constructor(one: Line, two: Line) {
    this.#one = one;
    this.#two = two;
    this.parted = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /**
   * Both are answered. What they heard before, they hear no more.
   * @throws what the media engine says: they are alone then.
   */
  static async join(one: Line, two: Line): Promise<Pair> {
    await one.joint?.part();
    await two.joint?.part();
    const pair = new Pair(one, two);
    pair.#begin();
    try {
      await mixed(one, two);
    } catch (error) {
      await pair.part();
      throw error;
    }
    return pair;
  }

  async part(): Promise<void> {
    await this.#end({ ended: undefined });
  }

  release(): void {
    this.#one.handOn();
    this.#two.handOn();
    this.#forget();
    this.#settle({ ended: undefined });
  }

  /** @throws {CallEnded} */
  #begin(): void {
    const [one, two] = [this.#one, this.#two];
    for (const line of [one, two]) line.checkAlive();
    for (const line of [one, two]) {
      // Somebody has joined it with another one meanwhile.
      void line.joint?.part();
      if (line.call.others.length > 0) unlink(line.call);
    }
    link(one.desk, one.call, two.call);
    for (const line of [one, two]) {
      line.joint = this;
      this.#unwatch.push(
        line.onOver(() => void this.#end({ ended: line })),
        line.call.watchers.add(() => {
          // Somebody has them talk to others: a transfer. They are that one's to look after.
          if (!this.#areRelated()) this.release();
        }),
      );
    }
  }

  #areRelated(): boolean {
    return this.#two.call.metadata.family.parent === this.#one.call;
  }

  /** Told when nobody hears the other any more: who is left may be played to. */
  async #end(parting: Parting): Promise<void> {
    if (this.#one.joint !== this && this.#two.joint !== this) return;
    this.#forget();
    if (this.#areRelated()) unlink(this.#two.call);
    for (const line of [this.#one, this.#two]) {
      if (line !== parting.ended && line.joint === undefined) await aloneIfPossible(line);
    }
    this.#settle(parting);
  }

  #forget(): void {
    for (const unwatch of this.#unwatch.splice(0)) unwatch();
    for (const line of [this.#one, this.#two]) if (line.joint === this) line.joint = undefined;
  }
}

/** Out of the bridge that a verb has made; where a phone, or the seed's face, has made it, those two stay partners. */
export async function unbridge(line: Line): Promise<void> {
  if (line.joint === undefined) await alone(line);
  else await line.joint.part();
}

async function aloneIfPossible(line: Line): Promise<void> {
  try {
    await alone(line);
  } catch (error) {
    line.desk.log.debug({ callid: line.call.callid, err: error }, "a call is in no bridge any more");
  }
}

/** Out of its bridge, or of whatever it hears. */
export async function alone(line: Line): Promise<void> {
  if (line.call.isOver || line.call.leg.bridgedWith === undefined) return;
  line.call.leg.isToBeJoined = false;
  await unmix(line.desk, line.call);
}

/** Unless early media has joined them already. */
async function mixed(one: Line, two: Line): Promise<void> {
  const [channel, other] = [one.call.leg.channel, two.call.leg.channel];
  if (channel === undefined || other === undefined) {
    throw new MediaswitchError("CALL_STATE", "a call without a channel can't be bridged");
  }
  const { uuid } = channel;
  if (one.call.leg.bridgedWith === other.uuid && two.call.leg.bridgedWith === uuid) return;
  await alone(one);
  await alone(two);
  await one.desk.media.execute({ type: "mix", uuid, other: other.uuid });
  one.call.leg.bridgedWith = other.uuid;
  two.call.leg.bridgedWith = uuid;
  one.call.history = "Mix";
  two.call.history = "Mix";
}
