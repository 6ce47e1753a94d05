import { statSync } from "node:fs";
import { dirname } from "node:path";
import ipaddr from "ipaddr.js";
import type { PortRange, SipOptions } from "../composition/options.js";
import { readRtpServers, RtpServersExpected } from "../composition/rtp-members.js";
import type { PoolMember } from "../rtp/media-pool/media-pool.js";
import { DEFAULT_PORTS, type Protocol } from "../sip/transport/transport.js";

/** Why a value can't be taken: what was expected instead. */
export class ValueExpected extends Error {}

const isNumericAddress = (text: string): boolean =>
  ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);

function number(text: string): number {
  return /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
}

/** 0 takes a free one. */
export function port(text: string): number {
  const value = number(text);
  if (value >= 0 && value <= 65_535) return value;
  throw new ValueExpected("expected a port, 1 to 65535 (or 0 for any free one)");
}

export function address(text: string): string {
  if (isNumericAddress(text)) return text;
  throw new ValueExpected("expected a numeric IPv4 or IPv6 address, such as 192.0.2.1");
}

/** An address that peers can use: not `0.0.0.0`. */
export function publicAddress(text: string): string {
  if (isNumericAddress(text) && ipaddr.parse(text).range() !== "unspecified") return text;
  throw new ValueExpected("expected the numeric address that phones reach, such as 203.0.113.7");
}

/** A name is allowed, for `localhost`. */
export function hostName(text: string): string {
  if (isNumericAddress(text) || /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(text)) return text;
  throw new ValueExpected("expected an address or host name, such as 127.0.0.1");
}

export function url(text: string): string {
  if (/^https?:\/\/[^/]/i.test(text) && URL.canParse(text)) return text.replace(/\/+$/, "");
  throw new ValueExpected("expected an http URL, such as http://127.0.0.1:9000");
}

/** Comma-separated; they add to those given before. */
export const urls = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  ...text.split(",").map((one) => url(one.trim())),
];

/** URLs of RTP servers, with a weight where it is not 1; they add to those given before. */
export function rtpServers(text: string, before: readonly PoolMember[] = []): readonly PoolMember[] {
  try {
    return [...before, ...readRtpServers(text)];
  } catch (error) {
    throw error instanceof RtpServersExpected ? new ValueExpected(error.message) : error;
  }
}

/** Each channel takes two ports, the even one and the next. */
export function portRange(text: string): PortRange {
  const [low = Number.NaN, high = Number.NaN, ...more] = text.split("-").map(number);
  if (more.length === 0 && low >= 1024 && high <= 65_535 && high > low) return { low, high };
  throw new ValueExpected("expected two ports with a hyphen, such as 10000-20000, from 1024 to 65535");
}

/** Media threads. */
export function shards(text: string): number {
  const value = number(text);
  if (value >= 1 && value <= 256) return value;
  throw new ValueExpected("expected a number of threads, 1 to 256");
}

/** A folder that is there. */
export function folder(text: string): string {
  if (statSync(text, { throwIfNoEntry: false })?.isDirectory() === true) return text;
  throw new ValueExpected("expected a folder that is there");
}

/** Samples a second. */
export function samplingRate(text: string): 8000 | 16_000 {
  if (text === "8000") return 8000;
  if (text === "16000") return 16_000;
  throw new ValueExpected("expected 8000 or 16000");
}

/** Comma-separated networks; they add to those given before. */
export function networks(text: string, before: readonly string[] = []): readonly string[] {
  const given = text.split(",").map((one) => one.trim());
  if (!given.every(isNetwork)) {
    throw new ValueExpected("expected networks in CIDR notation, such as 192.0.2.0/24 or 192.0.2.7");
  }
  return [...before, ...given];
}

function isNetwork(text: string): boolean {
  if (!text.includes("/")) return isNumericAddress(text);
  return ipaddr.isValidCIDR(text) && isNumericAddress(text.slice(0, text.indexOf("/")));
}

export function token(text: string): string {
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  throw new ValueExpected("expected visible ASCII characters without spaces");
}

/** Seconds of a registration. */
export function expires(text: string): number {
  const value = number(text);
  if (value >= 1 && value <= 604_800) return value;
  throw new ValueExpected("expected seconds, 1 to 604800");
}

export function count(text: string): number {
  const value = number(text);
  if (value >= 1 && value <= 1000) return value;
  throw new ValueExpected("expected a count, 1 to 1000");
}

/** A file in a folder that is there. */
export function writable(text: string): string {
  if (statSync(dirname(text), { throwIfNoEntry: false })?.isDirectory() === true) return text;
  throw new ValueExpected("expected a file in a folder that is there");
}

