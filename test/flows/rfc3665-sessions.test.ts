/**
 * RFC 3665 §3: session establishment, with the B2BUA where the RFC has its proxies: each leg is a dialog of its own, so
 * that what a proxy passes on is answered here and asked anew on the other side.
 */
import t from "tap";
import { ALICE_SDP, aliceEnds, BOB_SDP, PbxBench, ringing, talking } from "../support/pbx-bench.js";
import type { LadderRow } from "../support/ladder.js";
import { ALICE } from "../support/sip-bench.js";

const bobEnds: readonly LadderRow[] = [
  [9000, "bob", "switch", "BYE"],
  [9000, "switch", "bob", "200 OK"],
  [9000, "switch", "alice", "BYE"],
  [9010, "alice", "switch", "200 OK"],
];

t.test("RFC 3665 §3.1 successful session establishment (each side talks to the switch)", async (t) => {
  const pbx = await new PbxBench({ script: (call) => call.answer() }).started(() => []);
  await pbx.bench.flow(t, [
    [0, "alice", "switch", "INVITE", { sdp: ALICE_SDP }], // F1
    [0, "switch", "alice", "100 Trying"],
    [0, "switch", "alice", "200 OK"], // F3
    [10, "alice", "switch", "ACK"], // F4
    [9000, "alice", "switch", "BYE"], // F5
    [9000, "switch", "alice", "200 OK"], // F6
  ]);
  await pbx.endsClean(t);
});

t.test("RFC 3665 §3.2 session establishment through two proxies: challenge, routes kept", async (t) => {
  const pbx = await new PbxBench({ trusted: (address) => address !== "198.51.100.10" }).started();
  await pbx.bench.flow(t, [
    [0, "alice", "switch", "INVITE", { sdp: ALICE_SDP }], // F1
    [0, "switch", "alice", "401 Unauthorized"], // F2: 407 of a proxy; a B2BUA is the UAS
    [10, "alice", "switch", "ACK"], // F3
    [
      20,
      "alice",
      "switch",
      "INVITE",
      { sdp: ALICE_SDP, credentials: ALICE, headers: { "Record-Route": "<sip:ss1.example;lr>" } },
    ], // F4
    [20, "switch", "alice", "100 Trying"], // F6
    [20, "switch", "bob", "INVITE"], // F7
    [100, "bob", "switch", "180 Ringing"], // F9
    [100, "switch", "alice", "180 Ringing", { headers: { "Record-Route": "<sip:ss1.example;lr>" } }], // F11
    [3000, "bob", "switch", "200 OK", { sdp: BOB_SDP, headers: { "Record-Route": "<sip:ss2.example;lr>" } }], // F12
    [3000, "switch", "bob", "ACK", { headers: { Route: "<sip:ss2.example;lr>" } }], // F17
    [3000, "switch", "alice", "200 OK", { headers: { "Record-Route": "<sip:ss1.example;lr>" } }], // F14
    [3010, "alice", "switch", "ACK"], // F15
    [9000, "bob", "switch", "BYE"], // F18
    [9000, "switch", "bob", "200 OK"], // F23
    [9000, "switch", "alice", "BYE", { headers: { Route: "<sip:ss1.example;lr>" } }], // F20
    [9010, "alice", "switch", "200 OK"], // F21
  ]);
  await pbx.endsClean(t);
});

