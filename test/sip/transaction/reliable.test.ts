/** Transactions over connections: nothing is retransmitted, and the end of a connection ends what waits on it. */
import t from "tap";
import { ms } from "../../../ts/core/brand.js";
import { makeResponse } from "../../../ts/sip/message/response.js";
import type { Flow } from "../../../ts/sip/transport/transport.js";
import { overUdp } from "../../support/fake-network.js";
import { callFlow } from "../../support/ladder.js";
import { header } from "../../support/sip-text.js";
import { PHONE, requestTo, SWITCH, transactionRig } from "../../support/transaction-rig.js";

const tag = { toTag: "switch-tag" };
const overTcp = (remote = PHONE): Flow => ({ protocol: "TCP", remote });
const again = { retransmission: true } as const;

t.test("INVITE client over TCP: no timer A, timer B after 64*T1, timer D is 0 (§17.1.1.2)", async (t) => {
  const { flow, layer, user, at, clock } = transactionRig({ protocol: "TCP", accepts: "TCP" });
  at(0, () => layer.request(requestTo("INVITE"), overTcp(), user.client()));
  const trace = await callFlow(t, flow, [[0, "switch", "phone", "INVITE"]]);
  t.match(header(trace[0]!.text, "via"), /^SIP\/2\.0\/TCP 192\.0\.2\.1:5060;/);
  t.same(user.told, ["32000 failed timeout"]);

  at(clock.now() + 1000, () => layer.request(requestTo("INVITE", "call-2"), overTcp(), user.client()));
  await callFlow(t, flow, [
    [1000, "switch", "phone", "INVITE"],
    [1010, "phone", "switch", "486 Busy Here"],
    [1010, "switch", "phone", "ACK", { headers: { via: /TCP/ } }],
  ]);
  t.equal(layer.size, 0);
});

t.test("other client over TCP: no timer E, timer F after 64*T1, timer K is 0 (§17.1.2.2)", async (t) => {
  const { flow, layer, user, at, clock } = transactionRig({ protocol: "TCP", accepts: "TCP" });
  at(0, () => layer.request(requestTo("OPTIONS"), overTcp(), user.client()));
  await callFlow(t, flow, [
    [0, "switch", "phone", "OPTIONS"],
    [5, "phone", "switch", "200 OK"],
  ]);
  t.same(user.told, ["5 response 200"]);
  t.equal(layer.size, 0);
  const before = clock.now();
  layer.request(requestTo("OPTIONS", "call-2"), overTcp(), user.client());
  await clock.advance(ms(32_000));
  t.same(user.told.slice(1), [`${before + 32_000} failed timeout`]);
});

t.test("INVITE server over TCP: timer G is off, H runs, I is 0 (§17.2.1)", async (t) => {
  const { flow, layer, user, clock } = transactionRig({ protocol: "TCP" });
  user.onRequest = (invite) => {
    invite.respond(makeResponse(invite.request, 486, tag));
  };
  await callFlow(t, flow, [
    [0, "phone", "switch", "INVITE"],
    [0, "switch", "phone", "486 Busy Here"],
  ]);
  t.same(user.told, ["0 request INVITE", "32000 failed INVITE timeout"]);
  t.equal(layer.size, 0);
  const before = clock.now();
  await callFlow(t, { ...flow, quiet: ms(0) }, [
    [0, "phone", "switch", "INVITE", { dialog: "second" }],
    [0, "switch", "phone", "486 Busy Here"],
    [1, "phone", "switch", "ACK", { dialog: "second" }],
  ]);
  await clock.advance(ms(0));
  t.equal(clock.now(), before + 1);
  t.equal(layer.size, 0, "confirmed and over at once");
});

