/**
 * Packets of HEP version 3, the "Homer Encapsulation Protocol": a copy of a message with where it came from, where it went
 * and when, as Homer and other capture servers take it. Chunks by vendor 0 of the specification (github.com/sipcapture/HEP).
 */
import ipaddr from "ipaddr.js";
import type { EpochMillis } from "../../core/brand.js";
import type { SocketAddress } from "../../core/socket-address.js";
import type { Protocol } from "../transport/transport.js";

/** A message that came or went. */
export interface Captured {
  readonly octets: Uint8Array;
  readonly protocol: Protocol;
  readonly from: SocketAddress;
  readonly to: SocketAddress;
  readonly at: EpochMillis;
}

export interface HepIdentity {
  /** Which capture agent we are to the server: 32 bits. */
  readonly agent: number;
  /** Where the server asks for one. */
  readonly key?: string;
}

const VENDOR = 0;

const CHUNK = {
  family: 1,
  ipProtocol: 2,
  source4: 3,
  destination4: 4,
  source6: 5,
  destination6: 6,
  sourcePort: 7,
  destinationPort: 8,
  seconds: 9,
  micros: 10,
  payloadKind: 11,
  agent: 12,
  key: 14,
  payload: 15,
} as const;

const FAMILY = { IPv4: 2, IPv6: 10 } as const;
/** Numbers of IANA's protocol registry. */
const IP_PROTOCOL: Readonly<Record<Protocol, number>> = { UDP: 17, TCP: 6, TLS: 6, WS: 6, WSS: 6 };
const SIP = 1;

/** "HEP3" and the length of all. */
const HEAD = 6;
/** Vendor, type and length of a chunk. */
const CHUNK_HEAD = 6;
/** The length is 16 bits. */
const LARGEST = 65_535;

/** @returns undefined for a message that is too large for a packet, or an address that is no numeric one. */
export function hep3(captured: Captured, { agent, key }: HepIdentity): Uint8Array | undefined {
  const { from, to, octets, at, protocol } = captured;
  const isIpv6 = from.address.includes(":");
  const [source, destination] = [addressOctets(from.address), addressOctets(to.address)];
  if (source === undefined || destination?.length !== source.length) return undefined;
  const chunks: readonly (readonly [type: number, value: Uint8Array])[] = [
    [CHUNK.family, uint(1, isIpv6 ? FAMILY.IPv6 : FAMILY.IPv4)],
    [CHUNK.ipProtocol, uint(1, IP_PROTOCOL[protocol])],
    [isIpv6 ? CHUNK.source6 : CHUNK.source4, source],
    [isIpv6 ? CHUNK.destination6 : CHUNK.destination4, destination],
    [CHUNK.sourcePort, uint(2, from.port)],
    [CHUNK.destinationPort, uint(2, to.port)],
    [CHUNK.seconds, uint(4, Math.floor(at / 1000))],
    [CHUNK.micros, uint(4, Math.floor((at % 1000) * 1000))],
    [CHUNK.payloadKind, uint(1, SIP)],
    [CHUNK.agent, uint(4, agent)],
    ...(key === undefined ? [] : [[CHUNK.key, new TextEncoder().encode(key)] as const]),
    [CHUNK.payload, octets],
  ];
  const length = chunks.reduce((sum, [, value]) => sum + CHUNK_HEAD + value.length, HEAD);
  if (length > LARGEST) return undefined;
  const packet = new Uint8Array(length);
  packet.set([0x48, 0x45, 0x50, 0x33]);
  packet.set(uint(2, length), 4);
  let offset = HEAD;
  for (const [type, value] of chunks) {
    packet.set(uint(2, VENDOR), offset);
    packet.set(uint(2, type), offset + 2);
    packet.set(uint(2, CHUNK_HEAD + value.length), offset + 4);
    packet.set(value, offset + CHUNK_HEAD);
    offset += CHUNK_HEAD + value.length;
  }
  return packet;
}

/** Big endian. */
function uint(length: 1 | 2 | 4, value: number): Uint8Array {
  const octets = new Uint8Array(length);
  for (let index = 0; index < length; index += 1) octets[index] = value / 256 ** (length - 1 - index);
  return octets;
}

function addressOctets(address: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(ipaddr.parse(address).toByteArray());
  } catch {
    return undefined;
  }
}