type ListenAddress = NonNullable<SipOptions["listen"]>[number];

const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  udp: "UDP",
  tcp: "TCP",
  tls: "TLS",
  ws: "WS",
  wss: "WSS",
};

/** Comma-separated listeners; they add to those given before. */
export function listenAddresses(
  text: string,
  before: readonly ListenAddress[] = [],
): readonly ListenAddress[] {
  return [...before, ...text.split(",").map((one) => listenAddress(one.trim()))];
}

/** `tls:192.0.2.1:5061/203.0.113.7:5061`: protocol, where we listen, and what peers are told where that differs. */
function listenAddress(text: string): ListenAddress {
  const [, name = "", here = "", there] = /^([a-z]+):([^/]+)(?:\/(.+))?$/i.exec(text) ?? [];
  const protocol = PROTOCOLS[name.toLowerCase()];
  const bind = protocol === undefined ? undefined : hostAndPort(here, DEFAULT_PORTS[protocol]);
  const advertised = there === undefined ? undefined : hostAndPort(there, 0);
  const isPublic = advertised === undefined || ipaddr.parse(advertised.address).range() !== "unspecified";
  if (
    protocol === undefined ||
    bind === undefined ||
    !isPublic ||
    (there !== undefined && advertised === undefined)
  ) {
    throw new ValueExpected(
      "expected udp, tcp, tls, ws or wss with address and port, and after a slash what peers are told, " +
        "such as tls:0.0.0.0:5061 or udp:10.0.0.5:5060/203.0.113.7",
    );
  }
  return { protocols: [protocol], bind, ...(advertised === undefined ? {} : { advertised }) };
}

/** `192.0.2.1:5060`, `[2001:db8::1]:5060`, or without a port. */
function hostAndPort(text: string, otherwise: number): ListenAddress["bind"] | undefined {
  const [, six, four, portText] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d+))?$/.exec(text) ?? [];
  const address = six ?? four ?? "";
  const port = portText === undefined ? otherwise : number(portText);
  const isAddress = isNumericAddress(address) && address.includes(":") === (six !== undefined);
  return isAddress && port >= 0 && port <= 65_535 ? { address, port } : undefined;
}

/** A file that is there. */
export function file(text: string): string {
  if (statSync(text, { throwIfNoEntry: false })?.isFile() === true) return text;
  throw new ValueExpected("expected a file that is there");
}

/** What is asked of certificates. */
export function verification(text: string): "full" | "none" {
  if (text === "full" || text === "none") return text;
  throw new ValueExpected("expected full or none");
}

/** `100:1000`, or `100`: as many a second, and twice as many at once. */
export function rate(text: string): NonNullable<SipOptions["sourceRate"]> {
  const [perSecond = Number.NaN, burst = Math.max(1, perSecond * 2), ...more] = text.split(":").map(number);
  if (more.length === 0 && perSecond >= 0 && burst >= 1) return { perSecond, burst };
  throw new ValueExpected("expected requests a second, and after a colon at once, such as 100:1000");
}

/** A whole number from 0 on. */
export function tracedCalls(text: string): number {
  const value = number(text);
  if (value >= 0) return value;
  throw new ValueExpected("expected a whole number from 0 on");
}

/** A whole number from 1 on. */
export function positive(text: string): number {
  const value = number(text);
  if (value >= 1) return value;
  throw new ValueExpected("expected a whole number from 1 on");
}

/** 0, or what RFC 4028 §4 takes. */
export function sessionTimer(text: string): number {
  const value = number(text);
  if (value === 0 || (value >= 90 && value <= 86_400)) return value;
  throw new ValueExpected("expected seconds, 90 to 86400, or 0");
}

/** `192.0.2.9:9060`. */
export function numericSocket(text: string): ListenAddress["bind"] {
  const socket = hostAndPort(text, 0);
  if (socket !== undefined && socket.port > 0) return socket;
  throw new ValueExpected("expected a numeric address with a port, such as 192.0.2.9:9060");
}

export function percent(text: string): number {
  const value = number(text);
  if (value >= 1 && value <= 100) return value;
  throw new ValueExpected("expected percent, 1 to 100");
}

export function seconds(text: string): number {
  const value = number(text);
  if (value >= 0) return value;
  throw new ValueExpected("expected seconds, such as 30");
}

/** Comma-separated; they add to those given before. */
export function words(text: string, before: readonly string[] = []): readonly string[] {
  return [
    ...before,
    ...text
      .split(",")
      .map((one) => one.trim())
      .filter((one) => one !== ""),
  ];
}
