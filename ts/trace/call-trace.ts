/** All that is known of one call, both legs, as `GET /trace/:id` tells it. Times are milliseconds since 1970. */
import type { CallCause } from "../control/causes.js";
import type { StreamQuality } from "../rtp/media-service.js";
import type { Protocol } from "../sip/transport/transport.js";

export interface TraceSummary {
  /** Of the call: the `id` of its record, `record` in the API. */
  readonly id: string;
  readonly state: "live" | "ended";
  readonly direction: "inbound" | "outbound";
  readonly from: string;
  readonly to: string;
  readonly domain: string;
  /** Call-IDs of its legs. */
  readonly callids: readonly string[];
  readonly start: number;
  readonly answer?: number;
  readonly end?: number;
  readonly cause?: CallCause;
}

export interface CallTrace extends Omit<TraceSummary, "state"> {
  readonly version: 1;
  /** Unknown: control never heard of it; a registration, or a call that the SIP side has refused by itself. */
  readonly state: "live" | "ended" | "unknown";
  readonly endedBy?: { readonly leg: string; readonly side: "us" | "them" };
  /** In the order they were made; `leg` below is a place in it. */
  readonly legs: readonly LegTrace[];
  /** Of all legs, by time. */
  readonly messages: readonly TracedMessage[];
  /** Messages that were more than are kept; missing from the middle. */
  readonly messagesOmitted: number;
  readonly media: readonly MediaMoment[];
  /** What the script and the far ends did. */
  readonly events: readonly TraceEvent[];
  readonly eventsOmitted: number;
  /** What is wrong with it, gravest first. */
  readonly findings: readonly Finding[];
}

export interface LegTrace {
  readonly callid: string;
  readonly direction: "inbound" | "outbound";
  readonly from: string;
  readonly to: string;
  readonly domain: string;
  readonly gateway?: string;
  /** SIP peer. */
  readonly remote: { readonly host: string; readonly port: number };
  readonly start: number;
  readonly ring?: number;
  readonly answer?: number;
  readonly end?: number;
  readonly cause?: CallCause;
  /** The last one it had. */
  readonly channel?: TracedChannel;
  /** Oldest first; of an ended leg the last is what its channel said when it closed. */
  readonly samples: readonly MediaSample[];
}

export interface TracedChannel {
  readonly uuid: string;
  /** Where the far end is to send to. */
  readonly address: string;
  readonly port: number;
  readonly codec?: string;
  /** Where we were told to send to. */
  readonly far?: string;
}

export interface MediaSample {
  readonly at: number;
  readonly received: StreamQuality;
  /** As the far end reports. */
  readonly sent: StreamQuality;
  readonly roundTripMillis: number | null;
  /** Packets that came and were refused, by reason; none that is 0. */
  readonly dropped: Readonly<Record<string, number>>;
  /** Packets that were to be sent and did not go, by reason; absent where there was none. */
  readonly refused?: Readonly<Record<string, number>>;
}

export interface TracedMessage {
  readonly at: number;
  /** Counts up over all messages of the SIP side: the order of those of one moment. */
  readonly number: number;
  /** Absent where no leg has that Call-ID. */
  readonly leg?: number;
  readonly callid: string;
  /** Seen from the switch. */
  readonly direction: "in" | "out";
  /** `192.0.2.7:5060`, IPv6 in brackets. */
  readonly peer: string;
  readonly protocol: Protocol;
  readonly firstLine: string;
  /** For an arrow: `INVITE`, `180 Ringing (INVITE)`. */
  readonly name: string;
  /** Without secrets. */
  readonly text: string;
  /** Octets on the wire. */
  readonly size: number;
  /** `text` is not all of it. */
  readonly cut?: true;
  /** The same octets went the same way before. */
  readonly retransmission?: true;
}

/** What the SIP side has of one Call-ID. */
export interface TracedMessages {
  readonly messages: readonly TracedMessage[];
  readonly omitted: number;
}

export interface MediaMoment {
  readonly at: number;
  readonly leg: number;
  readonly type:
    | "opened"
    | "target"
    | "first-packet"
    | "source-learnt"
    | "source-rejected"
    | "gap"
    | "joined"
    | "parted"
    | "direction"
    | "play"
    | "record"
    | "closed";
  readonly text: string;
  /** Of a gap. */
  readonly millis?: number;
}

export interface TraceEvent {
  readonly at: number;
  readonly leg: number;
  /** As in the record of the call. */
  readonly type: string;
  readonly what?: string;
}

export type Severity = "failure" | "warning" | "note";

/** Something that is wrong with a call, in words for people. */
export interface Finding {
  /** Name of the rule; stays the same. */
  readonly rule: string;
  readonly severity: Severity;
  readonly leg?: number;
  readonly text: string;
  /** What to do about it. */
  readonly advice?: string;
}
