/** Real sockets of every protocol; the limits run in virtual time. */
import { once } from "node:events";
import { copyFileSync } from "node:fs";
import { request } from "node:http";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import t, { type Test } from "tap";
import { WebSocket } from "ws";
import { ms } from "../../../ts/core/brand.js";
import { silentLog } from "../../../ts/core/log.js";
import { formatSocketAddress, type SocketAddress } from "../../../ts/core/socket-address.js";
import type { ConnectionLimits } from "../../../ts/sip/transport/connection-limits.js";
import { openTransports, type SystemTransports } from "../../../ts/sip/transport/system-transports.js";
import type { Flow, Protocol } from "../../../ts/sip/transport/transport.js";
import { makeCertificate, type CertificateFiles } from "../../support/certificate.js";
import { ManualClock } from "../../support/manual-clock.js";

const octets = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (from: Uint8Array): string => new TextDecoder().decode(from);
const message = (body = ""): string =>
  `OPTIONS sip:a@b SIP/2.0\r\nContent-Length: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`;

/** Lets sockets work until it is so; the test's own time limit is the only one. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await setImmediate();
}

interface Open {
  readonly clock: ManualClock;
  readonly transports: SystemTransports;
  /** Messages, `closed`, and errors, in order. */
  readonly told: { readonly what: string; readonly flow: Flow }[];
  address(protocol: Protocol): SocketAddress;
}

interface OpenOptions {
  readonly address?: string;
  readonly limits?: Partial<ConnectionLimits>;
  readonly certificate?: CertificateFiles;
  readonly authorities?: string;
  readonly verify?: "full" | "none";
}

async function open(t: Test, protocols: readonly Protocol[], options: OpenOptions = {}): Promise<Open> {
  const clock = new ManualClock();
  const { address = "127.0.0.1", certificate, limits, authorities, verify = "full" } = options;
  const [first, ...others] = protocols.map((protocol) => ({
    protocols: [protocol],
    bind: { address, port: 0 },
  }));
  const transports = await openTransports({
    addresses: [first!, ...others],
    clock,
    log: silentLog,
    tls: {
      verify,
      ...(certificate === undefined ? {} : { certificate: certificate.certificate, key: certificate.key }),
      ...(authorities === undefined ? {} : { authorities }),
    },
    ...(limits === undefined ? {} : { limits }),
    failed: (error) => error as Error,
  });
  t.teardown(() => transports.close());
  const told: { what: string; flow: Flow }[] = [];
  transports.transport.receive({
    octets: (received, flow) => told.push({ what: text(received), flow }),
    sendError: (flow, error) => told.push({ what: `not sent: ${error.message}`, flow }),
    closed: (flow) => told.push({ what: "closed", flow }),
  });
  return {
    clock,
    transports,
    told,
    address: (protocol) => transports.transport.listeners.find((one) => one.protocol === protocol)!.local,
  };
}

function client(t: Test, { address, port }: SocketAddress): Socket {
  const socket = connect(port, address);
  socket.on("error", () => undefined);
  t.teardown(() => socket.destroy());
  return socket;
}

const certificateOf = (t: Test, names: readonly string[]): CertificateFiles =>
  makeCertificate(t.testdir({}), names);

interface Peer {
  send(message: string): void;
  received(): string;
  close(): void;
}

/** Connects as a phone does. */
async function peer(t: Test, protocol: Protocol, to: SocketAddress, ca: string): Promise<Peer> {
  if (protocol === "WS" || protocol === "WSS") {
    const scheme = protocol.toLowerCase();
    // Node 22.23 finds no IPv6 address in a certificate.
    const tls = { ca, servername: "phones.example" };
    const webSocket = new WebSocket(`${scheme}://${formatSocketAddress(to)}/any`, "sip", {
      ...tls,
      perMessageDeflate: false,
    });
    t.teardown(() => webSocket.terminate());
    let received = "";
    webSocket.on("message", (data: Buffer) => (received += data.toString()));
    await once(webSocket, "open");
    t.equal(webSocket.protocol, "sip");
    return { send: (one) => webSocket.send(one), received: () => received, close: () => webSocket.close() };
  }
  const options = { port: to.port, host: to.address };
  const socket =
    protocol === "TLS" ? connectTls({ ...options, ca, servername: "phones.example" }) : connect(options);
  t.teardown(() => socket.destroy());
  let received = "";
  socket.on("data", (data: Buffer) => (received += data.toString()));
  await once(socket, protocol === "TLS" ? "secureConnect" : "connect");
  return { send: (one) => socket.write(one), received: () => received, close: () => socket.end() };
}

