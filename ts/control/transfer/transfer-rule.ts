import type { CallRefer } from "../../sip/sip-service.js";
import type { Call } from "../call.js";

/** What a script is asked about a transfer before it begins. */
export interface TransferRequest {
  /** The leg whose far end sent the REFER, or the INVITE with Replaces. */
  readonly call: Call;
  /** Whom that one talks to, as far as it is another leg. */
  readonly other: Call | undefined;
  /** Of a REFER: to whom; with `replaces`, attended. */
  readonly refer?: CallRefer;
  /** Of an INVITE with Replaces: whose place the call takes. */
  readonly replaces?: Call;
}

/** Whether it may; the seed's face lets everything happen that can. */
export type TransferRule = (request: TransferRequest) => boolean | Promise<boolean>;
