import { MediaswitchError } from "../../core/errors.js";
import { BusyMap } from "../../core/busy-map.js";
import { OrderedDelivery } from "../../core/ordered-delivery.js";
import type { EventSink } from "../../core/service.js";
import type { Dialog } from "../dialog/dialog.js";
import type { InviteSession } from "../dialog/invite-session.js";
import type { ReferSubscription } from "../dialog/refer-subscription.js";
import { canResume, type StoredSession } from "../dialog/stored-session.js";
import type { Replaces, SipRequest } from "../message/message.js";
import type { CallInfo, CallNews, DialogCause, SipEvent } from "../sip-service.js";

/** Events of one call that may wait for control before requests that would make more are refused. */
const MAX_UNTAKEN = 32;
/** Calls that are over while a REFER of theirs is carried out. */
const MAX_REFERRING = 1000;

/** Events that a call may have had between the last time it was stored and the end of the process. */
const UNSURE = 1000;

/** Whose phone, or whose trunk, a call is with. */
export interface Party {
  readonly domain: string;
  readonly user: string;
}

/** Told of a call that has begun or got on. @param dialog gives its dialog, or the first of those that may become it. */
export type CallWatcher = (
  info: CallInfo,
  party: Party,
  dialog: () => Pick<Dialog, "callId" | "localTag" | "remoteTag"> | undefined,
) => void;

/** A call with what only this table knows of it. Plain data. */
export interface StoredCall {
  readonly session: StoredSession;
  readonly control?: string;
  readonly party: Party;
  readonly told: number;
}

const LAST = { isLast: true } as const;

interface Entry {
  readonly session: InviteSession;
  /** URL of the control that gets this call's events, where one is set. */
  readonly control: string | undefined;
  readonly party: Party;
  /** Events told so far. */
  told: number;
}

const NOTHING_TOLD = Promise.resolve();

/** The live calls by Call-ID, and the door through which control hears of them: numbered, in order per call. */
export class CallTable {
  readonly #entries = new BusyMap<Entry>();
  readonly #events = new OrderedDelivery<SipEvent>();
  readonly #watcher: CallWatcher;
  /** Calls that are over, with a REFER that is not. */
  readonly #referring = new Map<string, InviteSession>();
  #ever = 0;

  /** @param watcher told of each call that is added, and whenever one may have changed. */
  constructor(watcher: CallWatcher = () => undefined) {
    this.#watcher = watcher;
  }

  attach(sink: EventSink<SipEvent>): void {
    this.#events.attach(sink);
  }

  /** Events that control has not taken yet, and those that were too many to wait for it. */
  get events(): { readonly eventsWaiting: number; readonly eventsLost: number } {
    return { eventsWaiting: this.#events.waiting, eventsLost: this.#events.lost };
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

  /** Dialogs whose requests go by this connection. */
  dialogsBy(connection: number): readonly Dialog[] {
    return [...this.#entries.values()].flatMap(({ session }) => session.dialogBy(connection) ?? []);
  }

  has(callid: string): boolean {
    return this.#entries.has(callid);
  }

  get(callid: string): InviteSession | undefined {
    return this.#entries.get(callid)?.session;
  }

  /** @throws {MediaswitchError} CALL_UNKNOWN. */
  expect(callid: string): InviteSession {
    const session = this.get(callid);
    if (session !== undefined) return session;
    throw new MediaswitchError("CALL_UNKNOWN", `there is no call ${callid}`, "callid");
  }

  /** The call a request with a To tag belongs to (RFC 3261 §12.2.2). */
  owner(request: SipRequest): InviteSession | undefined {
    const session = this.get(request.headers["call-id"]);
    return session?.owns(request) === true ? session : undefined;
  }

  add(session: InviteSession, control: string | undefined, party: Party): void {
    this.#ever += 1;
    this.#entries.set(session.record.callid, { session, control, party, told: 0 });
    this.#watch({ session, party }, session.record.info());
  }

  /** The answered calls as plain data that JSON keeps whole: what `OutlivedCalls.resume` takes. */
  *stored(): Generator<StoredCall> {
    for (const { session, control, party, told } of this.#entries.values()) {
      const stored = session.stored();
      if (canResume(stored)) {
        yield { session: stored, party, told, ...(control === undefined ? {} : { control }) };
      }
    }
  }

  /** Enters a call that another process had. It may have told more than it has stored: its numbers are left out. */
  resume(session: InviteSession, { control, party, told: stored }: StoredCall): void {
    this.#ever += 1;
    const told = stored + UNSURE;
    this.#entries.set(session.record.callid, { session, control, party, told });
    this.#watch({ session, party }, session.record.info());
  }

  /** A call has got on without an event that tells it. */
  changed(callid: string): void {
    const entry = this.#entries.get(callid);
    if (entry !== undefined) this.#watch(entry, entry.session.record.info());
  }

  /** Tells control; the last event takes the call off the table. @returns rejected when it was not taken. */
  tell(callid: string, cause: DialogCause, news?: CallNews): Promise<void> {
    const entry = this.#entries.get(callid);
    if (entry === undefined) return NOTHING_TOLD;
    if (cause === "ended") this.#remove(callid, entry);
    entry.told += 1;
    const info = entry.session.record.info(news);
    this.#watch(entry, info);
    const { told: number, control } = entry;
    const event: SipEvent =
      control === undefined
        ? { type: "dialog", number, cause, info }
        : { type: "dialog", number, cause, info, control };
    return this.#events.send(callid, event, cause === "ended" ? LAST : undefined);
  }

  /** So many events of the call wait for control that a far end may not make more of them. */
  isBehind(callid: string): boolean {
    return this.#events.waitingFor(callid) >= MAX_UNTAKEN;
  }

  /** The REFER that came in this call, also when the call is over (RFC 5057: a usage of its own). */
  referral(callid: string): ReferSubscription | undefined {
    return this.get(callid)?.referral ?? this.#referring.get(callid)?.referral;
  }

  /**
   * The call whose dialog a Replaces header names (RFC 3891 §3), or why it is refused: 481 there is none, or it rings
   * here and was not made by us; 486 it is answered, and only an early one is to be replaced.
   */
  replaced({ callId, toTag, fromTag, earlyOnly }: Replaces): InviteSession | 481 | 486 {
    const session = this.get(callId);
    if (session?.hasDialogOf(toTag, fromTag) !== true) return 481;
    if (session.record.isAnswered) return earlyOnly ? 486 : session;
    return session.record.isOurs ? session : 481;
  }

  #watch({ session, party }: Pick<Entry, "session" | "party">, info: CallInfo): void {
    this.#watcher(info, party, () => session.firstDialog());
  }

  #remove(callid: string, { session }: Entry): void {
    this.#entries.delete(callid);
    for (const [other, { referral }] of this.#referring) {
      if (referral === undefined) this.#referring.delete(other);
    }
    if (session.referral !== undefined && this.#referring.size < MAX_REFERRING) {
      this.#referring.set(callid, session);
    }
  }

  /** Passes on an event that is no call's, in order with others of the same key. */
  send(key: string, event: SipEvent): Promise<void> {
    return this.#events.send(key, event);
  }

  /** Ends every call, telling the far end this reason. */
  hangupAll(code: number, reason: string): void {
    for (const { session } of [...this.#entries.values()]) session.hangup(code, reason);
  }

  /** Drops every call without a word; for shut-down. */
  abandon(): void {
    for (const { session } of this.#entries.values()) session.abandon();
    for (const session of this.#referring.values()) session.abandon();
    this.#entries.clear();
    this.#referring.clear();
  }
}
