import { binaryToText } from "../message/binary.js";
import { sipAddress } from "../message/sip-address.js";
import { parseUri } from "../message/uri.js";
import type { Caller } from "../caller.js";
import type { Directory } from "../registrar/directory.js";
import { domainName } from "../registrar/domain-name.js";

/** A user of ours whom a request is about: whose state is watched or published, or whom a message is for. Plain data. */
export interface Resource {
  readonly domain: string;
  readonly user: string;
}

export const resourceKey = ({ domain, user }: Resource): string => `${user}@${domain}`;

/** @throws {MediaswitchError} ARGUMENT_INVALID where the domain is no host name. */
export const resourceUri = ({ domain, user }: Resource): string => sipAddress(user, domain);

/**
 * Whom the Request-URI names. A host that is no domain of ours is this server by another name (phones dial its
 * address): the caller's own domain is meant, or the one that a trunk serves.
 */
export function resourceOf(uri: string, caller: Caller, directory: Pick<Directory, "has">): Resource {
  const parsed = parseUri(uri);
  const host = parsed?.host ?? "";
  const domain = domainName(directory.has(host) ? host : (caller.serves ?? caller.domain));
  return { domain, user: binaryToText(parsed?.user ?? "") };
}

/**
 * What keeps `caller` from watching or writing to `resource`: 403 beyond its own domain, 404 where there is no such
 * user. Both are looked up in any case.
 */
export function refusalFor(
  caller: Caller,
  resource: Resource,
  directory: Pick<Directory, "has" | "find">,
): 403 | 404 | undefined {
  const isKnown = directory.find(resource.domain, resource.user) !== undefined;
  const isNeighbour = directory.has(caller.domain) && domainName(caller.domain) === resource.domain;
  if (!isNeighbour) return 403;
  return isKnown ? undefined : 404;
}
