import t from "tap";
import { epochSeconds, ms, seconds } from "../../../ts/core/brand.js";
import type { DeregistrationReason } from "../../../ts/sip/sip-service.js";
import { bench, contactOf, CONTROL, DOMAIN, flowFrom, listed } from "./bench.js";

const PHONE = "sip:alice@192.0.2.7:5060";
const DESK = "sip:alice@192.0.2.8:5060";

/** 2024-01-01T00:00:00Z, where the manual clock begins. */
const START = 1_704_067_200;

const gone = (user: string, reason: DeregistrationReason): object => ({
  type: "deregistered",
  control: CONTROL,
  domain: DOMAIN,
  user,
  reason,
});

t.test("a REGISTER binds: 200 with the Contact, what is left of it, Date and a To tag", (t) => {
  const { register, registrar } = bench();
  const response = register({ contact: PHONE, expires: 600 });
  t.equal(response.status, 200);
  t.strictSame(listed(response), { [PHONE]: 600 });
  t.equal(response.headers.date, "Mon, 01 Jan 2024 00:00:00 GMT");
  t.match(response.headers.to.params["tag"], /^[0-9a-f]{16}$/);
  t.strictSame(registrar.lookup(DOMAIN, "alice"), [
    {
      domain: DOMAIN,
      user: "alice",
      contact: PHONE,
      q: 1,
      callId: "call-1",
      cseq: 1,
      flow: flowFrom("192.0.2.7"),
      registeredAt: START,
      expiresAt: ms(600_000),
    },
  ]);
  t.equal(registrar.count, 1);
  t.end();
});

t.test("a REGISTER without Contact asks, changes nothing and tells nobody", async (t) => {
  const { clock, register, told } = bench();
  t.strictSame(listed(register()), {});
  t.equal(register().headers.contact, undefined);
  register({ contact: PHONE, expires: 600 });
  told();
  await clock.advance(ms(100_500));
  const response = register();
  t.equal(response.status, 200);
  t.strictSame(listed(response), { [PHONE]: 500 }, "rounded up");
  t.strictSame(listed(register({ contact: [] })), { [PHONE]: 500 });
  t.strictSame(told(), []);
});

const lives: readonly {
  why: string;
  param?: string | null;
  header?: number;
  expected: number;
}[] = [
  { why: "the Contact's own parameter goes first", param: "300", header: 900, expected: 300 },
  { why: "then the header", header: 900, expected: 900 },
  { why: "then the default", expected: 3600 },
  { why: "an unreadable parameter is 3600 (§20.10)", param: "soon", header: 900, expected: 3600 },
  { why: "a parameter without value is 3600", param: null, header: 900, expected: 3600 },
  { why: "a longer wish is cut", param: "86400", expected: 7200 },
  { why: "a wish beyond numbers is cut", param: "9".repeat(400), expected: 7200 },
  { why: "a long header is cut", header: 2 ** 32 - 1, expected: 7200 },
  { why: "the briefest allowed", header: 60, expected: 60 },
];
for (const { why, param, header, expected } of lives) {
  t.test(`life of a binding: ${why}`, async (t) => {
    const { clock, register, registrar } = bench();
    const response = register({
      contact: [contactOf(PHONE, param === undefined ? {} : { expires: param })],
      ...(header === undefined ? {} : { expires: header }),
    });
    t.strictSame(listed(response), { [PHONE]: expected });
    await clock.advance(ms(expected * 1000 - 1));
    t.equal(registrar.lookup(DOMAIN, "alice").length, 1);
    await clock.advance(ms(1));
    t.equal(registrar.lookup(DOMAIN, "alice").length, 0);
  });
}

t.test("too brief: 423 with Min-Expires, and nothing of the request is done", (t) => {
  const { register, registrar, told } = bench();
  for (const contact of [
    [contactOf(PHONE, { expires: "59" })],
    [contactOf(DESK, { expires: "600" }), contactOf(PHONE, { expires: "1" })],
  ]) {
    const response = register({ contact });
    t.equal(response.status, 423);
    t.equal(response.headers["min-expires"], 60);
  }
  t.equal(registrar.count, 0);
  t.strictSame(told(), []);
  t.equal(register({ contact: PHONE, expires: 59 }).status, 423);
  t.equal(register({ contact: PHONE, expires: 60 }).status, 200);
  t.end();
});

