import t from "tap";
import { md5, sha256 } from "../../../ts/core/hash.js";
import { DigestClient } from "../../../ts/sip/auth/digest-client.js";
import type { AuthParams, SipRequest, SipResponse } from "../../../ts/sip/message/message.js";
import { makeResponse } from "../../../ts/sip/message/response.js";
import { SeededRandom } from "../../support/seeded-random.js";
import { requestTo } from "../../support/transaction-rig.js";

const REQUEST = requestTo("REGISTER");
const client = () => new DigestClient({ username: "Mufasa", secret: "Circle of Life" }, new SeededRandom(1));

const challenge = (nonce: string, more: Record<string, string> = {}): AuthParams => ({
  scheme: "Digest",
  realm: "http-auth@example.org",
  nonce,
  qop: "auth",
  ...more,
});
const unauthorized = (...challenges: AuthParams[]): SipResponse =>
  makeResponse(REQUEST, 401, { headers: { "www-authenticate": challenges } });
const proxyWants = (...challenges: AuthParams[]): SipResponse =>
  makeResponse(REQUEST, 407, { headers: { "proxy-authenticate": challenges } });
const authorization = ({ headers }: SipRequest): AuthParams | undefined => headers.authorization?.[0];

t.test("nothing is sent before somebody asked", (t) => {
  t.equal(authorization(client().begin().sign(REQUEST)), undefined);
  t.end();
});

t.test("RFC 7616 §3.4.1: the response is the hash of the parts", (t) => {
  for (const [algorithm, hash] of [
    ["MD5", md5],
    ["SHA-256", sha256],
  ] as const) {
    const exchange = client().begin();
    t.equal(exchange.challenged(unauthorized(challenge("n", { algorithm, opaque: "o" }))), true);
    const sent = authorization(exchange.sign(REQUEST));
    const a1 = hash("Mufasa:http-auth@example.org:Circle of Life");
    const a2 = hash(`REGISTER:${REQUEST.uri}`);
    t.match(sent, {
      username: "Mufasa",
      realm: "http-auth@example.org",
      uri: REQUEST.uri,
      algorithm,
      opaque: "o",
      nc: "00000001",
      response: hash(`${a1}:n:00000001:${sent?.["cnonce"] ?? ""}:auth:${a2}`),
    });
  }
  t.end();
});

t.test("later requests answer at once, and count the nonce on", (t) => {
  const digest = client();
  const first = digest.begin();
  first.challenged(unauthorized(challenge("n")));
  t.match(authorization(first.sign(REQUEST)), { nonce: "n", nc: "00000001" });
  const counts = [2, 3].map(() => authorization(digest.begin().sign(REQUEST))?.["nc"]);
  t.strictSame(counts, ["00000002", "00000003"]);
  t.end();
});

t.test("RFC 8760 §2.4: the first challenge that can be answered; none where there is none", (t) => {
  const exchange = client().begin();
  const strange = challenge("x", { algorithm: "SHA-512-256" });
  t.equal(
    exchange.challenged(unauthorized(strange, challenge("y", { algorithm: "SHA-256" }), challenge("z"))),
    true,
  );
  t.match(authorization(exchange.sign(REQUEST)), { nonce: "y", algorithm: "SHA-256" });
  t.equal(client().begin().challenged(unauthorized(strange)), false);
  t.equal(client().begin().challenged(unauthorized()), false);
  t.equal(
    client()
      .begin()
      .challenged(unauthorized({ scheme: "Bearer", token68: "x" })),
    false,
  );
  t.end();
});

t.test("the same realm again: only where the nonce was stale, and not for ever", (t) => {
  const exchange = client().begin();
  t.equal(exchange.challenged(unauthorized(challenge("a"))), true);
  t.equal(exchange.challenged(unauthorized(challenge("b"))), false, "the secret must be wrong");
  t.equal(exchange.challenged(unauthorized(challenge("c", { stale: "TRUE" }))), true);
  t.equal(exchange.challenged(unauthorized(challenge("d", { stale: "true" }))), true);
  t.equal(exchange.challenged(unauthorized(challenge("e", { stale: "true" }))), true);
  t.equal(exchange.challenged(unauthorized(challenge("f", { stale: "true" }))), false, "a loop");
  t.end();
});

t.test("an old nonce that is refused without a word of stale is answered anew", (t) => {
  const digest = client();
  digest.begin().challenged(unauthorized(challenge("old")));
  const exchange = digest.begin();
  t.match(authorization(exchange.sign(REQUEST)), { nonce: "old" });
  t.equal(exchange.challenged(unauthorized(challenge("new"))), true);
  t.match(authorization(exchange.sign(REQUEST)), { nonce: "new", nc: "00000001" });
  t.end();
});

t.test("RFC 3261 §22.3: a proxy and the server, side by side; realms are bounded", (t) => {
  const digest = client();
  const exchange = digest.begin();
  t.equal(exchange.challenged(proxyWants(challenge("p", { realm: "proxy" }))), true);
  t.equal(exchange.challenged(unauthorized(challenge("s"))), true);
  const { headers } = exchange.sign(REQUEST);
  t.match(headers["proxy-authorization"], [{ realm: "proxy", nonce: "p" }]);
  t.match(headers.authorization, [{ realm: "http-auth@example.org", nonce: "s" }]);
  for (let index = 0; index < 20; index++) {
    digest.begin().challenged(unauthorized(challenge("n", { realm: `realm ${index}` })));
  }
  t.equal(digest.begin().sign(REQUEST).headers.authorization?.length, 4);
  t.end();
});
