import t from "tap";
import { MediaswitchError } from "../../ts/core/errors.js";
import type { LocalSipService } from "../../ts/sip/local-sip-service.js";
import type { InviteRequest } from "../../ts/sip/sip-service.js";
import { DOMAIN, SipBench, sdp, type SipBenchOptions } from "../support/sip-bench.js";

const OFFER = sdp("192.0.2.1");
const ANSWER = sdp("198.51.100.20");
const callid = "our-call";

const call =
  (more: Partial<InviteRequest> = {}) =>
  (sip: LocalSipService): Promise<unknown> => {
    const request = {
      callid,
      from: { user: "alice", domain: DOMAIN },
      to: { user: "bob" },
      sdp: OFFER,
      ...more,
    };
    return sip.execute({ type: "dialog.invite", request });
  };

const hangup = (sip: LocalSipService): Promise<unknown> => sip.execute({ type: "dialog.hangup", callid });

async function bobRegistered(options: SipBenchOptions = {}): Promise<SipBench> {
  const bench = new SipBench(options);
  return bench.registered(bench.bob);
}

async function bothBobsRegistered(): Promise<SipBench> {
  const bench = new SipBench();
  return bench.registered(bench.bob, bench.bobs);
}

t.test("call to a registered phone: ring, answer, the phone ends", async (t) => {
  const bench = await bobRegistered();
  await bench.flow(
    t,
    [
      [
        0,
        "switch",
        "bob",
        "INVITE",
        {
          sdp: OFFER,
          check: (message) => {
            t.match(message.firstLine, /^INVITE sip:bob@198\.51\.100\.20:5060 SIP\/2\.0$/);
          },
          headers: {
            From: /^"\xc3\x84lice" <sip:alice@example\.org>;tag=/,
            To: /^<sip:bob@example\.org>$/,
            "Max-Forwards": "69",
            "Remote-Party-ID": /^"\xc3\x84lice" <sip:1000@example\.org>$/,
          },
        },
      ],
      [10, "bob", "switch", "180 Ringing"],
      [3000, "bob", "switch", "200 OK", { sdp: ANSWER }],
      [3000, "switch", "bob", "ACK", { headers: { CSeq: "1 ACK" } }],
      [9000, "bob", "switch", "BYE"],
      [9000, "switch", "bob", "200 OK"],
    ],
    [[0, call({ maxforwards: 69, cid: { number: "1000", name: "Älice" } })]],
  );
  t.strictSame(bench.causes, ["ringing", "answered", "ended"]);
  t.match(bench.lastInfo, {
    callid,
    originator: true,
    from: "alice",
    to: "bob",
    contact: /^sip:bob@198/,
    sdp: { us: OFFER, them: ANSWER },
    error: { code: 0 },
  });
  await bench.leavesNothing(t);
});

t.test("RFC 3261 §13.2.2.4: each repeated 200 gets the ACK again", async (t) => {
  const bench = await bobRegistered();
  await bench.flow(
    t,
    [
      [0, "switch", "bob", "INVITE"],
      [10, "bob", "switch", "200 OK", { sdp: ANSWER }],
      [10, "switch", "bob", "ACK", { lost: true }],
      [510, "bob", "switch", "200 OK", { retransmission: true }],
      [510, "switch", "bob", "ACK"],
      [5000, "switch", "bob", "BYE", { headers: { CSeq: "2 BYE" } }],
      [5010, "bob", "switch", "200 OK", { to: "BYE" }],
    ],
    [
      [0, call()],
      [5000, hangup],
    ],
  );
  t.strictSame(bench.causes, ["answered", "ended"]);
  await bench.leavesNothing(t);
});

t.test("INVITE to a phone that has gone: 500 ms doubling up to 64*T1, then 408", async (t) => {
  const bench = await bobRegistered();
  await bench.flow(
    t,
    [
      [0, "switch", "bob", "INVITE"],
      ...[500, 1500, 3500, 7500, 15_500, 31_500].map(
        (at) => [at, "switch", "bob", "INVITE", { retransmission: true }] as const,
      ),
    ],
    [[0, call()]],
  );
  t.strictSame(bench.causes, ["ended"]);
  t.match(bench.lastInfo, { error: { code: 408 }, hangup: true });
  await bench.leavesNothing(t);
});

t.test(
  "refused: ACK by the transaction, the status is told (origin S067 put right for 3xx–6xx)",
  async (t) => {
    for (const status of [
      "302 Moved Temporarily",
      "486 Busy Here",
      "500 Server Internal Error",
      "603 Decline",
    ]) {
      const bench = await bobRegistered();
      await bench.flow(
        t,
        [
          [0, "switch", "bob", "INVITE"],
          [10, "bob", "switch", status],
          [10, "switch", "bob", "ACK"],
        ],
        [[0, call()]],
      );
      t.strictSame(bench.causes, ["ended"]);
      t.equal(bench.lastInfo.error.code, Number(status.slice(0, 3)));
      await bench.leavesNothing(t);
    }
  },
);