t.test("the limits can be chosen; an hour is never too brief (§10.3 step 7)", (t) => {
  const { register } = bench({ minExpires: 3600, defaultExpires: 4000, maxExpires: 5000 });
  t.equal(register({ contact: PHONE, expires: 3599 }).headers["min-expires"], 3600);
  t.strictSame(listed(register({ contact: PHONE, expires: 3600 })), { [PHONE]: 3600 });
  t.strictSame(listed(register({ contact: PHONE })), { [PHONE]: 4000 });
  t.strictSame(listed(register({ contact: PHONE, expires: 9000 })), { [PHONE]: 5000 });
  const strict = bench({ minExpires: 5000, maxExpires: 9000 });
  t.equal(strict.register({ contact: PHONE, expires: 3600 }).status, 200);
  t.end();
});

t.test("a refresh keeps when it began, and learns the source and agent anew", async (t) => {
  const { clock, register, registrar } = bench();
  register({ contact: PHONE, expires: 600, agent: "Phone/1" });
  await clock.advance(seconds(300));
  const response = register({
    contact: PHONE,
    expires: 600,
    agent: "Phone/2",
    from: flowFrom("203.0.113.4", 40_000),
  });
  t.strictSame(listed(response), { [PHONE]: 600 });
  t.match(registrar.lookup(DOMAIN, "alice"), [
    { registeredAt: START, flow: flowFrom("203.0.113.4", 40_000), agent: "Phone/2", expiresAt: ms(900_000) },
  ]);
  t.equal(registrar.count, 1);
});

t.test("several bindings of one AOR, also by one request; 200 lists all", (t) => {
  const { register, registrar } = bench();
  register({ contact: PHONE, expires: 600, callId: "a" });
  const response = register({
    contact: [contactOf(DESK), contactOf("sip:alice@192.0.2.9", { expires: "900" })],
    expires: 700,
    callId: "b",
  });
  t.strictSame(listed(response), { [PHONE]: 600, [DESK]: 700, "sip:alice@192.0.2.9": 900 });
  t.equal(registrar.count, 3);
  t.end();
});

t.test("lookup: by q, then the one last registered", (t) => {
  const { register, registrar } = bench();
  const order = (): string[] => registrar.lookup(DOMAIN, "alice").map(({ contact }) => contact.slice(-1));
  for (const [uri, q] of [
    ["sip:a@h1", "0.5"],
    ["sip:a@h2", undefined],
    ["sip:a@h3", "0.9"],
    ["sip:a@h4", "1.0"],
    ["sip:a@h5", "0.500"],
    ["sip:a@h6", "high"],
  ] as const) {
    register({ contact: [contactOf(uri, q === undefined ? {} : { q })] });
  }
  t.strictSame(order(), ["6", "4", "2", "3", "5", "1"]);
  register({ contact: [contactOf("sip:a@h1", { q: "0.5" })] });
  t.strictSame(order(), ["6", "4", "2", "3", "1", "5"]);
  t.match(register().headers.contact, [
    { uri: "sip:a@h1", params: { expires: "3600", q: "0.5" } },
    { uri: "sip:a@h6", params: { expires: "3600" } },
  ]);
  t.strictSame(registrar.lookup("EXAMPLE.com:5060", "alice").length, 6);
  t.strictSame(registrar.lookup(DOMAIN, "bob"), []);
  t.strictSame(registrar.lookup("example.org", "alice"), []);
  t.end();
});

t.test("expires 0 removes one binding, and no other", (t) => {
  const { register, registrar, told } = bench();
  register({ contact: [contactOf(PHONE), contactOf(DESK)] });
  told();
  t.strictSame(listed(register({ contact: PHONE, expires: 0 })), { [DESK]: 3600 });
  t.equal(registrar.count, 1);
  t.strictSame(
    told().map(({ type }) => type),
    ["registered"],
    "the AOR is still bound",
  );
  t.strictSame(listed(register({ contact: [contactOf(DESK, { expires: "0" })], expires: 600 })), {});
  t.strictSame(
    told().map(({ type }) => type),
    ["deregistered"],
  );
  t.equal(register({ contact: DESK, expires: 0 }).status, 200, "once more does no harm");
  t.strictSame(told(), []);
  t.end();
});

t.test("one request may add and remove", (t) => {
  const { register } = bench();
  register({ contact: PHONE });
  const response = register({ contact: [contactOf(PHONE, { expires: "0" }), contactOf(DESK)] });
  t.strictSame(listed(response), { [DESK]: 3600 });
  t.end();
});

