import t from "tap";
import { ms } from "../../../ts/core/brand.js";
import { hexToken } from "../../../ts/core/random.js";
import { Authenticator, type AuthOutcome } from "../../../ts/sip/auth/authenticator.js";
import { DIGEST_HASHES, type DigestHashes } from "../../../ts/sip/auth/digest.js";
import { NONCE_LIFE } from "../../../ts/sip/auth/nonces.js";
import { textToBinary } from "../../../ts/sip/message/binary.js";
import type { AuthParams, SipRequest } from "../../../ts/sip/message/message.js";
import { Directory } from "../../../ts/sip/registrar/directory.js";
import type { DigestAlgorithm } from "../../../ts/sip/sip-service.js";
import { ManualClock } from "../../support/manual-clock.js";
import { SeededRandom } from "../../support/seeded-random.js";
import { credentials, request, withCredentials } from "./phone.js";

const REALM = "example.com";
const SOURCE = "192.0.2.7";

interface Bench {
  readonly clock: ManualClock;
  readonly directory: Directory;
  readonly authenticator: Authenticator;
  check(asked: SipRequest): AuthOutcome;
}

function bench({
  seed = 1,
  algorithms = ["MD5"] as readonly DigestAlgorithm[],
  ownHosts = ["198.51.100.1", "2001:db8::1"],
  noncesRemembered = 10_000,
  hashes = DIGEST_HASHES,
} = {}): Bench {
  const clock = new ManualClock();
  const directory = new Directory();
  directory.put(REALM, { algorithms, users: [{ username: "alice", secret: "secret" }] });
  const random = new SeededRandom(seed);
  const authenticator = new Authenticator({
    clock,
    random,
    directory,
    ownHosts,
    noncesRemembered,
    hashes,
  });
  return { clock, directory, authenticator, check: (asked) => authenticator.check(asked, REALM, SOURCE) };
}

function challengesOf(outcome: AuthOutcome): AuthParams[] {
  if (outcome.kind !== "challenge") throw new Error(`expected a challenge, got ${JSON.stringify(outcome)}`);
  return outcome.challenges;
}

const challengeOf = (outcome: AuthOutcome): AuthParams => challengesOf(outcome)[0]!;

/** A challenge as compared: the nonce is chance. */
function withoutNonce(outcome: AuthOutcome): unknown {
  const challenges = challengesOf(outcome).map(({ nonce, ...rest }) => ({ ...rest, nonce: typeof nonce }));
  return { ...outcome, challenges };
}

const ACCEPTED: AuthOutcome = { kind: "accepted", username: "alice", domain: REALM };

t.test("a request without credentials is challenged, the right answer is accepted", (t) => {
  const { check } = bench();
  const asked = request();
  const outcome = check(asked);
  const challenge = challengeOf(outcome);
  t.match(challenge, {
    scheme: "Digest",
    realm: REALM,
    qop: "auth",
    algorithm: "MD5",
    nonce: /^[0-9a-f]{66}$/,
  });
  t.strictSame(Object.keys(challenge), ["scheme", "realm", "nonce", "qop", "algorithm"]);
  t.equal(outcome.kind === "challenge" && outcome.stale, false);
  t.strictSame(check(withCredentials(asked, credentials(challenge, asked))), ACCEPTED);
  t.end();
});

t.test("every challenge has a nonce of its own", (t) => {
  const { check } = bench();
  t.not(challengeOf(check(request()))["nonce"], challengeOf(check(request()))["nonce"]);
  t.end();
});

t.test("wrong secret, unknown user and unknown domain: the same answer for the same work", (t) => {
  let computed = 0;
  const counting: DigestHashes = {
    MD5: (text) => {
      computed += 1;
      return DIGEST_HASHES.MD5(text);
    },
    "SHA-256": (text) => {
      computed += 1;
      return DIGEST_HASHES["SHA-256"](text);
    },
  };
  const attempt = (
    given: { username?: string; secret?: string },
    prepare: (directory: Directory) => void = () => undefined,
  ): { answer: unknown; computed: number } => {
    const { directory, check } = bench({ hashes: counting });
    prepare(directory);
    const asked = request();
    const answered = withCredentials(asked, credentials(challengeOf(check(asked)), asked, given));
    computed = 0;
    return { answer: withoutNonce(check(answered)), computed };
  };

  const wrongSecret = attempt({ secret: "guess" });
  const unknownUser = attempt({ username: "mallory" });
  const unknownDomain = attempt({}, (directory) => {
    directory.delete(REALM);
  });
  t.strictSame(wrongSecret.answer, {
    kind: "challenge",
    challenges: [{ scheme: "Digest", realm: REALM, nonce: "string", qop: "auth", algorithm: "MD5" }],
    stale: false,
  });
  t.equal(wrongSecret.computed, 3);
  t.strictSame(unknownUser, wrongSecret);
  t.strictSame(unknownDomain, wrongSecret);
  t.end();
});

