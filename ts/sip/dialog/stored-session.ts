import type { CallInfo } from "../sip-service.js";
import type { NameAddr } from "../message/message.js";
import type { Dialog } from "./dialog.js";
import type { SessionTimerState } from "./session-timer.js";
import type { SessionState } from "./session-table.js";

/**
 * All that is remembered of a call leg, as plain data: route set, CSeq numbers, tags, targets, flow, hold, negotiation
 * (`dialog`, `early`, `info`), session timer. JSON keeps it whole. Transactions and timers are made anew from it.
 */
export interface StoredSession {
  readonly state: SessionState;
  readonly info: CallInfo;
  readonly localTag: string;
  readonly contact: NameAddr;
  readonly dialog?: Dialog;
  /** While a call of ours is not answered: one for each To tag seen. */
  readonly early: readonly Dialog[];
  /** CSeq number of the INVITE last acknowledged, and what the ACK carried, to repeat it. */
  readonly ack: { readonly seq: number; readonly sdp?: string };
  readonly timer?: SessionTimerState;
  /** Milliseconds since 1970: when the call is ended, however it goes. */
  readonly endsAt?: number;
}

/** Can it be taken up elsewhere? Only an answered call: what rings hangs on a transaction that is gone. */
export const canResume = ({ state, dialog }: StoredSession): boolean =>
  state === "confirmed" && dialog !== undefined;
