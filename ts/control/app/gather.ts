import type { Timer } from "../../core/clock.js";
import type { Line } from "./line.js";
import { checkedCount, checkedKeys, checkedMillis, checkedPattern } from "./option-checks.js";
import type { Playing } from "./play-queue.js";
import { soupOf } from "./sound.js";
import type { GatherEnd, GatherOptions, GatherResult } from "./verb-options.js";
import { waitFor, type Waiter } from "./wait-for.js";

/** What a stranger may press at most. */
const MOST_KEYS = 32;
const FIRST = 5000;
const BETWEEN = 3000;
const WHOLE = 120_000;

/** `GatherOptions` with nothing left to default. */
interface Settings {
  readonly bargein: boolean;
  readonly count: number;
  readonly terminator: string;
  readonly pattern: RegExp | undefined;
  readonly first: number;
  readonly between: number;
  readonly whole: number;
}

export function gather(line: Line, options: GatherOptions): Promise<GatherResult> {
  return waitFor<GatherResult>(
    { verb: "gather", desk: line.desk, line, signal: options.signal },
    async (waiter) => {
      const gathering = new Gathering(waiter, checked(options));
      const typed = line.typed.begin();
      waiter.afterwards(() => {
        line.typed.end();
      });
      const soup =
        options.prompt === undefined
          ? undefined
          : soupOf(options.prompt, { interrupt: options.bargein !== false }, "prompt");
      waiter.onEvent(line, (event) => {
        if (event.type === "key") gathering.take(event.key);
      });
      if (options.typeahead === true) for (const key of typed) if (!waiter.isSettled()) gathering.take(key);
      if (waiter.isSettled()) return;
      if (soup !== undefined && !gathering.hasBegun) await gathering.prompt(line.plays.play(soup));
      gathering.listen();
    },
  );
}

class Gathering {
  readonly #waiter: Waiter<GatherResult>;
  readonly #settings: Settings;
  #digits = "";
  #prompt: Playing | undefined;
  #timer: Timer | undefined;

  constructor(waiter: Waiter<GatherResult>, settings: Settings) {
    this.#waiter = waiter;
    this.#settings = settings;
    waiter.after(settings.whole, () => this.#end("whole"));
  }

  /** Digits are there already. */
  get hasBegun(): boolean {
    return this.#digits !== "";
  }

  /** Settles when the prompt is over. */
  async prompt(playing: Playing): Promise<void> {
    this.#prompt = playing;
    this.#waiter.undo(() => playing.stop());
    this.#waiter.afterwards(() => void playing.stop());
    await playing.ended;
    this.#prompt = undefined;
  }

  /** The prompt is over, or there is none: the first key is waited for, unless it is there. */
  listen(): void {
    if (this.#digits === "" && !this.#waiter.isSettled()) this.#wait("first", this.#settings.first);
  }

  take(key: string): void {
    const { bargein, terminator, pattern, count, between } = this.#settings;
    if (this.#prompt !== undefined) {
      if (!bargein) return;
      void this.#prompt.stop();
    }
    if (terminator.includes(key)) {
      this.#waiter.done({ digits: this.#digits, ended: "terminator", terminator: key });
      return;
    }
    this.#digits += key;
    if (pattern?.test(this.#digits) === true) this.#end("pattern");
    else if (this.#digits.length >= count) this.#end("count");
    else this.#wait("between", between);
  }

  #wait(name: "first" | "between", millis: number): void {
    this.#timer?.cancel();
    this.#timer = this.#waiter.after(millis, () => this.#end(name));
  }

  #end(ended: GatherEnd): void {
    this.#waiter.done({ digits: this.#digits, ended });
  }
}

function checked({
  bargein = true,
  count = MOST_KEYS,
  terminator = "#",
  pattern,
  timeouts,
}: GatherOptions): Settings {
  const { first = FIRST, between = BETWEEN, whole = WHOLE } = timeouts ?? {};
  return {
    bargein,
    count: checkedCount(count, "count", [1, MOST_KEYS]),
    terminator: checkedKeys(terminator, "terminator"),
    pattern: pattern === undefined ? undefined : checkedPattern(pattern, "pattern"),
    first: checkedMillis(first, "timeouts.first"),
    between: checkedMillis(between, "timeouts.between"),
    whole: checkedMillis(whole, "timeouts.whole"),
  };
}