t.test("the answer to wrong credentials is the answer to none", (t) => {
  const { check } = bench();
  const asked = request();
  const first = check(asked);
  const second = check(withCredentials(asked, credentials(challengeOf(first), asked, { secret: "guess" })));
  t.strictSame(withoutNonce(second), withoutNonce(first));
  t.end();
});

t.test("a user who does not exist can't log in with any secret that is known", (t) => {
  const { check } = bench({ seed: 1 });
  const asked = request();
  const firstDrawn = hexToken(new SeededRandom(1), 16);
  for (const secret of ["", "undefined", "secret", firstDrawn]) {
    const challenge = challengeOf(check(asked));
    const answered = withCredentials(asked, credentials(challenge, asked, { username: "mallory", secret }));
    t.equal(check(answered).kind, "challenge", `"${secret}"`);
  }
  t.end();
});

t.test("after a restart the phone is told stale=true and gets in with the new nonce", (t) => {
  const asked = request();
  const old = challengeOf(bench({ seed: 1 }).check(asked));
  const { check } = bench({ seed: 2 });
  const outcome = check(withCredentials(asked, credentials(old, asked)));
  t.match(outcome, { kind: "challenge", stale: true, challenges: [{ stale: "true" }] });
  t.strictSame(check(withCredentials(asked, credentials(challengeOf(outcome), asked))), ACCEPTED);
  const wrong = check(withCredentials(asked, credentials(old, asked, { secret: "guess" })));
  t.match(wrong, { kind: "challenge", stale: false }, "but not with a wrong secret");
  t.notOk(challengeOf(wrong)["stale"]);
  t.end();
});

t.test("a nonce that is too old: stale=true, with a wrong secret not", async (t) => {
  const { clock, check } = bench();
  const asked = request();
  const challenge = challengeOf(check(asked));
  await clock.advance(NONCE_LIFE);
  t.strictSame(check(withCredentials(asked, credentials(challenge, asked))), ACCEPTED, "at the last instant");
  await clock.advance(ms(1));
  t.match(check(withCredentials(asked, credentials(challenge, asked, { nc: 2 }))), {
    kind: "challenge",
    stale: true,
  });
  t.match(check(withCredentials(asked, credentials(challenge, asked, { nc: 3, secret: "guess" }))), {
    kind: "challenge",
    stale: false,
  });
});

t.test("a replayed count is refused, reordered ones are taken", (t) => {
  const { check } = bench();
  const asked = request();
  const challenge = challengeOf(check(asked));
  const send = (nc: number): AuthOutcome =>
    check(withCredentials(asked, credentials(challenge, asked, { nc })));
  for (const nc of [2, 1, 4, 3]) t.strictSame(send(nc), ACCEPTED, `nc ${nc}`);
  for (const nc of [1, 2, 3, 4]) t.match(send(nc), { kind: "challenge", stale: true }, `nc ${nc} again`);
  t.strictSame(send(5), ACCEPTED);
  t.end();
});

t.test("a stranger can't use up a phone's counts", (t) => {
  const { check } = bench();
  const asked = request();
  const challenge = challengeOf(check(asked));
  check(withCredentials(asked, credentials(challenge, asked, { nc: 0xffff_ffff, secret: "guess" })));
  check(withCredentials(asked, credentials(challenge, asked, { nc: 1, secret: "guess" })));
  t.strictSame(check(withCredentials(asked, credentials(challenge, asked, { nc: 1 }))), ACCEPTED);
  t.end();
});

