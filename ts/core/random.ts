/**
 * The only source of chance for protocol logic. `core/system-random.ts` is the real one (cryptographic);
 * tests give a seeded one, so that the same seed gives the same Call-IDs, tags, branches and nonces.
 */
export interface Random {
  /** `count` unpredictable octets. */
  bytes(count: number): Uint8Array;
}

const HEX = "0123456789abcdef";
/** Of each octet. */
const DIGITS = Array.from({ length: 256 }, (_, octet) => HEX.charAt(octet >> 4) + HEX.charAt(octet & 15));

/** `octets` random octets in lower-case hexadecimal: twice as many characters, all legal in a SIP token. */
export function hexToken(random: Random, octets: number): string {
  let text = "";
  for (const octet of random.bytes(octets)) text += DIGITS[octet] ?? "";
  return text;
}

/** A version 4 UUID (RFC 9562 §5.4). */
export function uuid(random: Random): string {
  const octets = random.bytes(16);
  octets[6] = ((octets[6] ?? 0) & 0x0f) | 0x40;
  octets[8] = ((octets[8] ?? 0) & 0x3f) | 0x80;
  let text = "";
  for (let index = 0; index < octets.length; index += 1) {
    if (index === 4 || index === 6 || index === 8 || index === 10) text += "-";
    text += DIGITS[octets[index] ?? 0] ?? "";
  }
  return text;
}

/** A number from 0 up to, not including, 1: uniform, in steps of 2^-48. */
export function fraction(random: Random): number {
  let value = 0;
  for (const octet of random.bytes(6)) value = (value + octet) / 256;
  return value;
}
