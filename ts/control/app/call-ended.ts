import { MediaswitchError } from "../../core/errors.js";
import type { Call } from "../call.js";
import { causeOf } from "../cause-of.js";

/** How a call came to its end. */
export interface CallEnding {
  readonly callid: string;
  /** Who ended it: this switch with its script, or the far end. */
  readonly side: "us" | "them";
  /** `normal`, or a name of the table of causes: `USER_BUSY`, `TEMPORARILY_UNAVAILABLE` … */
  readonly cause: string;
  /** The SIP status; undefined for a normal end. */
  readonly sip: number | undefined;
  /** The cause value of ITU-T Q.850: the far end's own where it told one, else what the status means; 16 is normal. */
  readonly q850: number;
}

/** What a verb rejects with when its call ends, or has ended: the normal way out of a script. */
export class CallEnded extends MediaswitchError implements CallEnding {
  readonly callid: string;
  readonly side: "us" | "them";
  override readonly cause: string;
  readonly sip: number | undefined;
  readonly q850: number;

  constructor({ callid, side, cause, sip, q850 }: CallEnding) {
    const who = side === "us" ? "was ended by us" : "was ended by the far end";
    super("CALL_ENDED", `the call ${callid} ${who}: ${cause}`);
    this.name = "CallEnded";
    this.callid = callid;
    this.side = side;
    this.cause = cause;
    this.sip = sip;
    this.q850 = q850;
  }
}

/** How a call has ended, or is about to, as far as it is known yet. */
export function endingOf(call: Call): CallEnding {
  const { name, sip, q850, side = "them" } = causeOf(call);
  return { callid: call.callid, side, cause: name, sip, q850 };
}
