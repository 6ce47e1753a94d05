/** RFC 3665 §2: registration. The messages are ours; their order is the RFC's. */
import t from "tap";
import { ALICE, BOB, SipBench } from "../support/sip-bench.js";

const digest = { trusted: () => false };

t.test("RFC 3665 §2.1 successful new registration", async (t) => {
  const bench = await new SipBench(digest).ready();
  await bench.flow(t, [
    [0, "bob", "switch", "REGISTER", { expires: 7200 }], // F1
    [0, "switch", "bob", "401 Unauthorized"], // F2
    [10, "bob", "switch", "REGISTER", { expires: 7200, credentials: BOB }], // F3
    [
      10,
      "switch",
      "bob",
      "200 OK",
      { headers: { Contact: /^<sip:bob@198\.51\.100\.20:5060>;expires=\d+$/ } },
    ], // F4
  ]);
  t.strictSame(await bench.sip.execute({ type: "registrations.count" }), { count: 1 });
});

t.test("RFC 3665 §2.2 update of contact list", async (t) => {
  const bench = await new SipBench(digest).ready();
  await bench.flow(t, [
    [0, "bob", "switch", "REGISTER", { expires: 3600 }],
    [0, "switch", "bob", "401 Unauthorized"],
    [10, "bob", "switch", "REGISTER", { expires: 3600, credentials: BOB }],
    [10, "switch", "bob", "200 OK"],
    [
      20,
      "bob",
      "switch",
      "REGISTER",
      { expires: 3600, credentials: BOB, contact: "<sip:second@198.51.100.20:5060>" },
    ], // F1
    [20, "switch", "bob", "200 OK", { headers: { Contact: /sip:bob@.*sip:second@|sip:second@.*sip:bob@/s } }], // F2
  ]);
});

t.test("RFC 3665 §2.3 request for current contact list", async (t) => {
  const bench = await new SipBench(digest).ready();
  await bench.flow(t, [
    [0, "bob", "switch", "REGISTER", { expires: 3600 }],
    [0, "switch", "bob", "401 Unauthorized"],
    [10, "bob", "switch", "REGISTER", { expires: 3600, credentials: BOB }],
    [10, "switch", "bob", "200 OK"],
    [20, "bob", "switch", "REGISTER", { credentials: BOB, headers: { Contact: null } }], // F1
    [20, "switch", "bob", "200 OK", { headers: { Contact: /^<sip:bob@/ } }], // F2
  ]);
});

t.test("RFC 3665 §2.4 cancellation of registration", async (t) => {
  const bench = await new SipBench(digest).ready();
  await bench.flow(t, [
    [0, "bob", "switch", "REGISTER", { expires: 3600 }],
    [0, "switch", "bob", "401 Unauthorized"],
    [10, "bob", "switch", "REGISTER", { expires: 3600, credentials: BOB }],
    [10, "switch", "bob", "200 OK"],
    [20, "bob", "switch", "REGISTER", { expires: 0, credentials: BOB, contact: "*" }], // F1
    [20, "switch", "bob", "200 OK", { headers: { Contact: null } }], // F2
  ]);
  t.strictSame(await bench.sip.execute({ type: "registrations.count" }), { count: 0 });
});

t.test("RFC 3665 §2.5 unsuccessful registration", async (t) => {
  const bench = await new SipBench(digest).ready();
  await bench.flow(t, [
    [0, "alice", "switch", "REGISTER", { expires: 3600 }], // F1
    [0, "switch", "alice", "401 Unauthorized"], // F2
    [10, "alice", "switch", "REGISTER", { expires: 3600, credentials: { ...ALICE, secret: "wrong" } }], // F3
    [10, "switch", "alice", "401 Unauthorized"], // F4
  ]);
  t.strictSame(await bench.sip.execute({ type: "registrations.count" }), { count: 0 });
});
