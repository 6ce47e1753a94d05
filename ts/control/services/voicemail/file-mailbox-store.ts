import { MediaswitchError } from "../../../core/errors.js";
import { Sequence } from "../../sequence.js";
import type { MailboxName, MailboxStore, VoiceMessage } from "./mailbox-store.js";

/** Files below the recordings root, by paths with `/`. */
export interface MailboxFiles {
  /** Undefined where there is none. */
  read(path: string): Promise<string | undefined>;
  /** All of it or nothing, folders too: who reads meanwhile gets the old text or the new one. */
  write(path: string, text: string): Promise<void>;
  /** Nothing happens where there is none. */
  remove(path: string): Promise<void>;
}

/** A JSON file for each mailbox, beside its recordings. */
export class FileMailboxStore implements MailboxStore {
  readonly #files: MailboxFiles;
  readonly #folder: string;
  /** One for each mailbox that was ever changed: as many as there are users with a mailbox. */
  readonly #turns = new Map<string, Sequence>();

  constructor(files: MailboxFiles, { folder = "voicemail" }: { readonly folder?: string } = {}) {
    this.#files = files;
    this.#folder = folder;
  }

  list(box: MailboxName): Promise<readonly VoiceMessage[]> {
    return this.#inTurn(box, () => this.#read(box));
  }

  add(box: MailboxName, message: VoiceMessage): Promise<void> {
    return this.#change(box, (messages) => [...messages, message]);
  }

  setHeard(box: MailboxName, id: string, heard: boolean): Promise<void> {
    return this.#change(box, (messages) =>
      messages.map((message) => (message.id === id ? { ...message, heard } : message)),
    );
  }

  /** The index first: a recording that nobody knows is better than a message without one. */
  async remove(box: MailboxName, id: string): Promise<void> {
    let file: string | undefined;
    await this.#change(box, (messages) => {
      file = messages.find((message) => message.id === id)?.file;
      return messages.filter((message) => message.id !== id);
    });
    if (file !== undefined) await this.discard(file);
  }

  discard(file: string): Promise<void> {
    return this.#files.remove(file);
  }

  #change(
    box: MailboxName,
    changed: (messages: readonly VoiceMessage[]) => readonly VoiceMessage[],
  ): Promise<void> {
    return this.#inTurn(box, async () => {
      const messages = changed(await this.#read(box));
      await this.#files.write(this.#index(box), `${JSON.stringify({ messages }, undefined, 2)}\n`);
    });
  }

  async #read(box: MailboxName): Promise<readonly VoiceMessage[]> {
    const path = this.#index(box);
    const text = await this.#files.read(path);
    if (text === undefined) return [];
    const index = indexOf(text);
    if (index !== undefined) return index.messages;
    // What can't be read is not overwritten.
    throw new MediaswitchError("INTERNAL", `${path} is no index of a mailbox; it is left as it is`);
  }

  #inTurn<Result>(box: MailboxName, run: () => Promise<Result>): Promise<Result> {
    const key = this.#index(box);
    const turn = this.#turns.get(key) ?? new Sequence();
    this.#turns.set(key, turn);
    return turn.run(run);
  }

  #index(box: MailboxName): string {
    return `${mailboxFolder(this.#folder, box)}/index.json`;
  }
}

interface Index {
  readonly messages: readonly VoiceMessage[];
}

/** Undefined where the text is none. */
function indexOf(text: string): Index | undefined {
  try {
    const index: unknown = JSON.parse(text);
    return isIndex(index) ? index : undefined;
  } catch {
    return undefined;
  }
}

const isIndex = (value: unknown): value is Index =>
  typeof value === "object" && value !== null && "messages" in value && Array.isArray(value.messages);

/** Names of users may hold anything; those of folders may not lead elsewhere. */
export const mailboxFolder = (folder: string, { domain, user }: MailboxName): string =>
  `${folder}/${encoded(domain)}/${encoded(user)}`;

const encoded = (name: string): string => encodeURIComponent(name).replaceAll(".", "%2E");
