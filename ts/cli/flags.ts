import { LOG_LEVELS } from "../composition/system-log.js";
import * as values from "./values.js";

/** One flag, as `--help` and the README tell it. */
export interface Flag {
  /** With the name of its value, if it takes one: `--sip-port <port>`. */
  readonly flags: string;
  readonly text: string;
  /** What counts without it, in words where `value` is nothing to show. */
  readonly byDefault?: string;
  /** What the option is without it; absent where whoever reads the option knows. */
  readonly value?: unknown;
  /** Reads the value; `before` is what it was read as when it came before. Absent where it takes none. */
  readonly parse?: (text: string, before: never) => unknown;
  /** All values that there are. */
  readonly choices?: readonly string[];
}

/** Its name without the dashes, by which files of settings have it too. */
export const flagName = ({ flags }: Flag): string => /^--([a-z\d-]+)/.exec(flags)?.[1] ?? "";

export const takesValue = ({ flags }: Flag): boolean => flags.includes("<");

/** A flag whose value counts unless another is given. */
export const flag = <Value>(
  flags: string,
  text: string,
  parse: (text: string, before?: Value) => Value,
  value: Value,
  byDefault = String(value),
): Flag => ({ flags, text, parse, value, byDefault });

/** A flag that is absent from the options unless it is given. `byDefault` says what counts then. */
export const optional = <Value>(
  flags: string,
  text: string,
  parse: (text: string, before?: Value) => Value,
  byDefault?: string,
): Flag => ({ flags, text, parse, ...(byDefault === undefined ? {} : { byDefault }) });

const SIP: readonly Flag[] = [
  flag("--sip-address <address>", "listen for SIP on this address", values.address, "0.0.0.0"),
  flag("--sip-port <port>", "listen for SIP on this UDP and TCP port", values.port, 5060),
  optional(
    "--listen <protocol:address:port>",
    "listen for SIP here, and not on --sip-address and --sip-port; udp, tcp, tls, ws or wss; " +
      "/address:port after it is what phones are told; repeat it or separate by commas",
    values.listenAddresses,
  ),
  optional(
    "--tls-cert <file>",
    "PEM file with our certificate, for tls and wss; read again when it changes, and at SIGHUP",
    values.file,
  ),
  optional("--tls-key <file>", "PEM file with its key", values.file),
  optional("--tls-ca <file>", "PEM file with authorities that may sign certificates of peers", values.file),
  optional(
    "--tls-verify <what>",
    "check certificates of peers we connect to: full or none",
    values.verification,
    "full",
  ),
  flag("--sip-http-port <port>", "port of the sip component's HTTP", values.port, 9000),
  // Unlike other repeated values, the first one given replaces the default.
  flag<readonly string[]>(
    "--trust <network>",
    "network whose calls need no password, as CIDR; repeat it or separate by commas",
    values.networks,
    [],
    "none",
  ),
  optional(
    "--state <file>",
    "keep directory, gateways, registrations and answered calls in this file over a restart",
    values.writable,
  ),
  optional("--min-expires <seconds>", "briefest registration that is taken", values.expires, "60"),
  optional("--max-expires <seconds>", "longest registration that is given", values.expires, "7200"),
  optional(
    "--ping-interval <seconds>",
    "ask phones behind NATs so often whether they are there",
    values.expires,
    "30",
  ),
  optional("--ping-failures <count>", "phones that do not answer so often are gone", values.count, "7"),
  optional(
    "--session-timer <seconds>",
    "refresh calls that often, and end those whose phone has gone; 0: never",
    values.sessionTimer,
    "1800",
  ),
  optional("--max-duration <seconds>", "end answered calls after this", values.positive, "never"),
  {
    flags: "--redirects <what>",
    text: "where a phone redirects a call (3xx): pass tells the script, follow calls there",
    choices: ["pass", "follow"],
    byDefault: "pass",
  },
  {
    flags: "--watchers <who>",
    text: "who may watch a user's presence and calls: the users of his domain, or himself alone",
    choices: ["domain", "self"],
    byDefault: "domain",
  },
  optional(
    "--hep <address:port>",
    "send a copy of every message to this capture server (HEP 3)",
    values.numericSocket,
  ),
  optional("--hep-id <number>", "who we are to it", values.positive, "2001"),
  optional("--hep-key <password>", "what it wants to be told", values.token),
  // What is refused when too much comes.
  optional("--max-calls <count>", "calls at once", values.positive, "10000"),
  optional("--max-connections <count>", "SIP connections at once", values.positive, "20000"),
  optional(
    "--max-connections-per-source <count>",
    "of them from one address (of IPv6 one /64)",
    values.positive,
    "2000",
  ),
  optional(
    "--source-rate <rate>",
    "requests a second from one address, and after a colon at once; 0: no limit",
    values.rate,
    "100:1000",
  ),
  optional("--trunk-rate <rate>", "the same from a trusted one", values.rate, "1000:2000"),
  optional("--aor-rate <rate>", "the same in one user's name from one address", values.rate, "20:200"),
  optional(
    "--max-lag <milliseconds>",
    "refuse new work when timers are later than this",
    values.positive,
    "250",
  ),
  optional("--max-load <percent>", "refuse new work when this thread is busier", values.percent, "98"),
  optional<readonly string[]>(
    "--emergency <numbers>",
    "numbers that are never refused for load",
    values.words,
  ),
  optional("--drain-seconds <seconds>", "how long calls may go on after SIGTERM", values.seconds, "8"),
];

