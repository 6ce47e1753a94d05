import { textToBinary } from "./binary.js";

/** Without CR, LF and NUL: a value that can't end the line it is printed on. */
export function oneLine(value: string): string {
  const binary = asBinary(value);
  return /[\r\n\0]/.test(binary) ? binary.replaceAll(/[\r\n\0]/g, "") : binary;
}

/**
 * Text in memory is meant to be binary already. One with a character that no octet has is people's text: its
 * UTF-8 is taken.
 */
export function asBinary(value: string): string {
  for (let index = 0; index < value.length; index += 1) {
    if (value.charCodeAt(index) > 0xff) return textToBinary(value);
  }
  return value;
}
