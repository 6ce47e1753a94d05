import type { Log } from "../core/log.js";
import type { SocketAddress } from "../core/socket-address.js";
import type { PoolMember } from "../rtp/media-pool/media-pool.js";
import type { RateLimit } from "../sip/overload/limits.js";
import type { ListenAddress } from "../sip/transport/system-transports.js";

export interface HttpOptions {
  /** Where HTTP is served; anything but loopback needs a token. */
  readonly httpAddress: string;
  readonly token?: string;
  readonly log: Log;
}

/** What is refused when too much comes; defaults in `sip/overload/limits.ts` and `overload.ts`. */
export interface LoadOptions {
  /** Calls at once. */
  readonly maxCalls?: number;
  /** Requests outside of dialogs from one address, from one trusted address, in one user's name from one address. */
  readonly sourceRate?: RateLimit;
  readonly trunkRate?: RateLimit;
  readonly aorRate?: RateLimit;
  /** Mean delay of this thread's timers in milliseconds, and percent of its time, above which new work is refused. */
  readonly maxLag?: number;
  readonly maxLoad?: number;
  /** User parts that are emergency numbers. */
  readonly emergency?: readonly string[];
  /** Seconds that calls may go on after SIGTERM. */
  readonly drainSeconds?: number;
}

export interface SipOptions extends HttpOptions, LoadOptions {
  /** UDP and TCP are listened for here, unless `listen` says otherwise. */
  readonly sipAddress: string;
  /** 0 takes a free one. */
  readonly sipPort: number;
  /** Where to listen, in place of `sipAddress` and `sipPort`. */
  readonly listen?: readonly ListenAddress[];
  /** Numeric address that peers are told, where it is not the one we listen on and the listener has none of its own. */
  readonly advertise?: string;
  /** PEM files: our certificate and its key, for TLS and WSS … */
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  /** … and who else may sign those of peers we connect to. */
  readonly tlsCa?: string;
  /** What is asked of the certificates of peers we connect to; full unless given. */
  readonly tlsVerify?: "full" | "none";
  readonly sipHttpPort: number;
  /** Networks that need no digest. */
  readonly trust: readonly string[];
  /** File that directory, gateways, registrations and calls are kept in over a restart; without one they are forgotten. */
  readonly state?: string;
  /** Seconds: the briefest registration that is taken, and the longest that is given. */
  readonly minExpires?: number;
  readonly maxExpires?: number;
  /** Seconds after which a session is refreshed (RFC 4028), 0 for never; seconds that an answered call may last. */
  readonly sessionTimer?: number;
  readonly maxDuration?: number;
  /** What a 3xx to a call of ours means: it failed, and control is told where to (default); or the call goes on there. */
  readonly redirects?: "pass" | "follow";
  /** Who may subscribe to a user's presence, dialogs and mailbox; the users of the domain, unless given. */
  readonly watchers?: "domain" | "self";
  /** SIP connections at once, in all and from one source. */
  readonly maxConnections?: number;
  readonly maxConnectionsPerSource?: number;
  /** A capture server (Homer) that gets a copy of every message, who we are to it, and its password. */
  readonly hep?: SocketAddress;
  readonly hepId?: number;
  readonly hepKey?: string;
  /** Calls whose messages are kept for traces; 0: none are. */
  readonly trace?: number;
  /** Seconds between two OPTIONS to a phone behind a NAT, and how many it may leave unanswered. */
  readonly pingInterval?: number;
  readonly pingFailures?: number;
}

export interface RtpOptions extends HttpOptions {
  readonly mediaAddress: string;
  readonly advertise?: string;
  readonly ports: PortRange;
  /** Media threads. */
  readonly shards: number;
  /** Folder that sounds are taken from, and from nowhere else. */
  readonly soundsRoot: string;
  /** Folder that recordings are written into, and nowhere else. */
  readonly recordingsRoot: string;
  readonly rtpHttpPort: number;
}

/** Both ends included. */
export interface PortRange {
  readonly low: number;
  readonly high: number;
}

/** What control tells the world; `outside.ts` says what each means. */
export interface OutsideFlags {
  readonly cdr?: string;
  readonly cdrDigits?: boolean;
  readonly v1?: boolean;
  readonly page?: boolean;
  /** URLs of receivers of events, and the secrets that they are signed with: one, or the new and the old. */
  readonly webhook?: readonly string[];
  readonly webhookSecret?: readonly string[];
  /** Calls whose trace is kept; 0: none is made. */
  readonly trace?: number;
}

export interface ControlOptions extends HttpOptions, OutsideFlags {
  /** Without one, inbound calls wait for the clients of the API. */
  readonly script?: string;
  readonly controlHttpPort: number;
  readonly sipUrl: string;
  /** Where RTP servers are; what the script has set in `projectcontrol.rtp`, unless given. */
  readonly rtpUrl?: readonly PoolMember[];
  /** How sip and rtp reach this control. */
  readonly controlUrl?: string;
}

export interface AllInOneOptions extends SipOptions, RtpOptions, OutsideFlags {
  readonly controlHttpPort: number;
  /** For the script's thread, which opens a log of its own. */
  readonly logLevel: string;
  /** Where control and the script run; in a thread of their own unless given. */
  readonly scriptThread?: "own" | "shared";
  /** Without one there is no call control here: calls go to the control URL of their domain. */
  readonly script?: string;
}

/** Something that runs. */
export interface Running {
  /** Counts of what it holds now; each goes back to where it was after start. */
  health(): Promise<object>;
  /** Takes nothing new and lets what is under way finish, as long as it may; where there is such a thing. */
  drain?(): Promise<void>;
  /** Reads again what may have changed in its files; where there is such a thing. */
  reload?(): Promise<void>;
  close(): Promise<void>;
}