for (const address of ["127.0.0.1", "::1"]) {
  for (const protocol of ["TCP", "TLS", "WS", "WSS"] as const) {
    t.test(`${protocol} on ${address}: messages both ways by one connection, and its end`, async (t) => {
      const certificate = certificateOf(t, ["DNS:phones.example", "IP:127.0.0.1", "IP:::1"]);
      const { transports, told, address: of } = await open(t, ["UDP", protocol], { address, certificate });
      const { transport } = transports;
      const phone = await peer(t, protocol, of(protocol), certificate.pem);
      phone.send(message("héllo"));
      await until(() => told.length === 1);
      const { what, flow } = told[0]!;
      t.equal(what, message("héllo"));
      const { connection, remote, ...rest } = flow;
      t.same(rest, { protocol, listener: `${protocol.toLowerCase()}:${formatSocketAddress(of(protocol))}` });
      t.equal(remote.address, address);
      t.equal(transport.listenerFor(flow).protocol, protocol);
      t.equal(transport.connections, 1);

      t.same(transport.send(octets(message("back")), flow), flow);
      const { listener: _, connection: __, ...anyTo } = flow;
      t.equal(transport.send(octets(message("again")), anyTo).connection, connection, "found by its address");
      await until(() => phone.received().length === (message("back") + message("again")).length);
      t.equal(phone.received(), message("back") + message("again"));

      phone.send("\r\n\r\n");
      await until(() => phone.received().endsWith("again\r\n"));
      phone.close();
      await until(() => told.length === 2);
      t.equal(told[1]!.what, "closed");
      t.equal(transport.isOpen(flow), false);
      t.equal(transport.connections, 0);
    });
  }
}

t.test("UDP and TCP share a port that the system chose", async (t) => {
  const transports = await openTransports({
    addresses: [{ protocols: ["UDP", "TCP"], bind: { address: "127.0.0.1", port: 0 } }],
    clock: new ManualClock(),
    log: silentLog,
    tls: { verify: "full" },
    failed: (error) => error as Error,
  });
  const [udp, tcp] = transports.transport.listeners;
  t.same(udp.local, tcp?.local);
  t.same([udp.protocol, tcp?.protocol], ["UDP", "TCP"]);
  await transports.close();
});

t.test(
  "each listener has an advertised address of its own; a UDP answer leaves by its listener",
  async (t) => {
    const bind = { address: "127.0.0.1", port: 0 };
    const transports = await openTransports({
      addresses: [
        { protocols: ["UDP"], bind },
        { protocols: ["UDP"], bind, advertised: { address: "203.0.113.7", port: 5060 } },
        { protocols: ["TCP"], bind, advertised: { address: "203.0.113.8", port: 0 } },
      ],
      clock: new ManualClock(),
      log: silentLog,
      tls: { verify: "full" },
      failed: (error) => error as Error,
    });
    t.teardown(() => transports.close());
    const { transport } = transports;
    const [one, other, tcp] = transport.listeners;
    t.same(other?.advertised, { address: "203.0.113.7", port: 5060 });
    t.same(tcp?.advertised, { address: "203.0.113.8", port: tcp?.local.port });
    const from: string[] = [];
    transport.receive({
      octets: (_octets, flow) => from.push(`${flow.listener} ${String(flow.remote.port)}`),
      sendError: () => undefined,
      closed: () => undefined,
    });
    const flow: Flow = { protocol: "UDP", remote: one.local, listener: other!.name };
    t.same(transport.listenerFor(flow), other);
    transport.send(octets("x"), flow);
    await until(() => from.length === 1);
    t.same(from, [`${one.name} ${String(other!.local.port)}`]);
  },
);

t.test("a port that is taken: nothing stays open", async (t) => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const bind = { address: "127.0.0.1", port: (taken.address() as AddressInfo).port };
  const options = {
    clock: new ManualClock(),
    log: silentLog,
    tls: { verify: "full" as const },
    failed: (_error: unknown, protocol: Protocol) => new Error(`${protocol} is taken`),
  };
  const address = { protocols: ["UDP", "TCP"] as const, bind };
  await t.rejects(openTransports({ ...options, addresses: [address] }), /TCP is taken/);
  taken.close();
  await once(taken, "close");
  const second = await openTransports({ ...options, addresses: [address] });
  await second.close();
});

