/** What guessing costs, and whom it costs. */
import t from "tap";
import { ms, seconds } from "../../../ts/core/brand.js";
import { Authenticator, type AuthOutcome } from "../../../ts/sip/auth/authenticator.js";
import type { AuthParams } from "../../../ts/sip/message/message.js";
import { Directory } from "../../../ts/sip/registrar/directory.js";
import { ManualClock } from "../../support/manual-clock.js";
import { SeededRandom } from "../../support/seeded-random.js";
import { credentials, request, withCredentials } from "./phone.js";

const REALM = "example.com";
const HOME = "192.0.2.7";
const AWAY = "203.0.113.9";
const ACCEPTED: AuthOutcome = { kind: "accepted", username: "alice", domain: REALM };

interface Try {
  readonly from?: string;
  readonly username?: string;
  readonly secret?: string;
  /** Where the nonce was asked for. */
  readonly nonceFrom?: string;
}

function bench(isAtHome: (address: string, domain: string, username: string) => boolean = () => false) {
  const clock = new ManualClock();
  const directory = new Directory();
  directory.put(REALM, {
    users: ["alice", "bob"].map((username) => ({ username, secret: "secret" })),
  });
  const authenticator = new Authenticator({ clock, random: new SeededRandom(1), directory, isAtHome });
  const challenge = (from: string): AuthParams => {
    const outcome = authenticator.check(request(), REALM, from);
    if (outcome.kind !== "challenge") throw new Error(outcome.kind);
    return outcome.challenges[0]!;
  };
  const attempt = ({
    from = AWAY,
    username = "alice",
    secret = "guess",
    nonceFrom = from,
  }: Try = {}): AuthOutcome => {
    const asked = request();
    const given = credentials(challenge(nonceFrom), asked, { username, secret });
    return authenticator.check(withCredentials(asked, given), REALM, from);
  };
  return { clock, authenticator, attempt };
}

t.test("after three wrong secrets the next is answered 503, unseen, for ever longer", async (t) => {
  const { clock, authenticator, attempt } = bench();
  for (let count = 0; count < 4; count += 1) t.match(attempt(), { kind: "challenge", stale: false });
  t.strictSame(attempt(), { kind: "slowed", retryAfter: 1 });
  t.strictSame(
    attempt({ secret: "secret" }),
    { kind: "slowed", retryAfter: 1 },
    "a right one is not looked at",
  );
  await clock.advance(seconds(1));
  t.match(attempt(), { kind: "challenge" });
  t.strictSame(attempt(), { kind: "slowed", retryAfter: 2 });
  await clock.advance(ms(1100));
  t.strictSame(attempt(), { kind: "slowed", retryAfter: 1 }, "rounded up");
  t.strictSame(authenticator.counts, { "digest-failed": 5, "digest-stale": 0, "digest-slowed": 4 });
});

t.test("from elsewhere the user gets in all the while", (t) => {
  const { attempt } = bench();
  for (let count = 0; count < 50; count += 1) attempt();
  t.match(attempt(), { kind: "slowed" });
  t.strictSame(attempt({ from: HOME, secret: "secret" }), ACCEPTED);
  t.match(attempt({ from: HOME }), { kind: "challenge" }, "and a slip of his own costs nothing");
  t.end();
});

t.test("an unknown user is slowed like a known one", (t) => {
  const outcomes = ["alice", "mallory"].map((username) => {
    const { attempt } = bench();
    return Array.from({ length: 8 }, () => {
      const outcome = attempt({ username });
      return outcome.kind === "challenge" ? "challenge" : outcome;
    });
  });
  t.strictSame(outcomes[1], outcomes[0]);
  t.strictSame(outcomes[0]?.[7], { kind: "slowed", retryAfter: 1 });
  t.end();
});

t.test("the right secret after the wait makes up for all", async (t) => {
  const { clock, attempt } = bench();
  for (let count = 0; count < 6; count += 1) attempt();
  await clock.advance(seconds(60));
  t.strictSame(attempt({ secret: "secret" }), ACCEPTED);
  for (let count = 0; count < 3; count += 1) t.match(attempt(), { kind: "challenge" });
});

t.test("who forges a phone's address with a nonce of his own slows nobody", (t) => {
  const { attempt } = bench();
  const forged = { from: HOME, nonceFrom: AWAY };
  for (let count = 0; count < 50; count += 1) t.match(attempt(forged), { kind: "challenge" });
  t.strictSame(attempt({ from: HOME, secret: "secret" }), ACCEPTED);
  t.end();
});

t.test("nor does he learn anything by it: after three such, credentials are not looked at", (t) => {
  const { authenticator, attempt } = bench();
  const forged = { from: HOME, nonceFrom: AWAY };
  for (let count = 0; count < 50; count += 1) attempt(forged);
  t.equal(authenticator.counts["digest-failed"], 4);
  t.match(attempt({ ...forged, secret: "secret" }), { kind: "challenge", stale: true });
  t.end();
});

t.test("a phone that moved on takes its nonce along", (t) => {
  const { attempt } = bench();
  t.strictSame(attempt({ from: HOME, nonceFrom: AWAY, secret: "secret" }), ACCEPTED);
  t.end();
});

t.test(
  "a source that fails as many users is slowed as a whole, but for phones registered from there",
  (t) => {
    const { attempt } = bench((address, _domain, username) => address === AWAY && username === "alice");
    for (let count = 0; count < 20; count += 1) {
      t.match(attempt({ username: `user${count}` }), { kind: "challenge" });
    }
    t.match(attempt({ username: "user20" }), { kind: "challenge" });
    t.match(attempt({ username: "user21" }), { kind: "slowed" });
    t.match(attempt({ username: "bob", secret: "secret" }), { kind: "slowed" }, "who is not registered here");
    t.strictSame(attempt({ secret: "secret" }), ACCEPTED, "who is");
    t.match(attempt({ secret: "wrong" }), { kind: "slowed" }, "whose failures look like everybody's");
    t.strictSame(attempt({ username: "bob", secret: "secret", from: HOME }), {
      ...ACCEPTED,
      username: "bob",
    });
    t.end();
  },
);

t.test("one phone with a wrong secret does not slow its neighbours", (t) => {
  const { attempt } = bench();
  for (let count = 0; count < 100; count += 1) attempt();
  t.strictSame(attempt({ username: "bob", secret: "secret" }), {
    kind: "accepted",
    username: "bob",
    domain: REALM,
  });
  t.end();
});
