/** Whatever scripts, far ends and failures do in whatever order: every verb settles, and nothing is left. */
import t from "tap";
import type { ActiveCall } from "../../../ts/control/app/active-call.js";
import { App } from "../../../ts/control/app/app.js";
import { ms, seconds } from "../../../ts/core/brand.js";
import { MediaswitchError, type ErrorCode } from "../../../ts/core/errors.js";
import type { FakeDialog } from "../../support/fake-sip-service.js";
import { below, SeededRandom } from "../../support/seeded-random.js";
import { answerTo, Exchange, NOTHING_LEFT, offerOf } from "../exchange.js";

const SEEDS = 50;
const STEPS = 80;

const MEDIA_FAILURES = [
  ["open", "MEDIA_OUT_OF_PORTS"],
  ["target", "MEDIA_UNAVAILABLE"],
  ["mix", "MEDIA_UNAVAILABLE"],
  ["unmix", "MEDIA_UNAVAILABLE"],
  ["play", "MEDIA_FILE_UNKNOWN"],
  ["stopplay", "MEDIA_UNAVAILABLE"],
  ["record", "MEDIA_STATE"],
] as const satisfies readonly (readonly [string, ErrorCode])[];

const SIP_FAILURES = [
  ["dialog.invite", "USER_NOT_REGISTERED"],
  ["dialog.answer", "SIP_UNAVAILABLE"],
  ["dialog.ring", "CALL_UNKNOWN"],
  ["dialog.reinvite", "CALL_STATE"],
  ["dialog.hangup", "CALL_UNKNOWN"],
] as const satisfies readonly (readonly [string, ErrorCode])[];

class Storm {
  readonly exchange: Exchange;
  readonly app: App;
  readonly random: SeededRandom;
  /** Verbs that were begun, and how each settled. */
  readonly begun = new Map<number, string>();
  readonly settled = new Map<string, Set<string>>();
  readonly calls: ActiveCall[] = [];
  #count = 0;

  constructor(exchange: Exchange, seed: number) {
    this.exchange = exchange;
    this.random = new SeededRandom(seed);
    this.app = new App({ control: exchange.projectcontrol });
    this.app.snippets = { 1: "one.wav" };
    this.app.allow({ to: /./ });
    this.app.oncall((call) => this.script(call));
  }

  pick<Choice>(choices: readonly Choice[]): Choice {
    const choice = choices[below(this.random, choices.length)];
    if (choice === undefined) throw new Error("there is nothing to choose from");
    return choice;
  }

  async script(call: ActiveCall): Promise<void> {
    this.calls.push(call);
    if (below(this.random, 4) > 0) await settled(() => call.answer());
    const verbs = 1 + below(this.random, 6);
    for (let verb = 0; verb < verbs && !call.over; verb += 1) {
      const running = this.verb(call);
      // Sometimes the next one is begun beside it.
      if (below(this.random, 3) > 0) await running;
    }
    if (below(this.random, 10) === 0) throw new Error("a script's fault");
  }

  /** A verb with or without a signal that is aborted at some time; settles with the verb, and never rejects. */
  async verb(call: ActiveCall): Promise<void> {
    const signal = this.#signal();
    const other = this.pick([call, ...this.calls]);
    const [name, run] = this.pick<readonly [string, () => unknown]>([
      ["ring", () => call.ring(signal)],
      ["early", () => call.early(signal)],
      ["answer", () => call.answer(signal)],
      ["answer", () => call.answer(signal)],
      ["answer", () => call.answer()],
      ["hangup", () => call.hangup("busy")],
      ["play", () => call.play("a.wav", signal)],
      ["stopPlaying", () => call.stopPlaying(signal)],
      ["sayDigits", () => call.sayDigits("11", signal)],
      ["gather", () => call.gather({ prompt: "menu.wav", count: 2, ...signal })],
      ["record", async () => (await call.record({ file: "a.wav", ...signal })).finished],
      ["dial", () => this.#dialAndBridge(call, signal)],
      ["dial", () => this.#dialAndBridge(call, signal)],
      ["dial", () => call.dial(["1001", "1002"], { timeout: 5000, early: "early", ...signal })],
      ["dial", () => call.dial(["1001", "1002"], { order: "sequence", timeout: 5000, ...signal })],
      ["bridge", () => call.bridge(other, signal)],
      ["hold", () => call.hold({ music: "moh.wav", ...signal })],
      ["unhold", () => call.unhold(signal)],
      ["transfer", () => call.transfer("1001", { timeout: 5000, ...signal })],
      ["transfer", () => call.transfer(other, signal)],
      ["sendKeys", () => call.sendKeys("12", signal)],
      ["keys", () => this.#drain(call.keys(signal))],
      ["events", () => this.#drain(call.events(signal))],
      ["detectTones", () => call.detectTones({ enabled: true, ...signal })],
      ["message", () => call.message("hello", signal)],
      ["sleep", () => call.sleep(3000, signal)],
      [
        "call",
        () => this.app.call("1001", { from: { user: "1", domain: "example.org" }, timeout: 4000, ...signal }),
      ],
    ]);
    this.#count += 1;
    const number = this.#count;
    this.begun.set(number, name);
    const result = await settled(run);
    this.begun.delete(number);
    this.#note(name, result);
  }

  #note(name: string, result: string): void {
    this.settled.set(name, (this.settled.get(name) ?? new Set()).add(result));
  }

  async #dialAndBridge(call: ActiveCall, signal: { readonly signal?: AbortSignal }): Promise<void> {
    const dialled = await call.dial("1001", { timeout: 5000, ...signal });
    if (dialled.outcome === "answered")
      this.#note("bridge", await settled(() => call.bridge(dialled.call, signal)));
  }

  async #drain(iterable: AsyncIterable<unknown>): Promise<void> {
    let count = 0;
    for await (const _ of iterable) {
      count += 1;
      if (count === 5) break;
    }
  }

  #signal(): { readonly signal?: AbortSignal } {
    if (below(this.random, 2) === 0) return {};
    const abort = new AbortController();
    const delay = below(this.random, 4000);
    if (delay < 50) abort.abort();
    else this.exchange.clock.after(ms(delay), () => abort.abort());
    return { signal: abort.signal };
  }

