import type { MailboxName, MailboxStore, VoiceMessage } from "./mailbox-store.js";

/** Forgets all when the process ends; recordings stay where they are. */
export class MemoryMailboxStore implements MailboxStore {
  readonly #boxes = new Map<string, readonly VoiceMessage[]>();
  /** Recordings that nobody needs any more. */
  readonly discarded: string[] = [];

  list(box: MailboxName): Promise<readonly VoiceMessage[]> {
    return Promise.resolve(this.#of(box));
  }

  add(box: MailboxName, message: VoiceMessage): Promise<void> {
    this.#boxes.set(keyOf(box), [...this.#of(box), message]);
    return Promise.resolve();
  }

  setHeard(box: MailboxName, id: string, heard: boolean): Promise<void> {
    const messages = this.#of(box).map((message) => (message.id === id ? { ...message, heard } : message));
    this.#boxes.set(keyOf(box), messages);
    return Promise.resolve();
  }

  async remove(box: MailboxName, id: string): Promise<void> {
    const messages = this.#of(box);
    const gone = messages.find((message) => message.id === id);
    if (gone === undefined) return;
    this.#boxes.set(
      keyOf(box),
      messages.filter((message) => message !== gone),
    );
    await this.discard(gone.file);
  }

  discard(file: string): Promise<void> {
    this.discarded.push(file);
    return Promise.resolve();
  }

  #of(box: MailboxName): readonly VoiceMessage[] {
    return this.#boxes.get(keyOf(box)) ?? [];
  }
}

const keyOf = ({ domain, user }: MailboxName): string => `${user}@${domain}`;