t.test("nonces in use are bounded, the forgotten one is stale", async (t) => {
  const { clock, authenticator, check } = bench({ noncesRemembered: 2 });
  const asked = request();
  const challenges: AuthParams[] = [];
  for (let index = 0; index < 3; index += 1) {
    const challenge = challengeOf(check(asked));
    challenges.push(challenge);
    t.strictSame(check(withCredentials(asked, credentials(challenge, asked))), ACCEPTED);
    await clock.advance(ms(1));
  }
  t.equal(authenticator.noncesInUse, 2);
  const forgotten = credentials(challenges[0]!, asked, { nc: 2 });
  t.match(check(withCredentials(asked, forgotten)), { kind: "challenge", stale: true });
  const remembered = credentials(challenges[2]!, asked, { nc: 2 });
  t.strictSame(check(withCredentials(asked, remembered)), ACCEPTED);
});

t.test("credentials do not depend on where the request comes from", (t) => {
  const { check } = bench();
  const asked = request();
  const challenge = challengeOf(check(asked));
  const moved = request({ via: [{ version: "2.0", protocol: "UDP", host: "203.0.113.99", params: {} }] });
  t.strictSame(check(withCredentials(moved, credentials(challenge, asked))), ACCEPTED);
  t.end();
});

t.test("the method is part of what is signed", (t) => {
  const { check } = bench();
  const asked = request();
  const signed = credentials(challengeOf(check(asked)), asked);
  t.equal(check(withCredentials(request({}, { method: "INVITE" }), signed)).kind, "challenge");
  t.strictSame(check(withCredentials(asked, signed)), ACCEPTED);
  t.end();
});

const uris: readonly { signed: string; asked?: string; taken: boolean; why: string }[] = [
  { signed: "sip:example.com", taken: true, why: "the Request-URI" },
  { signed: "sip:EXAMPLE.com", taken: true, why: "the Request-URI in other letters" },
  { signed: "sip:bob@example.com", taken: true, why: "something else in the domain" },
  { signed: "sip:example.com:5070", taken: true, why: "the domain with a port" },
  { signed: "sip:198.51.100.1:5060", taken: true, why: "our address, as sipp signs it" },
  { signed: "sip:[2001:db8::1]:5060", taken: true, why: "our IPv6 address" },
  { signed: "sip:203.0.113.5:5060", asked: "sip:203.0.113.5", taken: true, why: "the Request-URI's host" },
  {
    signed: "sip:bob@192.0.2.20;transport=udp",
    asked: "sip:bob@192.0.2.20;transport=udp",
    taken: true,
    why: "the Request-URI, of another host",
  },
  {
    signed: "tel:+358-555-1234567",
    asked: "tel:+358-555-1234567",
    taken: true,
    why: "the same text, no SIP URI",
  },
  { signed: "sip:203.0.113.5:5060", taken: false, why: "another server's address" },
  { signed: "sip:example.org", taken: false, why: "another domain" },
  { signed: "sip:example.com.attacker.test", taken: false, why: "a domain that begins with ours" },
  { signed: "/", taken: false, why: "no SIP URI" },
  { signed: "", taken: false, why: "nothing" },
];
for (const { signed, asked = "sip:example.com", taken, why } of uris) {
  t.test(`digest uri ${signed} is ${taken ? "accepted" : "challenged again"}: ${why}`, (t) => {
    const { check } = bench();
    const wanted = request({}, { uri: asked });
    const challenge = challengeOf(check(wanted));
    const outcome = check(withCredentials(wanted, credentials(challenge, wanted, { uri: signed })));
    if (taken) t.strictSame(outcome, ACCEPTED);
    else t.match(outcome, { kind: "challenge", stale: false });
    t.end();
  });
}

t.test("the username may carry the domain", (t) => {
  const { check } = bench();
  const asked = request();
  const send = (username: string): AuthOutcome =>
    check(withCredentials(asked, credentials(challengeOf(check(asked)), asked, { username })));
  t.strictSame(send("alice@example.com"), ACCEPTED);
  t.strictSame(send("alice@EXAMPLE.com:5060"), ACCEPTED);
  t.equal(send("alice@example.org").kind, "challenge");
  t.equal(send("@example.com").kind, "challenge");
  t.equal(send("Alice").kind, "challenge", "user names are case-sensitive");
  t.end();
});

t.test("the realm may carry a port or capitals, as some phones send it", (t) => {
  const { check, authenticator } = bench();
  const asked = request();
  for (const realm of ["example.com:5060", "EXAMPLE.com"]) {
    const challenge = { ...challengeOf(check(asked)), realm };
    t.strictSame(check(withCredentials(asked, credentials(challenge, asked))), ACCEPTED, realm);
  }
  const claimed = authenticator.check(asked, "Example.COM:5060", SOURCE);
  t.equal(challengeOf(claimed)["realm"], REALM);
  t.end();
});

