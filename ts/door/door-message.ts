import type { ErrorRecord } from "../core/errors.js";

/** From whoever holds the service's stand-in. */
export type ToService =
  | { readonly kind: "command"; readonly id: number; readonly command: { readonly type: string } }
  /** Somebody is attached: events may come. */
  | { readonly kind: "attach" }
  | { readonly kind: "event-taken"; readonly id: number }
  | { readonly kind: "event-refused"; readonly id: number; readonly error: ErrorRecord };

/** From where the service lives. */
export type FromService =
  | { readonly kind: "result"; readonly id: number; readonly result: object }
  | { readonly kind: "error"; readonly id: number; readonly error: ErrorRecord }
  | { readonly kind: "event"; readonly id: number; readonly event: unknown };
