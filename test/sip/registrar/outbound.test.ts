/** Several flows beside each other (RFC 5626), paths (RFC 3327) and URIs that name one instance (RFC 5627). */
import t from "tap";
import { bench, contactOf, DOMAIN, flowFrom, flowOver } from "./bench.js";

const ONE = '"<urn:uuid:00000000-0000-1000-8000-000a95a0e128>"';
const TWO = '"<urn:uuid:00000000-0000-1000-8000-000a95a0e129>"';
const PHONE = "sip:alice@10.0.0.5:5060";

const flowOf = (instance: string, regId: number | string): ReturnType<typeof contactOf>[] => [
  contactOf(PHONE, { "+sip.instance": instance, "reg-id": String(regId) }),
];
const outbound = { supported: ["path", "outbound"] };

t.test("two flows of one phone are two bindings; the newer is called", (t) => {
  const { register, registrar } = bench();
  const first = register({ ...outbound, contact: flowOf(ONE, 1), callId: "a", from: flowOver(1) });
  t.strictSame(first.headers.require, ["outbound"], "RFC 5626 §6: the phone is told");
  register({ ...outbound, contact: flowOf(ONE, 2), callId: "b", from: flowOver(2) });
  t.equal(registrar.count, 2);
  t.match(registrar.lookup(DOMAIN, "alice"), [{ regId: 2, flow: { connection: 2 } }]);
  t.equal(registrar.lookup(DOMAIN, "alice").length, 1, "an instance rings once");
  t.match(register().headers.contact, [
    { params: { "reg-id": "2", "+sip.instance": ONE } },
    { params: { "reg-id": "1", "+sip.instance": ONE } },
  ]);
  registrar.connectionClosed(flowOver(2));
  t.match(registrar.lookup(DOMAIN, "alice"), [{ regId: 1, flow: { connection: 1 } }], "then the other");
  t.end();
});

t.test(
  "the same instance and reg-id by another connection takes the flow's place; the old one's end is nothing",
  (t) => {
    const { register, registrar, told } = bench();
    register({ ...outbound, contact: flowOf(ONE, 1), callId: "a", from: flowOver(1) });
    register({
      ...outbound,
      contact: flowOf(ONE, 1),
      callId: "b",
      cseq: 1,
      from: flowOver(2, "203.0.113.5"),
    });
    t.equal(registrar.count, 1);
    told();
    registrar.connectionClosed(flowOver(1));
    t.match(registrar.lookup(DOMAIN, "alice"), [{ flow: { connection: 2 } }]);
    t.strictSame(told(), []);
    t.end();
  },
);

t.test("two instances with one Contact behind two NATs are two", (t) => {
  const { register, registrar } = bench();
  register({ ...outbound, contact: flowOf(ONE, 1), callId: "a", from: flowOver(1) });
  register({ ...outbound, contact: flowOf(TWO, 1), callId: "b", from: flowOver(2) });
  t.equal(registrar.lookup(DOMAIN, "alice").length, 2);
  t.end();
});

t.test("expires 0 ends one flow", (t) => {
  const { register, registrar } = bench();
  register({ ...outbound, contact: flowOf(ONE, 1), callId: "a", from: flowOver(1) });
  register({ ...outbound, contact: flowOf(ONE, 2), callId: "b", from: flowOver(2) });
  register({ ...outbound, contact: flowOf(ONE, 2), callId: "b", expires: 0, from: flowOver(2) });
  t.match(registrar.lookup(DOMAIN, "alice"), [{ regId: 1 }]);
  t.equal(registrar.count, 1);
  t.end();
});

const unused: readonly { why: string; what: Parameters<ReturnType<typeof bench>["register"]>[0] }[] = [
  { why: "the phone does not support outbound", what: { contact: flowOf(ONE, 1), from: flowOver(1) } },
  { why: "straight over UDP", what: { ...outbound, contact: flowOf(ONE, 1) } },
  { why: "reg-id 0", what: { ...outbound, contact: flowOf(ONE, 0), from: flowOver(1) } },
  { why: "a reg-id that is none", what: { ...outbound, contact: flowOf(ONE, "x"), from: flowOver(1) } },
  {
    why: "reg-id without an instance",
    what: { ...outbound, contact: [contactOf(PHONE, { "reg-id": "1" })], from: flowOver(1) },
  },
];
for (const { why, what } of unused) {
  t.test(`outbound is not used: ${why}`, (t) => {
    const { register, registrar } = bench();
    const response = register(what);
    t.equal(response.status, 200);
    t.equal(response.headers.require, undefined);
    t.equal(registrar.lookup(DOMAIN, "alice")[0]?.regId, undefined);
    t.end();
  });
}

