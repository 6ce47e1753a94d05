/** What voicemail is told, and what it tells: types only. All numbers of time are milliseconds. */
import type { Sound, Sounds } from "../../app/sound.js";
import type { Abortable } from "../../app/verb-options.js";
import type { MailboxStore, VoiceMessage } from "./mailbox-store.js";

export interface MailboxSettings {
  /** Default: messages are forgotten when the process ends. */
  readonly store?: MailboxStore;
  /** Where messages are recorded, below the recordings root; default `voicemail`. */
  readonly folder?: string;
}

/** `user`, or `user@domain`; without a domain that of the call. */
export type MailboxAddress = string;

export interface VoicemailOptions extends Abortable {
  /** Played first; a finish key skips it. */
  readonly greeting?: Sounds;
  /** Default: a tone of 400 ms. */
  readonly beep?: Sounds;
  /** Default 120,000. */
  readonly maxLength?: number;
  /** Shorter ones are dropped; default 1000. */
  readonly minLength?: number;
  /** The message ends when, once somebody has spoken, the smoothed power stays below this; 0: never. Default 100. */
  readonly silencePower?: number;
  /** Each ends the message; default `#`. */
  readonly finishKeys?: string;
  /** Messages that a mailbox holds at most; default 100. */
  readonly maxMessages?: number;
  /** Played to who finds the mailbox full. */
  readonly full?: Sounds;
}

export type VoicemailResult =
  | { readonly outcome: "recorded"; readonly message: VoiceMessage }
  | { readonly outcome: "too-short" | "full" };

/** What is said in the menu. Without a sound nothing is said there. */
export interface MailboxPrompts {
  /** First of all: how many there are, new ones and all. */
  readonly count?: (messages: { readonly new: number; readonly all: number }) => Sounds | undefined;
  readonly none?: Sounds;
  /** Before each message. */
  readonly announce?: (
    message: VoiceMessage,
    place: { readonly number: number; readonly of: number },
  ) => Sounds | undefined;
  /** After each: what can be done. */
  readonly menu?: Sounds;
  readonly deleted?: Sounds;
  readonly saved?: Sounds;
  /** After the last one. */
  readonly end?: Sounds;
}

export interface MailboxKeys {
  /** Again, from the start. */
  readonly play: string;
  readonly next: string;
  readonly previous: string;
  readonly delete: string;
  /** It counts as new again. */
  readonly save: string;
  readonly exit: string;
}

export interface MailboxOptions extends Abortable {
  readonly prompts?: MailboxPrompts;
  /** Default: play 1, next 2, delete 3, previous 4, save 5, exit *. */
  readonly keys?: Partial<MailboxKeys>;
  /** How long a key is waited for; default 5000. */
  readonly timeout?: number;
  /** How often the menu is said before it is given up; default 3. */
  readonly repeats?: number;
  /** A recording as the media server finds it among its sounds; default: under the same path. */
  readonly soundOf?: (file: string) => Sound;
}

/** `end`: there are no more. `timeout`: no key came. */
export interface MailboxResult {
  readonly outcome: "exit" | "end" | "timeout";
  readonly heard: number;
  readonly deleted: number;
}