t.test(
  "RFC 3665 §3.3 session with multiple proxy authentication: what we send is challenged twice",
  async (t) => {
    const pbx = await new PbxBench({
      script: (call) =>
        call.newcall({ to: { user: "bob" }, from: { user: "alice", authsecret: "wonderland" } }),
    }).started();
    const challenge = (realm: string): { headers: Record<string, string> } => ({
      headers: {
        "Proxy-Authenticate": `Digest realm="${realm}", nonce="n-${realm}", qop="auth", algorithm=MD5`,
      },
    });
    await pbx.bench.flow(t, [
      [0, "alice", "switch", "INVITE", { sdp: ALICE_SDP }],
      [0, "switch", "alice", "100 Trying"],
      [0, "switch", "bob", "INVITE", { headers: { CSeq: "1 INVITE" } }],
      [10, "bob", "switch", "407 Proxy Authentication Required", challenge("one")],
      [10, "switch", "bob", "ACK"],
      [
        10,
        "switch",
        "bob",
        "INVITE",
        { headers: { CSeq: "2 INVITE", "Proxy-Authorization": /realm="one"/ } },
      ],
      [20, "bob", "switch", "200 OK", { to: "INVITE", sdp: BOB_SDP }],
      [20, "switch", "bob", "ACK", { headers: { CSeq: "2 ACK" } }],
      [20, "switch", "alice", "200 OK"],
      [30, "alice", "switch", "ACK"],
      [9000, "bob", "switch", "BYE"],
      [9000, "switch", "bob", "200 OK"],
      [9000, "switch", "alice", "BYE"],
      [9010, "alice", "switch", "200 OK"],
    ]);
    await pbx.endsClean(t);
  },
);

t.test(
  "RFC 3665 §3.4 successful session with proxy failure: the first does not answer, the next one does",
  async (t) => {
    // Which servers there are and in which order is asked in test/sip/locate; here the second is another phone of bob's.
    const pbx = await new PbxBench().started(({ bob, bobs }) => [bob, bobs]);
    const again = { retransmission: true } as const;
    await pbx.bench.flow(t, [
      [0, "alice", "switch", "INVITE", { sdp: ALICE_SDP }],
      [0, "switch", "alice", "100 Trying"],
      [0, "switch", "bobs", "INVITE"],
      [0, "switch", "bob", "INVITE"],
      [100, "bobs", "switch", "180 Ringing"],
      [100, "switch", "alice", "180 Ringing"],
      [500, "switch", "bob", "INVITE", again],
      [1000, "bobs", "switch", "200 OK", { sdp: BOB_SDP }],
      [1000, "switch", "bobs", "ACK"],
      [1000, "switch", "alice", "200 OK"],
      [1010, "alice", "switch", "ACK"],
      ...[1500, 3500, 7500, 15_500, 31_500].map((at) => [at, "switch", "bob", "INVITE", again] as const),
      [40_000, "alice", "switch", "BYE"],
      [40_000, "switch", "alice", "200 OK"],
      [40_000, "switch", "bobs", "BYE"],
      [40_010, "bobs", "switch", "200 OK", { to: "BYE" }],
    ]);
    await pbx.endsClean(t);
  },
);

t.test("RFC 3665 §3.5 session through a SIP ALG: what the ALG rewrote is used as it comes", async (t) => {
  const pbx = await new PbxBench().started();
  await pbx.bench.flow(t, [
    ...ringing.slice(0, 4),
    [100, "switch", "alice", "180 Ringing"],
    [
      3000,
      "bob",
      "switch",
      "200 OK",
      { sdp: BOB_SDP.replaceAll("198.51.100.20", "203.0.113.9"), contact: "<sip:bob@203.0.113.9:5060>" },
    ],
    [
      3000,
      "switch",
      "bob",
      "ACK",
      {
        check: (message) => {
          t.match(message.firstLine, /sip:bob@203\.0\.113\.9:5060/);
        },
      },
    ],
    [3000, "switch", "alice", "200 OK"],
    [3010, "alice", "switch", "ACK"],
    ...bobEnds,
  ]);
  t.equal(pbx.media.commandsOf("target")[0]?.remote.address, "203.0.113.9");
  await pbx.endsClean(t);
});

