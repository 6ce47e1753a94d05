/** Listening to the messages of a mailbox. */
import { answer } from "../../app/answer.js";
import { gather } from "../../app/gather.js";
import type { Line } from "../../app/line.js";
import { checkedCount, checkedKeys, checkedMillis } from "../../app/option-checks.js";
import { play } from "../../app/play.js";
import type { Sound, Sounds } from "../../app/sound.js";
import { waitFor, type Waiter } from "../../app/wait-for.js";
import type { MailboxName, VoiceMessage } from "./mailbox-store.js";
import type {
  MailboxAddress,
  MailboxKeys,
  MailboxOptions,
  MailboxPrompts,
  MailboxResult,
} from "./voicemail-options.js";
import { mailboxName, tellWaiting, type VoicemailHome } from "./voicemail.js";

const KEYS: MailboxKeys = { play: "1", next: "2", delete: "3", previous: "4", save: "5", exit: "*" };

/** Plays the messages, new ones first, and does what keys ask for. */
export function listenToMailbox(
  home: VoicemailHome,
  line: Line,
  address: MailboxAddress,
  options: MailboxOptions = {},
): Promise<MailboxResult> {
  const { signal } = options;
  return waitFor<MailboxResult>({ verb: "mailbox", desk: line.desk, line, signal }, async (waiter) => {
    const box = mailboxName(address, line);
    const visit = new Visit(home, { line, box, waiter, options });
    await answer(line, {});
    waiter.done(await visit.run());
  });
}

interface VisitOptions {
  readonly line: Line;
  readonly box: MailboxName;
  readonly waiter: Waiter<MailboxResult>;
  readonly options: MailboxOptions;
}

class Visit {
  readonly #home: VoicemailHome;
  readonly #line: Line;
  readonly #box: MailboxName;
  readonly #waiter: Waiter<MailboxResult>;
  readonly #prompts: MailboxPrompts;
  readonly #keys: MailboxKeys;
  readonly #timeout: number;
  readonly #repeats: number;
  readonly #soundOf: (file: string) => Sound;
  /** Ends what is played when the verb is given up. */
  readonly #stop = new AbortController();
  #messages: VoiceMessage[] = [];
  #deleted = 0;
  readonly #heard = new Set<string>();

  constructor(home: VoicemailHome, { line, box, waiter, options }: VisitOptions) {
    this.#home = home;
    this.#line = line;
    this.#box = box;
    this.#waiter = waiter;
    const {
      prompts = {},
      keys = {},
      timeout = 5000,
      repeats = 3,
      soundOf = (file: string) => file,
    } = options;
    this.#prompts = prompts;
    this.#keys = { ...KEYS, ...keys };
    for (const [name, key] of Object.entries(this.#keys)) checkedKeys(key, `keys.${name}`);
    this.#timeout = checkedMillis(timeout, "timeout");
    this.#repeats = checkedCount(repeats, "repeats", [1, 10]);
    this.#soundOf = soundOf;
    waiter.undo(() => {
      this.#stop.abort();
    });
  }

  async run(): Promise<MailboxResult> {
    const { store } = this.#home;
    const all = await store.list(this.#box);
    this.#messages = [...all.filter(({ heard }) => !heard), ...all.filter(({ heard }) => heard)];
    const fresh = all.filter(({ heard }) => !heard).length;
    await this.#say(this.#prompts.count?.({ new: fresh, all: all.length }));
    if (all.length === 0) await this.#say(this.#prompts.none);
    const outcome = await this.#walk();
    await tellWaiting(this.#line.desk, store, this.#box);
    return { outcome, heard: this.#heard.size, deleted: this.#deleted };
  }

  async #walk(): Promise<MailboxResult["outcome"]> {
    let index = 0;
    while (!this.#waiter.isSettled()) {
      const message = this.#messages[index];
      if (message === undefined) {
        await this.#say(this.#prompts.end);
        return "end";
      }
      const wish = await this.#present(message, { number: index + 1, of: this.#messages.length });
      if (wish === "exit" || wish === "timeout") return wish;
      if (wish === "delete") {
        await this.#delete(message);
        continue;
      }
      if (wish === "save") await this.#save(message);
      if (wish === "next" || wish === "save") index += 1;
      if (wish === "previous") index = Math.max(0, index - 1);
    }
    return "timeout";
  }

  /** @returns what is to be done next. */
  async #present(
    message: VoiceMessage,
    place: { readonly number: number; readonly of: number },
  ): Promise<keyof MailboxKeys | "timeout"> {
    const early = await this.#say(this.#prompts.announce?.(message, place));
    const key = early ?? (await this.#say(this.#soundOf(message.file)));
    this.#heard.add(message.id);
    await this.#home.store.setHeard(this.#box, message.id, true);
    const wish = this.#wishOf(key);
    if (wish !== undefined) return wish;
    for (let count = 0; count < this.#repeats && !this.#waiter.isSettled(); count += 1) {
      const asked = this.#wishOf(await this.#ask());
      if (asked !== undefined) return asked;
    }
    return "timeout";
  }

  #wishOf(key: string | undefined): keyof MailboxKeys | undefined {
    const names = ["play", "next", "previous", "delete", "save", "exit"] as const;
    return key === undefined || key === "" ? undefined : names.find((name) => this.#keys[name] === key);
  }

  async #ask(): Promise<string | undefined> {
    const { menu } = this.#prompts;
    const { digits } = await gather(this.#line, {
      count: 1,
      terminator: "",
      timeouts: { first: this.#timeout },
      signal: this.#stop.signal,
      ...(menu !== undefined && { prompt: menu }),
    });
    return digits;
  }

  async #delete(message: VoiceMessage): Promise<void> {
    await this.#home.store.remove(this.#box, message.id);
    this.#messages = this.#messages.filter((other) => other !== message);
    this.#deleted += 1;
    await this.#say(this.#prompts.deleted);
  }

  async #save(message: VoiceMessage): Promise<void> {
    await this.#home.store.setHeard(this.#box, message.id, false);
    await this.#say(this.#prompts.saved);
  }

  /** @returns the key that ended it. */
  async #say(sounds: Sounds | undefined): Promise<string | undefined> {
    if (sounds === undefined || this.#waiter.isSettled()) return undefined;
    const { key } = await play(this.#line, sounds, { interrupt: true, signal: this.#stop.signal });
    return key;
  }
}
