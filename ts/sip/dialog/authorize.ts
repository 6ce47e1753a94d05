import { hexToken, type Random } from "../../core/random.js";
import { answerChallenge, canAnswer } from "../auth/digest.js";
import type { SipRequest, SipResponse } from "../message/message.js";
import type { Authorize } from "./uac-invite.js";

/**
 * Credentials for what we send (RFC 3261 §22.2, RFC 7616): the INVITE again, with the next CSeq number and the
 * answer to the first challenge we can compute. Without a secret a 401 or 407 is an ordinary refusal.
 */
export function authorizeWith(username: string, secret: string | undefined, random: Random): Authorize {
  return (request: SipRequest, response: SipResponse) => {
    if (secret === undefined) return undefined;
    const isProxy = response.status === 407;
    const challenges = response.headers[isProxy ? "proxy-authenticate" : "www-authenticate"] ?? [];
    const challenge = challenges.find(canAnswer);
    if (challenge === undefined) return undefined;
    const credentials = answerChallenge(challenge, {
      method: request.method,
      uri: request.uri,
      username,
      secret,
      cnonce: hexToken(random, 8),
      nc: 1,
    });
    const { cseq } = request.headers;
    return {
      ...request,
      headers: {
        ...request.headers,
        via: [],
        cseq: { ...cseq, seq: cseq.seq + 1 },
        [isProxy ? "proxy-authorization" : "authorization"]: [credentials],
      },
    };
  };
}
