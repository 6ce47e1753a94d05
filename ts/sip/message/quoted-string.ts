import { BACKSLASH, consistsOf, QUOTE } from "./characters.js";

/** Takes quotes and quoted pairs off (RFC 3261 §25.1 quoted-string). `quoted` is well formed. */
export function unquote(quoted: string): string {
  const inner = quoted.slice(1, -1);
  if (!inner.includes("\\")) return inner;
  let text = "";
  for (let index = 0; index < inner.length; index += 1) {
    if (inner[index] === "\\") index += 1;
    text += inner.charAt(index);
  }
  return text;
}

/** Control characters are escaped as well; CR and LF can't stand in a quoted string at all. */
export function quote(text: string): string {
  return `"${consistsOf(text, UNESCAPED) ? text : escape(text)}"`;
}

/** What stands in quotes as it is: what is printed, and the octets of UTF-8. */
const UNESCAPED = new Uint8Array(256).fill(1, 0x20).fill(0, 0x7f, 0x80);
UNESCAPED[QUOTE] = UNESCAPED[BACKSLASH] = 0;

function escape(text: string): string {
  let escaped = "";
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    // People's text is no octet: it means nothing to the grammar.
    if (code <= 0xff && UNESCAPED[code] !== 1) escaped += "\\";
    escaped += text.charAt(index);
  }
  return escaped;
}
