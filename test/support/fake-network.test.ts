import t from "tap";
import { ms } from "../../ts/core/brand.js";
import { formatSocketAddress, type SocketAddress } from "../../ts/core/socket-address.js";
import type { Transport } from "../../ts/sip/transport/transport.js";
import { overUdp, FakeNetwork, type Conditions } from "./fake-network.js";
import { ManualClock } from "./manual-clock.js";
import { SeededRandom } from "./seeded-random.js";

const A: SocketAddress = { address: "192.0.2.1", port: 5060 };
const B: SocketAddress = { address: "192.0.2.2", port: 5060 };
const octets = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Notes what a transport hears: time, source, text. */
function listen(transport: Transport, clock: ManualClock): string[] {
  const heard: string[] = [];
  transport.receive({
    octets: (datagram, flow) =>
      heard.push(
        `${String(clock.now())} ${formatSocketAddress(flow.remote)} ${new TextDecoder().decode(datagram)}`,
      ),
    sendError: (to, error) =>
      heard.push(`${String(clock.now())} error ${formatSocketAddress(to.remote)} ${error.message}`),
    closed: () => undefined,
  });
  return heard;
}

function twoSockets(conditions?: Conditions, seed = 1) {
  const clock = new ManualClock();
  const random = new SeededRandom(seed);
  const network = new FakeNetwork({ clock, random, ...(conditions === undefined ? {} : { conditions }) });
  const a = network.transport(A);
  const b = network.transport(B);
  return { clock, network, a, b, heardByA: listen(a, clock), heardByB: listen(b, clock) };
}

t.test(
  "perfect unless told otherwise: at the same instant, not in the caller's stack, in order",
  async (t) => {
    const { clock, network, a, heardByB } = twoSockets();
    a.send(octets("one"), overUdp(B));
    a.send(octets("two"), overUdp(B));
    t.same(heardByB, []);
    await clock.advance(ms(0));
    t.same(heardByB, ["0 192.0.2.1:5060 one", "0 192.0.2.1:5060 two"]);
    t.match(network.log, [
      { at: 0, from: A, to: B, octets: octets("one"), arrivals: [0], fate: "delivered" },
      {},
    ]);
    t.equal(clock.pendingTimers, 0);
  },
);

t.test("the sender may reuse its buffer, the receiver may change what it got", async (t) => {
  const { clock, network, a, heardByB } = twoSockets();
  const buffer = octets("one");
  a.send(buffer, overUdp(B));
  buffer.fill(0);
  await clock.advance(ms(0));
  t.same(heardByB, ["0 192.0.2.1:5060 one"]);
  t.same(network.log[0]?.octets, octets("one"));
});

t.test("a datagram to nobody is logged, not thrown; a closed socket neither sends nor hears", async (t) => {
  const { clock, network, a, b, heardByB } = twoSockets();
  a.send(octets("one"), overUdp({ address: "203.0.113.9", port: 9 }));
  a.send(octets("two"), overUdp(B));
  await b.close();
  b.send(octets("three"), overUdp(A));
  await clock.advance(ms(0));
  t.same(
    network.log.map((datagram) => datagram.fate),
    ["to nobody", "delivered"],
  );
  t.same(heardByB, []);
  t.doesNotThrow(() => network.transport(B), "its address is free again");
  t.throws(() => network.transport(B), /taken/);
});

t.test("delay, loss and duplication, each direction on its own", async (t) => {
  const { clock, network, a, b, heardByA, heardByB } = twoSockets({ delay: ms(30) });
  network.setDirection(B, A, { duplicate: 1, delay: ms(5) });
  a.send(octets("out"), overUdp(B));
  b.send(octets("back"), overUdp(A));
  await clock.advance(ms(100));
  t.same(heardByB, ["30 192.0.2.1:5060 out"]);
  t.same(heardByA, ["5 192.0.2.2:5060 back", "5 192.0.2.2:5060 back"]);
  network.setConditions({ loss: 1 });
  a.send(octets("gone"), overUdp(B));
  await clock.advance(ms(100));
  t.equal(heardByB.length, 1);
  t.match(network.log.at(-1), { fate: "lost", arrivals: [] });
});