t.test("hung up while ringing: CANCEL with the INVITE's branch, 487 is acknowledged", async (t) => {
  const bench = await bobRegistered();
  await bench.flow(
    t,
    [
      [0, "switch", "bob", "INVITE"],
      [10, "bob", "switch", "180 Ringing"],
      [2000, "switch", "bob", "CANCEL", { headers: { CSeq: "1 CANCEL" } }],
      [2010, "bob", "switch", "200 OK", { to: "CANCEL" }],
      [2010, "bob", "switch", "487 Request Terminated", { to: "INVITE" }],
      [2010, "switch", "bob", "ACK"],
    ],
    [
      [0, call()],
      [2000, hangup],
    ],
  );
  t.strictSame(bench.causes, ["ringing", "ended"]);
  await bench.leavesNothing(t);
});

t.test("RFC 3261 §9.1: no CANCEL before the first provisional", async (t) => {
  const bench = await bobRegistered();
  await bench.flow(
    t,
    [
      [0, "switch", "bob", "INVITE"],
      [300, "bob", "switch", "100 Trying"],
      [300, "switch", "bob", "CANCEL"],
      [310, "bob", "switch", "200 OK", { to: "CANCEL" }],
      [310, "bob", "switch", "487 Request Terminated", { to: "INVITE" }],
      [310, "switch", "bob", "ACK"],
    ],
    [
      [0, call()],
      [100, hangup],
    ],
  );
  t.strictSame(bench.causes, ["ended"]);
  await bench.leavesNothing(t);
});

t.test("the phone's 200 crosses our CANCEL: ACK, then BYE, no zombie", async (t) => {
  const bench = await bobRegistered();
  await bench.flow(
    t,
    [
      [0, "switch", "bob", "INVITE"],
      [10, "bob", "switch", "180 Ringing"],
      [2000, "switch", "bob", "CANCEL"],
      [2001, "bob", "switch", "200 OK", { to: "INVITE", sdp: ANSWER }],
      [2001, "switch", "bob", "ACK"],
      [2001, "switch", "bob", "BYE"],
      [2010, "bob", "switch", "481 Call/Transaction Does Not Exist", { to: "CANCEL" }],
      [2010, "bob", "switch", "200 OK", { to: "BYE" }],
    ],
    [
      [0, call()],
      [2000, hangup],
    ],
  );
  t.strictSame(bench.causes, ["ringing", "ended"]);
  t.equal(bench.lastInfo.answered, false, "nobody heard of an answer");
  await bench.leavesNothing(t);
});

t.test("two phones of one user ring; the first to answer wins, the other gets CANCEL", async (t) => {
  const bench = await bothBobsRegistered();
  await bench.flow(
    t,
    [
      [0, "switch", "bobs", "INVITE"],
      [0, "switch", "bob", "INVITE"],
      [10, "bob", "switch", "180 Ringing"],
      [20, "bobs", "switch", "180 Ringing"],
      [3000, "bob", "switch", "200 OK", { sdp: ANSWER }],
      [3000, "switch", "bobs", "CANCEL"],
      [3000, "switch", "bob", "ACK"],
      [3010, "bobs", "switch", "200 OK", { to: "CANCEL" }],
      [3010, "bobs", "switch", "487 Request Terminated", { to: "INVITE" }],
      [3010, "switch", "bobs", "ACK"],
      [9000, "bob", "switch", "BYE"],
      [9000, "switch", "bob", "200 OK"],
    ],
    [[0, call()]],
  );
  t.strictSame(bench.causes, ["ringing", "answered", "ended"]);
  await bench.leavesNothing(t);
});

t.test("RFC 3261 §13.2.2.4: both phones answer: the second is acknowledged and ended", async (t) => {
  const bench = await bothBobsRegistered();
  await bench.flow(
    t,
    [
      [0, "switch", "bobs", "INVITE"],
      [0, "switch", "bob", "INVITE"],
      [10, "bob", "switch", "200 OK", { sdp: ANSWER }],
      [10, "switch", "bob", "ACK"],
      [11, "bobs", "switch", "200 OK", { sdp: ANSWER }],
      [11, "switch", "bobs", "ACK"],
      [11, "switch", "bobs", "BYE"],
      [20, "bobs", "switch", "200 OK", { to: "BYE" }],
      [9000, "bob", "switch", "BYE"],
      [9000, "switch", "bob", "200 OK"],
    ],
    [[0, call()]],
  );
  t.strictSame(bench.causes, ["answered", "ended"]);
  await bench.leavesNothing(t);
});

