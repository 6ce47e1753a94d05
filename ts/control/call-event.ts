/**
 * All that can happen to a leg, as one ordered stream: verbs that wait, the record of the call, and those who watch from
 * outside read the same.
 */
import type { EpochMillis } from "../core/brand.js";
import type { MediaEvent } from "../rtp/media-service.js";
import type { CallNews, CallRefer } from "../sip/sip-service.js";

/** By which way a key press came: RFC 4733, tones in the audio, or INFO. */
export type KeySource = "telephone-event" | "inband" | "info";

/** What happens to the channel itself; its key presses are `key` and `key-end`. */
export type ChannelEvent = Exclude<MediaEvent, { type: "telephone-event" | "telephone-event-end" }>;

export type CallHappening =
  /** It is in the books: an INVITE came, or goes out. */
  | { readonly type: "new" }
  /** Our 180 went out. */
  | { readonly type: "rung" }
  /** The far end rings. */
  | { readonly type: "ringing" }
  /** The far end's audio is heard before it has answered. */
  | { readonly type: "early" }
  /** Both sides have agreed: the ACK of our 2xx came, or their 2xx. */
  | { readonly type: "answered" }
  /** The far end puts us on hold, and takes us back. */
  | { readonly type: "hold" }
  | { readonly type: "unhold" }
  /** Our re-INVITE was accepted, or refused. */
  | { readonly type: "modified" }
  | { readonly type: "unmodified"; readonly refused: CallNews["refused"] }
  | { readonly type: "key"; readonly key: string; readonly source: KeySource }
  /** A key of RFC 4733 was let go; one of the other ways has no end of its own. */
  | { readonly type: "key-end"; readonly key: string; readonly durationMillis: number }
  /** MESSAGE or INFO within the call. */
  | { readonly type: "message"; readonly message: NonNullable<CallNews["message"]> }
  /** The far end asks us to transfer (REFER). */
  | { readonly type: "refer"; readonly refer: CallRefer }
  /** A transfer took this leg: it is a new call, to that user, on behalf of the leg `by`. */
  | { readonly type: "referred"; readonly to: string; readonly domain: string; readonly by: string }
  /** Another leg is the one at the other end from now on. */
  | { readonly type: "partner"; readonly callid: string }
  /** Another leg has this one's place, and whatever was done there with its channel; this one is ended. */
  | { readonly type: "replaced"; readonly by: string }
  | { readonly type: "channel"; readonly event: ChannelEvent }
  /** A line of the history. */
  | { readonly type: "note"; readonly what: string }
  /** The last one, always told. */
  | { readonly type: "ended" };

export type CallEvent = CallHappening & { readonly at: EpochMillis };
