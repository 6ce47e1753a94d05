import t from "tap";
import { overUdp } from "../../support/fake-network.js";
import { ms } from "../../../ts/core/brand.js";
import type { SocketAddress } from "../../../ts/core/socket-address.js";
import { makeResponse } from "../../../ts/sip/message/response.js";
import { SipTransactionLayer } from "../../../ts/sip/transaction/layer.js";
import { callFlow } from "../../support/ladder.js";
import { header, headerParam } from "../../support/sip-text.js";
import { PHONE, requestTo, SWITCH, transactionRig } from "../../support/transaction-rig.js";

const again = { retransmission: true } as const;
const tag = { toTag: "switch-tag" };

t.test(
  "CANCEL: 200 at once, the user answers the INVITE 487; a copy gets its 200 again (§9.2)",
  async (t) => {
    const { flow, user, layer, clock, at } = transactionRig();
    at(100, () => user.requests[0]?.respond(makeResponse(user.requests[0].request, 180, tag)));
    user.onCancel = (invite) => {
      invite.respond(makeResponse(invite.request, 487, tag));
    };
    const trace = await callFlow(t, flow, [
      [0, "phone", "switch", "INVITE"],
      [0, "switch", "phone", "100 Trying"],
      [100, "switch", "phone", "180 Ringing"],
      [200, "phone", "switch", "CANCEL"],
      [200, "switch", "phone", "200 OK", { headers: { cseq: "1 CANCEL" } }],
      [200, "switch", "phone", "487 Request Terminated", { headers: { cseq: "1 INVITE" } }],
      [210, "phone", "switch", "ACK"],
      [220, "phone", "switch", "CANCEL", again],
      [220, "switch", "phone", "200 OK", again],
    ]);
    t.same(user.told, ["0 request INVITE", "200 cancel 1"]);
    t.equal(headerParam(header(trace[4]!.text, "to"), "tag"), "switch-tag", "the tag of the 180 (§9.2)");
    t.equal(layer.size, 0);
    t.equal(clock.pendingTimers, 0);
  },
);

t.test("CANCEL of an INVITE that was answered already: 200, nothing else happens", async (t) => {
  const { flow, user } = transactionRig();
  user.onRequest = (invite) => {
    invite.respond(makeResponse(invite.request, 200, tag));
  };
  await callFlow(t, flow, [
    [0, "phone", "switch", "INVITE"],
    [0, "switch", "phone", "200 OK", { lost: true }],
    [5, "phone", "switch", "CANCEL"],
    [5, "switch", "phone", "200 OK", { headers: { cseq: "1 CANCEL" } }],
  ]);
  t.same(user.told, ["0 request INVITE"]);
});

t.test("an INVITE that its user has released still absorbs copies, and answers a CANCEL", async (t) => {
  const { flow, user, layer, clock } = transactionRig();
  user.onRequest = (invite) => {
    invite.release();
    invite.respond(makeResponse(invite.request, 200, tag));
    invite.release();
  };
  await callFlow(t, flow, [
    [0, "phone", "switch", "INVITE"],
    [0, "switch", "phone", "200 OK"],
    [5, "phone", "switch", "INVITE", again],
    [10, "phone", "switch", "CANCEL"],
    [10, "switch", "phone", "200 OK", { headers: { cseq: "1 CANCEL" } }],
    [20, "phone", "switch", "ACK"],
  ]);
  t.same(user.told, ["0 request INVITE", "20 ack 1"]);
  await clock.advance(ms(40_000));
  t.equal(layer.size, 0);
});

t.test("CANCEL that matches nothing: 481, also with the right Call-ID but another branch", async (t) => {
  const { flow, user, layer, clock } = transactionRig();
  const via = "SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKother;rport";
  await callFlow(t, flow, [
    [0, "phone", "switch", "INVITE"],
    [0, "switch", "phone", "100 Trying"],
    [5, "phone", "switch", "CANCEL", { headers: { Via: via } }],
    [5, "switch", "phone", "481 Call/Transaction Does Not Exist", { headers: { to: /;tag=/ } }],
    [6, "phone", "switch", "CANCEL", { ...again }],
    [6, "switch", "phone", "481", again],
  ]);
  t.same(user.told, ["0 request INVITE"]);
  user.requests[0]?.respond(makeResponse(user.requests[0].request, 500, tag));
  await clock.advance(ms(40_000));
  t.equal(layer.size, 0);
});