t.test("a Contact twice in one request counts once, the last", async (t) => {
  const { clock, register, registrar } = bench();
  const response = register({
    contact: [contactOf(PHONE, { expires: "600" }), contactOf(PHONE, { expires: "900" })],
  });
  t.strictSame(listed(response), { [PHONE]: 900 });
  t.equal(response.headers.contact?.length, 1);
  await clock.advance(seconds(10));
  register({ contact: [contactOf(PHONE), contactOf(PHONE)] });
  t.match(registrar.lookup(DOMAIN, "alice"), [{ registeredAt: START }]);
});

t.test("more Contacts than there may be bindings: 403 at once", (t) => {
  const { register, registrar } = bench();
  const contact = Array.from({ length: 128 }, (_, index) => contactOf(`sip:alice@h${index}`));
  const removal = contactOf("sip:alice@h0", { expires: "0" });
  t.equal(register({ contact }).status, 403);
  t.equal(register({ contact: [...contact.slice(0, 11), removal] }).status, 403, "even if one goes again");
  t.equal(registrar.count, 0);
  t.equal(register({ contact: contact.slice(0, 10) }).status, 200);
  const removals = contact.map(({ uri }) => contactOf(uri, { expires: "0" }));
  t.strictSame(listed(register({ contact: removals })), {}, "while any number may be removed");
  t.end();
});

t.test("* with Expires 0 removes all", (t) => {
  const { register, registrar, told } = bench();
  register({ contact: [contactOf(PHONE), contactOf(DESK)] });
  register({ user: "bob", contact: "sip:bob@192.0.2.9" });
  told();
  const response = register({ contact: "*", expires: 0 });
  t.equal(response.status, 200);
  t.equal(response.headers.contact, undefined);
  t.equal(registrar.count, 1, "of this AOR");
  t.strictSame(told(), [gone("alice", "removed")]);
  t.equal(register({ contact: "*", expires: 0 }).status, 200);
  t.strictSame(told(), []);
  t.end();
});

t.test("* without Expires 0: 400, and nothing is removed", (t) => {
  const { register, registrar, told } = bench();
  register({ contact: PHONE });
  told();
  t.equal(register({ contact: "*" }).status, 400);
  t.equal(register({ contact: "*", expires: 60 }).status, 400);
  t.equal(registrar.count, 1);
  t.strictSame(told(), []);
  t.end();
});

t.test("within a Call-ID only a higher CSeq changes anything", (t) => {
  const { register, registrar, told } = bench();
  register({ contact: PHONE, expires: 600, cseq: 9 });
  told();
  for (const late of [
    { contact: PHONE, expires: 900, cseq: 9 },
    { contact: PHONE, expires: 0, cseq: 8 },
    { contact: "*", expires: 0, cseq: 9 },
    { contact: [contactOf(DESK), contactOf(PHONE)], cseq: 7 },
  ] as const) {
    const contact = typeof late.contact === "string" ? late.contact : [...late.contact];
    t.equal(register({ ...late, contact }).status, 500);
  }
  t.match(registrar.lookup(DOMAIN, "alice"), [{ contact: PHONE, cseq: 9, expiresAt: ms(600_000) }]);
  t.equal(registrar.count, 1);
  t.strictSame(told(), []);
  t.equal(register({ contact: PHONE, cseq: 10 }).status, 200, "9 and 10 are compared as numbers");
  t.equal(register({ contact: PHONE, cseq: 1, callId: "after a restart" }).status, 200);
  t.equal(register({ contact: DESK, cseq: 1, callId: "after a restart" }).status, 200, "not bound before");
  t.equal(register({ contact: "*", expires: 0, cseq: 1, callId: "other" }).status, 200);
  t.equal(registrar.count, 0);
  t.end();
});

t.test("Contacts are compared as URIs (§19.1.4)", (t) => {
  const { register } = bench();
  register({ contact: "sip:alice@Phone.Example.com;ob" });
  t.strictSame(listed(register({ contact: "sip:%61lice@phone.example.COM", expires: 600 })), {
    "sip:%61lice@phone.example.COM": 600,
  });
  t.equal(Object.keys(listed(register({ contact: "sip:ALICE@phone.example.com" }))).length, 2);
  t.equal(Object.keys(listed(register({ contact: "sip:alice@phone.example.com:5060" }))).length, 3);
  t.end();
});

