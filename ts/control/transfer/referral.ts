import type { TransferInput } from "./transfer-machine.js";

export interface SipStatus {
  readonly code: number;
  readonly reason?: string;
}

/** What a leg that is being transferred knows of it. */
export interface Referral {
  readonly isOver: boolean;
  /** @param status of "refused": why, for the transferor. */
  take(input: TransferInput, status?: SipStatus): void;
}
