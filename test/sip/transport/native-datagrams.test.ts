// The addon's socket in processes and threads of its own.
import { execFile } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import t from "tap";
import {
  loadNativeDatagrams,
  type NativeDatagramSocket,
} from "../../../ts/sip/transport/native-datagrams.js";

const run = promisify(execFile);

/** By CommonJS, so that it also runs from a worker's text. */
const script = `
  const { DatagramSocket } = require("node-gyp-build")(${JSON.stringify(process.cwd())});
  const local = { address: "127.0.0.1", port: 0, receiveBuffer: 65536 };
  const open = (told = () => {}, writable = () => {}) => new DatagramSocket(local, told, writable);
`;

const outputOf = async (more: string): Promise<string> =>
  (await run(process.execPath, ["-e", script + more])).stdout;

t.test("an addon that can't be loaded: the error says what to do", (t) => {
  // Where node-gyp-build looks instead of in the package's folder.
  process.env["MEDIASWITCH_PREBUILD"] = t.testdir({});
  t.teardown(() => delete process.env["MEDIASWITCH_PREBUILD"]);
  t.throws(() => loadNativeDatagrams(), { code: "SIP_UNAVAILABLE", message: /npm run build:native/ });
  t.end();
});

t.test("sockets opened and closed leave no descriptor, and the process ends by itself", async (t) => {
  const output = await outputOf(`
    const count = () => require("node:fs").readdirSync("/proc/self/fd").length;
    open().close();
    const before = count();
    for (let round = 0; round < 300; ++round) { const socket = open(); socket.close(); socket.close(); }
    for (let round = 0; round < 50; ++round) {
      const taken = open();
      let code;
      try { new DatagramSocket({ ...local, port: taken.port }, () => {}, () => {}); } catch (error) { code = error.errno; }
      if (code !== -require("node:os").constants.errno.EADDRINUSE) throw new Error("bound twice");
      taken.close();
    }
    console.log(count() - before);
  `);
  t.equal(output, "0\n");
});

t.test("an open socket keeps the process, and exiting with one open is no trouble", async (t) => {
  const output = await outputOf(`
    const socket = open(() => { console.log("heard"); process.exit(0); });
    socket.send(new Uint8Array(3), "127.0.0.1", socket.port);
  `);
  t.equal(output, "heard\n");
});

t.test("what is thrown from a callback is an uncaught exception; the socket goes on", async (t) => {
  const output = await outputOf(`
    process.on("uncaughtException", (error) => console.log(error.message));
    let heard = 0;
    const socket = open(() => {
      heard += 1;
      if (heard === 1) { socket.send(new Uint8Array(3), "127.0.0.1", socket.port); throw new Error("thrown"); }
      console.log("heard");
      socket.close();
    });
    socket.send(new Uint8Array(3), "127.0.0.1", socket.port);
  `);
  t.equal(output, "thrown\nheard\n");
});

t.test(
  "writable is told once for each time it is asked for, and closing from within is possible",
  async (t) => {
    const output = await outputOf(`
    let told = 0;
    const socket = open(() => console.log("closed: nothing is read"), () => {
      told += 1;
      console.log("writable");
      if (told === 2) { socket.close(); return; }
      setImmediate(() => setImmediate(() => {
        socket.send(new Uint8Array(3), "127.0.0.1", socket.port);
        socket.tellWritable();
      }));
    });
    socket.tellWritable();
    socket.tellWritable();
  `);
    t.equal(output, "writable\nwritable\n");
  },
);

t.test("a worker is terminated while datagrams come", async (t) => {
  const { DatagramSocket } = loadNativeDatagrams();
  const peer: NativeDatagramSocket = new DatagramSocket(
    { address: "127.0.0.1", port: 0, receiveBuffer: 65_536 },
    () => undefined,
    () => undefined,
  );
  t.teardown(() => {
    peer.close();
  });
  for (let round = 0; round < 5; round += 1) {
    const worker = new Worker(
      `${script}
      const { parentPort } = require("node:worker_threads");
      let batches = 0;
      const socket = open(() => {
        batches += 1;
        if (batches === 1) parentPort.postMessage("heard");
        socket.send(new Uint8Array(3), "127.0.0.1", socket.port);
      });
      for (let one = 0; one < 3; ++one) open().close();
      parentPort.postMessage(socket.port);`,
      { eval: true },
    );
    const [port] = (await once(worker, "message")) as [number];
    peer.send(new Uint8Array(100), "127.0.0.1", port);
    await once(worker, "message");
    const ended = worker.terminate();
    for (let one = 0; one < 50; one += 1) peer.send(new Uint8Array(100), "127.0.0.1", port);
    t.equal(await ended, 1);
    const again = new DatagramSocket(
      { address: "127.0.0.1", port, receiveBuffer: 65_536 },
      () => undefined,
      () => undefined,
    );
    t.equal(again.port, port, "its port is free");
    again.close();
  }
});

t.test("arguments of the wrong type are refused, not crashed on", (t) => {
  const { DatagramSocket } = loadNativeDatagrams();
  const make = DatagramSocket as unknown as new (...args: unknown[]) => NativeDatagramSocket;
  const good = { address: "127.0.0.1", port: 0, receiveBuffer: 1024 };
  const nothing = () => undefined;
  for (const [args, field] of [
    [[], "options"],
    [[{ ...good, port: 70_000 }, nothing, nothing], "options.port"],
    [[{ ...good, address: 1 }, nothing, nothing], "options.address"],
    [[{ ...good, receiveBuffer: 0 }, nothing, nothing], "options.receiveBuffer"],
    [[good, 1, nothing], "onDatagrams"],
    [[good, nothing], "onWritable"],
  ] as const) {
    t.throws(() => new make(...args), { code: "ARGUMENT_INVALID", field }, field);
  }
  t.throws(() => new make({ ...good, address: "localhost" }, nothing, nothing), {
    message: "Invalid argument",
  });
  const socket = new make(good, nothing, nothing);
  const send = (...args: unknown[]): unknown => Reflect.apply(socket.send, socket, args) as unknown;
  t.throws(() => send("x", "127.0.0.1", 5060), { code: "ARGUMENT_INVALID", field: "octets" });
  t.throws(() => send(new Uint8Array(1), 5, 5060), { code: "ARGUMENT_INVALID", field: "address" });
  t.throws(() => send(new Uint8Array(1), "127.0.0.1", 0), { code: "ARGUMENT_INVALID", field: "port" });
  t.equal(send(new Uint8Array(1), "localhost", 5060), -22);
  t.throws(() => socket.source(32), { code: "ARGUMENT_INVALID", field: "nth" });
  t.equal(socket.source(0), "");
  socket.close();
  t.ok(Number(send(new Uint8Array(1), "127.0.0.1", 5060)) < 0, "after close");
  t.end();
});
