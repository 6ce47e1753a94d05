import t from "tap";
import { ms, seconds } from "../../../ts/core/brand.js";
import { parseMessage } from "../../../ts/sip/message/parse.js";
import type { SipRequest } from "../../../ts/sip/message/message.js";
import type { OverloadLimits } from "../../../ts/sip/overload/limits.js";
import { LoadShare } from "../../../ts/sip/overload/load-share.js";
import { Overload } from "../../../ts/sip/overload/overload.js";
import type { Verdict } from "../../../ts/sip/transaction/admission.js";
import type { Flow } from "../../../ts/sip/transport/transport.js";
import { ManualClock } from "../../support/manual-clock.js";
import { SeededRandom } from "../../support/seeded-random.js";

const from = (address: string): Flow => ({ protocol: "UDP", remote: { address, port: 5060 } });
const PHONE = from("198.51.100.7");
const TRUNK = from("203.0.113.1");

function request(method: string, { user = "alice", to = "bob", tag = "", call = "c" } = {}): SipRequest {
  const toTag = tag === "" ? "" : `;tag=${tag}`;
  const message = parseMessage(
    Buffer.from(
      [
        `${method} sip:${to}@example.org SIP/2.0`,
        "Via: SIP/2.0/UDP 198.51.100.7;branch=z9hG4bKx",
        `From: <sip:${user}@example.org>;tag=1`,
        `To: <sip:${method === "REGISTER" ? user : to}@example.org>${toTag}`,
        `Call-ID: ${call}`,
        `CSeq: 1 ${method}`,
        "Max-Forwards: 70",
        "Content-Length: 0",
        "",
        "",
      ].join("\r\n"),
    ),
  );
  if (message.kind !== "request") throw new Error(`no request: ${message.kind}`);
  return message;
}

const SMALL: OverloadLimits = {
  source: { perSecond: 10, burst: 20 },
  trunk: { perSecond: 100, burst: 100 },
  aor: { perSecond: 2, burst: 5 },
  dialog: { perSecond: 5, burst: 5 },
  emergency: { perSecond: 1, burst: 3 },
  refusals: { perSecond: 50, burst: 1000 },
  calls: 3,
  emergencyNumbers: ["112"],
};

function open({ limits = {}, load }: { limits?: Partial<OverloadLimits>; load?: LoadShare } = {}) {
  const clock = new ManualClock();
  const state = { calls: 0 };
  const overload = new Overload({
    clock,
    random: new SeededRandom(7),
    limits: { ...SMALL, ...limits },
    trusted: (address) => address === TRUNK.remote.address,
    knows: ({ headers }) => headers["call-id"].startsWith("live"),
    replaces: ({ headers }) => headers.replaces?.callId.startsWith("live") === true,
    calls: () => state.calls,
    ...(load === undefined ? {} : { load }),
  });
  const ask = (one: SipRequest, flow: Flow = PHONE): Verdict => overload.admission(one, flow, 0);
  /** How many of as many are let in. */
  const of = (count: number, make: (n: number) => SipRequest, flow?: Flow): number =>
    Array.from({ length: count }, (_, n) => ask(make(n), flow)).filter((verdict) => verdict === undefined)
      .length;
  return { overload, clock, state, ask, of };
}

t.test("one address has its bucket, and its neighbour another", async (t) => {
  const { overload, clock, of, ask } = open();
  const anybody = (n: number): SipRequest => request("OPTIONS", { user: `u${n}` });
  t.equal(of(100, anybody), 20);
  t.equal(of(100, anybody, from("198.51.100.8")), 20);
  t.strictSame(Object.fromEntries(overload.counts), { "source-rate": 160, unanswered: 140 });
  await clock.advance(seconds(1));
  t.equal(of(100, anybody), 10);
  await clock.advance(ms(100));
  t.equal(ask(anybody(0)), undefined, "under the flood the rate is served as without it");
  t.match(ask(anybody(0)), { retryAfter: Number }, "a refusal as often");
  t.equal(ask(anybody(0)), "drop");
});

t.test("an IPv6 neighbourhood is one source: who has a /64 has 2^64 addresses", async (t) => {
  const { of } = open();
  const anybody = (n: number): SipRequest => request("OPTIONS", { user: `u${n}` });
  t.equal(of(15, anybody, from("2001:db8::1")), 15);
  t.equal(of(15, anybody, from("2001:db8::ffff:2")), 5);
  t.equal(of(15, anybody, from("2001:db8:0:1::1")), 15);
});

t.test("one phone spends its own share, not that of the others behind the same NAT", async (t) => {
  const { overload, of } = open();
  t.equal(
    of(15, () => request("REGISTER", { user: "broken" })),
    5,
  );
  t.equal(
    of(5, () => request("REGISTER", { user: "alice" })),
    5,
  );
  t.equal(overload.counts.get("aor-rate"), 10);
});

