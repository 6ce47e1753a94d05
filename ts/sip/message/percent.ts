import { consistsOf, type CharacterSet } from "./characters.js";

/** Undoes %HH (RFC 3261 §25.1 escaped). Characters must be in `allowed`; undefined otherwise. */
export function percentDecode(text: string, allowed: CharacterSet): string | undefined {
  if (!text.includes("%")) return text === "" || consistsOf(text, allowed) ? text : undefined;
  let decoded = "";
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === PERCENT) {
      const octet = hexDigit(text.charCodeAt(index + 1)) * 16 + hexDigit(text.charCodeAt(index + 2));
      if (Number.isNaN(octet)) return undefined;
      decoded += String.fromCharCode(octet);
      index += 2;
    } else if (allowed[code] === 1) {
      decoded += text.charAt(index);
    } else {
      return undefined;
    }
  }
  return decoded;
}

/** Writes every character that is not in `allowed` as %HH, those above U+00FF as the octets of their UTF-8. */
export function percentEncode(text: string, allowed: CharacterSet): string {
  let encoded = "";
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (allowed[code] === 1) encoded += character;
    else if (code > 0xff) encoded += encodeURIComponent(isSurrogate(code) ? "\ufffd" : character);
    else encoded += "%" + code.toString(16).toUpperCase().padStart(2, "0");
  }
  return encoded;
}

const PERCENT = 0x25;

/** Half of a pair, standing alone. */
const isSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdfff;

/** NaN for what is no hexadecimal digit. */
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : NaN;
}
