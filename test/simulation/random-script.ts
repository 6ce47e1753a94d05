/** What a script may do with a call, at random: in the words of the seed's face, and of the modern one. */
import { ms } from "../../ts/core/brand.js";
import type { Clock } from "../../ts/core/clock.js";
import type { ActiveCall } from "../../ts/control/app/active-call.js";
import type { Call } from "../../ts/control/call.js";
import type { Chance } from "./chance.js";
import type { VerbBook } from "./verb-book.js";

export interface RandomScriptOptions {
  readonly chance: Chance;
  readonly verbs: VerbBook;
  readonly clock: Clock;
  readonly numbers: readonly string[];
  /** Nothing new is begun any more. */
  readonly isOver: () => boolean;
}

const LONGEST_LATER = 20_000;
const MOST_STEPS = 6;
const MUSIC = { files: [{ wav: "music.wav" }], loop: 3 };

export class RandomScript {
  readonly #options: RandomScriptOptions;

  constructor(options: RandomScriptOptions) {
    this.#options = options;
  }

  /** As a callback of the seed's face. */
  takeAsSeed(call: Call): unknown {
    const { chance } = this.#options;
    this.#seedVerbLater(call);
    const acts = this.#seedVerbs(call);
    const usual = ["dial who was dialled", "dial who was dialled", "answer and play", "dial twice"];
    const failing = {
      fail: (): unknown => {
        throw new Error("a mistake of the script");
      },
      "fail later": (): unknown => Promise.reject(new Error("a mistake of the script")),
    };
    return chance.act({ ...acts, ...failing }, chance.happens(0.6) ? usual : undefined);
  }

