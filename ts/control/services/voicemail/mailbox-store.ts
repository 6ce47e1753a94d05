/** Where voice messages are kept: types only. */

export interface MailboxName {
  readonly domain: string;
  readonly user: string;
}

export interface VoiceMessage {
  readonly id: string;
  /** Who called, as the script would call back. */
  readonly from: string;
  readonly name?: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Milliseconds. */
  readonly duration: number;
  /** The WAV file, as it was recorded. */
  readonly file: string;
  readonly heard: boolean;
}

/**
 * Messages of mailboxes. What it says is done is kept: a message that was added is there after a restart, as far as the
 * store outlives one. Changes of one mailbox are carried out one after the other.
 */
export interface MailboxStore {
  /** Oldest first; a mailbox nobody has written to is empty. */
  list(box: MailboxName): Promise<readonly VoiceMessage[]>;
  add(box: MailboxName, message: VoiceMessage): Promise<void>;
  /** Nothing happens where there is no such message. */
  setHeard(box: MailboxName, id: string, heard: boolean): Promise<void>;
  /** With its recording. Nothing happens where there is no such message. */
  remove(box: MailboxName, id: string): Promise<void>;
  /** A recording that is not to become a message. */
  discard(file: string): Promise<void>;
}