t.test("a user that throws: logged, 500 for its request, nothing else suffers", async (t) => {
  const { flow, user, layer, clock, at } = transactionRig();
  user.onRequest = ({ request }) => {
    if (request.method !== "OPTIONS") throw new Error("a fault of the user");
  };
  user.onCancel = () => {
    throw new Error("another");
  };
  at(40, () => user.requests[2]?.respond(makeResponse(user.requests[2].request, 200, tag)));
  at(100, () =>
    layer.request(requestTo("OPTIONS"), overUdp(PHONE), {
      response: () => {
        throw new Error("third");
      },
      failed: () => undefined,
    }),
  );
  await callFlow(t, flow, [
    [0, "phone", "switch", "INVITE"],
    [0, "switch", "phone", "500 Server Internal Error", { headers: { to: /;tag=/ } }],
    [10, "phone", "switch", "ACK"],
    [20, "phone", "switch", "MESSAGE"],
    [20, "switch", "phone", "500 Server Internal Error"],
    [30, "phone", "switch", "OPTIONS"],
    [40, "switch", "phone", "200 OK"],
    [100, "switch", "phone", "OPTIONS"],
    [110, "phone", "switch", "200 OK"],
  ]);
  t.equal(layer.size, 0);
  t.equal(clock.pendingTimers, 0);
});

t.test("a user that throws when it is told of a CANCEL: 500 for the INVITE", async (t) => {
  const { flow, user } = transactionRig();
  user.onCancel = () => {
    throw new Error("a fault of the user");
  };
  await callFlow(t, flow, [
    [0, "phone", "switch", "INVITE"],
    [0, "switch", "phone", "100 Trying"],
    [5, "phone", "switch", "CANCEL"],
    [5, "switch", "phone", "200 OK"],
    [5, "switch", "phone", "500 Server Internal Error"],
    [9, "phone", "switch", "ACK"],
  ]);
});

t.test("octets that are no SIP message: counted by reason, answered where that is possible", async (t) => {
  const { flow, layer, user, phone, clock } = transactionRig();
  await callFlow(t, flow, [
    // CSeq names another method: RFC 3261 §8.1.1.5.
    [0, "phone", "switch", "OPTIONS", { headers: { CSeq: "1 INVITE" } }],
    [0, "switch", "phone", "400 Bad Request", { headers: { via: /;rport=5060/ } }],
  ]);
  phone.send("noise", { raw: "no SIP at all\r\n\r\n" });
  for (const keepalive of ["\r\n\r\n", "\r\n", "\0\0\0\0", ""]) phone.send("keepalive", { raw: keepalive });
  await clock.advance(ms(100));
  t.same(user.told, []);
  t.equal(
    [...layer.refused.values()].reduce((sum, count) => sum + count, 0),
    2,
    "the keepalives are no messages",
  );
  t.equal(layer.refused.size, 2);
  t.equal(layer.size, 0);
  t.equal(clock.pendingTimers, 0);
});

t.test(
  "responses that match nothing, or whose Via is not ours, are counted and dropped (§18.1.2)",
  async (t) => {
    const { layer, user, phone, clock, network } = transactionRig();
    layer.request(requestTo("OPTIONS"), overUdp(PHONE), user.client());
    await clock.advance(ms(0));
    const via = header(phone.received[0]!, "via")!;
    phone.send("200 OK", { headers: { Via: via.replace("192.0.2.1:5060", "192.0.2.99:5060") } });
    phone.send("200 OK", { headers: { Via: via.replace("branch=z9hG4bK", "branch=z9hG4bKx") } });
    phone.send("200 OK", { headers: { CSeq: "1 INFO" } });
    await clock.advance(ms(0));
    t.same([...layer.refused], [["unmatched-response", 3]]);
    t.same(user.told, []);
    phone.send("200 OK");
    await clock.advance(ms(0));
    t.same(user.told, ["0 response 200"]);
    t.equal(network.log.length, 5);
  },
);

t.test(
  "the Via put on top: sent-by as advertised, fresh branch, rport (RFC 3581 §3); IPv6 in brackets",
  async (t) => {
    const v6: SocketAddress = { address: "2001:db8::1", port: 5062 };
    const phone6: SocketAddress = { address: "2001:db8::10", port: 5060 };
    const { flow, layer, user, at } = transactionRig({ switch: v6, phone: phone6 });
    at(0, () => {
      layer.request(requestTo("OPTIONS"), overUdp(phone6), user.client());
      layer.request(requestTo("OPTIONS", "call-2"), overUdp(phone6), user.client());
    });
    const via = /^SIP\/2\.0\/UDP \[2001:db8::1\]:5062;branch=z9hG4bK[0-9a-f]{20};rport$/;
    const trace = await callFlow(t, flow, [
      [0, "switch", "phone", "OPTIONS", { headers: { via } }],
      [0, "switch", "phone", "OPTIONS", { headers: { via } }],
      [10, "phone", "switch", "200 OK"],
      [10, "phone", "switch", "200 OK"],
    ]);
    t.same(user.told, ["10 response 200", "10 response 200"]);
    t.not(header(trace[0]!.text, "via"), header(trace[1]!.text, "via"));
  },
);

