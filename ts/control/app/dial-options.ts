/** What a script may say of calls that go out, and what it hears of them. */
import type { CodecName } from "../../sdp/payload-types.js";
import type { Sounds } from "./sound.js";

/** What a callee sees of the caller. */
export interface CallerIdentity {
  readonly number?: string;
  readonly name?: string;
  readonly private?: boolean;
}

/** Somebody to be called: `user`, `user@domain`, or this. */
export interface DialTarget {
  readonly user: string;
  /** Default: the caller's domain. A domain that is not in the directory needs a rule of `app.allow`. */
  readonly domain?: string;
  /** Only this one phone of the user (RFC 5627). */
  readonly gr?: string;
  /** Name of the gateway it goes out by; needs a rule of `app.allow`. */
  readonly gateway?: string;
  /** Milliseconds that it may ring; default: that of the options. */
  readonly timeout?: number;
  readonly callerid?: CallerIdentity;
  /** Further headers of the INVITE, beside those of the options. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly codecs?: readonly CodecName[];
}

export type Target = string | DialTarget;

export interface DialOptions {
  readonly signal?: AbortSignal;
  /** Several targets: all at once (`together`, default), the first to answer gets it; or one after the other. */
  readonly order?: "together" | "sequence";
  /** Milliseconds that each target may ring; default 60,000. */
  readonly timeout?: number;
  /** What the callee sees of the caller; default: what is known of the caller. */
  readonly callerid?: CallerIdentity;
  /** In whose name it is called; default: the caller's. `authsecret` answers a challenge of the far side. */
  readonly from?: { readonly user?: string; readonly domain?: string; readonly authsecret?: string };
  readonly headers?: Readonly<Record<string, string>>;
  /** In the order of preference; default: those of the switch. */
  readonly codecs?: readonly CodecName[];
  /**
   * What a caller that is not answered yet gets of it: `ring` (default) a 180 when somebody rings, `early` also the audio
   * that the callee sends before it answers (one target at a time), `none` nothing.
   */
  readonly early?: "ring" | "early" | "none";
  /** Played to a caller that is answered, until somebody answers. */
  readonly music?: Sounds;
  /** Default: the caller's minus one, else 70. */
  readonly maxforwards?: number;
  /** Seconds after which the new call is ended, from its answer on. */
  readonly maxduration?: number;
}

/** Why nobody answered. */
export type DialFailure =
  | "busy" //        486, 600
  | "noanswer" //    it rang for too long: ours or their 408, 480 after ringing, 487
  | "rejected" //    403, 603, 607, 608 and other refusals
  | "unreachable" // nobody registered, no such server, no answer at all, 5xx
  | "notfound" //    404, 410, 484, 485, 604
  | "redirected" //  3xx
  | "incompatible"; // 415, 488, 606: no codec in common

/** What became of one target. */
export interface DialAttempt {
  readonly target: DialTarget;
  readonly outcome: DialFailure;
  /** The SIP status that tells it. */
  readonly code: number;
  /** Its name in the table of causes: good for `call.hangup`. */
  readonly cause: string;
  /** `redirected`: where to. */
  readonly redirect?: readonly string[];
}

export type DialResult<Answered> =
  | { readonly outcome: "answered"; readonly call: Answered; readonly target: DialTarget }
  /** The most telling of the attempts: busy before rejected, before those that could not be reached. */
  | {
      readonly outcome: DialFailure;
      readonly code: number;
      readonly cause: string;
      readonly attempts: readonly DialAttempt[];
    };
