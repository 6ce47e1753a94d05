/** Connections in virtual time: keep-alive, limits, and which one a message goes by. */
import t from "tap";
import { ms, seconds } from "../../../ts/core/brand.js";
import type { SocketAddress } from "../../../ts/core/socket-address.js";
import type { ConnectionLimits } from "../../../ts/sip/transport/connection-limits.js";
import type { Pipe } from "../../../ts/sip/transport/pipe.js";
import type { Flow, Protocol } from "../../../ts/sip/transport/transport.js";
import { FakeNetwork } from "../../support/fake-network.js";
import { ManualClock } from "../../support/manual-clock.js";
import { SeededRandom } from "../../support/seeded-random.js";
import { transportSet } from "../../support/transaction-rig.js";

const SWITCH: SocketAddress = { address: "192.0.2.1", port: 5060 };
const PEER: SocketAddress = { address: "192.0.2.9", port: 5060 };
const octets = (text: string): Uint8Array => new TextEncoder().encode(text);
const MESSAGE = "OPTIONS sip:a SIP/2.0\r\nl: 0\r\n\r\n";

function rig(
  protocols: readonly [Protocol, ...Protocol[]] = ["TCP"],
  limits: Partial<ConnectionLimits> = {},
) {
  const clock = new ManualClock();
  const network = new FakeNetwork({ clock, random: new SeededRandom(1) });
  const transport = transportSet(network, clock, SWITCH, protocols, limits);
  const told: string[] = [];
  const flows: Flow[] = [];
  const note = (what: string): number => told.push(`${String(clock.now())} ${what}`);
  transport.receive({
    octets: (received, flow) => {
      flows.push(flow);
      note(new TextDecoder().decode(received).split(" ")[0] ?? "");
    },
    sendError: (_to, error) => note(`not sent: ${error.message}`),
    closed: () => note("closed"),
  });
  /** Connects to the switch, from a port of its own; `heard` is what it gets. */
  const connect = (port: number, protocol: Exclude<Protocol, "UDP"> = "TCP"): Pipe & { heard: string[] } => {
    const heard: string[] = [];
    const pipe = network.connections.connect(protocol, { ...PEER, port }, SWITCH, {
      opened: () => undefined,
      octets: (received) => heard.push(new TextDecoder().decode(received)),
      pong: () => undefined,
      closed: () => heard.push("closed"),
    });
    return { ...pipe, heard };
  };
  return { clock, network, transport, told, flows, connect };
}

/** Someone who takes connections at PEER and answers what `answer` says. */
function peer(network: FakeNetwork, answer: (text: string) => string | undefined): string[] {
  const heard: string[] = [];
  network.connections.listen("TCP", PEER).accept((_remote, pipe) => ({
    opened: () => undefined,
    octets: (received) => {
      const text = new TextDecoder().decode(received);
      heard.push(text);
      const reply = answer(text);
      if (reply !== undefined) pipe.write(octets(reply));
    },
    pong: () => undefined,
    closed: () => heard.push("closed"),
  }));
  return heard;
}

t.test("what is sent before a connection stands is sent when it does, in order", async (t) => {
  const { clock, network, transport, told } = rig();
  network.setConditions({ delay: ms(50) });
  const heard = peer(network, () => undefined);
  const to: Flow = { protocol: "TCP", remote: PEER };
  const first = transport.send(octets("1"), to);
  const second = transport.send(octets("2"), first);
  t.same(second, first);
  await clock.advance(ms(149));
  t.same(heard, []);
  await clock.advance(ms(1));
  t.same(heard, ["1", "2"]);
  t.same(told, []);
  await transport.close();
});

t.test(
  "a connection of ours is pinged every 95 s; once it has answered, it has to (RFC 5626 §4.4.1)",
  async (t) => {
    const { clock, network, transport, told } = rig();
    let answers = true;
    const heard = peer(network, (text) => (answers && text === "\r\n\r\n" ? "\r\n" : undefined));
    const to = transport.send(octets(MESSAGE), { protocol: "TCP", remote: PEER });
    await clock.advance(seconds(191));
    t.same(heard, [MESSAGE, "\r\n\r\n", "\r\n\r\n"]);
    answers = false;
    await clock.advance(seconds(103));
    t.equal(transport.isOpen(to), true);
    await clock.advance(seconds(1));
    t.same(told, ["295000 closed"]);
    t.same([...transport.troubles], [["no-pong", 1]]);
    t.equal(clock.pendingTimers, 0);
  },
);