for (const [what, sent, reason] of [
  ["HTTP", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "not-sip"],
  ["TLS where TCP is spoken", "\x16\x03\x01\x02\x00\x01", "not-sip"],
  ["no Content-Length", "OPTIONS sip:a SIP/2.0\r\nVia: x\r\n\r\n", "content-length-missing"],
  ["a body without end", "OPTIONS sip:a SIP/2.0\r\nl: 99999999\r\n\r\n", "message-too-large"],
] as const) {
  t.test(`over TCP, ${what}: closed and counted`, async (t) => {
    const { transports, address } = await open(t, ["TCP"]);
    const socket = client(t, address("TCP"));
    socket.write(Buffer.from(sent, "latin1"));
    await once(socket, "close");
    t.same([...transports.transport.troubles], [[reason, 1]]);
    t.equal(transports.transport.connections, 0);
  });
}

t.test("slow-loris: octets that trickle in keep a connection for 30 seconds and no longer", async (t) => {
  const { transports, clock, address, told } = await open(t, ["TCP"]);
  const { transport } = transports;
  const silent = client(t, address("TCP"));
  const slow = client(t, address("TCP"));
  await until(() => transport.connections === 2);
  slow.write(message());
  await until(() => told.length === 1);
  await clock.advance(ms(20_000));
  slow.write("OPT");
  // The first octets of it have to have come before the clock goes on.
  await until(() => clock.pendingTimers === 3);
  await clock.advance(ms(10_000));
  await once(silent, "close");
  t.same([...transport.troubles], [["first-message-timeout", 1]]);
  slow.write("IONS");
  await clock.advance(ms(19_999));
  t.equal(transport.connections, 1);
  await clock.advance(ms(1));
  await once(slow, "close");
  t.same([...transport.troubles.keys()], ["first-message-timeout", "message-timeout"]);
  t.equal(clock.pendingTimers, 0);
});

t.test("half-open handshakes are bounded in number and time", async (t) => {
  const certificate = certificateOf(t, ["DNS:phones.example", "IP:127.0.0.1", "IP:::1"]);
  const limits = { unproven: 6, unprovenPerSource: 4 };
  const { transports, clock, address } = await open(t, ["TLS", "WSS", "WS"], { certificate, limits });
  const { transport } = transports;
  const flood = Array.from({ length: 10 }, () => client(t, address("TLS")));
  const closed = flood.map((socket) => once(socket, "close"));
  await until(() => transport.troubles.get("source-unproven-full") === 6);
  t.equal(transport.connections, 4);
  await clock.advance(ms(10_000));
  await Promise.all(closed);
  t.equal(transport.troubles.get("handshake-timeout"), 4);
  t.equal(transport.connections, 0);

  for (const protocol of ["WSS", "WS"] as const) {
    const socket = client(t, address(protocol));
    await until(() => transport.connections === 1);
    await clock.advance(ms(10_000));
    await once(socket, "close");
  }
  t.equal(transport.troubles.get("handshake-timeout"), 6);
  const phone = await peer(t, "WSS", address("WSS"), certificate.pem);
  phone.send(message());
  t.equal(transport.connections, 1, "and the next phone gets in");
});

t.test("no TLS where TLS is spoken: closed and counted", async (t) => {
  const certificate = certificateOf(t, ["DNS:phones.example", "IP:127.0.0.1", "IP:::1"]);
  const { transports, address } = await open(t, ["TLS"], { certificate });
  const socket = client(t, address("TLS"));
  socket.write(message());
  await once(socket, "close");
  await until(() => transports.transport.connections === 0);
  t.same([...transports.transport.troubles], [["handshake-failed", 1]]);
});

t.test("connections in all and of one source are bounded", async (t) => {
  const { transports, address, told } = await open(t, ["TCP"], {
    limits: { connections: 3, connectionsPerSource: 2 },
  });
  const from = (localAddress: string): Socket => {
    const socket = connect({ port: address("TCP").port, host: "127.0.0.1", localAddress });
    socket.on("error", () => undefined);
    t.teardown(() => socket.destroy());
    socket.write(message());
    return socket;
  };
  from("127.0.0.2");
  from("127.0.0.2");
  await until(() => told.length === 2);
  await once(from("127.0.0.2"), "close");
  const third = from("127.0.0.3");
  await until(() => told.length === 3);
  await once(from("127.0.0.4"), "close");
  t.same(
    [...transports.transport.troubles],
    [
      ["source-full", 1],
      ["connections-full", 1],
    ],
  );
  third.destroy();
  await until(() => told.at(-1)!.what === "closed");
  from("127.0.0.4");
  await until(() => told.length === 5);
});

