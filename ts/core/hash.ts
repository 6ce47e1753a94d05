import { createHmac, hash, timingSafeEqual } from "node:crypto";

/** Hash functions of digest authentication, in lower-case hexadecimal; text goes in as UTF-8 (RFC 7616 §4). */
export const md5 = (text: string): string => hash("md5", text);
export const sha256 = (text: string): string => hash("sha256", text);

/** Compares two texts in a time that does not depend on where they differ. */
export function equalInConstantTime(a: string, b: string): boolean {
  return timingSafeEqual(hash("sha256", a, "buffer"), hash("sha256", b, "buffer"));
}

/** HMAC-SHA256 (RFC 2104) in base64; text goes in as UTF-8. */
export const hmacSha256 = (key: Uint8Array, text: string): string =>
  createHmac("sha256", key).update(text).digest("base64");
