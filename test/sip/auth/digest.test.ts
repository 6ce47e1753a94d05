import t from "tap";
import {
  algorithmNamed,
  answerChallenge,
  canAnswer,
  digestResponse,
  type DigestInput,
} from "../../../ts/sip/auth/digest.js";
import { textToBinary } from "../../../ts/sip/message/binary.js";

/** RFC 7616 §3.9.1, the challenge and what both sides know. */
const circleOfLife = {
  username: "Mufasa",
  realm: "http-auth@example.org",
  secret: "Circle of Life",
  method: "GET",
  uri: "/dir/index.html",
  nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
  auth: { cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", nc: "00000001" },
} as const;

/** RFC 2617 §3.5; without `auth` and with another secret it is the example of RFC 2069 §2.4. */
const simba = {
  algorithm: "MD5",
  username: "Mufasa",
  realm: "testrealm@host.com",
  method: "GET",
  uri: "/dir/index.html",
  nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093",
} as const;

const published: readonly { source: string; input: DigestInput; response: string }[] = [
  {
    source: "RFC 7616 §3.9.1, MD5",
    input: { ...circleOfLife, algorithm: "MD5" },
    response: "8ca523f5e9506fed4657c9700eebdbec",
  },
  {
    source: "RFC 7616 §3.9.1, SHA-256",
    input: { ...circleOfLife, algorithm: "SHA-256" },
    response: "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
  },
  {
    source: "RFC 2617 §3.5",
    input: { ...simba, secret: "Circle Of Life", auth: { cnonce: "0a4f113b", nc: "00000001" } },
    response: "6629fae49393a05397450978507c4ef1",
  },
  {
    source: "RFC 2069 §2.4 as corrected by erratum 749, without qop",
    input: { ...simba, secret: "CircleOfLife" },
    response: "1949323746fe6a43ef61f9606e7febea",
  },
];

for (const { source, input, response } of published) {
  t.test(`published example: ${source}`, (t) => {
    t.equal(digestResponse(input), response);
    t.end();
  });
}

t.test("algorithm names: absent is MD5, case does not matter, others are not computed", (t) => {
  t.equal(algorithmNamed(undefined), "MD5");
  t.equal(algorithmNamed("md5"), "MD5");
  t.equal(algorithmNamed("sha-256"), "SHA-256");
  for (const other of ["MD5-sess", "SHA-512-256", "SHA-256-sess", ""])
    t.equal(algorithmNamed(other), undefined);
  t.end();
});

const rfcChallenge = {
  scheme: "Digest",
  realm: circleOfLife.realm,
  nonce: circleOfLife.nonce,
  qop: "auth, auth-int",
  algorithm: "SHA-256",
  opaque: "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",
};

const rfcAnswer = {
  method: "GET",
  uri: circleOfLife.uri,
  username: "Mufasa",
  secret: "Circle of Life",
  cnonce: circleOfLife.auth.cnonce,
  nc: 1,
};

t.test("the answer to the challenge of RFC 7616 §3.9.1 is the one printed there", (t) => {
  t.strictSame(answerChallenge(rfcChallenge, rfcAnswer), {
    scheme: "Digest",
    username: "Mufasa",
    realm: "http-auth@example.org",
    nonce: circleOfLife.nonce,
    uri: "/dir/index.html",
    response: "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
    algorithm: "SHA-256",
    opaque: rfcChallenge.opaque,
    qop: "auth",
    cnonce: circleOfLife.auth.cnonce,
    nc: "00000001",
  });
  t.end();
});

t.test("a challenge without qop, algorithm and opaque gets an answer without them", (t) => {
  const { realm, nonce } = simba;
  t.strictSame(
    answerChallenge({ scheme: "Digest", realm, nonce }, { ...rfcAnswer, secret: "CircleOfLife" }),
    {
      scheme: "Digest",
      username: "Mufasa",
      realm,
      nonce,
      uri: "/dir/index.html",
      response: "1949323746fe6a43ef61f9606e7febea",
    },
  );
  t.end();
});

t.test("the nonce count is eight hexadecimal digits", (t) => {
  t.equal(answerChallenge(rfcChallenge, { ...rfcAnswer, nc: 0x1af })["nc"], "000001af");
  t.end();
});

t.test("people's text is hashed as the UTF-8 that goes over the wire", (t) => {
  const realm = "bücher.example";
  const answer = answerChallenge(
    { ...rfcChallenge, realm: textToBinary(realm) },
    { ...rfcAnswer, username: "Jürgen", secret: "Straße" },
  );
  t.equal(answer["username"], "JÃ¼rgen");
  t.equal(
    answer["response"],
    digestResponse({
      ...circleOfLife,
      algorithm: "SHA-256",
      realm,
      username: "Jürgen",
      secret: "Straße",
    }),
  );
  t.end();
});

t.test("which challenges can be answered", (t) => {
  const { realm, nonce } = rfcChallenge;
  t.equal(canAnswer(rfcChallenge), true);
  t.equal(canAnswer({ scheme: "digest", realm, nonce }), true);
  t.equal(canAnswer({ ...rfcChallenge, scheme: "Basic" }), false);
  t.equal(canAnswer({ ...rfcChallenge, qop: "auth-int" }), false);
  t.equal(canAnswer({ ...rfcChallenge, algorithm: "MD5-sess" }), false);
  t.equal(canAnswer({ scheme: "Digest", realm }), false);
  t.equal(canAnswer({ scheme: "Digest", nonce }), false);
  t.end();
});