t.test("an ACK of a 2xx is sent once, in no transaction, with a branch of its own (§13.2.2.4)", async (t) => {
  const { flow, layer, user, at, clock } = transactionRig();
  at(0, () => layer.request(requestTo("INVITE"), overUdp(PHONE), user.client()));
  at(20, () => layer.sendAck(requestTo("ACK"), overUdp(PHONE)));
  const trace = await callFlow(t, flow, [
    [0, "switch", "phone", "INVITE"],
    [10, "phone", "switch", "200 OK"],
    [20, "switch", "phone", "ACK"],
  ]);
  t.not(header(trace[2]!.text, "via"), header(trace[0]!.text, "via"));
  t.equal(clock.pendingTimers, 0);
});

t.test(
  "responses go to the source with rport, to the sent-by port without (RFC 3581 §4, §18.2.2)",
  async (t) => {
    const { network, user, phone, clock } = transactionRig();
    user.onRequest = (transaction) => {
      transaction.respond(makeResponse(transaction.request, 200, tag));
    };
    phone.send("OPTIONS", { headers: { Via: "SIP/2.0/UDP 10.1.1.1:9999;branch=z9hG4bKa;rport" } });
    phone.send("OPTIONS", { headers: { Via: "SIP/2.0/UDP 10.1.1.1:9999;branch=z9hG4bKb" } });
    await clock.advance(ms(0));
    t.same(
      network.log.slice(2).map(({ to }) => to),
      [PHONE, { address: PHONE.address, port: 9999 }],
    );
  },
);

t.test(
  "a send error is about the transaction that sent those octets, not others to the same place",
  async (t) => {
    const { network, layer, user, clock } = transactionRig();
    layer.request(requestTo("INVITE"), overUdp(PHONE), user.client());
    await clock.advance(ms(100));
    network.refuse(PHONE, new Error("EMSGSIZE"));
    layer.request(requestTo("OPTIONS", "call-2"), overUdp(PHONE), user.client());
    await clock.advance(ms(100));
    network.refuse(PHONE, undefined);
    t.same(user.told, ["100 failed transport"]);
    t.equal(layer.size, 1);
    layer.close();
  },
);

t.test("a send error that names no octets ends all that goes to that address", async (t) => {
  const { layer, user, clock } = transactionRig();
  let sendError: (to: SocketAddress) => void = () => undefined;
  const elsewhere = { address: "192.0.2.77", port: 5060 };
  const listener = { name: "udp", protocol: "UDP" as const, local: SWITCH, advertised: SWITCH };
  const other = new SipTransactionLayer(
    {
      clock,
      random: { bytes: (count) => new Uint8Array(count) },
      transport: {
        protocol: "UDP",
        local: SWITCH,
        advertised: SWITCH,
        listeners: [listener],
        health: { sockets: 1, connections: 0, connectionTroubles: {} },
        listenerFor: () => listener,
        isOpen: () => true,
        connects: () => false,
        send: (_octets, to) => to,
        receive: (handler) => {
          sendError = (to) => {
            handler.sendError(overUdp(to), new Error("EHOSTUNREACH"));
          };
        },
        close: () => Promise.resolve(),
      },
    },
    user,
  );
  other.request(requestTo("INVITE"), overUdp(PHONE), user.client());
  other.request(requestTo("OPTIONS"), overUdp(elsewhere), user.client());
  sendError(PHONE);
  t.same(user.told, ["0 failed transport"]);
  t.equal(other.size, 1);
  other.close();
  layer.close();
  t.equal(clock.pendingTimers, 0);
});

t.test("close ends all at once, tells nobody, and nothing moves any more", async (t) => {
  const { layer, user, phone, clock, network } = transactionRig();
  const client = layer.request(requestTo("INVITE"), overUdp(PHONE), user.client());
  layer.request(requestTo("OPTIONS", "call-2"), overUdp(PHONE), user.client());
  phone.send("INVITE");
  phone.send("INFO", { dialog: "other" });
  await clock.advance(ms(10));
  t.equal(layer.size, 4);
  const told = [...user.told];
  layer.close();
  t.equal(layer.size, 0);
  t.equal(clock.pendingTimers, 0);
  const sent = network.log.length;
  for (const transaction of user.requests) {
    transaction.respond(makeResponse(transaction.request, 486, tag));
  }
  layer.cancel(client);
  layer.request(requestTo("BYE", "call-3"), overUdp(PHONE), user.client());
  layer.sendAck(requestTo("ACK"), overUdp(PHONE));
  phone.send("OPTIONS", { dialog: "third" });
  await clock.advance(ms(40_000));
  t.equal(network.log.length, sent + 1, "the phone's own");
  t.same(user.told, told);
  t.equal(clock.pendingTimers, 0);
});
