/** Messages for those who do not answer: left, listened to, and told of by the lamp of the phone. */
import { hexToken } from "../../../core/random.js";
import { MediaswitchError } from "../../../core/errors.js";
import { answer } from "../../app/answer.js";
import type { Line } from "../../app/line.js";
import { checkedCount, checkedKeys, checkedMillis } from "../../app/option-checks.js";
import { record } from "../../app/record.js";
import { soupOf, type Sounds } from "../../app/sound.js";
import type { RecordingResult } from "../../app/verb-options.js";
import { waitFor, type Waiter } from "../../app/wait-for.js";
import type { Desk } from "../../desk.js";
import { mailboxFolder } from "./file-mailbox-store.js";
import type { MailboxName, MailboxStore, VoiceMessage } from "./mailbox-store.js";
import type { MailboxAddress, VoicemailOptions, VoicemailResult } from "./voicemail-options.js";

const BEEP: Sounds = { tone: "1000*0.3:400" };

export interface VoicemailHome {
  readonly store: MailboxStore;
  /** Below the recordings root. */
  readonly folder: string;
}

/** @throws {MediaswitchError} ARGUMENT_INVALID */
export function mailboxName(box: MailboxAddress, line: Line): MailboxName {
  const [user = "", domain = line.call.info.domain, ...rest] = typeof box === "string" ? box.split("@") : [];
  if (user !== "" && domain !== "" && rest.length === 0) return { user, domain };
  throw new MediaswitchError("ARGUMENT_INVALID", "a mailbox is user or user@domain", "box");
}

/** Tells the phones of the user how many messages wait. Never rejects. */
export async function tellWaiting(desk: Desk, store: MailboxStore, box: MailboxName): Promise<void> {
  try {
    const messages = await store.list(box);
    const old = messages.filter(({ heard }) => heard).length;
    await desk.sip.execute({ type: "mwi.set", ...box, mailbox: { new: messages.length - old, old } });
  } catch (error) {
    desk.log.warn({ ...box, err: error }, "nobody was told how many messages wait");
  }
}

/** `VoicemailOptions` with nothing left to default but sounds. */
interface Settings {
  readonly maxLength: number;
  readonly minLength: number;
  readonly silencePower: number;
  readonly finishKeys: string;
  readonly maxMessages: number;
}

/** Plays the greeting and takes a message. A message is kept also when its caller simply hangs up. */
export function leaveMessage(
  home: VoicemailHome,
  line: Line,
  address: MailboxAddress,
  options: VoicemailOptions = {},
): Promise<VoicemailResult> {
  const { signal } = options;
  return waitFor<VoicemailResult>({ verb: "voicemail", desk: line.desk, line, signal }, async (waiter) => {
    const box = mailboxName(address, line);
    const settings = checked(options);
    await answer(line, {});
    const { length } = await home.store.list(box);
    if (length >= settings.maxMessages) {
      await played(line, waiter, options.full);
      waiter.done({ outcome: "full" });
      return;
    }
    await played(line, waiter, options.greeting, settings.finishKeys);
    await played(line, waiter, options.beep ?? BEEP);
    if (waiter.isSettled()) return;
    const message = await new Taking(home, line, box, settings).take(waiter);
    waiter.done(message === undefined ? { outcome: "too-short" } : { outcome: "recorded", message });
  });
}

/** One message while it is recorded. */
class Taking {
  readonly #home: VoicemailHome;
  readonly #line: Line;
  readonly #box: MailboxName;
  readonly #settings: Settings;
  readonly #id: string;
  readonly #since: number;

  constructor(home: VoicemailHome, line: Line, box: MailboxName, settings: Settings) {
    this.#home = home;
    this.#line = line;
    this.#box = box;
    this.#settings = settings;
    this.#id = hexToken(line.desk.random, 8);
    this.#since = line.desk.clock.epoch();
  }

  /** @returns undefined: it was too short. */
  async take(waiter: Waiter<VoicemailResult>): Promise<VoiceMessage | undefined> {
    const { maxLength, silencePower, finishKeys } = this.#settings;
    const file = `${mailboxFolder(this.#home.folder, this.#box)}/${this.#id}.wav`;
    const recording = await record(this.#line, {
      file,
      numchannels: 1,
      direction: "in",
      maxduration: maxLength,
      ...(silencePower > 0 && { finishbelowpower: silencePower }),
    });
    waiter.undo(() => recording.stop());
    waiter.onEvent(this.#line, (event) => {
      if (event.type === "key" && finishKeys.includes(event.key)) void recording.stop();
    });
    return this.#keep(await recording.finished);
  }

  async #keep({ file, duration, ended }: RecordingResult): Promise<VoiceMessage | undefined> {
    const { store } = this.#home;
    const { desk, call } = this.#line;
    const length = duration ?? desk.clock.epoch() - this.#since;
    if (ended === "open-failed" || length < this.#settings.minLength) {
      await store.discard(file);
      if (ended === "open-failed")
        throw new MediaswitchError("MEDIA_UNAVAILABLE", "the message can't be recorded");
      return undefined;
    }
    const { from, callerid } = call.info;
    const message: VoiceMessage = {
      id: this.#id,
      from: callerid?.number ?? from,
      ...(callerid?.name !== undefined && callerid.name !== "" && { name: callerid.name }),
      at: this.#since,
      duration: length,
      file,
      heard: false,
    };
    try {
      await store.add(this.#box, message);
    } catch (error) {
      // Its caller may have hung up: nobody else would hear of it.
      desk.log.error({ callid: call.callid, file, err: error }, "a voice message could not be kept");
      throw error;
    }
    call.history = `Voice message ${this.#id} for ${this.#box.user}@${this.#box.domain}`;
    await tellWaiting(desk, store, this.#box);
    return message;
  }
}

/** To its end, or to one of the keys. */
export async function played<Result>(
  line: Line,
  waiter: Waiter<Result>,
  sounds: Sounds | undefined,
  keys = "",
): Promise<void> {
  if (sounds === undefined || waiter.isSettled()) return;
  const playing = line.plays.play(soupOf(sounds));
  waiter.undo(() => playing.stop());
  const unwatch = line.watchers.add((event) => {
    if (event.type === "key" && keys.includes(event.key)) void playing.stop();
  });
  try {
    await Promise.race([playing.ended, line.ended]);
  } finally {
    unwatch();
  }
}

function checked(options: VoicemailOptions): Settings {
  const {
    maxLength = 120_000,
    minLength = 1000,
    silencePower = 100,
    finishKeys = "#",
    maxMessages = 100,
  } = options;
  return {
    maxLength: checkedCount(maxLength, "maxLength", [1000, 3_600_000]),
    minLength: checkedMillis(minLength, "minLength"),
    silencePower: checkedCount(silencePower, "silencePower", [0, 32_767]),
    finishKeys: checkedKeys(finishKeys, "finishKeys"),
    maxMessages: checkedCount(maxMessages, "maxMessages", [1, 10_000]),
  };
}
