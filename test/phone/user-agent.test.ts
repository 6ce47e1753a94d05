/** Two user agents that call each other without a switch, in virtual time. */
import t from "tap";
import { seconds } from "../../ts/core/brand.js";
import { AudioNegotiation } from "../../ts/phone/audio-negotiation.js";
import { UserAgent, type UserAgentOptions } from "../../ts/phone/user-agent.js";
import { FakeNetwork, overUdp } from "../support/fake-network.js";
import { ManualClock } from "../support/manual-clock.js";
import { SeededRandom } from "../support/seeded-random.js";

const ANNA = { address: "192.0.2.1", port: 5060 };
const BEN = { address: "192.0.2.2", port: 5060 };

type Settings = Partial<UserAgentOptions<AudioNegotiation>>;

/** Each other's server. */
function pair({ loss = 0, ofBen = {} }: { readonly loss?: number; readonly ofBen?: Settings } = {}) {
  const clock = new ManualClock();
  const random = new SeededRandom(7);
  const network = new FakeNetwork({ clock, random: random.fork("network"), conditions: { loss } });
  const agent = (user: string, local: typeof ANNA, server: typeof ANNA, more: Settings = {}) =>
    new UserAgent<AudioNegotiation>({
      user,
      domain: "example.org",
      credentials: { username: user, secret: "" },
      transport: network.transport(local),
      clock,
      random: random.fork(user),
      server: overUdp(server),
      contact: { uri: `sip:${user}@${local.address}`, params: {} },
      userAgent: "test",
      newAudio: () => audioAt(local.address),
      ...more,
    });
  return { clock, anna: agent("anna", ANNA, BEN), ben: agent("ben", BEN, ANNA, ofBen) };
}

const audioAt = (address: string): AudioNegotiation =>
  new AudioNegotiation({ address, port: 40_000 }, ["pcma", "2833"]);

t.test("a call from end to end, also where every third message is lost", async (t) => {
  for (const loss of [0, 0.33]) {
    const { clock, anna, ben } = pair({ loss });
    const call = anna.call("ben", audioAt(ANNA.address));
    await clock.advance(seconds(30));
    const [incoming] = ben.calls;
    t.same([call.isRinging, incoming?.state], [true, "incoming"], `loss ${loss}`);
    incoming?.answer();
    await clock.advance(seconds(30));
    t.same([call.state, incoming?.state], ["talking", "talking"]);
    t.same(call.audio.agreed?.remote, { address: BEN.address, port: 40_000 });
    incoming?.hangup();
    await clock.advance(seconds(60));
    t.same([call.state, call.status, call.endedBy], ["ended", 0, "switch"]);
    t.ok(call.isOver && incoming?.isOver === true);
    t.equal(anna.transactions + ben.transactions, 0);
  }
});

t.test("calls that are over are forgotten but for the last ones; those that are not stay", async (t) => {
  let looks = 0;
  const { clock, anna, ben } = pair({ ofBen: { remembers: 2, changed: () => (looks += 1) } });
  anna.call("ben", audioAt(ANNA.address));
  await clock.advance(seconds(1));
  const [first] = ben.calls;
  for (let count = 0; count < 5; count += 1) {
    const refused = anna.call("ben", audioAt(ANNA.address));
    await clock.advance(seconds(1));
    ben.calls.at(-1)?.reject(486);
    await clock.advance(seconds(1));
    t.equal(refused.status, 486);
  }
  t.equal(ben.calls.length, 3);
  t.equal(ben.calls[0], first, "it still rings");
  t.equal(anna.calls.length, 6, "who is not told to forget does not");
  t.ok(looks >= 11, "every message that came and every end was told");
});

t.test("a server that says nothing: a 408 of one's own, which says so", async (t) => {
  const { clock, anna } = pair({ loss: 1 });
  const call = anna.call("ben", audioAt(ANNA.address));
  anna.registration.begin();
  await clock.advance(seconds(33));
  t.same([call.state, call.status, call.failure, call.provisional], ["ended", 408, "timeout", undefined]);
  t.same([anna.registration.status, anna.registration.failure], [408, "timeout"]);
});
