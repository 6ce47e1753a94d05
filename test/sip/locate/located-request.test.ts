/** One request to one server of several, over the transaction layer, in virtual time. */
import t from "tap";
import { ms, seconds } from "../../../ts/core/brand.js";
import { DigestClient } from "../../../ts/sip/auth/digest-client.js";
import {
  LocatedRequest,
  type LocatedOutcome,
  type LocatedRequestOptions,
} from "../../../ts/sip/locate/located-request.js";
import { Locator } from "../../../ts/sip/locate/locator.js";
import type { SipRequest } from "../../../ts/sip/message/message.js";
import { FakeDns } from "../../support/fake-dns.js";
import { callFlow, type LadderRow } from "../../support/ladder.js";
import { ScriptedParty } from "../../support/scripted-party.js";
import { SeededRandom } from "../../support/seeded-random.js";
import { requestTo, SWITCH, transactionRig } from "../../support/transaction-rig.js";

const ZONE = [
  "_sip._udp.example.com SRV 1 0 5060 one.example.com",
  "_sip._udp.example.com SRV 2 0 5060 two.example.com",
  "one.example.com A 203.0.113.1",
  "two.example.com A 203.0.113.2",
];

function bench() {
  const { clock, network, layer, phone } = transactionRig();
  const dns = new FakeDns(ZONE);
  const locator = new Locator({
    dns,
    clock,
    random: new SeededRandom(9),
    protocols: ["UDP"],
    families: ["IPv4"],
  });
  const server = (last: number): ScriptedParty =>
    new ScriptedParty({
      network,
      random: new SeededRandom(last),
      user: "x",
      domain: "example.com",
      local: { address: `203.0.113.${last}`, port: 5060 },
      switch: SWITCH,
    });
  const parties = { one: server(1), two: server(2), phone };
  const outcomes: LocatedOutcome[] = [];
  const start = (request: SipRequest, options: LocatedRequestOptions = {}): void => {
    void new LocatedRequest(request, { layer, locator }, options)
      .send()
      .then((outcome) => outcomes.push(outcome));
  };
  const flow = (rows: readonly LadderRow[], quiet = 0) =>
    callFlow(t, { clock, network, switch: SWITCH, parties, quiet: ms(quiet) }, rows);
  return { clock, network, dns, locator, outcomes, start, flow, layer };
}

const toExample = (method = "MESSAGE"): SipRequest => ({ ...requestTo(method), uri: "sip:bob@example.com" });

t.test("an answer of the first server, whatever it says, is the outcome", async (t) => {
  for (const status of ["200 OK", "404 Not Found", "500 Server Internal Error", "401 Unauthorized"]) {
    const { start, flow, outcomes } = bench();
    start(toExample());
    await flow([
      [0, "switch", "one", "MESSAGE"],
      [0, "one", "switch", status],
    ]);
    t.match(outcomes, [
      { kind: "answered", response: { status: Number(status.slice(0, 3)) }, to: { protocol: "UDP" } },
    ]);
  }
});

t.test("RFC 3263 §4.3: all servers refuse or are silent: the last one's word counts", async (t) => {
  const refused = bench();
  refused.start(toExample());
  await refused.flow([
    [0, "switch", "one", "MESSAGE"],
    [0, "one", "switch", "503 Service Unavailable"],
    [0, "switch", "two", "MESSAGE"],
    [0, "two", "switch", "503 Service Unavailable", { headers: { "Retry-After": "5" } }],
  ]);
  t.match(refused.outcomes, [{ kind: "answered", response: { status: 503, headers: { "retry-after": 5 } } }]);

  const silent = bench();
  silent.start(toExample());
  await silent.clock.advance(ms(63_999));
  t.strictSame(silent.outcomes, []);
  await silent.clock.advance(ms(1));
  t.match(silent.outcomes, [{ kind: "failed", why: "timeout", status: 408 }]);
  t.equal(silent.locator.unavailable.size, 2);

  const deaf = bench();
  for (const last of [1, 2]) {
    deaf.network.refuse({ address: `203.0.113.${last}`, port: 5060 }, new Error("EHOSTUNREACH"));
  }
  deaf.start(toExample());
  await deaf.clock.advance(ms(0));
  t.match(deaf.outcomes, [{ kind: "failed", why: "transport", status: 503 }]);
});