t.test("other server over TCP: an answer may take its time, timer J is 0 after it (§17.2.2)", async (t) => {
  const { flow, layer, user, at } = transactionRig({ protocol: "TCP" });
  at(20_000, () => user.requests[0]?.respond(makeResponse(user.requests[0].request, 200, tag)));
  await callFlow(t, { ...flow, quiet: ms(0) }, [
    [0, "phone", "switch", "OPTIONS"],
    [20_000, "switch", "phone", "200 OK"],
  ]);
  t.equal(layer.size, 0);
});

t.test("what the user never answers is given up after 64*T1", async (t) => {
  const { layer, phone, clock } = transactionRig({ protocol: "TCP" });
  phone.send("OPTIONS");
  await clock.advance(ms(31_999));
  t.equal(layer.size, 1);
  await clock.advance(ms(1));
  t.equal(layer.size, 0);
});

t.test("a connection that can't be made: its transactions fail, no others", async (t) => {
  const { layer, user, clock, transport } = transactionRig({ protocol: "TCP" });
  layer.request(requestTo("INVITE"), overTcp(), user.client());
  layer.request(requestTo("OPTIONS", "call-2"), overTcp(), user.client());
  layer.request(requestTo("OPTIONS", "call-3"), overUdp(PHONE), user.client());
  await clock.advance(ms(0));
  t.same(user.told, ["0 failed transport", "0 failed transport", "0 closed TCP"]);
  t.equal(layer.size, 1, "the one over UDP goes on");
  t.equal(transport.isOpen(overTcp()), true);
  layer.close();
});

t.test("a connection that nobody answers fails after five seconds", async (t) => {
  const { layer, user, clock, network } = transactionRig({ protocol: "TCP", accepts: "TCP" });
  network.connections.silence(PHONE);
  layer.request(requestTo("INVITE"), overTcp(), user.client());
  await clock.advance(ms(6_000));
  t.same(user.told, ["5000 failed transport", "5000 closed TCP"]);
});

t.test("a connection that ends: exactly what waits on it fails, and the user is told first", async (t) => {
  const { layer, user, clock, network, phone } = transactionRig({ protocol: "TCP", accepts: "TCP" });
  const elsewhere = { address: "192.0.2.77", port: 5060 };
  layer.request(requestTo("OPTIONS", "call-0"), overUdp(elsewhere), user.client());
  phone.send("OPTIONS");
  await clock.advance(ms(0));
  const byPhone = user.requests[0]!.flow;
  const invite = layer.request(requestTo("INVITE"), byPhone, user.client());
  t.same(invite.to, byPhone, "by the phone's own connection");
  layer.request(requestTo("OPTIONS", "call-2"), overTcp({ ...PHONE, port: 5099 }), user.client());
  await clock.advance(ms(100));
  user.told.splice(0);
  network.connections.reset(PHONE);
  t.same(user.told, ["100 closed TCP", "100 failed transport"]);
  t.equal(layer.size, 2, "what the phone asked, and what went by UDP");
  layer.request(requestTo("BYE", "call-3"), byPhone, user.client());
  await clock.advance(ms(0));
  t.same(user.told.slice(2), ["100 failed transport"], "nothing goes to a flow that is no more");
  layer.close();
});

t.test("requests to an address go by the connection that is open to it", async (t) => {
  const { layer, user, clock, network } = transactionRig({ protocol: "TCP", accepts: "TCP" });
  const first = layer.request(requestTo("OPTIONS"), overTcp(), user.client());
  const second = layer.request(requestTo("OPTIONS", "call-2"), overTcp(), user.client());
  await clock.advance(ms(0));
  t.equal(network.connections.size, 1);
  t.not(first.to.connection, undefined);
  t.same(first.to, second.to);
  layer.close();
});

