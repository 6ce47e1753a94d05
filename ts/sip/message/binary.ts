/**
 * "Binary" strings have one character per octet (U+0000–U+00FF). All header text and bodies in memory are
 * such strings; people's text (UTF-8 on the wire, RFC 3261 §7) goes through the two functions below.
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Arguments of one `String.fromCharCode` call; engines limit them. */
const CHUNK = 8192;

export function octetsToBinary(octets: Uint8Array): string {
  let binary = "";
  for (let start = 0; start < octets.length; start += CHUNK) {
    // Ten times as fast as a spread; any array-like is taken, though the typings name number[].
    const chunk = octets.subarray(start, start + CHUNK) as ArrayLike<number> as number[];
    binary += String.fromCharCode.apply(null, chunk);
  }
  return binary;
}

/** Characters above U+00FF, which no binary string has, lose their upper bits. */
export function binaryToOctets(binary: string): Uint8Array {
  const octets = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index += 1) octets[index] = binary.charCodeAt(index);
  return octets;
}

/** The UTF-8 octets of `text` as a binary string. */
export function textToBinary(text: string): string {
  return octetsToBinary(encoder.encode(text));
}

/** Reads a binary string as UTF-8; octets that are not UTF-8 become U+FFFD. */
export function binaryToText(binary: string): string {
  return decoder.decode(binaryToOctets(binary));
}