t.test("of several credentials the one for our realm is taken", (t) => {
  const { check } = bench();
  const asked = request();
  const challenge = challengeOf(check(asked));
  const ours = credentials(challenge, asked);
  const theirs = credentials({ ...challenge, realm: "proxy.test" }, asked, { secret: "other" });
  const basic = { scheme: "Basic", realm: REALM, token68: "YWxpY2U6c2VjcmV0" };
  t.strictSame(check(withCredentials(asked, theirs, basic, ours)), ACCEPTED);
  t.match(check(withCredentials(asked, theirs)), { kind: "challenge", stale: false });
  t.match(check(withCredentials(asked, basic)), { kind: "challenge", stale: false });
  t.end();
});

const malformed: readonly {
  why: string;
  change: (good: AuthParams) => Record<string, string | undefined>;
}[] = [
  { why: "no qop", change: () => ({ qop: undefined, cnonce: undefined, nc: undefined }) },
  { why: "qop=auth-int", change: () => ({ qop: "auth-int" }) },
  { why: "no cnonce", change: () => ({ cnonce: undefined }) },
  { why: "no nc", change: () => ({ nc: undefined }) },
  { why: "nc too short", change: () => ({ nc: "1" }) },
  { why: "nc too long", change: () => ({ nc: "000000001" }) },
  { why: "nc not hexadecimal", change: () => ({ nc: "0000000g" }) },
  { why: "no username", change: () => ({ username: undefined }) },
  { why: "empty username", change: () => ({ username: "" }) },
  { why: "no realm", change: () => ({ realm: undefined }) },
  { why: "no nonce", change: () => ({ nonce: undefined }) },
  { why: "no uri", change: () => ({ uri: undefined }) },
  { why: "no response", change: () => ({ response: undefined }) },
  { why: "an algorithm never offered", change: () => ({ algorithm: "MD5-sess" }) },
];
for (const { why, change } of malformed) {
  t.test(`malformed credentials: ${why}`, (t) => {
    const { check } = bench();
    const asked = request();
    const good = credentials(challengeOf(check(asked)), asked);
    const bad = Object.fromEntries(
      Object.entries({ ...good, ...change(good) }).filter(([, value]) => value !== undefined),
    ) as AuthParams;
    t.match(check(withCredentials(asked, bad)), { kind: "malformed", reason: /^credentials / });
    t.strictSame(check(withCredentials(asked, good)), ACCEPTED, "the count is not used up by that");
    t.end();
  });
}

t.test("a response of the wrong length or with other characters is just wrong", (t) => {
  const { check } = bench();
  const asked = request();
  const good = credentials(challengeOf(check(asked)), asked);
  for (const response of ["", "0", `${good["response"] ?? ""}0`, "é".repeat(32)]) {
    t.match(check(withCredentials(asked, { ...good, response })), { kind: "challenge", stale: false });
  }
  t.end();
});

t.test("a domain may ask for SHA-256 alone", (t) => {
  const { check } = bench({ algorithms: ["SHA-256"] });
  const asked = request();
  const challenges = challengesOf(check(asked));
  t.strictSame(
    challenges.map(({ algorithm }) => algorithm),
    ["SHA-256"],
  );
  const challenge = challenges[0]!;
  const downgraded = credentials({ ...challenge, algorithm: "MD5" }, asked);
  t.match(
    check(withCredentials(asked, downgraded)),
    { kind: "challenge", stale: false },
    "MD5 is not enough",
  );
  const { algorithm: _, ...unnamed } = challenge;
  t.match(
    check(withCredentials(asked, credentials(unnamed, asked))),
    { kind: "challenge" },
    "nor is none named",
  );
  t.strictSame(check(withCredentials(asked, credentials(challenge, asked))), ACCEPTED);
  t.end();
});

