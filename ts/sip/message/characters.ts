/** Sets of octets from the grammar of RFC 3261 §25.1. A set is indexed by an octet, or by the code of a "binary" character. */
export type CharacterSet = Uint8Array;

export const ALPHANUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

export function characterSet(characters: string): CharacterSet {
  const set = new Uint8Array(256);
  for (let index = 0; index < characters.length; index += 1) set[characters.charCodeAt(index)] = 1;
  return set;
}

/** The visible ASCII characters (0x21–0x7e) without those in `excluded`. */
export function visibleExcept(excluded: string): CharacterSet {
  const set = new Uint8Array(256).fill(1, 0x21, 0x7f);
  for (let index = 0; index < excluded.length; index += 1) set[excluded.charCodeAt(index)] = 0;
  return set;
}

export const TOKEN = characterSet(ALPHANUM + "-.!%*_+`'~");
export const DIGIT = characterSet("0123456789");
export const VISIBLE = visibleExcept("");
/** What may stand in a URI of any scheme, as far as a message's own grammar is concerned. */
export const URI = visibleExcept('<>"');

/** Octet → the same in lower case. */
export const LOWER = new Uint8Array(256).map((_, code) => (code >= 0x41 && code <= 0x5a ? code + 32 : code));

/** True for a text that is not empty and made of `set` alone. */
export function consistsOf(text: string, set: CharacterSet): boolean {
  if (text === "") return false;
  for (let index = 0; index < text.length; index += 1) if (set[text.charCodeAt(index)] !== 1) return false;
  return true;
}

/** Codes of the characters that separate. */
export const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
export const QUOTE = 0x22;
export const LEFT_PARENTHESIS = 0x28;
export const RIGHT_PARENTHESIS = 0x29;
export const ASTERISK = 0x2a;
export const COMMA = 0x2c;
export const DOT = 0x2e;
export const SLASH = 0x2f;
export const ZERO = 0x30;
export const COLON = 0x3a;
export const SEMICOLON = 0x3b;
export const LESS = 0x3c;
export const EQUALS = 0x3d;
export const GREATER = 0x3e;
export const AT = 0x40;
export const OPENING_BRACKET = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSING_BRACKET = 0x5d;