t.test("a peer that never answers pings is kept, and its own pings are answered", async (t) => {
  const { clock, network, transport, told } = rig();
  const heard = peer(network, (text) => (text === MESSAGE ? MESSAGE : undefined));
  transport.send(octets(MESSAGE), { protocol: "TCP", remote: PEER });
  await clock.advance(seconds(1000));
  t.same(told, ["0 OPTIONS"]);
  t.equal(heard.filter((text) => text === "\r\n\r\n").length, 9);
  await transport.close();
});

t.test(
  "a connection without a message is closed after 30 s, one without traffic after two hours",
  async (t) => {
    const { clock, transport, told, connect } = rig();
    const silent = connect(1);
    const pinging = connect(2);
    const proven = connect(3);
    await clock.advance(ms(0));
    proven.write(octets(MESSAGE));
    await clock.advance(seconds(29));
    pinging.write(octets("\r\n\r\n"));
    await clock.advance(seconds(1));
    t.same(silent.heard, ["closed"]);
    t.same(pinging.heard, ["\r\n", "closed"], "a ping is no message");
    t.equal(transport.connections, 1);
    await clock.advance(seconds(7000));
    proven.write(octets("\r\n\r\n"));
    await clock.advance(seconds(7299));
    t.equal(transport.connections, 1);
    await clock.advance(seconds(1));
    t.same(proven.heard, ["\r\n", "closed"]);
    t.same(
      [...transport.troubles],
      [
        ["first-message-timeout", 2],
        ["idle", 1],
      ],
    );
    t.equal(told.at(-1), "14330000 closed");
    t.equal(clock.pendingTimers, 0);
  },
);

t.test("the time for a message runs from its first octet, for each message anew", async (t) => {
  const { clock, network, transport, told, connect } = rig();
  const slow = connect(1);
  await clock.advance(ms(0));
  for (const slice of [1, 1000, 1]) {
    network.connections.setSlice(slice);
    slow.write(octets(MESSAGE.slice(0, 10)));
    await clock.advance(seconds(29));
    slow.write(octets(MESSAGE.slice(10) + MESSAGE.slice(0, 10)));
    await clock.advance(seconds(29));
    slow.write(octets(MESSAGE.slice(10)));
    await clock.advance(ms(0));
  }
  t.equal(told.length, 6);
  slow.write(octets(MESSAGE.slice(0, 10)));
  await clock.advance(seconds(29));
  slow.write(octets(MESSAGE.slice(10, 12)));
  await clock.advance(seconds(1));
  t.same([...transport.troubles], [["message-timeout", 1]]);
  t.equal(clock.pendingTimers, 0);
});

t.test("a WebSocket that does not answer pings is closed 40 s later", async (t) => {
  const { clock, network, transport, connect } = rig(["WS"]);
  const pipes = [connect(1, "WS"), connect(2, "WS")];
  await clock.advance(ms(0));
  for (const pipe of pipes) pipe.write(octets(MESSAGE));
  await clock.advance(seconds(300));
  t.equal(transport.connections, 2);
  network.connections.silence({ ...PEER, port: 2 });
  await clock.advance(seconds(40));
  t.equal(transport.connections, 1);
  t.same([...transport.troubles], [["no-pong", 1]]);
});

t.test("a message goes by the connection its flow names, and nowhere once that has ended", async (t) => {
  const { clock, transport, told, flows, connect } = rig();
  const one = connect(1);
  const other = connect(2);
  await clock.advance(ms(0));
  one.write(octets(MESSAGE));
  other.write(octets(MESSAGE));
  await clock.advance(ms(0));
  const [first, second] = flows as [Flow, Flow];
  t.not(first.connection, second.connection);
  transport.send(octets("to one"), first);
  transport.send(octets("to other"), second);
  await clock.advance(ms(0));
  t.same([one.heard, other.heard], [["to one"], ["to other"]]);
  one.end();
  await clock.advance(ms(0));
  told.splice(0);
  t.equal(transport.isOpen(first), false);
  transport.send(octets("too late"), first);
  t.same(told, [], "not from within send");
  await clock.advance(ms(0));
  t.same(told, ["0 not sent: there is no connection, and none can be made"]);
  await transport.close();
});

