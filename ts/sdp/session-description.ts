/**
 * A session description (RFC 8866) as plain data: survives structured clone unchanged; `json.ts` writes it as JSON.
 * One-letter names are the line types of RFC 8866 §5. Text never contains CR, LF or NUL.
 */
export interface SessionDescription {
  readonly v: 0;
  readonly o: Origin;
  /** A single space where the session has no meaningful name; empty is kept as empty. */
  readonly s: string;
  readonly i?: string;
  readonly u?: string;
  readonly e: readonly string[];
  readonly p: readonly string[];
  /** Holds for every media section without its own. */
  readonly c?: Connection;
  readonly b: readonly Bandwidth[];
  /** Empty only where the far end left the required line out. */
  readonly t: readonly Timing[];
  /** Time zone adjustments, as on the line. */
  readonly z?: string;
  readonly k?: Key;
  /** Session-level attributes in their order, a session-wide direction among them. */
  readonly a: readonly Attribute[];
  readonly m: readonly MediaDescription[];
}

export interface Origin {
  readonly username: string;
  /** Decimal digits; text, since RFC 3264 §5 gives it 64 bits. */
  readonly sessionid: string;
  /** Decimal digits, like `sessionid`. */
  readonly sessionversion: string;
  readonly nettype: string;
  readonly ipver: string;
  readonly address: string;
}

export interface Connection {
  readonly nettype: string;
  readonly ipver: string;
  /** Numeric, or a host name; a multicast address keeps its `/ttl`. */
  readonly address: string;
}

export interface Bandwidth {
  readonly bwtype: string;
  /** In the unit of `bwtype`: kilobits per second for AS and CT, bits per second for TIAS (RFC 3890). */
  readonly bandwidth: number;
}

export interface Timing {
  /** NTP seconds (from 1900); 0 = unbounded. */
  readonly start: number;
  readonly stop: number;
  /** Values of the `r=` lines below this one. */
  readonly repeats: readonly string[];
}

export interface Key {
  readonly method: string;
  readonly key?: string;
}

/** `a=name` or `a=name:value`. */
export interface Attribute {
  readonly name: string;
  readonly value?: string;
}

/** Which way media flows, seen from whoever wrote the description (RFC 8866 §6.7). */
export type Direction = "sendrecv" | "sendonly" | "recvonly" | "inactive";

/** `a=rtpmap` without its payload type (RFC 8866 §6.6). */
export interface RtpMap {
  readonly encoding: string;
  /** RTP clock rate in Hz; not always the sampling rate (G.722: RFC 3551 §4.5.2). */
  readonly clock: number;
  /** Audio: the number of channels. */
  readonly params?: string;
}

export interface MediaDescription {
  /** `audio`, `video`, `image`, `application` … */
  readonly media: string;
  /** 0 = refused or taken out (RFC 3264 §6, §8.2). */
  readonly port: number;
  readonly numports?: number;
  readonly proto: string;
  /** The formats of the m= line as written: payload types for RTP, other names for other protocols. */
  readonly payloads: readonly string[];
  readonly i?: string;
  /** The first one; several are only for layered multicast, which a unicast call has not. */
  readonly c?: Connection;
  readonly b: readonly Bandwidth[];
  readonly k?: Key;
  /** Milliseconds of audio per packet that the writer would like to receive. */
  readonly ptime?: number;
  readonly maxptime?: number;
  /** The section's own; `direction.ts` tells which one counts. */
  readonly direction?: Direction;
  /** Payload type (`"0"`–`"127"`) → its meaning. */
  readonly rtpmap: ReadonlyMap<string, RtpMap>;
  /** Payload type (`"0"`–`"127"`) → its parameters as written. */
  readonly fmtp: ReadonlyMap<string, string>;
  /** All attributes that are not one of the above, and repetitions or malformed forms of those, in order. */
  readonly a: readonly Attribute[];
}
