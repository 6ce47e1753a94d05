/**
 * Transfers of every kind in any order, with hang-ups at any moment: nothing is left, every REFER that is taken has exactly
 * one last word, and nobody is in a bridge with somebody who is no relative.
 */
import t from "tap";
import type { Call } from "../../../ts/control/call.js";
import { ms, seconds } from "../../../ts/core/brand.js";
import type { ErrorCode } from "../../../ts/core/errors.js";
import type { FakeDialog } from "../../support/fake-sip-service.js";
import { below, SeededRandom } from "../../support/seeded-random.js";
import { answerTo, Exchange, NOTHING_LEFT, offerOf } from "../exchange.js";

const SEEDS = 150;
const STEPS = 60;

const FAILURES = [
  ["mix", "MEDIA_UNAVAILABLE"],
  ["unmix", "MEDIA_UNAVAILABLE"],
  ["play", "MEDIA_FILE_UNKNOWN"],
  ["open", "MEDIA_OUT_OF_PORTS"],
] as const satisfies readonly (readonly [string, ErrorCode])[];

class Storm {
  readonly exchange: Exchange;
  readonly random: SeededRandom;
  /** Call-ids with a REFER that was taken: how many last words there have to be. */
  readonly taken = new Map<string, number>();
  readonly seen = new Map<string, number>();

  constructor(exchange: Exchange, seed: number) {
    this.exchange = exchange;
    this.random = new SeededRandom(seed);
    exchange.projectcontrol.moh = { files: [{ wav: "music.wav" }], loop: true };
    exchange.projectcontrol.onnewcall = (call) => this.#script(call);
  }

  async step(): Promise<void> {
    const { sip, media, controller } = this.exchange;
    const dialog = this.#pick(sip.live);
    const talking = this.#pick(sip.live.filter(({ info }) => info.answered));
    const call = this.#pick([...controller.calls.values()]);
    const failure = this.#pick(FAILURES);
    const act = this.#pick<() => unknown>([
      () => sip.live.length < 8 && sip.invited({ from: "1000", to: "1001", sdp: offerOf() }),
      ...Array.from({ length: 8 }, () => () => dialog && this.#progress(dialog)),
      () => talking && this.#refer(talking.info.callid),
      () => talking && dialog && this.#refer(talking.info.callid, dialog.info.callid),
      () => talking && dialog && this.#refer(talking.info.callid, dialog.info.callid),
      () => dialog && sip.invited({ from: "1009", to: "1001", sdp: offerOf(), replaces: dialog.info.callid }),
      () => dialog && sip.ends(dialog.info.callid, dialog.info.answered ? 0 : 486, "Busy Here"),
      () => this.#happens(4) && call?.hangup(),
      () => this.#happens(4) && call?.busy(),
      () => this.#happens(4) && failure && media.failNext(failure[0], failure[1]),
    ]);
    const done = act?.();
    if (!this.#happens(3)) await done;
    if (this.#happens(2)) await this.exchange.clock.advance(ms(this.#pick([0, 0, 0, 600]) ?? 0));
    if (this.#happens(100)) await this.exchange.clock.advance(seconds(175));
  }

  #script(call: Call): unknown {
    const request = { to: { user: "1001" } };
    const act = this.#pick<() => unknown>([
      () => call.answer(),
      () => call.newcall(request),
      () => call.newcall(request),
      () => call.newcall([request, request]),
      () => call.notfound(),
      () => {
        call.onanswer = () => call.newcall(request);
        return call.answer();
      },
    ]);
    return act?.();
  }

  async #refer(callid: string, replaces?: string): Promise<void> {
    const { sip } = this.exchange;
    // A second one has to wait for the last word of the first (the SIP side sees to it).
    if ((this.taken.get(callid) ?? 0) > this.lastWords(callid)) return;
    const isTaken = await sip.refers(callid, "1002", replaces === undefined ? {} : { replaces });
    this.#saw(`${replaces === undefined ? "blind" : "attended"} ${isTaken ? "taken" : "declined"}`);
    if (isTaken) this.taken.set(callid, (this.taken.get(callid) ?? 0) + 1);
  }

  /** How many NOTIFYs of a final status there were for that call. */
  lastWords(callid: string): number {
    return this.exchange.sip
      .commandsOf("dialog.notify")
      .filter((command) => command.callid === callid && (command.code ?? 200) >= 200).length;
  }

  async #progress({ info, pending }: FakeDialog): Promise<void> {
    const { sip } = this.exchange;
    const { callid, originator, answered, sdp } = info;
    if (pending === "ack") await sip.acks(callid);
    else if (pending === "modify") {
      this.#saw("moved");
      await sip.accepts(callid, answerTo(sdp.us));
    } else if (originator && !answered) {
      if (this.#happens(2)) await sip.rings(callid);
      else await sip.answers(callid, answerTo(sdp.us));
    } else if (answered && pending === "none" && this.#happens(3)) {
      await sip.reinvites(callid, offerOf(this.#happens(2) ? { direction: "sendonly" } : {}));
    }
  }

  #saw(what: string): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1);
  }

  #pick<Choice>(choices: readonly Choice[]): Choice | undefined {
    return choices[below(this.random, choices.length)];
  }

  #happens(oneIn: number): boolean {
    return below(this.random, oneIn) === 0;
  }
}

t.test("nothing is left, and each REFER has its last word", async (t) => {
  const seen = new Map<string, number>();
  for (let seed = 1; seed <= SEEDS; seed++) {
    const exchange = await Exchange.open(seed);
    const storm = new Storm(exchange, seed);
    for (let step = 0; step < STEPS; step++) await storm.step();
    await exchange.clock.advance(seconds(10));
    for (let round = 0; exchange.sip.live.length > 0 && round < 100; round++) {
      for (const { info } of exchange.sip.live) await exchange.sip.ends(info.callid);
      await exchange.clock.advance(seconds(1));
    }
    await exchange.clock.advance(seconds(200));
    t.same(exchange.left, NOTHING_LEFT, `seed ${String(seed)}`);
    for (const [callid, count] of storm.taken) {
      t.equal(storm.lastWords(callid), count, `seed ${String(seed)}: the last word of ${callid}`);
    }
    for (const [what, count] of storm.seen) seen.set(what, (seen.get(what) ?? 0) + count);
  }
  for (const what of ["blind taken", "blind declined", "attended taken", "moved"]) {
    t.ok((seen.get(what) ?? 0) > 20, `${what}: ${String(seen.get(what) ?? 0)} times`);
  }
});
