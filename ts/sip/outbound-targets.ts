import { MediaswitchError } from "../core/errors.js";
import type { InviteTarget } from "./dialog/uac-invite.js";
import type { Gateway } from "./gateway/gateway.js";
import type { Locator } from "./locate/locator.js";
import { routedUri, unreachable } from "./locate/next-hop.js";
import type { NameAddr } from "./message/message.js";
import { sipAddress } from "./message/sip-address.js";
import { parseUri } from "./message/uri.js";
import type { Directory } from "./registrar/directory.js";
import type { Registrar } from "./registrar/registrar.js";

export interface OutboundSources {
  readonly directory: Directory;
  readonly registrar: Registrar;
  readonly locator: Locator;
}

/**
 * Where a call to `user@domain` goes: every live binding of a user of ours (of the instance that `gr` names), or the
 * servers of a foreign domain.
 * @throws {MediaswitchError} USER_UNKNOWN, USER_NOT_REGISTERED, DESTINATION_UNREACHABLE; ABORTED by `signal`.
 */
export async function targetsOf(
  { directory, registrar, locator }: OutboundSources,
  { user, domain, gr }: { readonly user: string; readonly domain: string; readonly gr?: string | undefined },
  signal: AbortSignal,
): Promise<InviteTarget[]> {
  if (!directory.has(domain)) return [await locatedTarget(locator, sipAddress(user, domain), [], signal)];
  if (directory.find(domain, user) === undefined) {
    throw new MediaswitchError("USER_UNKNOWN", `the directory has no user ${user}@${domain}`, "to.user");
  }
  const bindings = registrar.lookup(domain, user, gr);
  if (bindings.length === 0) {
    throw new MediaswitchError("USER_NOT_REGISTERED", `${user}@${domain} is not registered`, "to.user");
  }
  return bindings.map((binding) => ({
    uri: binding.contact,
    to: binding.flow,
    route: binding.path ?? [],
  }));
}

/** Where a call by a gateway goes. Throws as `targetsOf`. */
export const gatewayTarget = (
  locator: Locator,
  gateway: Gateway,
  user: string,
  signal: AbortSignal,
): Promise<InviteTarget> => locatedTarget(locator, gateway.uriOf(user), gateway.route, signal);

/**
 * One destination with all its servers (RFC 3263 §4): the first Route decides, else the URI itself.
 * @param route of loose routers. Throws as `targetsOf`.
 */
export async function locatedTarget(
  locator: Locator,
  uri: string,
  route: readonly NameAddr[],
  signal: AbortSignal,
): Promise<InviteTarget> {
  const hop = routedUri({ uri, route });
  if (parseUri(uri) === undefined) throw unreachable(`${uri} is no SIP URI`);
  const [to, ...alternates] = await locator.locate(hop, signal);
  if (to === undefined) throw unreachable(`${hop.host} has no server`);
  return {
    uri,
    to,
    alternates,
    failed: (flow, failure) => {
      locator.unavailable.note(flow, failure);
    },
    route,
  };
}
