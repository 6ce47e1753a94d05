import t from "tap";
import { epochMillis } from "../../../ts/core/brand.js";
import { hep3, type Captured } from "../../../ts/sip/hep/hep3.js";

const text = "OPTIONS sip:example.org SIP/2.0\r\nCall-ID: one@two\r\nContent-Length: 0\r\n\r\n";
const captured: Captured = {
  octets: Buffer.from(text),
  protocol: "UDP",
  from: { address: "198.51.100.10", port: 5071 },
  to: { address: "192.0.2.1", port: 5060 },
  at: epochMillis(1_704_067_200_250),
};

t.test("octet by octet", (t) => {
  const packet = Buffer.from(hep3(captured, { agent: 2001, key: "secret" }) ?? []);
  const chunk = (type: number, value: Buffer): Buffer =>
    Buffer.concat([Buffer.from([0, 0, 0, type, 0, 6 + value.length]), value]);
  const chunks = [
    chunk(1, Buffer.from([2])),
    chunk(2, Buffer.from([17])),
    chunk(3, Buffer.from([198, 51, 100, 10])),
    chunk(4, Buffer.from([192, 0, 2, 1])),
    chunk(7, Buffer.from([0x13, 0xcf])),
    chunk(8, Buffer.from([0x13, 0xc4])),
    chunk(9, Buffer.from([0x65, 0x92, 0x00, 0x80])),
    chunk(10, Buffer.from([0x00, 0x03, 0xd0, 0x90])),
    chunk(11, Buffer.from([1])),
    chunk(12, Buffer.from([0, 0, 0x07, 0xd1])),
    chunk(14, Buffer.from("secret")),
    chunk(15, Buffer.from(text)),
  ];
  const body = Buffer.concat(chunks);
  t.strictSame(packet, Buffer.concat([Buffer.from("HEP3"), Buffer.from([0, 6 + body.length]), body]));
  t.end();
});

t.test("what doesn't fit, or has no address, makes no packet", (t) => {
  t.equal(hep3({ ...captured, octets: new Uint8Array(65_500) }, { agent: 1 }), undefined);
  t.equal(hep3({ ...captured, from: { address: "a name", port: 1 } }, { agent: 1 }), undefined);
  t.equal(hep3({ ...captured, to: { address: "2001:db8::1", port: 1 } }, { agent: 1 }), undefined);
  t.end();
});

t.test("IPv6, by a connection", (t) => {
  const packet = Buffer.from(
    hep3(
      {
        ...captured,
        protocol: "TLS",
        from: { address: "2001:db8::10", port: 5071 },
        to: { address: "2001:db8::1", port: 5061 },
      },
      { agent: 1 },
    ) ?? [],
  );
  const hex = packet.toString("hex");
  t.match(hex, /^48455033.{4}00000001000 ?70a/, "family 10");
  t.match(hex, "0000000200" + "0706", "TCP");
  t.match(hex, "000000050016" + "20010db8000000000000000000000010");
  t.match(hex, "000000060016" + "20010db8000000000000000000000001");
  t.end();
});