t.test("through proxies it takes an edge that keeps flows (ob in its Path), else 439", (t) => {
  const { register, registrar, told } = bench();
  const through = { ...outbound, contact: flowOf(ONE, 1), hops: 1, from: flowFrom("192.0.2.99") };
  t.equal(register(through).status, 439);
  t.equal(register({ ...through, path: [contactOf("sip:edge.example.com;lr")] }).status, 439);
  t.equal(
    register({ ...through, path: [contactOf("sip:e.example.com;lr;ob"), contactOf("sip:x;lr")] }).status,
    439,
  );
  t.equal(registrar.count, 0);
  t.strictSame(told(), []);
  const path = [contactOf("sip:core.example.com;lr"), contactOf("sip:token@edge.example.com;lr;ob")];
  const response = register({ ...through, path });
  t.equal(response.status, 200);
  t.strictSame(response.headers.require, ["outbound"]);
  t.strictSame(response.headers.path, path);
  t.match(registrar.lookup(DOMAIN, "alice"), [{ regId: 1, path }]);
  t.equal(
    register({ contact: "sip:alice@192.0.2.50", hops: 1 }).status,
    200,
    "who doesn't ask needs no edge",
  );
  t.end();
});

t.test("one Contact for a flow: two are 400", (t) => {
  const { register, registrar } = bench();
  const contact = [...flowOf(ONE, 1), contactOf("sip:alice@10.0.0.6")];
  t.equal(register({ ...outbound, contact, from: flowOver(1) }).status, 400);
  t.equal(registrar.count, 0);
  t.end();
});

t.test("a Path's binding does not end with the proxy's connection", (t) => {
  const { register, registrar } = bench();
  register({ contact: PHONE, path: [contactOf("sip:edge.example.com;lr")], from: flowOver(7), hops: 1 });
  registrar.connectionClosed(flowOver(7));
  t.equal(registrar.count, 1);
  t.end();
});

t.test("what a REGISTER may use is told: path, outbound, gruu", (t) => {
  const { register } = bench();
  t.strictSame(register({ contact: PHONE }).headers.supported, ["path", "outbound", "gruu"]);
  t.end();
});

t.test("a phone that supports gruu is told its public one, and can be called by it alone", (t) => {
  const { register, registrar } = bench();
  const gruu = { supported: ["gruu"] };
  register({ contact: [contactOf("sip:alice@192.0.2.7", { "+sip.instance": ONE })], callId: "a" });
  const response = register({
    ...gruu,
    contact: [contactOf("sip:alice@192.0.2.8", { "+sip.instance": TWO })],
    callId: "b",
    from: flowFrom("192.0.2.8"),
  });
  t.match(response.headers.contact, [
    { params: { "pub-gruu": '"sip:alice@example.com;gr=urn:uuid:00000000-0000-1000-8000-000a95a0e129"' } },
    { params: { "pub-gruu": '"sip:alice@example.com;gr=urn:uuid:00000000-0000-1000-8000-000a95a0e128"' } },
  ]);
  const gr = "URN:uuid:00000000-0000-1000-8000-000A95A0E128";
  t.match(registrar.lookup(DOMAIN, "alice", gr), [{ contact: "sip:alice@192.0.2.7" }]);
  t.equal(registrar.lookup(DOMAIN, "alice", gr).length, 1);
  t.strictSame(registrar.lookup(DOMAIN, "alice", "urn:uuid:none"), []);
  t.equal(registrar.lookup(DOMAIN, "alice").length, 2);
  t.notOk(JSON.stringify(register().headers.contact).includes("gruu"), "who doesn't ask isn't told");
  t.end();
});

for (const instance of [
  '"<>"',
  '"urn:uuid:1"',
  '"<mailto:a@b>"',
  `"<urn:${"x".repeat(300)}>"`,
  '"<urn:a b>"',
]) {
  t.test(`an instance that is no URN has no gruu: ${instance.slice(0, 20)}`, (t) => {
    const { register } = bench();
    const contact = [contactOf(PHONE, { "+sip.instance": instance })];
    const response = register({ supported: ["gruu"], contact });
    t.equal(response.status, 200);
    t.notOk(JSON.stringify(response.headers.contact).includes("gruu"));
    t.end();
  });
}
