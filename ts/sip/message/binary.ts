/**
 * "Binary" strings have one character per octet (U+0000–U+00FF). All header text and bodies in memory are
 * such strings; people's text (UTF-8 on the wire, RFC 3261 §7) goes through the two functions below.
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

// Buffer touches nothing outside the process; no other part of the platform converts latin1 at this speed.
/* eslint-disable no-restricted-globals */

export function octetsToBinary(octets: Uint8Array): string {
  const buffer = Buffer.isBuffer(octets)
    ? octets
    : Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  return buffer.toString("latin1");
}

/** Characters above U+00FF, which no binary string has, lose their upper bits. */
export function binaryToOctets(binary: string): Uint8Array {
  return Buffer.from(binary, "latin1");
}

/** Writes `binary` into `octets` from `at` on, where there is room for it. */
export function writeBinary(octets: Uint8Array, at: number, binary: string): void {
  Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).write(binary, at, "latin1");
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