const texts = (heard: readonly string[]): number[] => heard.map((line) => Number(line.split(" ")[2]));

async function send500(conditions: Conditions, seed: number): Promise<number[]> {
  const { clock, a, heardByB } = twoSockets(conditions, seed);
  for (let count = 0; count < 500; count++) {
    a.send(octets(String(count)), overUdp(B));
    await clock.advance(ms(1));
  }
  await clock.advance(ms(1000));
  return texts(heardByB);
}

const isSorted = (numbers: readonly number[]): boolean =>
  numbers.every((number, index) => index === 0 || number >= (numbers[index - 1] ?? 0));

t.test("shares are kept, and the same seed gives the same run", async (t) => {
  const lossy = await send500({ loss: 0.3 }, 5);
  t.ok(lossy.length > 310 && lossy.length < 390, `${String(lossy.length)} of 500 arrived`);
  t.same(await send500({ loss: 0.3 }, 5), lossy);
  t.notSame(await send500({ loss: 0.3 }, 6), lossy);
  const doubled = await send500({ duplicate: 0.2 }, 5);
  t.ok(doubled.length > 560 && doubled.length < 640, `${String(doubled.length)} for 500`);
});

t.test("jitter keeps the order, reorder does not", async (t) => {
  const jittered = await send500({ delay: ms(10), jitter: ms(40) }, 5);
  t.equal(jittered.length, 500);
  t.ok(isSorted(jittered));
  const reordered = await send500({ reorder: 0.1 }, 5);
  t.equal(reordered.length, 500);
  t.notOk(isSorted(reordered));
  t.same(
    [...reordered].sort((x, y) => x - y),
    jittered,
    "all of them arrive",
  );
});

t.test("behind a NAT the source is rewritten, and only the public address reaches the inside", async (t) => {
  const { clock, network, b, heardByB } = twoSockets();
  const inside: SocketAddress = { address: "10.0.0.5", port: 5060 };
  const outside: SocketAddress = { address: "198.51.100.7", port: 40_001 };
  const phone = network.transport(inside, inside, { via: outside });
  const heard = listen(phone, clock);
  phone.send(octets("hello"), overUdp(B));
  b.send(octets("answer"), overUdp(outside));
  b.send(octets("to the private address"), overUdp(inside));
  await clock.advance(ms(0));
  t.same(phone.local, inside);
  t.same(heardByB, ["0 198.51.100.7:40001 hello"]);
  t.same(heard, ["0 192.0.2.2:5060 answer"]);
  t.equal(network.log.at(-1)?.fate, "to nobody");
});

t.test("an observer sees every datagram and may take it away", async (t) => {
  const { clock, network, a, heardByB } = twoSockets();
  const stop = network.observe(({ octets: text }) => (text[0] === 0x6e ? "lose" : "pass"));
  a.send(octets("no"), overUdp(B));
  a.send(octets("yes"), overUdp(B));
  stop();
  a.send(octets("not any more"), overUdp(B));
  await clock.advance(ms(0));
  t.same(heardByB, ["0 192.0.2.1:5060 yes", "0 192.0.2.1:5060 not any more"]);
});

t.test("a refused destination is told to the sender", async (t) => {
  const { clock, network, a, heardByA, heardByB } = twoSockets();
  network.refuse(B, new Error("ECONNREFUSED"));
  a.send(octets("one"), overUdp(B));
  await clock.advance(ms(0));
  t.same(heardByA, ["0 error 192.0.2.2:5060 ECONNREFUSED"]);
  network.refuse(B, undefined);
  a.send(octets("two"), overUdp(B));
  await clock.advance(ms(0));
  t.same(heardByB, ["0 192.0.2.1:5060 two"]);
});
