import t from "tap";
import type { Via } from "../../../ts/sip/message/message.js";
import type { Protocol } from "../../../ts/sip/transport/transport.js";
import { responsePath, stampReceived, type ResponsePath } from "../../../ts/sip/transport/via-response.js";
import { optionsWith, readRequest } from "../message/messages.js";

const V4 = { address: "198.51.100.7", port: 40_000 };
const V6 = { address: "2001:db8::7", port: 40_000 };

/** The top Via of a request with these, come from `from`. */
function stamped(via: string, from = V4): Via {
  const request = readRequest(optionsWith(`Via: ${via}, SIP/2.0/UDP below;branch=z9hG4bK0`));
  stampReceived(request, from);
  t.same(request.headers.via[1]?.params, { branch: "z9hG4bK0" }, "only the top one is touched");
  const top = request.headers.via[0];
  if (top === undefined) throw new Error("no Via");
  return top;
}

/** Via as sent, and the parameters it has after it came from V4 or V6. */
t.test("received and rport (RFC 3261 §18.2.1, RFC 3581 §4)", (t) => {
  t.same(stamped("SIP/2.0/UDP 198.51.100.7:5060;branch=z9hG4bK1").params, { branch: "z9hG4bK1" });
  t.same(stamped("SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1").params, {
    branch: "z9hG4bK1",
    received: "198.51.100.7",
  });
  t.same(stamped("SIP/2.0/UDP host.example").params, { received: "198.51.100.7" });
  t.same(stamped("SIP/2.0/UDP 198.51.100.7;rport").params, { received: "198.51.100.7", rport: "40000" });
  t.same(stamped("SIP/2.0/UDP [2001:DB8::7]", V6).params, {});
  t.same(stamped("SIP/2.0/UDP [2001:db8::8];rport", V6).params, { received: "2001:db8::7", rport: "40000" });
  t.end();
});

t.test("what the sender wrote into received and rport counts for nothing", (t) => {
  t.same(stamped("SIP/2.0/UDP 198.51.100.7;received=203.0.113.9").params, {});
  t.same(stamped("SIP/2.0/UDP 198.51.100.7;received=203.0.113.9;rport=53").params, {
    received: "198.51.100.7",
    rport: "40000",
  });
  t.end();
});

t.test("where the answer goes (RFC 3261 §18.2.2, RFC 3581 §4)", (t) => {
  const target = (via: string, from = V4): object =>
    responsePath(stamped(via, from), { protocol: "UDP", remote: from }).to.remote;
  t.same(target("SIP/2.0/UDP 10.0.0.1:5070;rport"), V4, "rport: the source");
  t.same(target("SIP/2.0/UDP 10.0.0.1:5070"), { address: "198.51.100.7", port: 5070 }, "sent-by port");
  t.same(target("SIP/2.0/UDP 10.0.0.1"), { address: "198.51.100.7", port: 5060 }, "default port");
  t.same(
    target("SIP/2.0/UDP 198.51.100.7:5080"),
    { address: "198.51.100.7", port: 5080 },
    "no received needed",
  );
  t.same(
    target("SIP/2.0/UDP 198.51.100.7;maddr=203.0.113.9"),
    { address: "198.51.100.7", port: 5060 },
    "maddr",
  );
  t.same(target("SIP/2.0/UDP [2001:db8::7]:5070", V6), { address: "2001:db8::7", port: 5070 }, "IPv6");
  t.same(target("SIP/2.0/UDP [2001:db8::8];rport", V6), V6, "IPv6, rport");
  t.end();
});

t.test("a Via that was not stamped still leads to the source where it names no address", (t) => {
  const via: Via = { version: "2.0", protocol: "UDP", host: "host.example", params: { rport: null } };
  t.same(responsePath(via, { protocol: "UDP", remote: V4 }).to.remote, V4);
  t.end();
});

t.test("over a connection: back by it, else by a new one to sent-by (RFC 3261 §18.2.2)", (t) => {
  const path = (protocol: Protocol, via: string): ResponsePath =>
    responsePath(stamped(via), { protocol, remote: V4, connection: 7, listener: "tcp:192.0.2.1:5060" });
  const to = (protocol: Protocol) => ({
    protocol,
    remote: V4,
    connection: 7,
    listener: "tcp:192.0.2.1:5060",
  });
  const listener = "tcp:192.0.2.1:5060";
  t.same(path("TCP", "SIP/2.0/TCP 10.0.0.1:5070;rport"), {
    to: to("TCP"),
    otherwise: { protocol: "TCP", remote: { address: "198.51.100.7", port: 5070 }, listener },
  });
  t.same(path("TCP", "SIP/2.0/TCP 198.51.100.7").otherwise?.remote, { address: "198.51.100.7", port: 5060 });
  t.same(path("TLS", "SIP/2.0/TLS 198.51.100.7").otherwise?.remote, { address: "198.51.100.7", port: 5061 });
  t.same(path("WS", "SIP/2.0/WS abc.invalid;rport"), { to: to("WS") }, "a browser can't be connected to");
  t.same(path("WSS", "SIP/2.0/WSS abc.invalid;rport"), { to: to("WSS") });
  t.end();
});
