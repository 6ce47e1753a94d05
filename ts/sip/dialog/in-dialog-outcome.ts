/** What the final response to a request within a dialog says about the dialog itself (RFC 5057 §5.1). */
export type DialogOutcome =
  /** It concerns the request alone. */
  | "goes on"
  /** The far end knows of no such dialog: it is over, and there is nobody to say so to. */
  | "gone"
  /** Nobody answers there: it is over, and a BYE says so, should anybody hear it (RFC 3261 §12.2.1.2). */
  | "lost";

const GONE: ReadonlySet<number> = new Set([404, 410, 416, 481, 482, 483, 484, 485, 502, 604]);

/** @param status 408 also where no response came at all. */
export function dialogOutcome(status: number): DialogOutcome {
  if (status === 408) return "lost";
  return GONE.has(status) ? "gone" : "goes on";
}
