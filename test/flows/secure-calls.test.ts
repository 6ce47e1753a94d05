/** Calls by sips URIs: our Contact is one as well, so that nothing of the call goes unencrypted. */
import t from "tap";
import type { LadderRow } from "../support/ladder.js";
import { DOMAIN, SipBench, sdp, type SipBenchOptions } from "../support/sip-bench.js";

const OFFER = sdp("198.51.100.10");
const ANSWER = sdp("192.0.2.1");

const answering: SipBenchOptions["control"] = (event, sip) =>
  event.cause === "new" && sip.execute({ type: "dialog.answer", callid: event.info.callid, sdp: ANSWER });

t.test("RFC 3261 §12.1.1: the Contact of our answer, by what the INVITE says", async (t) => {
  const rows: readonly [
    why: string,
    options: { readonly uri?: string; readonly contact?: string; readonly headers?: Record<string, string> },
    scheme: "sip" | "sips",
  ][] = [
    ["a sip URI is called", {}, "sip"],
    ["a sips URI is called", { uri: `sips:service@${DOMAIN}` }, "sips"],
    ["the caller's Contact is one", { contact: "<sips:bob@198.51.100.20:5061>" }, "sips"],
    [
      "the first proxy is one",
      { headers: { "Record-Route": "<sips:198.51.100.20;lr>, <sip:198.51.100.21;lr>" } },
      "sips",
    ],
    [
      "behind a proxy the Contact does not count",
      {
        contact: "<sips:bob@198.51.100.20:5061>",
        headers: { "Record-Route": "<sip:198.51.100.20;lr;transport=tls>" },
      },
      "sip",
    ],
  ];
  for (const [why, options, scheme] of rows) {
    const bench = await new SipBench({ bobBy: "TLS", control: answering }).ready();
    const Contact =
      scheme === "sips"
        ? /^<sips:[a-z]+@192\.0\.2\.1:5060>$/
        : /^<sip:[a-z]+@192\.0\.2\.1:5060;transport=tls>$/;
    await bench.flow(t, [
      [0, "bob", "switch", "INVITE", { uri: `sip:service@${DOMAIN}`, sdp: OFFER, ...options }],
      [0, "switch", "bob", "100 Trying"],
      [0, "switch", "bob", "200 OK", { headers: { Contact } }],
      [10, "bob", "switch", "ACK"],
      [500, "bob", "switch", "BYE"],
      [500, "switch", "bob", "200 OK"],
    ]);
    t.pass(why);
    await bench.sip.close();
  }
});

t.test("RFC 3261 §8.1.1.8: each phone of a user is told the Contact by which it reaches us", async (t) => {
  const bench = await new SipBench({ bobBy: "TLS" }).ready();
  bench.bob.send("REGISTER", { expires: 3600, contact: "<sips:bob@198.51.100.20:5061>" });
  bench.bobs.send("REGISTER", { expires: 3600 });
  await bench.clock.advance(60_000 as never);
  const secure = { headers: { Contact: /^<sips:alice@192\.0\.2\.1:5060>$/ } };
  const plain = { headers: { Contact: /^<sip:alice@192\.0\.2\.1:5060>$/ } };
  const rows: readonly LadderRow[] = [
    [0, "switch", "bob", "INVITE", secure],
    [0, "switch", "bobs", "INVITE", plain],
    [100, "bobs", "switch", "180 Ringing"],
    [100, "bob", "switch", "180 Ringing"],
    [2000, "bob", "switch", "200 OK", { sdp: OFFER }],
    [2000, "switch", "bobs", "CANCEL"],
    [2000, "switch", "bob", "ACK", secure],
    [2010, "bobs", "switch", "200 OK", { to: "CANCEL" }],
    [2010, "bobs", "switch", "487 Request Terminated", { to: "INVITE" }],
    [2010, "switch", "bobs", "ACK"],
    [3000, "switch", "bob", "INVITE", secure],
    [3010, "bob", "switch", "200 OK", { sdp: OFFER }],
    [3010, "switch", "bob", "ACK", secure],
    [4000, "switch", "bob", "BYE"],
    [4010, "bob", "switch", "200 OK"],
  ];
  const callid = "our-call";
  await bench.flow(t, rows, [
    [
      0,
      (sip) =>
        sip.execute({
          type: "dialog.invite",
          request: { callid, from: { user: "alice", domain: DOMAIN }, to: { user: "bob" }, sdp: ANSWER },
        }),
    ],
    [3000, (sip) => sip.execute({ type: "dialog.reinvite", callid, sdp: ANSWER })],
    [4000, (sip) => sip.execute({ type: "dialog.hangup", callid })],
  ]);
  await bench.sip.close();
});

t.test("where we listen for no TLS, nobody could reach us by sips: the Contact stays sip", async (t) => {
  const bench = await new SipBench({ control: answering }).ready();
  await bench.flow(t, [
    [0, "alice", "switch", "INVITE", { uri: `sips:bob@${DOMAIN}`, sdp: OFFER }],
    [0, "switch", "alice", "100 Trying"],
    [0, "switch", "alice", "200 OK", { headers: { Contact: "<sip:bob@192.0.2.1:5060>" } }],
    [10, "alice", "switch", "ACK"],
    [500, "alice", "switch", "BYE"],
    [500, "switch", "alice", "200 OK"],
  ]);
  await bench.leavesNothing(t);
});