t.test(
  "RFC 3665 §3.6 session via redirect server: the 302 goes to the script, which calls the new place",
  async (t) => {
    const pbx = await new PbxBench({
      script: (call) => {
        const first = call.newcall({ to: { user: "bob" } });
        first.onhangup = (child) => {
          const [uri] = child.info.redirect ?? [];
          if (uri !== undefined) call.newcall({ to: { user: "bob", domain: "198.51.100.21" } });
        };
      },
    }).started();
    await pbx.bench.flow(t, [
      [0, "alice", "switch", "INVITE", { sdp: ALICE_SDP }], // F1
      [0, "switch", "alice", "100 Trying"],
      [0, "switch", "bob", "INVITE"],
      [10, "bob", "switch", "302 Moved Temporarily", { headers: { Contact: "<sip:bob@198.51.100.21>" } }], // F2
      [10, "switch", "bob", "ACK"], // F3
      [10, "switch", "bobs", "INVITE"], // F4
      [20, "bobs", "switch", "180 Ringing"], // F6
      [20, "switch", "alice", "180 Ringing"],
      [1000, "bobs", "switch", "200 OK", { sdp: BOB_SDP }], // F8
      [1000, "switch", "bobs", "ACK"], // F10
      [1000, "switch", "alice", "200 OK"],
      [1010, "alice", "switch", "ACK"],
      [9000, "bobs", "switch", "BYE"],
      [9000, "switch", "bobs", "200 OK"],
      [9000, "switch", "alice", "BYE"],
      [9010, "alice", "switch", "200 OK"],
    ]);
    await pbx.endsClean(t);
  },
);

t.test("RFC 3665 §3.7 session with re-INVITE: bob changes his address", async (t) => {
  const pbx = await new PbxBench().started();
  const moved = BOB_SDP.replaceAll("198.51.100.20", "198.51.100.99").replace("o=- 1 1", "o=- 1 2");
  await pbx.bench.flow(t, [
    ...talking,
    [5000, "bob", "switch", "INVITE", { sdp: moved }], // F7
    [5000, "switch", "bob", "100 Trying"],
    [5000, "switch", "bob", "200 OK", { sdp: (text) => t.match(text, /m=audio \d+ RTP\/AVP 8/) }], // F8
    [5010, "bob", "switch", "ACK"], // F9
    [9000, "bob", "switch", "BYE"], // F10
    [9000, "switch", "bob", "200 OK"], // F11
    [9000, "switch", "alice", "BYE"],
    [9010, "alice", "switch", "200 OK"],
  ]);
  t.equal(pbx.media.commandsOf("target").at(-1)?.remote.address, "198.51.100.99");
  await pbx.endsClean(t);
});

t.test("RFC 3665 §3.8 unsuccessful: no answer, the caller cancels", async (t) => {
  const pbx = await new PbxBench().started();
  await pbx.bench.flow(t, [
    ...ringing,
    [9000, "alice", "switch", "CANCEL"], // F10
    [9000, "switch", "alice", "200 OK"], // F11
    [9000, "switch", "alice", "487 Request Terminated"], // F20
    [9000, "switch", "bob", "CANCEL"], // F14
    [9010, "alice", "switch", "ACK"], // F21
    [9020, "bob", "switch", "200 OK", { to: "CANCEL" }], // F15
    [9020, "bob", "switch", "487 Request Terminated", { to: "INVITE" }], // F16
    [9020, "switch", "bob", "ACK"], // F17
  ]);
  await pbx.endsClean(t);
});

t.test("RFC 3665 §3.9 unsuccessful: busy", async (t) => {
  const pbx = await new PbxBench({
    script: (call) => {
      const child = call.newcall({ to: { user: "bob" } });
      child.onhangup = ({ info }) => void call.hangup({ code: info.error.code });
    },
  }).started();
  await pbx.bench.flow(t, [
    ...ringing.slice(0, 3),
    [100, "bob", "switch", "486 Busy Here"], // F7
    [100, "switch", "bob", "ACK"], // F8
    [100, "switch", "alice", "486 Busy Here"], // F11
    [110, "alice", "switch", "ACK"], // F12
  ]);
  await pbx.endsClean(t);
});