  async step(): Promise<void> {
    const { sip, media, clock } = this.exchange;
    const dialog = sip.live[below(this.random, sip.live.length)];
    const uuids = [...media.channels.keys()];
    const uuid = uuids[below(this.random, uuids.length)];
    const rarely = below(this.random, 4) === 0;
    const [mediaFailure, sipFailure] = [this.pick(MEDIA_FAILURES), this.pick(SIP_FAILURES)];
    const act = this.pick<() => unknown>([
      () => sip.invited({ from: "1000", to: "1001", sdp: offerOf({ codecs: ["pcmu", "2833"] }) }),
      ...Array.from({ length: 20 }, () => () => dialog && this.#progress(dialog)),
      () => dialog && sip.ends(dialog.info.callid, this.pick([486, 603, 480]), "No"),
      () => uuid !== undefined && media.channels.get(uuid)?.endPlay("completed"),
      () => uuid !== undefined && media.channels.get(uuid)?.endPlay("completed"),
      () => uuid !== undefined && media.channels.get(uuid)?.endPlay("error"),
      () => uuid !== undefined && media.emit({ type: "telephone-event", uuid, event: "1" }),
      () => uuid !== undefined && media.emit({ type: "telephone-event", uuid, event: "#" }),
      () => uuid !== undefined && media.channels.get(uuid)?.endRecord("a.wav", "timeout"),
      () => rarely && media.failNext(mediaFailure[0], mediaFailure[1]),
      () => rarely && sip.failNext(sipFailure[0], sipFailure[1]),
      () => rarely && uuid !== undefined && media.closes(uuid, "idle-timeout"),
    ]);
    const done = act();
    // Sometimes the next thing happens before this one has come to its end.
    if (below(this.random, 3) > 0) await done;
    if (below(this.random, 8) === 0) await clock.advance(ms(below(this.random, 3000)));
    if (below(this.random, 2) > 0) await this.exchange.settle();
  }

  /** The far end goes one step on. */
  async #progress({ info, pending }: FakeDialog): Promise<void> {
    const { sip } = this.exchange;
    const { callid, originator, answered, sdp } = info;
    if (pending === "ack") await sip.acks(callid);
    else if (originator && !answered) {
      if (below(this.random, 2) === 0) await sip.rings(callid);
      else await sip.answers(callid, answerTo(sdp.us));
    } else if (answered && pending === "none") {
      const direction = this.pick(["sendonly", "sendrecv"] as const);
      await sip.reinvites(callid, offerOf({ direction }));
    }
  }
}

/** How it settled: `ok`, or the code of its error; anything else is a mistake of ours. */
async function settled(run: () => unknown): Promise<string> {
  try {
    await run();
    return "ok";
  } catch (error) {
    return error instanceof MediaswitchError ? error.code : `not one of ours: ${String(error)}`;
  }
}

t.test("every verb settles, whatever happens", async (t) => {
  const seen = new Map<string, Set<string>>();
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const exchange = await Exchange.open(seed);
    const storm = new Storm(exchange, seed);
    await storm.app.run();
    for (let step = 0; step < STEPS; step += 1) await storm.step();
    await exchange.settle();
    for (let round = 0; exchange.sip.live.length > 0 && round < 100; round += 1) {
      for (const { info } of exchange.sip.live) await exchange.sip.ends(info.callid);
      await exchange.settle();
    }
    await exchange.clock.advance(seconds(80));
    for (const { info } of exchange.sip.live) await exchange.sip.ends(info.callid);
    await exchange.clock.advance(seconds(80));
    t.same([...storm.begun.values()], [], `seed ${String(seed)}: verbs that have not settled`);
    t.same(exchange.left, NOTHING_LEFT, `seed ${String(seed)}: what is left`);
    for (const [name, results] of storm.settled) {
      seen.set(name, new Set([...(seen.get(name) ?? []), ...results]));
    }
  }
  for (const [name, results] of seen) {
    t.notOk(
      [...results].find((result) => result.startsWith("not one of ours")),
      `${name}: ${[...results].sort().join(" ")}`,
    );
  }
  const waiting = [
    "play",
    "gather",
    "record",
    "dial",
    "bridge",
    "hold",
    "sleep",
    "answer",
    "transfer",
    "sendKeys",
  ];
  for (const name of waiting) t.ok(seen.get(name)?.has("ok"), `${name} was done`);
  const ways = [...seen.values()].reduce((sum, results) => sum + results.size, 0);
  t.ok(ways > 40, `${String(ways)} ways for verbs to settle were seen`);
});
