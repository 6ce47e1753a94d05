import type { Caller } from "../caller.js";
import { binaryToText } from "../message/binary.js";
import type { SipRequest } from "../message/message.js";
import { parseUri } from "../message/uri.js";
import type { Flow } from "../transport/transport.js";
import type { Gateways } from "./gateways.js";

/** What a trunk may send without digest: it places calls and is asked after, it has no phone and no presence here. */
const METHODS: ReadonlySet<string> = new Set(["INVITE", "OPTIONS", "MESSAGE"]);

/**
 * The caller of a request that comes from a gateway's address. The number is what the gateway says it is; the domain is
 * the gateway's, whatever From claims, so that nobody out there is taken for a user of ours.
 */
export function gatewayCaller(request: SipRequest, flow: Flow, gateways: Gateways): Caller | undefined {
  if (!METHODS.has(request.method)) return undefined;
  const gateway = gateways.sourceOf(flow.remote.address, request.uri);
  if (gateway === undefined) return undefined;
  const user = binaryToText(parseUri(request.headers.from.uri)?.user ?? "");
  const { domain, settings } = gateway.plan;
  const serves = settings.domain === undefined ? {} : { serves: settings.domain };
  return { username: user, domain, trusted: true, gateway: gateway.name, ...serves };
}
