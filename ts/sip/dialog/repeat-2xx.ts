import { ms, type Millis } from "../../core/brand.js";
import type { Clock, Timer } from "../../core/clock.js";
import type { SipResponse } from "../message/message.js";
import { T1, T2 } from "../transaction/timers.js";
import type { ServerTransaction } from "../transaction/transaction.js";

/**
 * A 2xx to INVITE travels outside the transaction's own retransmission: the UAS repeats it after T1, doubling up
 * to T2, until the ACK, and gives up after 64·T1 (RFC 3261 §13.3.1.4).
 */
export class Repeated2xx {
  #again: Timer | undefined;
  readonly #giveUp: Timer;
  readonly #transaction: ServerTransaction;

  constructor(
    transaction: ServerTransaction,
    response: SipResponse,
    clock: Clock,
    notAcknowledged: () => void,
  ) {
    this.#transaction = transaction;
    const repeatAfter = (interval: Millis): void => {
      this.#again = clock.after(interval, () => {
        transaction.respond(response);
        repeatAfter(ms(Math.min(interval * 2, T2)));
      });
    };
    this.#giveUp = clock.after(ms(64 * T1), () => {
      this.stop();
      notAcknowledged();
    });
    transaction.respond(response);
    repeatAfter(T1);
  }

  /** Is this the CSeq number that the ACK has to carry (§17.1.1.3)? */
  isAcknowledgedBy(seq: number): boolean {
    return this.#transaction.request.headers.cseq.seq === seq;
  }

  stop(): void {
    this.#again?.cancel();
    this.#giveUp.cancel();
    this.#transaction.release();
  }
}