const ADVERTISE: readonly Flag[] = [
  optional(
    "--advertise <address>",
    "address that phones are told, where it is not our own (NAT, containers)",
    values.publicAddress,
  ),
];

const RTP: readonly Flag[] = [
  optional("--media-address <address>", "listen for audio on this address", values.address, "as SIP"),
  flag(
    "--ports <low-high>",
    "UDP ports for audio",
    values.portRange,
    { low: 10_000, high: 20_000 },
    "10000-20000",
  ),
  flag("--shards <count>", "media threads", values.shards, 1),
  flag("--sounds-root <folder>", "play files of this folder, and no others", values.folder, "."),
  flag("--recordings-root <folder>", "record into this folder, and nowhere else", values.folder, "."),
  flag("--rtp-http-port <port>", "port of the rtp component's HTTP", values.port, 9002),
];

const CONTROL_PORT: readonly Flag[] = [
  flag("--control-http-port <port>", "port of the control component's HTTP", values.port, 9001),
];

const PEERS: readonly Flag[] = [
  flag("--sip-url <url>", "where the sip component is", values.url, "http://127.0.0.1:9000"),
  optional(
    "--rtp-url <url>",
    "where an rtp component is; several share the calls: repeat it or separate by commas, " +
      "with ;weight=2 after one that carries twice as much",
    values.rtpServers,
    "what the script says, http://127.0.0.1:9002",
  ),
  optional("--control-url <url>", "how they reach this one", values.url, "its HTTP address"),
];

/** Of each command that prints results. */
export const JSON_FLAG: Flag = { flags: "--json", text: "print results as JSON, a value a line" };

/** Of each component that knows calls. */
const TRACE: readonly Flag[] = [
  optional(
    "--trace <calls>",
    "keep messages, media and events of so many calls, for mediaswitch trace; 0: of none",
    values.tracedCalls,
    "1000",
  ),
];

const COMMON: readonly Flag[] = [
  optional(
    "--config <file>",
    "take settings from this YAML or JSON file, named as the flags are; flags and environment count before it",
    values.file,
  ),
  flag("--http-address <address>", "serve HTTP on this address", values.hostName, "127.0.0.1"),
  optional("--token <token>", "what HTTP requests have to carry; needed beyond loopback", values.token),
  {
    flags: "--log-level <level>",
    text: "what to log, on standard error",
    choices: LOG_LEVELS,
    value: "info",
    byDefault: "info",
  },
  { flags: "--fg", text: "stay in the foreground; it always does" },
  JSON_FLAG,
];

/** What control tells the world. */
const OUTSIDE: readonly Flag[] = [
  optional("--cdr <file>", "append the record of each call to this file, a JSON line each", values.writable),
  { flags: "--cdr-digits", text: "tell in records which keys were pressed, and not only how many" },
  { flags: "--v1", text: "serve the API under /v1" },
  { flags: "--no-page", text: "do without the operator's page, /page/" },
  optional("--webhook <url>", "send signed events there; repeat it or separate by commas", values.urls),
  optional<readonly string[]>(
    "--webhook-secret <secret>",
    "what they are signed with; while it is changed, the new one and the old, separated by a comma",
    values.words,
  ),
];

/** For files of settings and the environment; at the keyboard it is an argument. */
const SCRIPT: readonly Flag[] = [
  optional("--script <file>", "call script, where none is named after the command", (text) => text),
];

const SCRIPT_THREAD: readonly Flag[] = [
  {
    flags: "--script-thread <which>",
    text: "where the script runs: own; or shared with SIP, faster, but one that blocks delays everybody",
    choices: ["own", "shared"],
    byDefault: "own",
  },
];

const SPLIT: readonly Flag[] = [
  {
    flags: "--split",
    text: "run sip, rtp and control as processes of their own, and start again the one that dies",
  },
];

/** The flags of each command that keeps running. */
export const COMMAND_FLAGS = {
  start: [
    ...SIP,
    ...ADVERTISE,
    ...RTP,
    ...CONTROL_PORT,
    ...SCRIPT,
    ...SCRIPT_THREAD,
    ...SPLIT,
    ...OUTSIDE,
    ...TRACE,
    ...COMMON,
  ],
  sip: [
    ...SIP,
    ...ADVERTISE,
    ...TRACE,
    ...COMMON,
    { flags: "--test", text: "let the SIP server try itself out on free ports of 127.0.0.1, and end" },
  ],
  control: [...CONTROL_PORT, ...SCRIPT, ...PEERS, ...OUTSIDE, ...TRACE, ...COMMON],
  rtp: [...RTP, ...ADVERTISE, ...COMMON],
} as const satisfies Record<string, readonly Flag[]>;

/** Of `mediaswitch tone`. */
export const TONE_FLAGS: readonly Flag[] = [
  flag("--rate <hertz>", "samples a second, 8000 or 16000", values.samplingRate, 8000),
  { flags: "--append", text: "add to a file that is there" },
  optional(
    "--batch <file>",
    "write all tones of this list: a definition and a file, a line each",
    values.file,
  ),
  JSON_FLAG,
];
