import t from "tap";
import { chooseChallenge, digestAnswer, readChallenges } from "./digest-answer.js";

t.test("the example of RFC 2617 §3.5", (t) => {
  const [challenge] = readChallenges(
    "www",
    'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
  );
  const random = { bytes: () => Uint8Array.of(0x0a, 0x4f, 0x11, 0x3b) };
  const [name, value] = digestAnswer(
    challenge!,
    { username: "Mufasa", secret: "Circle Of Life" },
    { method: "GET", uri: "/dir/index.html" },
    random,
  );
  t.equal(name, "Authorization");
  t.match(value, /response="6629fae49393a05397450978507c4ef1"/);
  t.match(value, /qop=auth, nc=00000001, cnonce="0a4f113b", opaque="5ccc069c403ebaf9f0171e9517f40e41"$/);
  t.end();
});

t.test("of several challenges the one asked for is answered, MD5 unless said", (t) => {
  const challenges = readChallenges(
    "proxy",
    'Digest realm="a", nonce="1", algorithm=SHA-256, Digest realm="a", nonce="2", algorithm=MD5',
  );
  const user = { username: "alice", secret: "pencil" };
  t.equal(chooseChallenge(challenges, user)?.params["nonce"], "2");
  t.equal(chooseChallenge(challenges, { ...user, algorithm: "SHA-256" })?.params["nonce"], "1");
  t.equal(chooseChallenge(challenges.slice(0, 1), user), undefined);
  t.equal(challenges[0]?.header, "Proxy-Authorization");
  t.end();
});
