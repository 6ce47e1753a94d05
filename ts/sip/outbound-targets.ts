import { MediaswitchError } from "../core/errors.js";
import { isNumericAddress, type SocketAddress } from "../core/socket-address.js";
import type { InviteTarget } from "./dialog/uac-invite.js";
import { sipAddress } from "./message/sip-address.js";
import { parseUri } from "./message/uri.js";
import type { Directory } from "./registrar/directory.js";
import type { Registrar } from "./registrar/registrar.js";

const SIP_PORT = 5060;

/**
 * Where a call to `user@domain` goes: every live binding of a user of ours, or the address of a foreign domain.
 * @throws {MediaswitchError} USER_UNKNOWN, USER_NOT_REGISTERED, DESTINATION_UNREACHABLE.
 */
export function targetsOf(
  { directory, registrar }: { directory: Directory; registrar: Registrar },
  user: string,
  domain: string,
): InviteTarget[] {
  if (!directory.has(domain)) return [foreignTarget(user, domain)];
  if (directory.find(domain, user) === undefined) {
    throw new MediaswitchError("USER_UNKNOWN", `the directory has no user ${user}@${domain}`, "to.user");
  }
  const bindings = registrar.lookup(domain, user);
  if (bindings.length === 0) {
    throw new MediaswitchError("USER_NOT_REGISTERED", `${user}@${domain} is not registered`, "to.user");
  }
  return bindings.map((binding) => ({
    uri: binding.contact,
    to: binding.flow,
    route: binding.path ?? [],
  }));
}

/** DEPARTURE RFC 3263 §4: names are not looked up yet; a foreign destination has to be a numeric address. */
function foreignTarget(user: string, domain: string): InviteTarget {
  const uri = parseUri(`sip:${domain}`);
  const to = uri === undefined ? undefined : numericHost(uri.host, uri.port);
  if (uri === undefined || to === undefined) {
    throw new MediaswitchError(
      "DESTINATION_UNREACHABLE",
      `${domain} is no domain of the directory and no numeric address`,
      "to.domain",
    );
  }
  return { uri: sipAddress(user, domain), to: { protocol: "UDP", remote: to }, route: [] };
}

function numericHost(host: string, port: number | undefined): SocketAddress | undefined {
  const address = host.replace(/^\[|\]$/g, "");
  return isNumericAddress(address) ? { address, port: port ?? SIP_PORT } : undefined;
}