t.test("a domain may offer both: strongest first, either is taken, a nonce's count once", (t) => {
  const { check } = bench({ algorithms: ["MD5", "SHA-256"] });
  const asked = request();
  const challenges = challengesOf(check(asked));
  t.strictSame(
    challenges.map(({ algorithm }) => algorithm),
    ["SHA-256", "MD5"],
  );
  t.strictSame(check(withCredentials(asked, credentials(challenges[1]!, asked))), ACCEPTED);
  t.match(check(withCredentials(asked, credentials(challenges[0]!, asked))), {
    kind: "challenge",
    stale: true,
  });
  t.strictSame(check(withCredentials(asked, credentials(challenges[0]!, asked, { nc: 2 }))), ACCEPTED);
  t.end();
});

t.test("an MD5 value under the name SHA-256 is wrong", (t) => {
  const { check } = bench({ algorithms: ["SHA-256", "MD5"] });
  const asked = request();
  const md5 = credentials(challengesOf(check(asked))[1]!, asked);
  t.match(check(withCredentials(asked, { ...md5, algorithm: "SHA-256" })), {
    kind: "challenge",
    stale: false,
  });
  t.end();
});

const md5Of = (text: string): string => DIGEST_HASHES.MD5(text);
const sha256Of = (text: string): string => DIGEST_HASHES["SHA-256"](text);

t.test("a secret may be kept as its hashes alone", (t) => {
  const { directory, check } = bench({ algorithms: ["SHA-256", "MD5"] });
  const plain = "carol:example.com:secret";
  directory.patch(REALM, {
    users: [{ username: "carol", ha1: { MD5: md5Of(plain), "SHA-256": sha256Of(plain).toUpperCase() } }],
  });
  const asked = request();
  for (const challenge of challengesOf(check(asked))) {
    const send = (username: string, secret: string): AuthOutcome =>
      check(
        withCredentials(
          asked,
          credentials({ ...challenge, ...freshNonce(check(asked)) }, asked, { username, secret }),
        ),
      );
    t.strictSame(send("carol", "secret"), { ...ACCEPTED, username: "carol" }, challenge["algorithm"] ?? "");
    t.match(send("carol", "guess"), { kind: "challenge", stale: false });
    t.match(send("carol", md5Of(plain)), { kind: "challenge" }, "the hash is not the secret");
    t.match(
      send("carol@example.com", "secret"),
      { kind: "challenge" },
      "and says nothing of other spellings",
    );
  }
  t.end();
});

const freshNonce = (outcome: AuthOutcome): { nonce: string } => ({
  nonce: challengeOf(outcome)["nonce"] ?? "",
});

t.test("the challenge is the domain's, whatever a user's secret is kept as; so is the work", (t) => {
  let computed = 0;
  const counting: DigestHashes = {
    MD5: (text) => {
      computed += 1;
      return DIGEST_HASHES.MD5(text);
    },
    "SHA-256": (text) => {
      computed += 1;
      return DIGEST_HASHES["SHA-256"](text);
    },
  };
  const seen = (["plain", "md5", "sha256", "both", "nobody"] as const).map((username) => {
    const { directory, check } = bench({ algorithms: ["SHA-256", "MD5"], hashes: counting });
    const plain = `${username}:example.com:secret`;
    const ha1 = { MD5: md5Of(plain), "SHA-256": sha256Of(plain) };
    directory.patch(REALM, {
      users: [
        { username: "plain", secret: "secret" },
        { username: "md5", ha1: { MD5: ha1.MD5 } },
        { username: "sha256", ha1: { "SHA-256": ha1["SHA-256"] } },
        { username: "both", ha1 },
      ],
    });
    const asked = request();
    return ["SHA-256", "MD5"].map((algorithm) => {
      const challenge = challengesOf(check(asked)).find((one) => one["algorithm"] === algorithm)!;
      computed = 0;
      const outcome = check(
        withCredentials(asked, credentials(challenge, asked, { username, secret: "guess" })),
      );
      return { answer: withoutNonce(outcome), computed };
    });
  });
  for (const row of seen) t.strictSame(row, seen[0]);
  t.strictSame(
    seen[0]?.map((one) => one.computed),
    [3, 3],
  );
  t.end();
});

t.test("users with names beyond ASCII", (t) => {
  const { directory, check } = bench();
  directory.patch(REALM, { users: [{ username: "jürgen", secret: "Straße" }] });
  const asked = request();
  const answer = credentials(challengeOf(check(asked)), asked, { username: "jürgen", secret: "Straße" });
  t.equal(answer["username"], textToBinary("jürgen"));
  t.strictSame(check(withCredentials(asked, answer)), { ...ACCEPTED, username: "jürgen" });
  t.end();
});
