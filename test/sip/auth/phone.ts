import { answerChallenge } from "../../../ts/sip/auth/digest.js";
import type { AuthParams, Headers, SipRequest } from "../../../ts/sip/message/message.js";

/** A request as the parser gives it; a REGISTER of alice@example.com unless told otherwise. */
export function request(
  headers: Partial<Headers> = {},
  { method = "REGISTER", uri = "sip:example.com" } = {},
): SipRequest {
  const aor = { uri: "sip:alice@example.com", params: {} };
  return {
    kind: "request",
    version: "2.0",
    method,
    uri,
    headers: {
      via: [{ version: "2.0", protocol: "UDP", host: "192.0.2.7", params: { branch: "z9hG4bK1" } }],
      from: { ...aor, params: { tag: "a1" } },
      to: aor,
      "call-id": "call-1",
      cseq: { seq: 1, method },
      ...headers,
    },
    other: {},
    content: "",
  };
}

/** What a phone does with a challenge: credentials for `asked`, every part of which a test may get wrong. */
export function credentials(
  challenge: AuthParams,
  asked: SipRequest,
  { username = "alice", secret = "secret", nc = 1, uri = asked.uri, cnonce = "0a4f113b" } = {},
): AuthParams {
  return answerChallenge(challenge, { method: asked.method, uri, username, secret, cnonce, nc });
}

/** `asked` again, with credentials. */
export function withCredentials(asked: SipRequest, ...authorization: AuthParams[]): SipRequest {
  return { ...asked, headers: { ...asked.headers, authorization } };
}