t.test("a peer that does not read: closed when too much waits for it", async (t) => {
  const { transports, address, clock, told } = await open(t, ["TCP"], { limits: { unsent: 100_000 } });
  const { transport } = transports;
  const socket = client(t, address("TCP"));
  socket.pause();
  socket.write(message());
  await until(() => told.length === 1);
  const { flow } = told[0]!;
  for (let sent = 0; transport.isOpen(flow) && sent < 1000; sent += 1) {
    transport.send(octets(message("x".repeat(60_000))), flow);
    await clock.advance(ms(0));
  }
  t.same([...transport.troubles], [["unsent-too-much", 1]]);
  t.equal(told.at(-1)!.what, "closed");
});

t.test(
  "WebSocket: the subprotocol sip is required, and there is nothing else to get (RFC 7118 §4)",
  async (t) => {
    const { transports, address } = await open(t, ["WS"]);
    const where = formatSocketAddress(address("WS"));
    for (const protocols of [[], ["xmpp"]]) {
      const webSocket = new WebSocket(`ws://${where}`, protocols);
      webSocket.on("error", () => undefined);
      const [, response] = (await once(webSocket, "unexpected-response")) as [
        unknown,
        { statusCode: number },
      ];
      t.equal(response.statusCode, 400);
      webSocket.terminate();
    }
    const [response] = (await once(request(`http://${where}/`).end(), "response")) as [
      { statusCode: number; resume(): void },
    ];
    response.resume();
    t.equal(response.statusCode, 426);
    await until(() => transports.transport.connections === 0);
    t.same([...transports.transport.troubles], [["handshake-failed", 3]]);
  },
);

t.test("WebSocket: text where it is UTF-8, else binary; either is taken (RFC 7118 §5.1)", async (t) => {
  const { transports, address, told } = await open(t, ["WS"]);
  const webSocket = new WebSocket(`ws://${formatSocketAddress(address("WS"))}`, ["other", "sip"]);
  await once(webSocket, "open");
  t.equal(webSocket.protocol, "sip");
  webSocket.send(Buffer.from(message()), { binary: true });
  webSocket.send(message(), { binary: false });
  await until(() => told.length === 2);
  const { flow } = told[0]!;
  const kinds: boolean[] = [];
  webSocket.on("message", (_data, isBinary) => kinds.push(isBinary));
  transports.transport.send(octets(message("é")), flow);
  transports.transport.send(Uint8Array.of(0x41, 0xff), flow);
  await until(() => kinds.length === 2);
  t.same(kinds, [false, true]);
  webSocket.send("x".repeat(65_508));
  await until(() => told.at(-1)!.what === "closed");
  t.same([...transports.transport.troubles], [["message-too-large", 1]]);
  webSocket.terminate();
});

t.test("WebSocket: pinged every 30 s; without a pong it is closed after 10 s more", async (t) => {
  const { transports, clock, address, told } = await open(t, ["WS"]);
  const where = `ws://${formatSocketAddress(address("WS"))}`;
  const alive = new WebSocket(where, "sip");
  const dead = new WebSocket(where, "sip", { autoPong: false });
  const pings: string[] = [];
  alive.on("ping", () => pings.push("alive"));
  dead.on("ping", () => pings.push("dead"));
  await Promise.all([once(alive, "open"), once(dead, "open")]);
  for (const webSocket of [alive, dead]) webSocket.send(message());
  await until(() => told.length === 2);
  await clock.advance(ms(30_000));
  await until(() => pings.length === 2);
  // The pong comes back in real time: once it is here, one timer is set anew, and one more is left to fire.
  alive.send(message());
  await until(() => told.length === 3);
  await clock.advance(ms(10_000));
  await once(dead, "close");
  t.same([...transports.transport.troubles], [["no-pong", 1]]);
  await clock.advance(ms(20_000));
  await until(() => pings.length === 3);
  t.equal(pings[2], "alive");
  t.equal(transports.transport.connections, 1);
  alive.terminate();
});

const TLS_TO = (remote: SocketAddress, serverName?: string): Flow => ({
  protocol: "TLS",
  remote,
  ...(serverName === undefined ? {} : { serverName }),
});