  /** As a handler of the modern face. */
  async takeAsApp(call: ActiveCall): Promise<void> {
    const { chance, verbs } = this.#options;
    if (chance.happens(0.3)) void verbs.note(`events of ${call.id}`, this.#readEvents(call));
    const steps = 1 + chance.below(MOST_STEPS);
    for (let step = 0; step < steps && !this.#options.isOver(); step++) {
      try {
        await chance.act(this.#appVerbs(call));
      } catch (error) {
        // Some scripts look at what went wrong, others leave it to the switch.
        if (chance.happens(0.5)) throw error;
      }
    }
  }

  /** Something else happens to the call some time from now, whatever it is then. */
  #seedVerbLater(call: Call): void {
    const { chance, clock, isOver } = this.#options;
    if (chance.happens(0.5)) return;
    clock.after(ms(chance.below(LONGEST_LATER)), () => {
      if (!isOver()) void chance.act(this.#seedVerbs(call));
    });
  }

  #number(): string {
    return this.#options.chance.pick(this.#options.numbers);
  }

  #seedVerbs(call: Call): Record<string, () => unknown> {
    const { chance, verbs, isOver } = this.#options;
    const someone = () => ({ to: { user: this.#number() } });
    const noted = (name: string, verb: () => Promise<void>) => () =>
      verbs.note(`${name} of ${call.callid}`, verb());
    return {
      ring: noted("ring", () => call.ring()),
      early: noted("early", () => call.early()),
      answer: noted("answer", () => call.answer()),
      dial: () => call.newcall(someone()),
      "dial twice": () => call.newcall([someone(), someone()]),
      "dial who was dialled": () => call.newcall({ to: { user: call.destination } }),
      "dial again when that fails": () => {
        const child = call.newcall(someone());
        child.onhangup = () => {
          if (!isOver() && !call.hungup) call.newcall(someone());
        };
      },
      "answer and play": () => {
        call.onanswer = noted("play", () => call.play(MUSIC));
        return verbs.note(`answer of ${call.callid}`, call.answer());
      },
      mix: noted("mix", () => call.mix()),
      unmix: noted("unmix", () => call.unmix()),
      play: noted("play", () => call.play(MUSIC)),
      busy: noted("busy", () => call.busy()),
      "hang up": noted("hangup", () =>
        call.hangup(chance.pick(["busy", { code: 503 }, "notfound", undefined])),
      ),
      nothing: () => undefined,
    };
  }

  #appVerbs(call: ActiveCall): Record<string, () => unknown> {
    const { chance, verbs, clock } = this.#options;
    const noted =
      <Result>(name: string, verb: (options: { signal?: AbortSignal }) => Promise<Result>) =>
      () => {
        const abort = new AbortController();
        const isAborted = chance.happens(0.2);
        if (isAborted) clock.after(ms(chance.below(LONGEST_LATER)), () => abort.abort());
        return verbs.note(`app ${name} of ${call.id}`, verb(isAborted ? { signal: abort.signal } : {}));
      };
    return {
      "app ring": noted("ring", (options) => call.ring(options)),
      "app early": noted("early", (options) => call.early(options)),
      "app answer": noted("answer", (options) => call.answer(options)),
      "app answer and play": noted("play", async (options) => {
        await call.answer(options);
        await call.play("music.wav", { ...options, loop: 1 + chance.below(5) });
      }),
      "app play and interrupt": noted("play", async (options) => {
        await call.answer(options);
        await Promise.all([call.play("music.wav", { loop: true }), this.#stopSoon(call)]);
      }),
      "app gather": noted("gather", async (options) => {
        await call.answer(options);
        await call.gather({ ...options, prompt: "menu.wav", count: 1 + chance.below(4) });
      }),
      "app record": noted("record", async (options) => {
        await call.answer(options);
        const recording = await call.record({ ...options, file: `${call.id}.wav`, maxduration: 5000 });
        await verbs.note(`app recording of ${call.id}`, recording.finished);
      }),
      "app dial and bridge": noted("bridge", (options) => this.#dialAndBridge(call, options)),
      "app dial several": noted("dial", async (options) => {
        const order = chance.pick(["together", "sequence"] as const);
        const timeout = 1000 + chance.below(15_000);
        const early = chance.pick(["ring", "none"] as const);
        const targets = [this.#number(), this.#number(), this.#number()];
        const result = await call.dial(targets, { ...options, order, timeout, early });
        if (result.outcome === "answered" && chance.happens(0.5)) await call.bridge(result.call, options);
      }),
      "app hold": noted("hold", async (options) => {
        await call.hold(options);
        await call.sleep(chance.below(3000));
        await call.unhold(options);
      }),
      "app send keys": noted("sendKeys", (options) => call.sendKeys("12#", options)),
      "app write": noted("message", (options) => call.message("hello", options)),
      "app transfer": noted("transfer", (options) =>
        call.transfer(this.#number(), { ...options, timeout: 10_000 }),
      ),
      "app conference": noted("conference", async (options) => {
        await call.conference(chance.pick(["red", "blue"]), { ...options, muted: chance.happens(0.2) });
      }),
      "app queue": noted("queue", async (options) => {
        await call.queue("support", { ...options, music: "music.wav", maxWait: chance.below(30_000) });
      }),
      "app park": noted("park", async (options) => {
        await call.park({ ...options, timeout: 1000 + chance.below(20_000) });
      }),
      "app voicemail": noted("voicemail", async (options) => {
        await call.voicemail(this.#number(), { ...options, maxLength: 5000 });
      }),
      "app mailbox": noted("mailbox", async (options) => {
        await call.mailbox(call.from, { ...options, timeout: 2000 });
      }),
      "app sleep": noted("sleep", (options) => call.sleep(chance.below(10_000), options)),
      "app later": () => {
        call.after(chance.below(10_000), () =>
          verbs.note(`app later hangup of ${call.id}`, call.hangup("busy")),
        );
      },
      "app hang up": noted("hangup", () => call.hangup(chance.pick(["busy", "declined", undefined]))),
      "app hand on": () => call.handOn(),
      "app fail": () => {
        throw new Error("a mistake of the script");
      },
    };
  }

  async #dialAndBridge(call: ActiveCall, options: { signal?: AbortSignal }): Promise<void> {
    const { chance } = this.#options;
    const music = chance.happens(0.5) ? { music: "music.wav" } : {};
    if ("music" in music) await call.answer();
    const result = await call.dial(this.#number(), { ...options, ...music, timeout: 20_000 });
    if (result.outcome === "answered") await call.bridge(result.call, options);
    else if (chance.happens(0.5)) await call.hangup(result.cause);
  }

  async #stopSoon(call: ActiveCall): Promise<void> {
    await call.sleep(this.#options.chance.below(5000));
    await call.stopPlaying();
  }

  async #readEvents(call: ActiveCall): Promise<void> {
    for await (const event of call.events()) if (event.type === "ended") return;
  }
}