t.test("RFC 3261 §16.7: all phones refuse: the best refusal is told", async (t) => {
  const bench = await bothBobsRegistered();
  await bench.flow(
    t,
    [
      [0, "switch", "bobs", "INVITE"],
      [0, "switch", "bob", "INVITE"],
      [10, "bobs", "switch", "500 Server Internal Error"],
      [10, "switch", "bobs", "ACK"],
      [20, "bob", "switch", "486 Busy Here"],
      [20, "switch", "bob", "ACK"],
    ],
    [[0, call()]],
  );
  t.equal(bench.lastInfo.error.code, 486);
  await bench.leavesNothing(t);
});

t.test("late offer: the 200 carries the offer, our ACK the answer", async (t) => {
  const bench = await bobRegistered({
    control: (event, sip) =>
      event.cause === "offer" && sip.execute({ type: "dialog.ack", callid: event.info.callid, sdp: OFFER }),
  });
  const { sdp: _, ...late } = {
    sdp: OFFER,
    callid,
    from: { user: "alice", domain: DOMAIN },
    to: { user: "bob" },
  };
  await bench.flow(
    t,
    [
      [0, "switch", "bob", "INVITE", { sdp: "" }],
      [10, "bob", "switch", "200 OK", { sdp: ANSWER }],
      [10, "switch", "bob", "ACK", { sdp: OFFER, lost: true }],
      [510, "bob", "switch", "200 OK", { retransmission: true }],
      [510, "switch", "bob", "ACK", { sdp: OFFER }],
      [9000, "bob", "switch", "BYE"],
      [9000, "switch", "bob", "200 OK"],
    ],
    [[0, (sip) => sip.execute({ type: "dialog.invite", request: late })]],
  );
  t.strictSame(bench.causes, ["offer", "answered", "ended"]);
  await bench.leavesNothing(t);
});

t.test("a trunk that challenges gets our credentials, CSeq one higher (origin S043)", async (t) => {
  const bench = await bobRegistered();
  await bench.flow(
    t,
    [
      [0, "switch", "bob", "INVITE"],
      [
        10,
        "bob",
        "switch",
        "407 Proxy Authentication Required",
        { headers: { "Proxy-Authenticate": 'Digest realm="trunk", nonce="n1", qop="auth", algorithm=MD5' } },
      ],
      [10, "switch", "bob", "ACK"],
      [
        10,
        "switch",
        "bob",
        "INVITE",
        {
          headers: {
            CSeq: "2 INVITE",
            "Proxy-Authorization": /username="alice".*realm="trunk".*nc=00000001/,
          },
        },
      ],
      [20, "bob", "switch", "486 Busy Here", { to: "INVITE" }],
      [20, "switch", "bob", "ACK"],
    ],
    [[0, call({ from: { user: "alice", domain: DOMAIN, authsecret: "wonderland" } })]],
  );
  t.equal(bench.lastInfo.error.code, 486);
  await bench.leavesNothing(t);
});

t.test(
  "answered through proxies: the route set is kept in reverse, the BYE takes it (RFC 3261 §12.1.2)",
  async (t) => {
    const bench = await bobRegistered();
    await bench.flow(
      t,
      [
        [0, "switch", "bob", "INVITE"],
        [
          10,
          "bob",
          "switch",
          "200 OK",
          { sdp: ANSWER, headers: { "Record-Route": "<sip:p2.example;lr>, <sip:p1.example;lr>" } },
        ],
        [10, "switch", "bob", "ACK", { headers: { Route: /p1\.example;lr.*p2\.example;lr/s } }],
        [5000, "switch", "bob", "BYE", { headers: { Route: /p1\.example;lr.*p2\.example;lr/s } }],
        [5010, "bob", "switch", "200 OK"],
      ],
      [
        [0, call()],
        [5000, hangup],
      ],
    );
    await bench.leavesNothing(t);
  },
);

t.test("what can't be called is told at once, and nothing is sent", async (t) => {
  const bench = await bobRegistered();
  const refused = async (more: Partial<InviteRequest>, code: string): Promise<void> => {
    const error: unknown = await call(more)(bench.sip).catch((thrown: unknown) => thrown);
    t.ok(error instanceof MediaswitchError && error.code === code, `${code}: ${String(error)}`);
  };
  await refused({ to: { user: "nobody" } }, "USER_UNKNOWN");
  await refused({ to: { user: "alice" } }, "USER_NOT_REGISTERED");
  await refused({ to: { user: "x", domain: "elsewhere.example" } }, "DESTINATION_UNREACHABLE");
  await refused({ maxforwards: 0 }, "MAX_FORWARDS_EXCEEDED");
  await bench.flow(t, []);
  await bench.leavesNothing(t);
});