t.test("connections we make: TCP and TLS, the far certificate checked (RFC 5922 §7)", async (t) => {
  const certificate = certificateOf(t, ["DNS:phones.example", "DNS:*.wild.example"]);
  const far = await open(t, ["TCP", "TLS"], { certificate });
  const near = await open(t, ["TCP"], { authorities: certificate.certificate });
  const { transport } = near.transports;

  const tcp = transport.send(octets(message("1")), { protocol: "TCP", remote: far.address("TCP") });
  t.type(tcp.connection, "number");
  t.equal(tcp.listener, transport.listeners[0].name);
  const good = transport.send(octets(message("2")), TLS_TO(far.address("TLS"), "phones.example"));
  await until(() => far.told.length === 2);
  t.same(far.told.map(({ what }) => what).sort(), [message("1"), message("2")]);
  t.equal(transport.connections, 2);
  t.equal(
    transport.send(octets(message("3")), TLS_TO(far.address("TLS"), "phones.example")).connection,
    good.connection,
    "used again for the same name",
  );
  await until(() => far.told.length === 3);

  for (const name of ["other.example", "a.wild.example", undefined]) {
    const before = near.told.length;
    const bad = transport.send(octets(message("bad")), TLS_TO(far.address("TLS"), name));
    t.not(bad.connection, good.connection, "not that of another name");
    await until(() => near.told.length === before + 2);
    t.match(near.told[before]!.what, /not sent: the certificate does not speak for/, name ?? "no name");
    t.equal(near.told[before]!.flow.connection, bad.connection);
  }
  t.equal(far.told.filter(({ what }) => what.endsWith("bad")).length, 0, "nothing was sent");

  const stranger = await open(t, ["TCP"]);
  stranger.transports.transport.send(octets(message()), TLS_TO(far.address("TLS"), "phones.example"));
  await until(() => stranger.told.length === 2);
  t.match(stranger.told[0]!.what, /not sent: self-signed certificate/);
  const trusting = await open(t, ["TCP"], { verify: "none" });
  trusting.transports.transport.send(octets(message("any")), TLS_TO(far.address("TLS"), "other.example"));
  await until(() => far.told.some(({ what }) => what === message("any")));
});

t.test("a connection that is refused, or of no possible address, is told, never thrown", async (t) => {
  const near = await open(t, ["TCP"]);
  const closed = createServer().listen(0, "127.0.0.1");
  await once(closed, "listening");
  const { port } = closed.address() as AddressInfo;
  closed.close();
  await once(closed, "close");
  for (const remote of [
    { address: "127.0.0.1", port },
    { address: "127.0.0.1", port: 0 },
    { address: "127.0.0.1", port: 70_000 },
    { address: "name.example", port: 5060 },
  ]) {
    near.told.splice(0);
    near.transports.transport.send(octets(message()), { protocol: "TCP", remote });
    t.same(near.told, []);
    await until(() => near.told.length === 2);
    t.match(near.told[0]!.what, /^not sent: /);
  }
  t.same([...near.transports.transport.troubles], [["connect-failed", 4]]);
  near.told.splice(0);
  near.transports.transport.send(octets(message()), {
    protocol: "WS",
    remote: { address: "127.0.0.1", port },
  });
  await near.clock.advance(ms(0));
  t.match(near.told[0]!.what, /^not sent: /, "no WebSocket is made");
});

t.test("a changed certificate is used for new connections; what can't be used changes nothing", async (t) => {
  const folder = t.testdir({});
  const first = makeCertificate(folder, ["DNS:phones.example"], { file: "used", commonName: "first" });
  const second = makeCertificate(folder, ["DNS:phones.example"], { file: "next", commonName: "second" });
  const { transports, address } = await open(t, ["TLS"], { certificate: first });
  const shown = async (): Promise<unknown> => {
    const { port } = address("TLS");
    const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false });
    await once(socket, "secureConnect");
    const name = socket.getPeerCertificate().subject.CN;
    socket.destroy();
    return name;
  };
  t.equal(await shown(), "first");
  copyFileSync(second.certificate, first.certificate);
  await t.rejects(transports.reloadCertificates(), /key values mismatch/);
  t.equal(await shown(), "first");
  copyFileSync(second.key, first.key);
  await transports.reloadCertificates();
  t.equal(await shown(), "second");
});

t.test("close: what was sent before still leaves, connections end, ports are free", async (t) => {
  const { transports, address, told } = await open(t, ["UDP", "TCP"]);
  const socket = client(t, address("TCP"));
  socket.write(message());
  await until(() => told.length === 1);
  let received = "";
  socket.on("data", (data: Buffer) => (received += data.toString()));
  transports.transport.send(octets(message("last words")), told[0]!.flow);
  await transports.close();
  await once(socket, "close");
  t.equal(received, message("last words"));
  const again = createServer().listen(address("TCP").port, "127.0.0.1");
  await once(again, "listening");
  again.close();
});
