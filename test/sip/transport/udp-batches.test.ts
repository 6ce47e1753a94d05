// Several datagrams that the transport finds at once. Sending is done before it returns, so that all that is sent in one
// go waits in the system when the event loop next looks.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import t from "tap";
import { epochMillis } from "../../../ts/core/brand.js";
import { parseMessage } from "../../../ts/sip/message/parse.js";
import { TransportSet } from "../../../ts/sip/transport/transport-set.js";
import { UdpTransport } from "../../../ts/sip/transport/udp.js";
import { MessageStore } from "../../../ts/trace/message-store.js";
import { overUdp } from "../../support/fake-network.js";
import { ManualClock } from "../../support/manual-clock.js";

const run = promisify(execFile);
const octets = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (from: Uint8Array): string => new TextDecoder().decode(from);

const open = (address = "127.0.0.1"): Promise<UdpTransport> =>
  UdpTransport.open({ bind: { address, port: 0 } });

/** Has `take` called with each datagram, until it says that it has all. */
function receiving(transport: UdpTransport, take: (octets: Uint8Array) => "more" | "all"): Promise<void> {
  return new Promise((resolve, reject) => {
    transport.receive({
      octets: (octets) => {
        if (take(octets) === "all") resolve();
      },
      sendError: (_to, error) => {
        reject(error);
      },
      closed: () => undefined,
    });
  });
}

for (const address of ["127.0.0.1", "::1"]) {
  t.test(`more than one batch arrives whole and in order on ${address}`, async (t) => {
    const [a, b] = [await open(address), await open(address)];
    const sent = Array.from({ length: 100 }, (_, index) => `${String(index)} ${"x".repeat(index * 13)}`);
    const got: string[] = [];
    const memory = new Set<unknown>();
    const all = receiving(b, (octets) => {
      memory.add(octets.buffer);
      return got.push(text(octets)) === sent.length ? "all" : "more";
    });
    for (const one of sent) a.send(octets(one), overUdp(b.local));
    await all;
    t.same(got, sent);
    t.equal(memory.size, 1, "no memory is taken for each");
    await Promise.all([a.close(), b.close()]);
  });
}

t.test("what a handler sends while a batch is told goes out, and comes", async (t) => {
  const [a, b] = [await open(), await open()];
  const answers: string[] = [];
  b.receive({
    octets: (octets, flow) => b.send(octets, flow),
    sendError: (_to, error) => t.fail(error.message),
    closed: () => undefined,
  });
  const all = receiving(a, (octets) => (answers.push(text(octets)) === 40 ? "all" : "more"));
  const asked = Array.from({ length: 40 }, (_, index) => String(index));
  for (const one of asked) a.send(octets(one), overUdp(b.local));
  await all;
  t.same(answers, asked);
  await Promise.all([a.close(), b.close()]);
});

t.test("a datagram that its handler throws for takes no other with it", async (t) => {
  const script = `
    import { UdpTransport } from ${JSON.stringify(new URL("../../../ts/sip/transport/udp.ts", import.meta.url).href)};
    process.on("uncaughtException", (error) => console.log(error.message));
    const transport = await UdpTransport.open({ bind: { address: "127.0.0.1", port: 0 } });
    transport.receive({
      octets: (octets) => {
        if (octets[0] === 1) throw new Error("thrown");
        console.log(octets[0]);
        if (octets[0] === 3) void transport.close();
      },
      sendError: (_to, error) => console.log(error),
      closed: () => {},
    });
    for (const nth of [0, 1, 2, 3]) transport.send(Uint8Array.of(nth), { protocol: "UDP", remote: transport.local });
  `;
  const { stdout } = await run(process.execPath, ["--import=tsx", "--input-type=module", "-e", script]);
  t.equal(stdout, "0\n2\n3\nthrown\n");
});

t.test("closed in the middle of a batch, it tells nothing more", async (t) => {
  const [a, b] = [await open(), await open()];
  const got: string[] = [];
  const third = receiving(b, (octets) => {
    if (got.push(text(octets)) < 3) return "more";
    void b.close();
    return "all";
  });
  for (let index = 0; index < 40; index += 1) a.send(octets(String(index)), overUdp(b.local));
  await third;
  // Comes after whatever the loop had for the other.
  const own = receiving(a, () => "all");
  a.send(octets("own"), overUdp(a.local));
  await own;
  t.same(got, ["0", "1", "2"]);
  const again = await UdpTransport.open({ bind: b.local });
  t.same(again.local, b.local, "its port is free");
  await Promise.all([a.close(), b.close(), again.close()]);
});

t.test("who reads a message keeps none of the transport's memory", async (t) => {
  const [a, b] = [await open(), await open()];
  const set = new TransportSet({
    listeners: [{ kind: "datagrams", transport: b }],
    clock: new ManualClock(),
  });
  const store = new MessageStore();
  const read: unknown[] = [];
  const invite = (callid: string): string =>
    [
      "INVITE sip:bob@192.0.2.1 SIP/2.0",
      "Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1",
      "From: <sip:alice@192.0.2.9>;tag=1",
      "To: <sip:bob@192.0.2.1>",
      `Call-ID: ${callid}`,
      "CSeq: 1 INVITE",
      "Subject: about",
      `  ${callid}`,
      "Content-Length: 1",
      "",
      callid.slice(0, 1),
    ].join("\r\n");
  const batch = async (callids: readonly string[]): Promise<void> => {
    let left = callids.length;
    await new Promise<void>((resolve) => {
      set.receive({
        octets: (octets, flow) => {
          store.take({ octets, protocol: "UDP", from: flow.remote, to: b.local, at: epochMillis(0) }, "in");
          read.push(parseMessage(octets));
          left -= 1;
          if (left === 0) resolve();
        },
        sendError: (_to, error) => t.fail(error.message),
        closed: () => undefined,
      });
      for (const one of callids) a.send(octets(invite(one)), overUdp(b.local));
    });
  };
  await batch(["aaaaaaaa", "bbbbbbbb"]);
  const before = structuredClone(read);
  await batch(["cccccccc", "dddddddd"]);
  t.same(read.slice(0, 2), before);
  for (const callid of ["aaaaaaaa", "bbbbbbbb", "cccccccc", "dddddddd"]) {
    t.match(store.messagesOf(callid).messages[0]?.text, `Subject: about ${callid}\r\n`);
  }
  await set.close();
  await a.close();
});