t.test("a phone that moved is known by its instance (RFC 5626)", (t) => {
  const { register, registrar } = bench();
  const instance = '"<urn:uuid:00000000-0000-1000-8000-000a95a0e128>"';
  register({ contact: [contactOf("sip:alice@10.0.0.5:5060", { "+sip.instance": instance })], callId: "a" });
  const response = register({
    contact: [contactOf("sip:alice@10.9.9.9:5062", { "+sip.instance": instance })],
    callId: "b",
    from: flowFrom("203.0.113.4"),
  });
  t.strictSame(response.headers.contact, [
    { uri: "sip:alice@10.9.9.9:5062", params: { expires: "3600", "+sip.instance": instance } },
  ]);
  t.equal(registrar.count, 1);
  t.end();
});

t.test("two phones with one private address behind two NATs are two", (t) => {
  const { register, registrar } = bench();
  const contact = (instance: string): ReturnType<typeof contactOf>[] => [
    contactOf("sip:alice@192.168.1.5:5060", { "+sip.instance": `"<urn:uuid:${instance}>"` }),
  ];
  const [home, office] = [flowFrom("203.0.113.4", 1024), flowFrom("198.51.100.9", 1024)];
  register({ contact: contact("1"), callId: "a", from: home });
  register({ contact: contact("2"), callId: "b", from: office });
  t.equal(registrar.count, 2);
  register({ contact: contact("3"), callId: "c", from: office });
  t.equal(registrar.count, 2, "a new instance at the same place takes the old one's");
  t.strictSame(
    registrar.lookup(DOMAIN, "alice").map(({ flow }) => flow),
    [office, home],
  );
  t.end();
});

t.test("an AOR has at most ten bindings; those there can still be refreshed", (t) => {
  const { register, registrar } = bench();
  for (let index = 1; index <= 10; index += 1) register({ contact: `sip:alice@h${index}` });
  const response = register({ contact: "sip:alice@h11" });
  t.equal(response.status, 403);
  t.equal(response.reason, "Too Many Bindings");
  t.equal(registrar.count, 10);
  t.equal(register({ contact: "sip:alice@h1" }).status, 200);
  t.equal(
    register({ contact: [contactOf("sip:alice@h1", { expires: "0" }), contactOf("sip:alice@h11")] }).status,
    200,
    "one for another",
  );
  t.equal(register({ user: "bob", contact: "sip:bob@h1" }).status, 200);
  t.end();
});

t.test("a Contact that can't be called is refused, whole", (t) => {
  const { register, registrar } = bench();
  for (const uri of ["tel:+358-555-1234567", "mailto:a@example.com", "sip:", "sip:a@h:0", "sip:a@h:70000"]) {
    t.equal(register({ contact: [contactOf(PHONE), contactOf(uri)] }).status, 400, uri);
  }
  t.equal(registrar.count, 0);
  t.end();
});

t.test("nobody registers another's AOR", (t) => {
  const { register, registrar, told } = bench();
  const as = { username: "bob", domain: DOMAIN };
  t.equal(register({ contact: PHONE, as }).status, 403);
  t.equal(register({ contact: PHONE, as: { username: "alice", domain: "example.org" } }).status, 403);
  t.equal(register({ contact: PHONE, as: { username: "", domain: DOMAIN } }).status, 403);
  t.equal(register({ as }).status, 403, "nor asks for it");
  t.equal(register({ aor: `sip:${DOMAIN}`, contact: PHONE }).status, 403, "nor the domain's");
  t.equal(registrar.count, 0);
  t.strictSame(told(), []);
  t.end();
});

t.test("an AOR that is not ours: 404", (t) => {
  const { register } = bench();
  const nobody = { username: "nobody", domain: DOMAIN };
  t.equal(register({ aor: "sip:alice@example.org", contact: PHONE }).status, 404);
  t.equal(register({ aor: "tel:+358-555-1234567", contact: PHONE }).status, 404);
  t.equal(register({ user: "nobody", as: nobody, contact: PHONE }).status, 404);
  t.end();
});

t.test("the AOR is To's, in any spelling; the Request-URI's parameters say nothing", (t) => {
  const { register, registrar } = bench();
  for (const what of [
    { uri: `sip:${DOMAIN};transport=udp` },
    { uri: "sip:192.0.2.1:5060" },
    { aor: "sip:%61lice@EXAMPLE.com:5060;user=phone" },
  ]) {
    t.equal(register({ ...what, contact: PHONE }).status, 200);
  }
  t.equal(registrar.count, 1);
  t.equal(registrar.lookup(DOMAIN, "alice").length, 1);
  t.end();
});

