import ipaddr from "ipaddr.js";
import type { AddressFact, Facts, Settings } from "./facts.js";

export const isAny = (address: string): boolean => address === "0.0.0.0" || address === "::";

/** `192.0.2.1:5060`, `[::]:5060`. */
export const withPort = (address: string, port: number): string =>
  `${address.includes(":") ? `[${address}]` : address}:${String(port)}`;

/** Where somebody has to be to reach an address. */
export type Reach = "this machine" | "this network" | "everywhere";

export function reachOf(address: string): Reach {
  const range = ipaddr.parse(address).range();
  if (range === "loopback") return "this machine";
  const isLocal = ["private", "carrierGradeNat", "linkLocal", "uniqueLocal"].includes(range);
  return isLocal ? "this network" : "everywhere";
}

const isLinkLocal = (address: string): boolean => ipaddr.parse(address).range() === "linkLocal";

/** Addresses that others may reach us by, of the family of `like`. */
export const outwardAddresses = (addresses: readonly AddressFact[], like: string): readonly AddressFact[] =>
  addresses.filter(
    ({ address, isLoopback }) =>
      !isLoopback && !isLinkLocal(address) && address.includes(":") === like.includes(":"),
  );

/** The address that phones are told where we listen on `bind`: as ts/core/system-addresses.ts chooses. */
export function toldAddress(bind: string, { addresses }: Pick<Facts, "addresses">): string {
  if (!isAny(bind)) return bind;
  return outwardAddresses(addresses, bind)[0]?.address ?? (bind === "::" ? "::1" : "127.0.0.1");
}

export interface Told {
  /** `SIP` or `audio`. */
  readonly what: string;
  readonly bind: string;
  readonly told: string;
  /** Whether a flag says so, and not the machine. */
  readonly isGiven: boolean;
}

/** Each address that phones are told, once. */
export function toldAddresses(facts: Facts): readonly Told[] {
  const { settings } = facts;
  const sip = sipBinds(settings).map(({ address, advertised }): Told => {
    const isSameFamily = settings.advertise?.includes(":") === address.includes(":");
    const given = advertised ?? (isSameFamily ? settings.advertise : undefined);
    return {
      what: "SIP",
      bind: address,
      told: given ?? toldAddress(address, facts),
      isGiven: given !== undefined,
    };
  });
  const media: Told = {
    what: "audio",
    bind: settings.mediaAddress,
    told: settings.advertise ?? toldAddress(settings.mediaAddress, facts),
    isGiven: settings.advertise !== undefined,
  };
  const all = [...sip, media];
  return all.filter(
    (one, index) => all.findIndex(({ told, what }) => told === one.told && what === one.what) === index,
  );
}

export interface Bind {
  readonly protocol: string;
  readonly address: string;
  readonly port: number;
  readonly advertised?: string;
}

/** Where SIP is listened for. */
export function sipBinds({ listen = [], sipAddress, sipPort }: Settings): readonly Bind[] {
  if (listen.length === 0) {
    return ["UDP", "TCP"].map((protocol) => ({ protocol, address: sipAddress, port: sipPort }));
  }
  return listen.flatMap(({ protocols, bind, advertised }) =>
    protocols.map((protocol) => ({
      protocol,
      ...bind,
      ...(advertised === undefined ? {} : { advertised: advertised.address }),
    })),
  );
}