t.test("a user can't be locked out from elsewhere", async (t) => {
  const { of } = open();
  t.equal(
    of(100, () => request("REGISTER"), from("192.0.2.66")),
    5,
  );
  t.equal(
    of(5, () => request("REGISTER")),
    5,
  );
});

t.test("trunks have a bucket of their own; programs on this machine need none", async (t) => {
  const { overload, of } = open({ limits: { calls: 1000 } });
  const caller = (n: number): SipRequest => request("INVITE", { user: `n${n % 3}` });
  t.equal(of(200, caller, TRUNK), 100);
  t.equal(overload.counts.get("trunk-rate"), 100);
  t.equal(of(500, caller, from("127.0.0.1")), 500);
  t.equal(of(500, caller, from("::1")), 500);
});

t.test("what belongs to a live dialog goes before everything else; a BYE always gets in", async (t) => {
  const { overload, of, state } = open();
  overload.draining = true;
  state.calls = 99;
  of(1000, () => request("OPTIONS"));
  const inDialog = (method: string, call: string): SipRequest => request(method, { tag: "t", call });
  t.equal(
    of(5, () => inDialog("INFO", "live-1")),
    5,
  );
  t.equal(
    of(5, () => inDialog("INVITE", "live-2")),
    5,
  );
  t.equal(
    of(50, () => inDialog("INFO", "live-1")),
    0,
    "but not without end",
  );
  t.equal(
    of(50, () => inDialog("BYE", "live-1")),
    50,
  );
  t.equal(
    of(50, () => inDialog("BYE", "dead")),
    0,
    "a BYE for a call that is none has to wait its turn",
  );
  t.equal(overload.counts.get("dialog-rate"), 50);
});

t.test("at the most calls only new ones are refused", async (t) => {
  const { overload, ask, state } = open();
  state.calls = 2;
  t.equal(ask(request("INVITE")), undefined);
  state.calls = 3;
  t.match(ask(request("INVITE")), { retryAfter: Number });
  t.equal(ask(request("REGISTER")), undefined);
  t.strictSame(Object.fromEntries(overload.counts), { calls: 1 });
});

t.test("under load only the share that can be served gets in", async (t) => {
  const load = new LoadShare({ lag: { high: ms(250), low: ms(50) }, utilization: { high: 0.98, low: 0.9 } });
  const { overload, of } = open({ load, limits: { trunk: { perSecond: 0, burst: 0 }, calls: 1000 } });
  for (let n = 0; n < 4; n += 1) {
    for (let asked = 0; asked < 400; asked += 1) load.admits();
    load.note({ lag: ms(1000), utilization: 1 });
  }
  t.equal(overload.share, 0.25);
  t.equal(
    of(100, () => request("INVITE"), TRUNK),
    25,
  );
  t.equal(overload.counts.get("load"), 75);
});

t.test("emergency calls get in when others don't, and are bounded by themselves", async (t) => {
  const { of, state } = open();
  state.calls = 99;
  of(1000, () => request("OPTIONS"));
  t.equal(
    of(10, () => request("INVITE", { to: "112" })),
    3,
  );
  t.equal(
    of(10, () => request("MESSAGE", { to: "112" })),
    0,
    "calls, that is",
  );
});

t.test("drained: nothing new from anywhere, and those refused come back at different times", async (t) => {
  const { overload, ask } = open();
  overload.draining = true;
  const waits = Array.from({ length: 20 }, (_, n) => {
    const verdict = ask(request("INVITE", { user: `u${n}` }), from("127.0.0.1"));
    return typeof verdict === "object" ? verdict.retryAfter : 0;
  });
  t.ok(waits.every((wait) => wait >= 30 && wait <= 60));
  t.ok(new Set(waits).size > 5);
  t.match(ask(request("OPTIONS")), { retryAfter: Number });
  t.match(ask(request("INVITE", { to: "112" })), { retryAfter: Number });
  overload.draining = false;
  t.equal(ask(request("INVITE")), undefined);
});

t.test("refusals have a budget in all, however many addresses a flood pretends to come from", async (t) => {
  const { overload } = open({
    limits: { source: { perSecond: 1, burst: 0 }, refusals: { perSecond: 10, burst: 100 } },
  });
  let answered = 0;
  for (let n = 0; n < 5000; n += 1) {
    const flow = from(`10.${n % 250}.${Math.floor(n / 250)}.1`);
    if (overload.admission(request("OPTIONS"), flow, 0) !== "drop") answered += 1;
  }
  t.equal(answered, 100);
});

t.test("so have answers to what can't be read", async (t) => {
  const { overload } = open();
  const answered = Array.from({ length: 100 }, () => overload.answers(PHONE)).filter(Boolean).length;
  t.equal(answered, 20);
});