t.test("Path is kept and repeated (RFC 3327)", (t) => {
  const { register, registrar } = bench();
  const path = [contactOf("sip:edge.example.com;lr")];
  t.strictSame(register({ contact: PHONE, path }).headers.path, path);
  t.same(registrar.lookup(DOMAIN, "alice")[0]?.path, path);
  t.equal(register({ contact: PHONE }).headers.path, undefined);
  t.equal(registrar.lookup(DOMAIN, "alice")[0]?.path, undefined);
  t.end();
});

t.test("each REGISTER that binds is told, with the newest source", (t) => {
  const { register, told } = bench();
  register({ contact: PHONE, agent: "TÃ©lÃ©phone" });
  t.strictSame(told(), [
    {
      type: "registered",
      control: CONTROL,
      registration: { domain: DOMAIN, user: "alice", host: "192.0.2.7", port: 5060, agent: "Téléphone" },
    },
  ]);
  register({ contact: DESK, from: flowFrom("192.0.2.8", 5070) });
  t.match(told(), [{ type: "registered", registration: { host: "192.0.2.8", port: 5070 } }]);
  register({ contact: PHONE, expires: 1 });
  register({ contact: "*" });
  register();
  t.strictSame(told(), [], "refusals and questions are not");
  t.end();
});

t.test("the last binding that runs out is told once, at its instant", async (t) => {
  const { clock, register, registrar, told } = bench();
  register({ contact: PHONE, expires: 100 });
  register({ contact: DESK, expires: 200 });
  register({ user: "bob", contact: "sip:bob@192.0.2.9", expires: 150 });
  told();
  t.equal(clock.pendingTimers, 1, "one timer for all");
  await clock.runUpTo(ms(150_000));
  t.strictSame(told(), []);
  t.strictSame(registrar.lookup(DOMAIN, "bob"), [], "what is due is not given out, even before it is told");
  await clock.advance(ms(0));
  t.strictSame(told(), [gone("bob", "expired")]);
  await clock.runUpTo(ms(200_000));
  t.strictSame(told(), []);
  await clock.advance(ms(0));
  t.strictSame(told(), [gone("alice", "expired")]);
  t.equal(registrar.count, 0);
  t.equal(clock.pendingTimers, 0);
  await clock.advance(seconds(10_000));
  t.strictSame(told(), []);
});

t.test("a refreshed binding outlives the timer that was set for it", async (t) => {
  const { clock, register, registrar, told } = bench();
  register({ contact: PHONE, expires: 100 });
  await clock.advance(seconds(50));
  register({ contact: PHONE, expires: 100 });
  told();
  await clock.advance(seconds(99));
  t.equal(registrar.count, 1);
  t.strictSame(told(), []);
  await clock.advance(seconds(1));
  t.match(told(), [{ type: "deregistered", user: "alice" }]);
});

t.test("a briefer binding wakes the registrar earlier", async (t) => {
  const { clock, register, told } = bench();
  register({ contact: PHONE, expires: 7200 });
  register({ user: "bob", contact: "sip:bob@192.0.2.9", expires: 60 });
  told();
  t.equal(clock.pendingTimers, 1);
  await clock.advance(seconds(60));
  t.match(told(), [{ type: "deregistered", user: "bob" }]);
});

t.test(
  "many bindings that run out at one instant are taken in portions, and none is given out meanwhile",
  async (t) => {
    const { clock, directory, register, registrar, told } = bench();
    const users = Array.from({ length: 1200 }, (_, index) => `u${index}`);
    directory.patch(DOMAIN, { users: users.map((username) => ({ username, secret: "s" })) });
    for (const user of users) register({ user, contact: `sip:${user}@192.0.2.7`, expires: 60 });
    told();
    t.equal(clock.pendingTimers, 1);
    let atOnce = 0;
    clock.after(seconds(60), () => {
      atOnce = registrar.count;
      t.strictSame(
        users.flatMap((user) => registrar.lookup(DOMAIN, user)),
        [],
      );
    });
    await clock.runUntil(ms(60_000));
    t.equal(atOnce, 700, "the first 500 were done by then");
    t.equal(told().length, 1200);
    t.equal(registrar.count, 0);
    t.equal(clock.pendingTimers, 0);
  },
);

