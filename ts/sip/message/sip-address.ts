import { MediaswitchError } from "../../core/errors.js";
import { textToBinary } from "./binary.js";
import { formatUri, parseUri } from "./uri.js";

/**
 * `sip:user@domain`, escaped as a URI needs it (RFC 3261 §19.1.2); `domain` may carry a port. An empty user is none.
 * @throws {MediaswitchError} ARGUMENT_INVALID where no host stands in `domain`.
 */
export function sipAddress(user: string, domain: string): string {
  const host = parseUri(`sip:${domain}`);
  if (host === undefined || host.user !== undefined) {
    throw new MediaswitchError("ARGUMENT_INVALID", `"${domain}" is no host name or address`, "domain");
  }
  if (user !== "") host.user = textToBinary(user);
  return formatUri(host);
}
