import type { Clock } from "../../core/clock.js";
import { makeResponse } from "../message/response.js";
import type { NameAddr, OtherHeaders, SipResponse } from "../message/message.js";
import type { ServerTransaction } from "../transaction/transaction.js";
import { Repeated2xx } from "./repeat-2xx.js";

export const SDP_TYPE = "application/sdp";

export interface UasParty {
  readonly clock: Clock;
  readonly localTag: string;
  readonly contact: NameAddr;
  readonly allow: string[];
  readonly other: OtherHeaders;
  /** No ACK came for our 2xx (64·T1). */
  readonly notAcknowledged: () => void;
}

/** The answering side of one INVITE or re-INVITE: builds its responses and repeats the 2xx. */
export class UasInvite {
  readonly #transaction: ServerTransaction;
  readonly #party: UasParty;
  #repeated: Repeated2xx | undefined;

  constructor(transaction: ServerTransaction, party: UasParty) {
    this.#transaction = transaction;
    this.#party = party;
  }

  ring(alertInfo: string | undefined): void {
    const headers = alertInfo === undefined ? {} : { "alert-info": alertInfo };
    this.#transaction.respond(this.#response(180, undefined, undefined, headers));
  }

  accept(sdp: string | undefined): void {
    this.#repeated = new Repeated2xx(
      this.#transaction,
      this.#response(200, undefined, sdp),
      this.#party.clock,
      this.#party.notAcknowledged,
    );
  }

  refuse(status: number, reason?: string): void {
    if (this.#transaction.open) this.#transaction.respond(this.#response(status, reason));
  }

  /** Takes the ACK with this CSeq number, if it is the one waited for. */
  acknowledge(seq: number): boolean {
    if (this.#repeated?.isAcknowledgedBy(seq) !== true) return false;
    this.stop();
    return true;
  }

  get waitsForAck(): boolean {
    return this.#repeated !== undefined;
  }

  stop(): void {
    this.#repeated?.stop();
    this.#repeated = undefined;
  }

  #response(
    status: number,
    reason: string | undefined,
    sdp?: string,
    headers: Record<string, string> = {},
  ): SipResponse {
    return makeResponse(this.#transaction.request, status, {
      toTag: this.#party.localTag,
      headers: { ...headers, allow: this.#party.allow, contact: [this.#party.contact] },
      other: this.#party.other,
      ...(reason === undefined ? {} : { reason }),
      ...(sdp === undefined ? {} : { contentType: SDP_TYPE, content: sdp }),
    });
  }
}
