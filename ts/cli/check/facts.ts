import type { AllInOneOptions } from "../../composition/options.js";

/** What the machine is like and what was asked for: all that the rules of `mediaswitch check` look at. */
export interface Facts {
  readonly settings: Settings;
  /** Every socket that a start with these settings opens, but those of the media range. */
  readonly sockets: readonly SocketFact[];
  readonly addresses: readonly AddressFact[];
  readonly node: { readonly version: string; readonly needed: string };
  /** Why the native addon does not load; absent where it does. */
  readonly addonFault?: string;
  /** UDP ports in use by others, of those in the media range. */
  readonly takenMediaPorts: readonly number[];
  /** Ports that the system hands out to whoever asks for none. */
  readonly ephemeralPorts?: { readonly low: number; readonly high: number };
  /** The most files and sockets that a process may have open, and whether systemd, a shell or a container said so. */
  readonly mostOpenFiles?: number;
  /** What runs us, where it is a container: docker, kubernetes, podman, lxc. */
  readonly container?: string;
  /** Processors that a container's quota lets us have; absent where there is none. */
  readonly processorQuota?: number;
  readonly processors: number;
  /** The frequency governor of each processor that has one. */
  readonly governors: readonly string[];
  readonly connectionTracking?: {
    readonly entries: number;
    readonly most: number;
    /** Seconds after which the way back of a quiet UDP flow is forgotten. */
    readonly udpTimeout?: number;
  };
  /** Names of kernel modules that are loaded. */
  readonly modules: readonly string[];
  /** 0 none, 1 strict, 2 loose (RFC 3704), as it counts for each network interface. */
  readonly reversePath: Readonly<Record<string, number>>;
  /** What `iptables -S INPUT` and `nft list ruleset` print; absent where they are not there or may not be asked. */
  readonly iptables?: string;
  readonly nftables?: string;
  readonly clock: { readonly year: number; readonly isSynchronised?: boolean };
  readonly certificate?: CertificateFact;
  /** Files and folders that will be written, and why they can't be. */
  readonly unwritable: readonly { readonly flag: string; readonly path: string; readonly why: string }[];
}

export type Settings = Pick<
  AllInOneOptions,
  | "sipAddress"
  | "sipPort"
  | "listen"
  | "advertise"
  | "ports"
  | "shards"
  | "httpAddress"
  | "token"
  | "maxCalls"
> & { readonly mediaAddress: string };

export interface SocketFact {
  /** `SIP`, `HTTP of sip`, … and the flag that says where it is. */
  readonly what: string;
  readonly flag: string;
  readonly protocol: "UDP" | "TCP";
  readonly address: string;
  readonly port: number;
  /** What the system said when it was tried: EADDRINUSE, EACCES, EADDRNOTAVAIL … */
  readonly refused?: string;
}

export interface AddressFact {
  readonly interface: string;
  readonly address: string;
  readonly isLoopback: boolean;
}

export interface CertificateFact {
  readonly file: string;
  /** Days until it is not valid any more; below 0 once it is not. */
  readonly daysLeft?: number;
  /** Why it can't be read. */
  readonly fault?: string;
}
