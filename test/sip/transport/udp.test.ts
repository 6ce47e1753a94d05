import { createSocket } from "node:dgram";
import t from "tap";
import { overUdp } from "../../support/fake-network.js";
import type { SocketAddress } from "../../../ts/core/socket-address.js";
import type { Flow } from "../../../ts/sip/transport/transport.js";
import { UdpTransport } from "../../../ts/sip/transport/udp.js";

interface Received {
  readonly text: string;
  readonly flow: Flow;
}

/** What a transport gets, one promise each; waits for the network, not for time. */
function inbox(transport: UdpTransport): { next(): Promise<Received>; nextError(): Promise<SocketAddress> } {
  const queue = <Item>(): { put(item: Item): void; take(): Promise<Item> } => {
    const items: Item[] = [];
    const waiting: ((item: Item) => void)[] = [];
    return {
      put: (item) => {
        const first = waiting.shift();
        if (first === undefined) items.push(item);
        else first(item);
      },
      take: () => {
        const item = items.shift();
        return item === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(item);
      },
    };
  };
  const messages = queue<Received>();
  const errors = queue<SocketAddress>();
  transport.receive({
    octets: (octets, flow) => {
      messages.put({ text: new TextDecoder().decode(octets), flow });
    },
    sendError: (to, error) => {
      t.ok(error instanceof Error && error.message !== "");
      errors.put(to.remote);
    },
    closed: () => t.fail("there are no connections"),
  });
  return { next: messages.take, nextError: errors.take };
}

const octets = (text: string): Uint8Array => new TextEncoder().encode(text);

for (const address of ["127.0.0.1", "::1"]) {
  t.test(`there and back on ${address}, from the port it is bound to`, async (t) => {
    const a = await UdpTransport.open({ bind: { address, port: 0 } });
    const b = await UdpTransport.open({ bind: { address, port: 0 } });
    const [atA, atB] = [inbox(a), inbox(b)];
    t.equal(a.local.address, address);
    t.ok(a.local.port > 0);
    t.same(a.advertised, a.local);

    a.send(octets("ping"), overUdp(b.local));
    const ping = await atB.next();
    t.same(ping, { text: "ping", flow: { ...overUdp(a.local), listener: b.listenerFor().name } });
    b.send(octets("pong"), overUdp(ping.flow.remote));
    t.same(await atA.next(), { text: "pong", flow: { ...overUdp(b.local), listener: a.listenerFor().name } });
    await Promise.all([a.close(), b.close()]);
  });

  t.test(`the largest datagram goes through on ${address}, one more octet is an error`, async (t) => {
    const a = await UdpTransport.open({ bind: { address, port: 0 } });
    const at = inbox(a);
    const largest = address.includes(":") ? 65_527 : 65_507;
    a.send(new Uint8Array(largest).fill(0x61), overUdp(a.local));
    t.equal((await at.next()).text.length, largest);
    a.send(new Uint8Array(largest + 1), overUdp(a.local));
    t.same(await at.nextError(), a.local);
    await a.close();
  });
}

t.test("what can't be sent is told, never thrown", async (t) => {
  const transport = await UdpTransport.open({ bind: { address: "127.0.0.1", port: 0 } });
  const at = inbox(transport);
  const impossible: readonly SocketAddress[] = [
    { address: "127.0.0.1", port: 0 },
    { address: "127.0.0.1", port: -1 },
    { address: "127.0.0.1", port: 99_999 },
    { address: "127.0.0.1", port: 5060.5 },
    { address: "127.0.0.1", port: NaN },
    { address: "::1", port: 5060 },
    { address: "localhost", port: 5060 },
    { address: "", port: 5060 },
    { address: "[::1]", port: 5060 },
  ];
  for (const to of impossible) {
    transport.send(octets("x"), overUdp(to));
    t.same(await at.nextError(), to, `${to.address} ${String(to.port)}`);
  }
  // The socket is still good.
  transport.send(octets("y"), overUdp(transport.local));
  t.equal((await at.next()).text, "y");

  await transport.close();
  transport.send(octets("z"), overUdp(transport.local));
  t.same(await at.nextError(), transport.local, "after close");
  await transport.close();
});

t.test("a send error is not told from within send", async (t) => {
  const transport = await UdpTransport.open({ bind: { address: "127.0.0.1", port: 0 } });
  let told = false;
  transport.receive({ octets: () => undefined, sendError: () => (told = true), closed: () => undefined });
  transport.send(octets("x"), overUdp({ address: "127.0.0.1", port: 0 }));
  t.equal(told, false);
  await Promise.resolve();
  t.equal(told, true);
  await transport.close();
});

t.test("the address peers are told", async (t) => {
  const everywhere = await UdpTransport.open({ bind: { address: "0.0.0.0", port: 0 } });
  t.equal(everywhere.local.address, "0.0.0.0");
  t.equal(everywhere.advertised.port, everywhere.local.port);
  t.notOk(["0.0.0.0", "::"].includes(everywhere.advertised.address));
  await everywhere.close();

  const bind = { address: "127.0.0.1", port: 0 };
  const behindNat = await UdpTransport.open({ bind, advertised: { address: "203.0.113.5", port: 5060 } });
  t.same(behindNat.advertised, { address: "203.0.113.5", port: 5060 });
  await behindNat.close();

  const samePort = await UdpTransport.open({ bind, advertised: { address: "203.0.113.5", port: 0 } });
  t.same(samePort.advertised, { address: "203.0.113.5", port: samePort.local.port });
  await samePort.close();
});

t.test("a port that is taken is an error of open", async (t) => {
  const first = await UdpTransport.open({ bind: { address: "127.0.0.1", port: 0 } });
  const { address, port } = first.local;
  await t.rejects(UdpTransport.open({ bind: first.local }), {
    code: "EADDRINUSE",
    syscall: "bind",
    message: `bind EADDRINUSE ${address}:${String(port)}`,
    address,
    port,
  });
  await first.close();
});

t.test("an IPv6 socket on every interface leaves IPv4 to another", async (t) => {
  const six = await UdpTransport.open({ bind: { address: "::", port: 0 } });
  const four = await UdpTransport.open({ bind: { address: "0.0.0.0", port: six.local.port } });
  await Promise.all([six.close(), four.close()]);
  t.pass("both were open");
});

t.test("the receive buffer asked for is what the system grants", async (t) => {
  const small = await UdpTransport.open({
    bind: { address: "127.0.0.1", port: 0 },
    receiveBuffer: 16 * 1024,
  });
  const large = await UdpTransport.open({ bind: { address: "127.0.0.1", port: 0 } });
  t.ok(large.receiveBuffer > small.receiveBuffer);
  await Promise.all([small.close(), large.close()]);
});

t.test("datagrams of other sockets carry their source", async (t) => {
  const transport = await UdpTransport.open({ bind: { address: "127.0.0.1", port: 0 } });
  const at = inbox(transport);
  const peer = createSocket("udp4");
  await new Promise<void>((resolve) => peer.bind(0, "127.0.0.1", resolve));
  peer.send("", transport.local.port, "127.0.0.1");
  t.same(await at.next(), {
    text: "",
    flow: {
      ...overUdp({ address: "127.0.0.1", port: peer.address().port }),
      listener: transport.listenerFor().name,
    },
  });
  peer.close();
  await transport.close();
});
