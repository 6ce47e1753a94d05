import type { Log } from "../core/log.js";

export interface HttpOptions {
  /** Where HTTP is served; anything but loopback needs a token. */
  readonly httpAddress: string;
  readonly token?: string;
  readonly log: Log;
}

export interface SipOptions extends HttpOptions {
  readonly sipAddress: string;
  /** 0 takes a free one. */
  readonly sipPort: number;
  /** Numeric address that peers are told, where it is not the one we listen on. */
  readonly advertise?: string;
  readonly sipHttpPort: number;
  /** Networks that need no digest. */
  readonly trust: readonly string[];
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

export interface ControlOptions extends HttpOptions {
  readonly script: string;
  readonly controlHttpPort: number;
  readonly sipUrl: string;
  readonly rtpUrl: string;
  /** How sip and rtp reach this control. */
  readonly controlUrl?: string;
}

export interface AllInOneOptions extends SipOptions, RtpOptions {
  readonly controlHttpPort: number;
  /** For the script's thread, which opens a log of its own. */
  readonly logLevel: string;
  /** Without one there is no call control here: calls go to the control URL of their domain. */
  readonly script?: string;
}

/** Something that runs. */
export interface Running {
  /** Counts of what it holds now; each goes back to where it was after start. */
  health(): Promise<object>;
  close(): Promise<void>;
}
