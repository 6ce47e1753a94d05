import type { InviteRequest } from "../sip-service.js";
import type { Gateway } from "./gateway.js";

/**
 * A call as its gateway wants it: from our account there, with its secret, to its domain (the seed's "forward"). The
 * caller's own number is the presented identity.
 */
export function overGateway(request: InviteRequest, { plan }: Gateway): InviteRequest {
  const { settings, domain, server } = plan;
  const { authsecret } = settings.from;
  const cid = request.cid ?? settings.cid ?? { number: request.from.user, name: request.from.user };
  const { authsecret: _callers, ...from } = request.from;
  return {
    ...request,
    from: {
      ...from,
      user: settings.from.user,
      domain,
      ...(authsecret === undefined ? {} : { authsecret }),
    },
    to: {
      user: request.to.user,
      domain: server.port === undefined ? server.host : `${server.host}:${String(server.port)}`,
    },
    cid,
  };
}
