/** What is written of a call once it is over: plain data, as it stands in the JSON line. Times are ms since 1970. */
import type { CallerId } from "../../sip/sip-service.js";
import type { CallCause } from "../causes.js";
import type { StreamQuality } from "../../rtp/media-service.js";

export interface CallDetailRecord {
  /** Raised when a field changes its meaning or goes; new fields may come at any time. */
  readonly version: 1;
  /** The same in all events of the call. */
  readonly id: string;
  /** Id of the record that was written before this leg was made for the same call. */
  readonly continues?: string;
  readonly direction: "inbound" | "outbound";
  readonly from: string;
  readonly to: string;
  readonly domain: string;
  readonly callerid?: CallerId;
  readonly gateway?: string;
  /** Begin of the first leg. */
  readonly start: number;
  /** First 180, either way; absent where it never rang. */
  readonly ring?: number;
  /** The first leg's answer. */
  readonly answer?: number;
  /** End of the first leg. */
  readonly end: number;
  /** Milliseconds from start to end. */
  readonly duration: number;
  /** Milliseconds from answer to end; 0 where it was not answered. */
  readonly billed: number;
  /** Why the first leg ended. */
  readonly cause: CallCause;
  /** The leg whose far end hung up, or the first leg with side `us`: the switch did. */
  readonly endedBy: { readonly leg: string; readonly side: "us" | "them" };
  /** The process was stopped before the call had ended. */
  readonly cutShort?: true;
  /** In the order they were made; 100 at most. */
  readonly legs: readonly LegRecord[];
  readonly legsOmitted?: number;
  readonly transfers: readonly TransferRecord[];
  readonly recordings: readonly RecordingRecord[];
  /** What a script put into `metadata.cdr` of the first leg. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** All that happened, in order; 500 at most. */
  readonly events: readonly EventRecord[];
  readonly eventsOmitted?: number;
}

export interface LegRecord {
  /** Call-ID. */
  readonly callid: string;
  readonly direction: "inbound" | "outbound";
  readonly from: string;
  readonly to: string;
  readonly domain: string;
  readonly gateway?: string;
  readonly remote: { readonly host: string; readonly port: number };
  readonly start: number;
  readonly ring?: number;
  readonly answer?: number;
  readonly end: number;
  readonly duration: number;
  readonly billed: number;
  readonly cause: CallCause;
  /** How many keys were pressed; which ones only where the switch was told to keep them. */
  readonly keys: number;
  readonly digits?: string;
  /** Milliseconds that the far end had us on hold. */
  readonly held: number;
  /** Of its channel, where it had one that has told. */
  readonly media?: MediaRecord;
}

export interface MediaRecord {
  readonly received: StreamQuality;
  readonly sent: StreamQuality;
  readonly roundTripMillis: number | null;
  /** Packets that came and were dropped, for whatever reason. */
  readonly dropped: number;
}

export interface TransferRecord {
  readonly at: number;
  /** Call-ID of the leg that asked for it. */
  readonly leg: string;
  readonly kind: "blind" | "attended";
  readonly to: string;
  readonly domain: string;
}

export interface RecordingRecord {
  readonly leg: string;
  readonly file: string;
  readonly start: number;
  readonly durationMillis: number;
  readonly filesize: number;
  readonly reason: string;
}

export interface EventRecord {
  readonly at: number;
  /** Place of the leg in `legs`. */
  readonly leg: number;
  readonly type: string;
  /** What there is to say besides. */
  readonly what?: string;
}

/** Takes finished records. One that throws or rejects is logged; the others get theirs. */
export type CdrSink = (record: CallDetailRecord) => void | Promise<void>;