t.test("RFC 3665 §3.10 unsuccessful: no response: CANCEL can't be sent, the INVITE times out", async (t) => {
  const pbx = await new PbxBench().started();
  await pbx.bench.flow(t, [
    ...ringing.slice(0, 3),
    ...[500, 1500, 3500, 7500, 15_500, 31_500].map(
      (at) => [at, "switch", "bob", "INVITE", { retransmission: true }] as const,
    ), // F7–F12
    [32_000, "switch", "alice", "480 Temporarily Unavailable"], // F13
    [32_010, "alice", "switch", "ACK"],
  ]);
  await pbx.endsClean(t);
});

t.test("RFC 3665 §3.11 unsuccessful: temporarily unavailable", async (t) => {
  const pbx = await new PbxBench().started();
  await pbx.bench.flow(t, [
    ...ringing,
    [3000, "bob", "switch", "480 Temporarily Unavailable", { headers: { "Retry-After": "3600" } }], // F10
    [3000, "switch", "bob", "ACK"], // F11
    [3000, "switch", "alice", "480 Temporarily Unavailable"], // F14
    [3010, "alice", "switch", "ACK"], // F15
  ]);
  await pbx.endsClean(t);
});

t.test("through the switch: session timers run on each leg by themselves", async (t) => {
  const pbx = await new PbxBench().started();
  await pbx.bench.flow(t, [
    [
      0,
      "alice",
      "switch",
      "INVITE",
      { sdp: ALICE_SDP, headers: { Supported: "timer", "Session-Expires": "100;refresher=uac" } },
    ],
    ...ringing.slice(1),
    [3000, "bob", "switch", "200 OK", { sdp: BOB_SDP }],
    [3000, "switch", "bob", "ACK"],
    [3000, "switch", "alice", "200 OK", { headers: { "Session-Expires": "100;refresher=uac" } }],
    [3010, "alice", "switch", "ACK"],
    // Alice has gone: 100 s − min(32 s, 33 s) after the 200.
    [71_000, "switch", "alice", "BYE"],
    [71_010, "alice", "switch", "200 OK"],
    [71_010, "switch", "bob", "BYE"],
    [71_020, "bob", "switch", "200 OK", { to: "BYE" }],
  ]);
  await pbx.endsClean(t);
});

t.test(
  "early media of the callee is heard by the caller where the script wants it, and only there",
  async (t) => {
    const pbx = await new PbxBench({
      script: (call) => call.newcall({ to: { user: "bob" }, early: true }),
    }).started();
    await pbx.bench.flow(t, [
      ...ringing.slice(0, 3),
      [100, "bob", "switch", "183 Session Progress", { sdp: BOB_SDP }],
      [
        100,
        "switch",
        "alice",
        "183 Session Progress",
        { sdp: (text) => t.match(text, /m=audio \d+ RTP\/AVP 0\r/) },
      ],
      [3000, "bob", "switch", "200 OK", { sdp: BOB_SDP }],
      [3000, "switch", "bob", "ACK"],
      [3000, "switch", "alice", "200 OK", { sdp: (text) => t.match(text, /m=audio \d+ RTP\/AVP 0\r/) }],
      [3010, "alice", "switch", "ACK"],
      ...aliceEnds,
    ]);
    t.equal(pbx.media.commandsOf("mix").length, 1, "joined once, before the answer");
    await pbx.endsClean(t);

    const quiet = await new PbxBench().started();
    await quiet.bench.flow(t, [
      ...ringing.slice(0, 3),
      [100, "bob", "switch", "183 Session Progress", { sdp: BOB_SDP }],
      [200, "bob", "switch", "486 Busy Here"],
      [200, "switch", "bob", "ACK"],
      [200, "switch", "alice", "480 Temporarily Unavailable"],
      [210, "alice", "switch", "ACK"],
    ]);
    await quiet.endsClean(t);
  },
);
