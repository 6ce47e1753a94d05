/** Why a request was sent (RFC 3326): the Reason header, read and written. */
import { binaryToText, textToBinary } from "../message/binary.js";
import type { Headers, ValueWithParams } from "../message/message.js";
import { oneLine } from "../message/one-line.js";
import { quote, unquote } from "../message/quoted-string.js";
import type { CallReason } from "../sip-service.js";

const MAX_TEXT = 200;

/** The first cause that is a number: SIP is preferred to Q.850, and both to others. */
export function readReason({ reason: reasons = [] }: Headers): CallReason | undefined {
  const rank = ({ value }: ValueWithParams): number => {
    const place = ["sip", "q.850"].indexOf(value.toLowerCase());
    return place < 0 ? 2 : place;
  };
  const [first] = [...reasons].sort((a, b) => rank(a) - rank(b));
  const cause = Number(first?.params["cause"] ?? Number.NaN);
  if (first === undefined || !Number.isInteger(cause) || cause < 0 || cause > 999) return undefined;
  const text = first.params["text"] ?? "";
  return {
    protocol: first.value,
    cause,
    text: binaryToText(text.startsWith('"') ? unquote(text) : text).slice(0, MAX_TEXT),
  };
}

/** One Reason; the phrase may be absent. */
export function writeReason({ protocol, cause, text }: CallReason): ValueWithParams[] {
  return [
    {
      value: protocol,
      params: { cause: String(cause), ...(text === "" ? {} : { text: quoted(text) }) },
    },
  ];
}

/** The same as text. */
export function reasonText({ protocol, cause, text }: CallReason): string {
  return `${protocol};cause=${String(cause)}${text === "" ? "" : `;text=${quoted(text)}`}`;
}

const quoted = (text: string): string => quote(oneLine(textToBinary(text)).slice(0, MAX_TEXT));
