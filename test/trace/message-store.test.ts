/** What is kept of messages, and what goes when there is no more room. */
import t from "tap";
import { epochMillis } from "../../ts/core/brand.js";
import type { Protocol } from "../../ts/sip/transport/transport.js";
import { callIdOf, MessageStore } from "../../ts/trace/message-store.js";

const US = { address: "192.0.2.1", port: 5060 };
const THEM = { address: "2001:db8::7", port: 5070 };

const textOf = (line: string, callid: string, more = ""): string =>
  `${line}\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\nCall-ID: ${callid}\r\nCSeq: 1 ${line.startsWith("SIP") ? "INVITE" : (line.split(" ")[0] ?? "")}\r\n${more}\r\n`;

let now = 0;
function take(
  store: MessageStore,
  text: string,
  way: "in" | "out" = "in",
  protocol: Protocol = "UDP",
): Buffer {
  const octets = Buffer.from(text);
  now += 1;
  const [from, to] = way === "in" ? [THEM, US] : [US, THEM];
  store.take({ octets, from, to, protocol, at: epochMillis(now) }, way);
  return octets;
}
const INVITE = "INVITE sip:bob@example.org SIP/2.0";
const names = (store: MessageStore, callid: string): string[] =>
  store.messagesOf(callid).messages.map(({ direction, name }) => `${direction} ${name}`);

t.test("messages of a call, in order, with who and what", (t) => {
  const store = new MessageStore();
  take(store, textOf(INVITE, "a@b"));
  take(store, textOf("SIP/2.0 180 Ringing", "a@b"), "out");
  take(store, textOf("SIP/2.0 180 Ringing", "a@b"), "out");
  const { messages, omitted } = store.messagesOf("a@b");
  t.equal(omitted, 0);
  t.match(messages, [
    { direction: "in", name: "INVITE", firstLine: INVITE, peer: "[2001:db8::7]:5070", protocol: "UDP" },
    { direction: "out", name: "180 Ringing (INVITE)", retransmission: undefined },
    { direction: "out", name: "180 Ringing (INVITE)", retransmission: true },
  ]);
  t.equal(messages[0]?.size, messages[0]?.text.length);
  t.strictSame(store.messagesOf("another"), { messages: [], omitted: 0 });
  t.end();
});

t.test("the Call-ID is found however its name is written, and only as a header", (t) => {
  const found = (text: string): string | undefined => callIdOf(Buffer.from(text));
  t.equal(found("X y\r\ncall-id:one\r\n\r\n"), "one");
  t.equal(found("X y\r\nCALL-ID \t: two \r\n\r\n"), "two");
  t.equal(found("X y\r\nContact: <sip:a>\r\ni:three\r\n\r\n"), "three");
  t.equal(found("X y\r\nInfo: no\r\nCall-Identity: no\r\n\r\n"), undefined);
  t.equal(found("X y\r\nCall-ID:\r\n\r\n"), undefined);
  t.equal(found("X"), undefined);
  t.equal(found(""), undefined);
  t.equal(found("X y\ni: four"), "four");
  t.end();
});

t.test("only what begins a call or a registration is taken up; line ends and scans are not", (t) => {
  const store = new MessageStore();
  take(store, "\r\n\r\n");
  take(store, textOf("OPTIONS sip:x SIP/2.0", "scan"));
  take(store, textOf("SIP/2.0 200 OK", "stray"));
  take(store, "INVITE without a Call-ID\r\n\r\n");
  t.equal(store.size, 0);
  take(store, textOf("REGISTER sip:example.org SIP/2.0", "reg"));
  t.equal(store.size, 1);
  t.end();
});

t.test("of a long call the first and the last messages stay", (t) => {
  const store = new MessageStore({ perCall: 6 });
  take(store, textOf(INVITE, "long"));
  for (let count = 1; count <= 20; count += 1) take(store, textOf(`INFO sip:${count} SIP/2.0`, "long"));
  const { messages, omitted } = store.messagesOf("long");
  t.strictSame(
    messages.map(({ firstLine }) => firstLine.split(" ")[1]),
    ["sip:bob@example.org", "sip:1", "sip:2", "sip:18", "sip:19", "sip:20"],
  );
  t.equal(omitted, 15);
  t.end();
});

t.test("calls that are over are forgotten before those that go on", (t) => {
  const store = new MessageStore({ calls: 3 });
  for (const callid of ["one", "two", "three"]) take(store, textOf(INVITE, callid));
  take(store, textOf("BYE sip:x SIP/2.0", "two"));
  take(store, textOf(INVITE, "four"));
  t.strictSame(names(store, "two"), []);
  t.strictSame(names(store, "one"), ["in INVITE"]);
  take(store, textOf("SIP/2.0 401 Unauthorized", "one"), "out");
  take(store, textOf(INVITE, "one"));
  take(store, textOf(INVITE, "five"));
  t.equal(names(store, "three").length, 0, "all go on: the one that has waited longest goes");
  t.equal(names(store, "one").length, 3, "a challenge is no end");
  t.equal(store.size, 3);
  t.end();
});

t.test("whatever comes, no more octets are kept than agreed", (t) => {
  const store = new MessageStore({ octets: 20_000 });
  for (let count = 0; count < 300; count += 1) {
    take(store, textOf(INVITE, `flood ${count}`, `X: ${"y".repeat(count * 7)}\r\n`));
    take(store, textOf("REGISTER sip:x SIP/2.0", `reg ${count}`));
    if (store.octets > 20_000) t.fail(`${store.octets} octets`);
  }
  t.ok(store.size > 3);
  take(store, textOf("SIP/2.0 486 Busy Here", "flood 299"), "out");
  t.equal(names(store, "flood 299").length, 2, "the newest is there");
  t.end();
});

t.test("many registrations don't drive out calls, and the other way round", (t) => {
  const store = new MessageStore({ calls: 5, registrations: 5 });
  take(store, textOf(INVITE, "call"));
  for (let count = 0; count < 50; count += 1) take(store, textOf("REGISTER sip:x SIP/2.0", `reg ${count}`));
  t.equal(names(store, "call").length, 1);
  t.equal(names(store, "reg 49").length, 1);
  t.equal(names(store, "reg 44").length, 0);
  for (let count = 0; count < 50; count += 1) take(store, textOf("REGISTER sip:x SIP/2.0", "reg 49"));
  t.equal(names(store, "reg 49").length, 20, "of a phone that registers for days");
  t.end();
});

t.test("a connection's octets are copied: its buffer is used again", (t) => {
  const store = new MessageStore();
  const octets = take(store, textOf(INVITE, "tcp"), "in", "TCP");
  octets.fill(0);
  t.strictSame(names(store, "tcp"), ["in INVITE"]);
  t.end();
});

t.test("a text longer than is shown is cut, and says so", (t) => {
  const store = new MessageStore();
  take(store, textOf(INVITE, "big", `X: ${"y".repeat(20_000)}\r\n`));
  const [message] = store.messagesOf("big").messages;
  t.match(message, { cut: true, size: /^20\d\d\d$/ });
  t.equal(message?.text.length, 8192);
  t.end();
});
