import type { Clock } from "../../core/clock.js";
import type { Log } from "../../core/log.js";
import { hexToken, type Random } from "../../core/random.js";
import type { Headers, NameAddr, OtherHeaders } from "../message/message.js";
import { makeResponse } from "../message/response.js";
import type { Directory } from "../registrar/directory.js";
import type { ServerTransaction, TransactionLayer } from "../transaction/transaction.js";
import type { Flow } from "../transport/transport.js";
import type { EventLimits } from "./event-limits.js";

/** What everything here is given. */
export interface EventContext {
  readonly layer: TransactionLayer;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly directory: Directory;
  readonly limits: EventLimits;
  /** Our Contact towards who is reached by `flow`. */
  readonly contact: (user: string, flow: Flow) => NameAddr;
  /** Headers on all our responses: Server. */
  readonly other: OtherHeaders;
}

export interface AnswerOptions {
  readonly reason?: string | undefined;
  readonly headers?: Partial<Headers>;
  /** To tag; a new one unless given. */
  readonly tag?: string;
}

export function answer(
  { random, other }: Pick<EventContext, "random" | "other">,
  transaction: ServerTransaction,
  status: number,
  { reason, headers = {}, tag }: AnswerOptions = {},
): void {
  transaction.respond(
    makeResponse(transaction.request, status, {
      toTag: tag ?? hexToken(random, 8),
      headers,
      other,
      ...(reason === undefined ? {} : { reason }),
    }),
  );
}
