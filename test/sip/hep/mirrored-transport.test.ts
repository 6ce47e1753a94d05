import t from "tap";
import { ms } from "../../../ts/core/brand.js";
import type { Captured } from "../../../ts/sip/hep/hep3.js";
import { MirroredTransport } from "../../../ts/sip/hep/mirrored-transport.js";
import { FakeNetwork } from "../../support/fake-network.js";
import { ManualClock } from "../../support/manual-clock.js";
import { SeededRandom } from "../../support/seeded-random.js";

const SWITCH = { address: "192.0.2.1", port: 5060 };
const PHONE = { address: "198.51.100.10", port: 5071 };

t.test("what comes and what goes is shown, and goes its way as before", async (t) => {
  const clock = new ManualClock();
  const network = new FakeNetwork({ clock, random: new SeededRandom(1) });
  const text = (octets: Uint8Array): string => Buffer.from(octets).toString();
  const shown: (readonly unknown[])[] = [];
  const inner = network.transport(SWITCH);
  const mirror = ({ octets, from, to, protocol }: Captured): void => {
    shown.push([text(octets), from, to, protocol]);
  };
  const transport = new MirroredTransport({ transport: inner, clock, mirror });
  const phone = network.transport(PHONE);
  const heard: string[] = [];
  const handler = (name: string) => ({
    octets: (octets: Uint8Array) => heard.push(`${name} ${text(octets)}`),
    sendError: () => undefined,
    closed: () => undefined,
  });
  transport.receive(handler("switch"));
  phone.receive(handler("phone"));
  phone.send(Buffer.from("hello"), { protocol: "UDP", remote: SWITCH });
  await clock.advance(ms(1));
  transport.send(Buffer.from("welcome"), { protocol: "UDP", remote: PHONE });
  await clock.advance(ms(1));
  t.strictSame(heard, ["switch hello", "phone welcome"]);
  t.strictSame(shown, [
    ["hello", PHONE, SWITCH, "UDP"],
    ["welcome", SWITCH, PHONE, "UDP"],
  ]);
  t.strictSame([transport.local, transport.advertised, transport.protocol], [SWITCH, SWITCH, "UDP"]);
  t.equal(transport.health, inner.health);
});