t.test("who leaves the directory is deregistered, told to the control that was", (t) => {
  const { directory, register, registrar, told } = bench();
  for (const user of ["alice", "bob", "carol"]) register({ user, contact: `sip:${user}@h` });
  told();
  directory.delete(DOMAIN, "alice");
  t.strictSame(told(), [gone("alice", "removed")]);
  directory.put(DOMAIN, { users: [{ username: "carol", secret: "changed" }] });
  t.strictSame(told(), [gone("bob", "removed")]);
  t.equal(registrar.lookup(DOMAIN, "carol").length, 1, "who stays, stays bound");
  directory.delete(DOMAIN);
  t.strictSame(told(), [{ type: "deregistered", domain: DOMAIN, user: "carol", reason: "removed" }]);
  t.equal(registrar.count, 0);
  t.end();
});

t.test("close ends the timer and says nothing", async (t) => {
  const { clock, directory, register, registrar, told } = bench();
  register({ contact: PHONE });
  told();
  registrar.close();
  t.equal(clock.pendingTimers, 0);
  t.equal(registrar.count, 0);
  directory.delete(DOMAIN);
  await clock.advance(seconds(10_000));
  t.strictSame(told(), []);
});

t.test("GET /reg/{domain}: count, registered and each user", async (t) => {
  const { clock, register, registrar } = bench();
  t.strictSame(registrar.domain(DOMAIN), {
    domain: DOMAIN,
    count: 3,
    registered: 0,
    users: { alice: { registered: false }, bob: { registered: false }, carol: { registered: false } },
  });
  register({ contact: PHONE, agent: "Phone/1", expires: 600 });
  await clock.advance(seconds(10));
  register({ contact: DESK, from: flowFrom("192.0.2.8", 5070), expires: 600 });
  register({ user: "bob", contact: "sip:bob@192.0.2.9", agent: "Phone/2" });
  await clock.advance(ms(500));
  t.strictSame(registrar.domain("EXAMPLE.com:5060"), {
    domain: DOMAIN,
    count: 3,
    registered: 2,
    users: {
      alice: {
        registered: true,
        outstandingping: 0,
        remote: { host: "192.0.2.8", port: 5070 },
        epochs: { registered: START },
        bindings: [
          { contact: DESK, host: "192.0.2.8", port: 5070, expires: 600 },
          { contact: PHONE, host: "192.0.2.7", port: 5060, expires: 590 },
        ],
      },
      bob: {
        registered: true,
        outstandingping: 0,
        remote: { host: "192.0.2.7", port: 5060, agent: "Phone/2" },
        epochs: { registered: START + 10 },
        bindings: [{ contact: "sip:bob@192.0.2.9", host: "192.0.2.7", port: 5060, expires: 3600 }],
      },
      carol: { registered: false },
    },
  });
  t.equal(epochSeconds(clock.epoch()), START + 10);
});

t.test("GET /reg/{domain}/{user}: count is still the domain's, registered that of the list", (t) => {
  const { register, registrar } = bench();
  register({ contact: PHONE });
  register({ user: "bob", contact: "sip:bob@192.0.2.9" });
  t.match(registrar.domain(DOMAIN, "alice"), {
    count: 3,
    registered: 1,
    users: { alice: { registered: true } },
  });
  t.strictSame(Object.keys(registrar.domain(DOMAIN, "alice").users), ["alice"]);
  t.strictSame(registrar.domain(DOMAIN, "carol").registered, 0);
  t.strictSame(registrar.domain(DOMAIN, "nobody"), { domain: DOMAIN, count: 3, registered: 0, users: {} });
  t.throws(() => registrar.domain("example.org"), { code: "DOMAIN_UNKNOWN" });
  t.end();
});

t.test("user names beyond ASCII and odd ones", (t) => {
  const { directory, register, registrar, told } = bench();
  directory.patch(DOMAIN, {
    users: ["jürgen", "__proto__"].map((username) => ({ username, secret: "s" })),
  });
  const as = { username: "jürgen", domain: DOMAIN };
  t.equal(register({ aor: "sip:j%C3%BCrgen@example.com", contact: PHONE, as }).status, 200);
  t.match(told(), [{ registration: { user: "jürgen" } }]);
  t.equal(register({ user: "__proto__", contact: DESK }).status, 200);
  const { users, registered } = registrar.domain(DOMAIN);
  t.equal(registered, 2);
  t.equal(Object.hasOwn(users, "__proto__"), true);
  t.end();
});