t.test("an answer goes back by its connection, or by a new one when that is gone (§18.2.2)", async (t) => {
  const { flow, user, at, phone, network, clock } = transactionRig({ protocol: "TCP", accepts: "TCP" });
  at(100, () => {
    phone.hangUpConnections();
  });
  at(200, () => user.requests[0]?.respond(makeResponse(user.requests[0].request, 200, tag)));
  const trace = await callFlow(t, { ...flow, quiet: ms(0) }, [
    [0, "phone", "switch", "OPTIONS"],
    [200, "switch", "phone", "200 OK"],
  ]);
  t.not(trace[1]!.datagram.from.port, SWITCH.port, "the switch has connected");
  t.same(trace[1]!.datagram.to, PHONE, "to the port of sent-by");
  t.same(user.told, ["0 request OPTIONS", "100 closed TCP"]);
  network.connections.reset(PHONE);
  await clock.advance(ms(0));
});

t.test("an answer that has no other way: the user is told", async (t) => {
  const { flow, user, at, phone } = transactionRig({ protocol: "WS" });
  at(100, () => {
    phone.hangUpConnections();
  });
  at(200, () => user.requests[0]?.respond(makeResponse(user.requests[0].request, 180, tag)));
  await callFlow(t, { ...flow, quiet: ms(300) }, [
    [0, "phone", "switch", "INVITE"],
    [0, "switch", "phone", "100 Trying"],
  ]);
  t.same(user.told, [
    "0 request INVITE",
    "100 closed WS",
    "100 failed INVITE transport",
    "200 failed INVITE transport",
  ]);
});

t.test("a dialog over WS: requests both ways on the one connection (RFC 7118)", async (t) => {
  const { flow, user, at, layer, network } = transactionRig({ protocol: "WS" });
  user.onRequest = (invite) => {
    if (invite.request.method === "INVITE") invite.respond(makeResponse(invite.request, 200, tag));
  };
  at(500, () => layer.request(requestTo("BYE"), user.requests[0]!.flow, user.client()));
  await callFlow(t, flow, [
    [0, "phone", "switch", "INVITE"],
    [0, "switch", "phone", "200 OK"],
    [10, "phone", "switch", "ACK"],
    [500, "switch", "phone", "BYE", { headers: { via: /^SIP\/2\.0\/WS / } }],
    [510, "phone", "switch", "200 OK"],
  ]);
  t.equal(network.connections.size, 1);
  t.same(user.told, ["0 request INVITE", "10 ack 1", "510 response 200"]);
});

t.test("CRLF CRLF is answered with CRLF and disturbs nothing (RFC 5626 §3.5.1)", async (t) => {
  const { flow, user, network } = transactionRig({ protocol: "TCP" });
  network.connections.setSlice(1);
  user.onRequest = (transaction) => {
    transaction.respond(makeResponse(transaction.request, 200, tag));
  };
  await callFlow(t, flow, [
    [0, "phone", "switch", "CRLFCRLF", { raw: "\r\n\r\n" }],
    [0, "switch", "phone", "CRLF"],
    [10, "phone", "switch", "OPTIONS"],
    [10, "switch", "phone", "200 OK"],
    [20, "phone", "switch", "CRLFCRLF", { raw: "\r\n\r\n" }],
    [20, "switch", "phone", "CRLF", again],
  ]);
});

const large = () => {
  const request = requestTo("INVITE");
  return { ...request, other: { subject: "x".repeat(1300) } };
};

t.test("a request of more than 1300 octets goes by TCP, its Via says so (§18.1.1)", async (t) => {
  const { flow, layer, user, at } = transactionRig({ accepts: "TCP" });
  at(0, () => layer.request(large(), overUdp(PHONE), user.client()));
  await callFlow(t, flow, [
    [0, "switch", "phone", "INVITE", { over: "TCP", headers: { via: /^SIP\/2\.0\/TCP / } }],
    [50, "phone", "switch", "486 Busy Here"],
    [50, "switch", "phone", "ACK", { over: "TCP" }],
  ]);
  t.same(user.told, ["50 response 486"]);
});

