import type { NameAddr } from "../message/message.js";
import { formatParams } from "../message/params.js";
import { quote } from "../message/quoted-string.js";

/** An address as it stands in a header (RFC 3261 §20.10). */
export function formatNameAddr({ name, uri, params }: NameAddr): string {
  const shown = name === undefined || name === "" ? "" : `${quote(name)} `;
  return `${shown}<${uri}>${formatParams(params)}`;
}
