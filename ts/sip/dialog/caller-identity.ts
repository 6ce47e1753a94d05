/** Who calls, as headers say it: From, P-Asserted-Identity (RFC 3325), Remote-Party-ID, Privacy (RFC 3323). */
import { binaryToText, textToBinary } from "../message/binary.js";
import type { Headers, NameAddr } from "../message/message.js";
import { sipAddress } from "../message/sip-address.js";
import { parseUri } from "../message/uri.js";
import type { CallerId } from "../sip-service.js";

/** Characters of a number or name that are kept. */
const MAX_TEXT = 128;
/** Privacy values that hide the identity (RFC 3323 §4.2, RFC 3325 §9.3). */
const HIDING: readonly string[] = ["id", "user", "header"];

/**
 * The caller of an INVITE that came in. What only trusted peers may assert is believed of them alone (RFC 3325 §5):
 * the first P-Asserted-Identity, else Remote-Party-ID of the calling party, else From.
 */
export function readCallerId(headers: Headers, peer: "trusted" | "not trusted"): CallerId {
  const asserted = peer === "trusted" ? assertedBy(headers) : undefined;
  const shown = asserted ?? headers.from;
  const uri = parseUri(shown.uri);
  const isTel = shown.uri.toLowerCase().startsWith("tel:");
  const number = isTel ? (shown.uri.slice(4).split(";")[0] ?? "") : (uri?.user ?? "");
  const isPrivate =
    headers.privacy?.some((value) => HIDING.includes(value.toLowerCase())) === true ||
    asserted?.params["privacy"] === "full" ||
    uri?.host === "anonymous.invalid" ||
    parseUri(headers.from.uri)?.host === "anonymous.invalid";
  return {
    number: binaryToText(number).slice(0, MAX_TEXT),
    name: binaryToText(shown.name ?? "").slice(0, MAX_TEXT),
    ...(isPrivate ? { private: true } : {}),
  };
}

function assertedBy(headers: Headers): NameAddr | undefined {
  return (
    headers["p-asserted-identity"]?.[0] ??
    headers["remote-party-id"]?.find(({ params }) => (params["party"] ?? "calling") === "calling")
  );
}

/**
 * What an INVITE of ours says of its caller besides From. A private caller is told to phones as they have always been
 * told, by Remote-Party-ID with privacy=full, and asserted to nobody: who would see it is not known to be trusted
 * (RFC 3325 §7).
 */
export function writeCallerId(cid: CallerId, domain: string): Partial<Headers> {
  const shown: NameAddr = {
    name: textToBinary(cid.name),
    uri: sipAddress(cid.number, domain),
    params: {},
  };
  if (cid.private === true) {
    return { "remote-party-id": [{ ...shown, params: { privacy: "full" } }], privacy: ["id"] };
  }
  return { "remote-party-id": [shown], "p-asserted-identity": [shown] };
}
