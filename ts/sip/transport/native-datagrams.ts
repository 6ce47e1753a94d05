import { loadNativeAddon } from "../../core/native-addon.js";

/** What the native addon exports for UDP (native/binding/datagram_socket.cpp). */
export interface NativeDatagrams {
  readonly DatagramSocket: new (
    options: NativeDatagramOptions,
    /** The datagrams that stand in `octets` and `facts` until it returns, or a negative `errno`. */
    onDatagrams: (count: number) => void,
    /** Once for each `tellWritable`. */
    onWritable: () => void,
  ) => NativeDatagramSocket;
}

export interface NativeDatagramOptions {
  /** Numeric. */
  readonly address: string;
  readonly port: number;
  /** Octets asked of the system. */
  readonly receiveBuffer: number;
}

/** A bound UDP socket of one address family; it keeps Node's event loop alive until `close`. */
export interface NativeDatagramSocket {
  /** Where it is bound. */
  readonly address: string;
  readonly port: number;
  /** The nth datagram of a batch begins at nth times `ROOM`. */
  readonly octets: Uint8Array;
  /** Of the nth, from nth times `FACTS` on: its length, the port of its source, its IPv4 address as a number (IPv6: 0). */
  readonly facts: Uint32Array;
  /** The address that the nth datagram of the batch came from. */
  source(nth: number): string;
  /** 0, or a negative `errno`. */
  send(octets: Uint8Array, address: string, port: number): number;
  tellWritable(): void;
  /** Octets that the system holds between two reads. */
  receiveBuffer(): number;
  /** The port is free at once, and nothing is called back any more. */
  close(): void;
}

/** Octets of `NativeDatagramSocket.octets` for each datagram: none is longer. */
export const ROOM = 65_536;
export const FACTS = 3;

/** @throws {MediaswitchError} `SIP_UNAVAILABLE`, saying what to do about it. */
export const loadNativeDatagrams = (): NativeDatagrams =>
  loadNativeAddon("SIP_UNAVAILABLE") as NativeDatagrams;
