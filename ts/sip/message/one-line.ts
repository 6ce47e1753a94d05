import { textToBinary } from "./binary.js";

/** Without CR, LF and NUL: a value that can't end the line it is printed on. */
export function oneLine(value: string): string {
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index);
    if (code === 0x0d || code === 0x0a || code === 0 || code > 0xff) {
      return asBinary(value).replaceAll(/[\r\n\0]/g, "");
    }
  }
  return value;
}

/**
 * Text in memory is meant to be binary already. One with a character that no octet has is people's text: its
 * UTF-8 is taken.
 */
export function asBinary(value: string): string {
  return /[^\0-\xff]/.test(value) ? textToBinary(value) : value;
}