t.test("… and by UDP where TCP is refused: retransmitted as UDP is, its Via says UDP", async (t) => {
  const { flow, layer, user, at } = transactionRig({ listens: "TCP" });
  at(0, () => layer.request(large(), overUdp(PHONE), user.client()));
  const via = /^SIP\/2\.0\/UDP /;
  await callFlow(t, flow, [
    [0, "switch", "phone", "INVITE", { headers: { via } }],
    [500, "switch", "phone", "INVITE", again],
    [600, "phone", "switch", "486 Busy Here"],
    [600, "switch", "phone", "ACK", { headers: { via } }],
  ]);
  t.same(user.told, ["0 closed TCP", "600 response 486"]);
});

t.test("a large request to where datagrams came from stays UDP", async (t) => {
  const { flow, layer, user, at } = transactionRig({ accepts: "TCP" });
  at(10, () => layer.request(large(), user.requests[0]!.flow, user.client()));
  await callFlow(t, { ...flow, quiet: ms(0) }, [
    [0, "phone", "switch", "OPTIONS"],
    [10, "switch", "phone", "INVITE"],
  ]);
  layer.close();
});

t.test("a small request goes by UDP, as does any where there is no TCP", async (t) => {
  const small = transactionRig({ accepts: "TCP" });
  small.at(0, () => small.layer.request(requestTo("OPTIONS"), overUdp(PHONE), small.user.client()));
  await callFlow(t, { ...small.flow, quiet: ms(0) }, [[0, "switch", "phone", "OPTIONS", { over: "UDP" }]]);
  const udp = transactionRig();
  udp.at(0, () => udp.layer.request(large(), overUdp(PHONE), udp.user.client()));
  await callFlow(t, { ...udp.flow, quiet: ms(0) }, [[0, "switch", "phone", "INVITE"]]);
});

t.test("more transactions than allowed: 503 with Retry-After, no state, the same for a copy", async (t) => {
  const { flow, layer, user } = transactionRig({ layer: { maxTransactions: 1 } });
  const via = "SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKsecond;rport";
  await callFlow(t, { ...flow, quiet: ms(0) }, [
    [0, "phone", "switch", "INVITE"],
    [0, "switch", "phone", "100 Trying"],
    [5, "phone", "switch", "OPTIONS", { dialog: "second", headers: { Via: via } }],
    [5, "switch", "phone", "503 Service Unavailable", { headers: { "retry-after": /^[1-9]/, to: /;tag=/ } }],
    [6, "phone", "switch", "OPTIONS", { dialog: "second", ...again }],
    [6, "switch", "phone", "503", again],
    [7, "phone", "switch", "CANCEL"],
    [7, "switch", "phone", "200 OK"],
  ]);
  t.same(user.told, ["0 request INVITE", "7 cancel 1"]);
  t.equal(layer.refused.get("overload"), 2);
  layer.close();
});

t.test("requests in a dialog get the last tenth of the transactions: a BYE makes room", async (t) => {
  const { layer, user, phone, clock } = transactionRig({ layer: { maxTransactions: 10 } });
  for (let call = 0; call < 12; call += 1) phone.send("OPTIONS", { dialog: `call ${String(call)}` });
  await clock.advance(ms(0));
  t.equal(user.requests.length, 9);
  for (let call = 0; call < 3; call += 1) {
    phone.send("BYE", { raw: bye(call) });
  }
  await clock.advance(ms(0));
  t.equal(user.requests.length, 10);
  t.equal(layer.refused.get("overload"), 5);
  layer.close();
});

const bye = (call: number): string =>
  [
    "BYE sip:100@192.0.2.1 SIP/2.0",
    `Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKbye${String(call)};rport`,
    "Max-Forwards: 70",
    "From: <sip:a@example.org>;tag=a",
    "To: <sip:b@example.org>;tag=b",
    `Call-ID: bye-${String(call)}`,
    "CSeq: 2 BYE",
    "Content-Length: 0",
    "\r\n",
  ].join("\r\n");
