import { OrderedDelivery } from "../core/ordered-delivery.js";
import type { EventSink } from "../core/service.js";
import type { InviteSession } from "./dialog/invite-session.js";
import type { SipRequest } from "./message/message.js";
import type { DialogCause, SipEvent } from "./sip-service.js";

interface Entry {
  readonly session: InviteSession;
  /** URL of the control that gets this call's events, where one is set. */
  readonly control: string | undefined;
  /** Events told so far. */
  told: number;
}

/** The live calls by Call-ID, and the door through which control hears of them: numbered, in order per call. */
export class CallTable {
  readonly #entries = new Map<string, Entry>();
  readonly #events = new OrderedDelivery<SipEvent>();
  #ever = 0;

  attach(sink: EventSink<SipEvent>): void {
    this.#events.attach(sink);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Calls since start. */
  get ever(): number {
    return this.#ever;
  }

  get dialogs(): number {
    let count = 0;
    for (const { session } of this.#entries.values()) if (session.hasDialog) count += 1;
    return count;
  }

  has(callid: string): boolean {
    return this.#entries.has(callid);
  }

  get(callid: string): InviteSession | undefined {
    return this.#entries.get(callid)?.session;
  }

  /** The call a request with a To tag belongs to (RFC 3261 §12.2.2). */
  owner(request: SipRequest): InviteSession | undefined {
    const session = this.get(request.headers["call-id"]);
    return session?.owns(request) === true ? session : undefined;
  }

  add(session: InviteSession, control: string | undefined): void {
    this.#ever += 1;
    this.#entries.set(session.record.callid, { session, control, told: 0 });
  }

  /** Tells control; the last event takes the call off the table. @returns rejected when it was not taken. */
  async tell(callid: string, cause: DialogCause): Promise<void> {
    const entry = this.#entries.get(callid);
    if (entry === undefined) return;
    if (cause === "ended") this.#entries.delete(callid);
    entry.told += 1;
    await this.#events.send(callid, {
      type: "dialog",
      number: entry.told,
      cause,
      info: entry.session.record.info(),
      ...(entry.control === undefined ? {} : { control: entry.control }),
    });
  }

  /** Passes on an event that is no call's, in order with others of the same key. */
  send(key: string, event: SipEvent): Promise<void> {
    return this.#events.send(key, event);
  }

  /** Drops every call without a word; for shut-down. */
  abandon(): void {
    for (const { session } of this.#entries.values()) session.abandon();
    this.#entries.clear();
  }
}
