/** Whatever far ends, script and failures do in whatever order: once all far ends are gone, nothing is left. */
import t from "tap";
import type { Call } from "../../ts/control/call.js";
import { CallQueues } from "../../ts/control/queue-of-calls.js";
import { seconds } from "../../ts/core/brand.js";
import type { ErrorCode } from "../../ts/core/errors.js";
import { below, SeededRandom } from "../support/seeded-random.js";
import type { FakeDialog } from "../support/fake-sip-service.js";
import { answerTo, Exchange, NOTHING_LEFT, offerOf } from "./exchange.js";

const SEEDS = 80;
const STEPS = 40;

const FAILURES = [
  ["open", "MEDIA_OUT_OF_PORTS"],
  ["target", "MEDIA_UNAVAILABLE"],
  ["mix", "MEDIA_UNAVAILABLE"],
  ["unmix", "MEDIA_UNAVAILABLE"],
  ["play", "MEDIA_FILE_UNKNOWN"],
] as const satisfies readonly (readonly [string, ErrorCode])[];

const SOUP = { files: [{ wav: "a.wav" }], loop: true };

const SIP_FAILURES = [
  ["dialog.invite", "USER_NOT_REGISTERED"],
  ["dialog.answer", "SIP_UNAVAILABLE"],
  ["dialog.ring", "CALL_UNKNOWN"],
  ["dialog.ok", "CALL_STATE"],
] as const satisfies readonly (readonly [string, ErrorCode])[];

class Storm {
  readonly exchange: Exchange;
  readonly random: SeededRandom;
  readonly seen = new Set<string>();
  readonly queues = new CallQueues();

  constructor(exchange: Exchange, seed: number) {
    this.exchange = exchange;
    this.random = new SeededRandom(seed);
    exchange.projectcontrol.onnewcall = (call) => this.script(call);
    exchange.projectcontrol.moh = SOUP;
  }

  pick<Choice>(choices: readonly Choice[]): Choice | undefined {
    return choices[below(this.random, choices.length)];
  }

  script(call: Call): unknown {
    const request = { to: { user: "1001" } };
    const act = this.pick([
      () => call.ring(),
      () => call.answer(),
      () => call.newcall(request),
      () => call.newcall([request, request, request]),
      () => call.busy(),
      () => {
        throw new Error("a script's fault");
      },
      () => Promise.reject(new Error("a script's later fault")),
      () => {
        call.onanswer = () => call.newcall(request);
        return call.answer();
      },
      () => {
        const child = call.newcall(request);
        child.onhangup = () => call.newcall(request);
      },
    ]);
    return act?.();
  }

  async step(): Promise<void> {
    const { sip, media, controller } = this.exchange;
    const dialog = this.pick(sip.live);
    const call = this.pick([...controller.calls.values()]);
    const other = this.pick([...controller.calls.values()]);
    const failure = this.pick(FAILURES);
    const sipFailure = this.pick(SIP_FAILURES);
    const channel = this.pick([...media.channels.keys()]);
    const rarely = below(this.random, 4) === 0;
    const act = this.pick<() => unknown>([
      () => sip.invited({ from: "1000", to: "1001", sdp: offerOf() }),
      () => sip.invited({ from: "1000", to: "1001" }),
      ...Array.from({ length: 8 }, () => () => dialog && this.#progress(dialog)),
      () => dialog && sip.ends(dialog.info.callid, 486, "Busy Here"),
      () => call?.hangup(),
      () => call?.ring(),
      () => call?.answer(),
      () => call?.play(SOUP),
      () => this.pick([call?.mix(), call?.unmix()]),
      () => rarely && call !== undefined && other !== call && call.link(other ?? false),
      () => rarely && call?.unlink(),
      () => rarely && call?.clearcallbacks(),
      () => call && this.queues.find("q").queue(call),
      () => call && this.queues.find("q").delivered(call),
      () => rarely && failure && media.failNext(failure[0], failure[1]),
      () => rarely && sipFailure && sip.failNext(sipFailure[0], sipFailure[1]),
      () => rarely && channel !== undefined && media.closes(channel, "idle-timeout"),
    ]);
    const done = act?.();
    // Sometimes the next thing happens before this one has come to its end.
    if (below(this.random, 3) > 0) await done;
    if (below(this.random, 2) > 0) await this.exchange.settle();
  }

  /** The far end goes one step on. */
  async #progress({ info, pending }: FakeDialog): Promise<void> {
    const { sip } = this.exchange;
    const { callid, originator, answered, sdp } = info;
    if (pending === "ack") {
      this.seen.add("ack");
      const late = sdp.them === undefined && sdp.us !== undefined;
      await sip.acks(callid, late && below(this.random, 4) > 0 ? answerTo(sdp.us) : undefined);
    } else if (originator && !answered) {
      this.seen.add("outbound");
      if (below(this.random, 2) === 0) await sip.rings(callid);
      else if (below(this.random, 5) === 0) await sip.offers(callid, offerOf());
      else
        await sip.answers(
          callid,
          below(this.random, 5) === 0 ? offerOf({ codecs: ["722"] }) : answerTo(sdp.us),
        );
    } else if (answered && pending === "none") {
      this.seen.add("reinvite");
      await sip.reinvites(
        callid,
        below(this.random, 3) === 0
          ? undefined
          : offerOf({ direction: below(this.random, 2) === 0 ? "sendonly" : "sendrecv" }),
      );
    }
  }
}

t.test("nothing is left, whatever happens", async (t) => {
  const seen = new Set<string>();
  let mixed = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const exchange = await Exchange.open(seed);
    const storm = new Storm(exchange, seed);
    for (let step = 0; step < STEPS; step++) {
      await storm.step();
      for (const call of exchange.controller.calls.values()) {
        const { parent, children } = call.metadata.family;
        if (parent !== undefined && !parent.metadata.family.children.includes(call))
          t.fail("a parent without its child");
        if (children.some((child) => child.metadata.family.parent !== call))
          t.fail("a child without its parent");
      }
    }
    await exchange.settle();
    // A callback may start another call; each far end goes until there are none.
    for (let round = 0; exchange.sip.live.length > 0 && round < 100; round++) {
      for (const { info } of exchange.sip.live) await exchange.sip.ends(info.callid);
      await exchange.settle();
    }
    await exchange.clock.advance(seconds(80));
    for (const what of storm.seen) seen.add(what);
    mixed += exchange.media.commandsOf("mix").length;
    t.same(exchange.left, NOTHING_LEFT, `seed ${String(seed)}`);
    t.same(storm.queues.find("q").calls, [], "nobody waits");
  }
  t.same([...seen].sort(), ["ack", "outbound", "reinvite"], "the storm reached everything");
  t.ok(mixed > 20, `${String(mixed)} bridges`);
});
