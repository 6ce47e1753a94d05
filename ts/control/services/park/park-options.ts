/** What parking and picking up are told, and what they tell: types only. All numbers of time are milliseconds. */
import type { Target } from "../../app/dial-options.js";
import type { Sounds } from "../../app/sound.js";
import type { Abortable } from "../../app/verb-options.js";

export interface ParkingSettings {
  /** Slots that are given out, in this order; default 701 to 720. */
  readonly slots?: readonly string[];
  /** Default 120,000. */
  readonly timeout?: number;
  readonly music?: Sounds;
}

export interface ParkOptions extends Abortable {
  /** Default: the first that is free. */
  readonly slot?: string;
  /** How long it may wait there; default that of the lot. */
  readonly timeout?: number;
  readonly music?: Sounds;
  /** Who is rung back when the time is over; it can still be picked up meanwhile. */
  readonly parker?: Target;
  /** How long that one may ring; default 30,000. */
  readonly ringback?: number;
  /** Told the slot when it is there. */
  readonly parked?: (slot: string) => unknown;
}

/** Whose call has ended when two came apart; `moved`: one of them was joined with somebody else. */
export type TalkEnd = "this" | "other" | "moved";

export type ParkResult =
  /** Somebody took it: `by` is the call-id of that call. `returned`: the parker did, when rung back. */
  | {
      readonly outcome: "picked-up" | "returned";
      readonly slot: string;
      readonly by: string;
      readonly waited: number;
      readonly ended: TalkEnd;
    }
  /** Nobody did, nor did the parker. */
  | { readonly outcome: "timeout"; readonly slot: string; readonly waited: number }
  | { readonly outcome: "refused"; readonly reason: "full" | "taken" };

/** A slot, or a group of phones of which one rings. */
export type PickupFrom = string | { readonly slot: string } | { readonly group: string };

export type PickupResult =
  | { readonly outcome: "picked-up"; readonly callid: string; readonly ended: TalkEnd }
  /** Nobody is parked there; nothing rings there. */
  | { readonly outcome: "nobody" };

/** Instead of one who was called, somebody else of the group took the call. */
export interface PickedUp {
  readonly outcome: "picked-up";
  /** Call-id of the call that took it. */
  readonly by: string;
  readonly ended: TalkEnd;
}

export interface ParkedCall {
  readonly slot: string;
  readonly callid: string;
  readonly waited: number;
}

export type ParkEvent = { readonly at: number; readonly slot: string; readonly callid: string } & (
  | { readonly type: "parked" | "ringback" | "timeout" | "abandoned" }
  | { readonly type: "picked-up" | "returned"; readonly by: string }
);
