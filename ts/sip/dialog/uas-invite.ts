import { seconds } from "../../core/brand.js";
import type { Clock, Timer } from "../../core/clock.js";
import type { Random } from "../../core/random.js";
import { makeResponse } from "../message/response.js";
import type { Headers, NameAddr, OtherHeaders, RAck, SipResponse } from "../message/message.js";
import type { ServerTransaction } from "../transaction/transaction.js";
import { RELIABLE, ReliableProvisionals } from "./reliable-provisionals.js";
import { Repeated2xx } from "./repeat-2xx.js";

export const SDP_TYPE = "application/sdp";

/** A call that rings long is told so every minute, or a proxy on the way gives it up (RFC 3261 §13.3.1.1). */
const STILL_RINGING = seconds(60);

export interface UasParty {
  readonly clock: Clock;
  readonly random: Random;
  readonly localTag: string;
  readonly contact: NameAddr;
  readonly allow: string[];
  readonly supported: string[];
  readonly other: OtherHeaders;
  /** No ACK came for our 2xx (64·T1). */
  readonly notAcknowledged: () => void;
  /** Every reliable provisional has had its PRACK. */
  readonly pracked: () => void;
  /** One has had none (64·T1). */
  readonly notPracked: () => void;
}

export interface Provisional {
  /** 101–199 */
  readonly status: number;
  readonly alertInfo?: string | undefined;
  readonly sdp?: string | undefined;
}

/** The answering side of one INVITE or re-INVITE: builds its responses and repeats the 2xx. */
export class UasInvite {
  readonly #transaction: ServerTransaction;
  readonly #party: UasParty;
  readonly #reliable: ReliableProvisionals;
  #repeated: Repeated2xx | undefined;
  #stillRinging: Timer | undefined;

  constructor(transaction: ServerTransaction, party: UasParty) {
    this.#transaction = transaction;
    this.#party = party;
    this.#reliable = new ReliableProvisionals(transaction, party.clock, firstRSeq(party.random), {
      acknowledged: party.pracked,
      notAcknowledged: party.notPracked,
    });
  }

  answers(invite: ServerTransaction): boolean {
    return this.#transaction === invite;
  }

  /** Does the caller take reliable provisionals, so that an offer may stand in one (RFC 3262 §3)? */
  get canBeReliable(): boolean {
    const { supported = [] } = this.#transaction.request.headers;
    return supported.includes(RELIABLE) || this.#mustBeReliable;
  }

  get #mustBeReliable(): boolean {
    return this.#transaction.request.headers.require?.includes(RELIABLE) === true;
  }

  /** The 2xx has to wait for a PRACK. */
  get waitsForPrack(): boolean {
    return this.#reliable.isOwed;
  }

  /** Reliable where the caller demands it, or where it carries a description and the caller can. */
  provisional({ status, alertInfo, sdp }: Provisional): void {
    const headers = alertInfo === undefined ? undefined : { "alert-info": alertInfo };
    if (this.#mustBeReliable || (sdp !== undefined && this.canBeReliable)) {
      this.#reliable.send((rseq) =>
        this.#response(status, undefined, sdp, { ...headers, rseq, require: [RELIABLE] }),
      );
      return;
    }
    this.#repeatEveryMinute(this.#response(status, undefined, sdp, headers));
  }

  /** @param headers what the 2xx says besides: the session timer. */
  accept(sdp: string | undefined, headers?: Partial<Headers>): void {
    this.#stopProvisionals();
    this.#repeated = new Repeated2xx(
      this.#transaction,
      this.#response(200, undefined, sdp, headers),
      this.#party.clock,
      this.#party.notAcknowledged,
    );
  }

  refuse(status: number, reason?: string, headers?: Partial<Headers>): void {
    this.#stopProvisionals();
    if (this.#transaction.open) {
      this.#transaction.respond(this.#response(status, reason, undefined, headers));
    }
  }

  /** The response that this PRACK is for; undefined where it is not the one waited for. */
  awaitedBy(rack: RAck): SipResponse | undefined {
    return this.#reliable.awaited(rack);
  }

  /** That PRACK was answered: what waited for it goes out. */
  acknowledgedReliable(): void {
    this.#reliable.acknowledged();
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
    this.#stopProvisionals();
    this.#repeated?.stop();
    this.#repeated = undefined;
  }

  #stopProvisionals(): void {
    this.#stillRinging?.cancel();
    this.#reliable.stop();
  }

  #repeatEveryMinute(response: SipResponse): void {
    this.#transaction.respond(response);
    this.#stillRinging?.cancel();
    this.#stillRinging = this.#party.clock.after(STILL_RINGING, () => {
      this.#repeatEveryMinute(response);
    });
  }

  #response(
    status: number,
    reason: string | undefined,
    sdp?: string,
    headers?: Partial<Headers>,
  ): SipResponse {
    const { localTag, allow, supported, contact, other } = this.#party;
    const own: Partial<Headers> =
      status < 300 ? { allow, supported, contact: [contact] } : { allow, supported };
    return makeResponse(this.#transaction.request, status, {
      toTag: localTag,
      headers: headers === undefined ? own : Object.assign(own, headers),
      other,
      reason,
      contentType: sdp === undefined ? undefined : SDP_TYPE,
      content: sdp,
    });
  }
}

/** RFC 3262 §3: drawn evenly from 1 to 2^31 − 1. */
function firstRSeq(random: Random): number {
  const drawn = random.bytes(4).reduce((number, octet) => number * 256 + octet, 0);
  return 1 + (drawn % (2 ** 31 - 1));
}
