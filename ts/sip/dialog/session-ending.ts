import type { Headers } from "../message/message.js";
import type { CallReason } from "../sip-service.js";
import { reasonText, writeReason } from "./reason.js";

/** What the far end is told when we end a call. */
export class SessionEnding {
  /** The final response where the call is not answered. */
  #final: { readonly code: number; readonly reason: string | undefined } = { code: 480, reason: undefined };
  /** What BYE and CANCEL say. */
  #why: readonly CallReason[] = [];

  /** Control hangs up. */
  asked(code: number | undefined, reason: string | undefined, q850: number | undefined): void {
    this.#final = { code: code ?? 480, reason };
    this.#why = [
      ...(code === undefined ? [] : [{ protocol: "SIP", cause: code, text: reason ?? "" }]),
      ...(q850 === undefined ? [] : [{ protocol: "Q.850", cause: q850, text: "" }]),
    ];
  }

  /** We end it by ourselves. */
  because(why: CallReason): void {
    this.#why = [why];
  }

  get final(): { readonly code: number; readonly reason: string | undefined } {
    return this.#final;
  }

  /** Of the final response. RFC 6432: what the status says need not be said again. */
  get finalHeaders(): Pick<Headers, "reason"> {
    return reasonHeader(this.#why.filter(({ protocol }) => protocol !== "SIP"));
  }

  /** Of the BYE. */
  get byeHeaders(): Pick<Headers, "reason"> {
    return reasonHeader(this.#why);
  }

  /** Of the CANCEL, as text. */
  get cancelReason(): string | undefined {
    return this.#why.length === 0 ? undefined : this.#why.map(reasonText).join(", ");
  }
}

function reasonHeader(why: readonly CallReason[]): Pick<Headers, "reason"> {
  const reason = why.flatMap(writeReason);
  return reason.length === 0 ? {} : { reason };
}
