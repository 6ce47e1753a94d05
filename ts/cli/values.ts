import { statSync } from "node:fs";
import ipaddr from "ipaddr.js";
import type { PortRange } from "../composition/options.js";

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
