import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** Hash functions of digest authentication, in lower-case hexadecimal; text goes in as UTF-8 (RFC 7616 §4). */
export const md5 = (text: string): string => createHash("md5").update(text, "utf8").digest("hex");
export const sha256 = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");

/** HMAC-SHA-256 in hexadecimal (RFC 2104). */
export const hmacSha256 = (key: Uint8Array, text: string): string =>
  createHmac("sha256", key).update(text, "utf8").digest("hex");

/** Compares two texts in a time that does not depend on where they differ. */
export function equalInConstantTime(a: string, b: string): boolean {
  return timingSafeEqual(createHash("sha256").update(a).digest(), createHash("sha256").update(b).digest());
}
