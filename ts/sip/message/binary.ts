/**
 * "Binary" strings have one character per octet (U+0000–U+00FF). All header text and bodies in memory are
 * such strings; people's text (UTF-8 on the wire, RFC 3261 §7) goes through the two functions below.
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

// Buffer touches nothing outside the process; no other part of the platform converts latin1 at this speed.
/* eslint-disable no-restricted-globals */

export function octetsToBinary(octets: Uint8Array): string {
  return asBuffer(octets).toString("latin1");
}

/** The same memory. */
function asBuffer(octets: Uint8Array): Buffer {
  return Buffer.isBuffer(octets) ? octets : Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
}

/** Characters above U+00FF, which no binary string has, lose their upper bits. */
export function binaryToOctets(binary: string): Uint8Array {
  return Buffer.from(binary, "latin1");
}

/** Memory with something in it that is to be written over. */
export function newOctets(length: number): Uint8Array {
  return Buffer.allocUnsafeSlow(length);
}

/** Writes `binary` into `octets` from `at` on, where there is room for it. */
export function writeBinary(octets: Uint8Array, at: number, binary: string): void {
  asBuffer(octets).write(binary, at, "latin1");
}

/** Where `wanted` first stands in `octets`; -1: nowhere. */
export function indexOfOctets(octets: Uint8Array, wanted: Uint8Array): number {
  return asBuffer(octets).indexOf(wanted);
}

/** A copy of the first `length` octets. */
export function copyOctets(octets: Uint8Array, length: number): Uint8Array {
  return Buffer.from(octets.subarray(0, length));
}

/* eslint-enable no-restricted-globals */

/** The UTF-8 octets of `text` as a binary string. */
export function textToBinary(text: string): string {
  return isAscii(text) ? text : octetsToBinary(encoder.encode(text));
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}

/** Reads a binary string as UTF-8; octets that are not UTF-8 become U+FFFD. */
export function binaryToText(binary: string): string {
  return decoder.decode(binaryToOctets(binary));
}