t.test("a connection that we made is made again when it has ended", async (t) => {
  const { clock, network, transport, told } = rig();
  const heard = peer(network, () => undefined);
  const first = transport.send(octets("1"), { protocol: "TCP", remote: PEER });
  await clock.advance(ms(0));
  network.connections.reset(PEER);
  t.same(told, ["0 closed"]);
  t.equal(transport.isOpen(first), true);
  const second = transport.send(octets("2"), first);
  const third = transport.send(octets("3"), first);
  await clock.advance(ms(0));
  t.not(second.connection, first.connection);
  t.equal(third.connection, second.connection, "one for both");
  t.same(heard, ["1", "closed", "2", "3"]);
  await transport.close();
});

t.test("numbers of connections: never the same, not even in the next process", async (t) => {
  const numbers = [];
  for (const epoch of [0, 1]) {
    const { clock, network, transport } = rig();
    await clock.advance(ms(epoch));
    const later = transportSet(network, clock, { ...SWITCH, port: 5070 }, ["TCP"]);
    const flow = later.send(octets(MESSAGE), { protocol: "TCP", remote: PEER });
    numbers.push(flow.connection);
    await transport.close();
    await later.close();
  }
  t.not(numbers[0], numbers[1]);
});

t.test("many connections to open at once are bounded as those that are accepted", async (t) => {
  const { clock, network, transport, told } = rig(["TCP"], { connections: 2 });
  for (let port = 1; port <= 3; port += 1) {
    network.connections.silence({ ...PEER, port });
    transport.send(octets(MESSAGE), { protocol: "TCP", remote: { ...PEER, port } });
  }
  await clock.advance(ms(0));
  t.same(told, ["0 not sent: there is no connection, and none can be made"]);
  await clock.advance(seconds(5));
  t.equal(transport.connections, 0);
  t.same(
    [...transport.troubles],
    [
      ["connections-full", 1],
      ["connect-timeout", 2],
    ],
  );
});

t.test("too much to send to a connection that does not stand yet: given up", async (t) => {
  const { clock, network, transport, told } = rig(["TCP"], { unsent: 100 });
  network.connections.silence(PEER);
  const to: Flow = { protocol: "TCP", remote: PEER };
  for (let turn = 0; turn < 4; turn += 1) transport.send(octets("x".repeat(40)), to);
  t.same(told, []);
  await clock.advance(ms(0));
  t.same(told, [...Array.from({ length: 3 }, () => "0 not sent: the far end does not read"), "0 closed"]);
});

t.test(
  "listeners: the flow's own, else one of its protocol and family, else of its family, else the first",
  (t) => {
    const clock = new ManualClock();
    const network = new FakeNetwork({ clock, random: new SeededRandom(1) });
    const six = { address: "2001:db8::1", port: 5060 };
    const set = transportSet(network, clock, SWITCH, ["UDP", "TCP"]);
    const both = [set, transportSet(network, clock, six, ["UDP"])];
    t.equal(set.listenerFor({ protocol: "TCP", remote: PEER }).name, "tcp:192.0.2.1:5060");
    t.equal(set.listenerFor({ protocol: "TLS", remote: PEER }).name, "udp:192.0.2.1:5060");
    t.equal(set.listenerFor({ protocol: "TCP", remote: six }).name, "udp:192.0.2.1:5060");
    t.equal(
      set.listenerFor({ protocol: "UDP", remote: PEER, listener: "tcp:192.0.2.1:5060" }).name,
      "tcp:192.0.2.1:5060",
    );
    t.equal(set.connects("TCP"), true);
    t.equal(set.connects("TLS"), false);
    t.equal(set.connects("WS"), false);
    t.same(
      both.map((one) => one.health.sockets),
      [2, 1],
    );
    t.end();
  },
);