t.test("a Route of a loose router decides where it goes, not the Request-URI", async (t) => {
  const { start, flow, outcomes } = bench();
  const request = toExample();
  start({
    ...request,
    headers: { ...request.headers, route: [{ uri: "sip:two.example.com;lr", params: {} }] },
  });
  await flow([
    [0, "switch", "two", "MESSAGE", { headers: { Route: "<sip:two.example.com;lr>" } }],
    [0, "two", "switch", "202 Accepted"],
  ]);
  t.equal(outcomes[0]?.kind, "answered");
});

t.test("flows that are given are taken; nothing is looked up", async (t) => {
  const { start, flow, dns, outcomes } = bench();
  const to = (last: number) => ({
    protocol: "UDP" as const,
    remote: { address: `203.0.113.${last}`, port: 5060 },
  });
  start(toExample(), { flows: [to(2), to(1)] });
  await flow([
    [0, "switch", "two", "MESSAGE"],
    [0, "two", "switch", "503 Service Unavailable"],
    [0, "switch", "one", "MESSAGE"],
    [0, "one", "switch", "200 OK"],
  ]);
  t.strictSame(dns.asked, []);
  t.equal(outcomes.length, 1);
});

t.test("no server, no SIP URI, no flow: failed at once, and nothing is thrown", async (t) => {
  const { start, clock, outcomes, dns } = bench();
  dns.change([]);
  start(toExample());
  start({ ...toExample(), uri: "tel:+1" });
  start(toExample(), { flows: [] });
  await clock.advance(ms(1));
  t.equal(outcomes.length, 3);
  for (const outcome of outcomes) t.match(outcome, { kind: "failed", why: "not found", status: 503 });
});

t.test("aborted: before, during the lookup, while it waits for the answer", async (t) => {
  const before = bench();
  before.start(toExample(), { signal: AbortSignal.abort() });
  await before.clock.advance(ms(0));
  t.match(before.outcomes, [{ kind: "failed", why: "aborted" }]);

  const during = bench();
  during.dns.silence("NAPTR example.com");
  const looking = new AbortController();
  during.start(toExample(), { signal: looking.signal });
  await during.clock.settle();
  looking.abort();
  await during.clock.settle();
  t.match(during.outcomes, [{ kind: "failed", why: "aborted" }]);

  const waiting = bench();
  const controller = new AbortController();
  waiting.start(toExample(), { signal: controller.signal });
  await waiting.flow([[0, "switch", "one", "MESSAGE"]]);
  controller.abort();
  await waiting.clock.settle();
  t.match(waiting.outcomes, [{ kind: "failed", why: "aborted" }]);
  await waiting.clock.advance(seconds(40));
  t.equal(waiting.outcomes.length, 1);
  t.notOk(
    waiting.network.log.some(({ to }) => to.address === "203.0.113.2"),
    "no other server is tried",
  );
});

t.test("a challenge is answered once, at the server that made it, and told by its CSeq", async (t) => {
  const { start, flow, outcomes } = bench();
  const digest = new DigestClient({ username: "bob", secret: "s" }, new SeededRandom(3));
  const seqs: number[] = [];
  start(toExample(), { digest, sent: (seq) => seqs.push(seq) });
  const header = { headers: { "WWW-Authenticate": 'Digest realm="r", nonce="n", qop="auth"' } };
  await flow([
    [0, "switch", "one", "MESSAGE", { headers: { Authorization: null } }],
    [0, "one", "switch", "401 Unauthorized", header],
    [
      0,
      "switch",
      "one",
      "MESSAGE",
      { headers: { CSeq: "2 MESSAGE", Authorization: /nonce="n".*nc=00000001/ } },
    ],
    [0, "one", "switch", "401 Unauthorized", header],
  ]);
  t.match(outcomes, [{ kind: "answered", response: { status: 401 } }]);
  t.strictSame(seqs, [1, 2]);
});
