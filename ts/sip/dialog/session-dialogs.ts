import type { Replaces, SipRequest } from "../message/message.js";
import { belongsTo, type Dialog } from "./dialog.js";
import type { SessionCore } from "./session-core.js";

/** The dialogs of a session by their names: the one that counts, and before a 2xx to a call of ours the early ones. */
export class SessionDialogs {
  readonly #core: SessionCore;
  readonly #early: () => readonly Dialog[];

  constructor(core: SessionCore, early: () => readonly Dialog[]) {
    this.#core = core;
    this.#early = early;
  }

  get #all(): readonly Dialog[] {
    const { dialog } = this.#core;
    return dialog === undefined ? this.#early() : [dialog, ...this.#early()];
  }

  /** The one that counts, else the first that may become it. */
  get first(): Dialog | undefined {
    return this.#all[0];
  }

  /** To which a request with a To tag belongs. */
  of(request: SipRequest): Dialog | undefined {
    return this.#all.find((dialog) => belongsTo(dialog, request));
  }

  /** Before the first 18x of a call we made only our tag is known. */
  owns(request: SipRequest): boolean {
    if (this.#all.length > 0) return this.of(request) !== undefined;
    return request.headers.to.params["tag"] === this.#core.context.localTag;
  }

  /** Is there one with these tags? */
  has(localTag: string, remoteTag: string): boolean {
    return this.#all.some((dialog) => dialog.localTag === localTag && dialog.remoteTag === remoteTag);
  }

  /** The one that counts, as the far end would name it (RFC 3891 §3). */
  asReplaces(): Replaces | undefined {
    const { dialog } = this.#core;
    if (dialog === undefined) return undefined;
    const { callId, localTag, remoteTag } = dialog;
    return { callId, toTag: remoteTag, fromTag: localTag, earlyOnly: false };
  }
}
