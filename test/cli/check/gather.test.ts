/** On this machine, whatever it is like. */
import { createSocket } from "node:dgram";
import t from "tap";
import { gatherFacts } from "../../../ts/cli/check/gather.js";

const LOOPBACK = "127.0.0.1";

await t.test(
  "a port that is taken is seen, one that is free is not, and an address of others neither",
  async (t) => {
    const holder = createSocket("udp4");
    await new Promise<void>((resolve) => holder.bind(0, LOOPBACK, resolve));
    t.teardown(() => holder.close());
    const { port } = holder.address();
    const facts = await gatherFacts({
      sipAddress: LOOPBACK,
      sipPort: 5060,
      listen: [
        { protocols: ["UDP"], bind: { address: LOOPBACK, port } },
        { protocols: ["UDP"], bind: { address: "203.0.113.250", port: 5060 } },
      ],
      sipHttpPort: 0,
      rtpHttpPort: 0,
      controlHttpPort: 0,
      httpAddress: LOOPBACK,
      trust: [],
      ports: { low: port - (port % 2), high: port - (port % 2) + 1 },
      shards: 1,
      soundsRoot: ".",
      recordingsRoot: "/no/such/folder",
      tlsCert: import.meta.filename,
      logLevel: "info",
    });
    t.match(facts.sockets, [
      { what: "SIP", flag: "--listen", protocol: "UDP", address: LOOPBACK, port, refused: "EADDRINUSE" },
      { refused: "EADDRNOTAVAIL" },
    ]);
    t.equal(facts.sockets.length, 2, "ports 0 are not tried");
    t.ok(facts.takenMediaPorts.includes(port));
    t.equal(facts.node.version, process.version);
    t.match(facts.node.needed, /^\d+\.\d+/);
    t.ok(facts.addresses.some(({ address, isLoopback }) => address === LOOPBACK && isLoopback));
    t.ok(facts.processors >= 1);
    t.ok((facts.mostOpenFiles ?? 0) > 0);
    t.match(facts.unwritable, [{ flag: "--recordings-root", path: "/no/such/folder", why: "ENOENT" }]);
    t.match(facts.certificate, { file: import.meta.filename, fault: String });
    t.ok(facts.clock.year > 2000);
  },
);
