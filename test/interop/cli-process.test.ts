/** The command line as a process: what it prints, serves, refuses, and how it ends. */
import { createSocket } from "node:dgram";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t, { type Test } from "tap";
import { CheckPhone } from "../../ts/cli/check-phone.js";
import { temporaryFolder } from "./support/folder.js";
import { LOOPBACK, freePorts } from "./support/ports.js";
import { startProcess, type RunningProcess } from "./support/process.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const cli = join(root, "dist/cli.js");
const START_MILLIS = 30_000;
const LOOPBACK_FLAGS = ["--sip-address", LOOPBACK, "--sip-port", "0"];
const FREE_HTTP = ["--sip-http-port", "0", "--control-http-port", "0", "--rtp-http-port", "0"];

const run = (
  t: Test,
  args: readonly string[],
  env: Record<string, string> = {},
  cwd?: string,
): RunningProcess =>
  // Without what the test runner has Node load, which would compile scripts in place of the switch.
  startProcess(t, "env", ["-u", "NODE_OPTIONS", process.execPath, ...args], {
    env,
    ...(cwd === undefined ? {} : { cwd }),
  });

/** Everything in one process on free ports. */
const start = (t: Test, ...args: string[]): RunningProcess =>
  run(t, [cli, "start", ...LOOPBACK_FLAGS, ...FREE_HTTP, ...args]);

function script(t: Test, name: string, text: string): string {
  const file = join(temporaryFolder(t), name);
  writeFileSync(file, text);
  return file;
}

const health = async (url: string): Promise<Record<string, unknown>> =>
  (await (await fetch(`${url}/health`, { headers: { connection: "close" } })).json()) as Record<
    string,
    unknown
  >;

const RUNS = `const projectcontrol = require("mediaswitch/projectcontrol");
projectcontrol.run();`;

t.test("start: a summary, health on three ports, and a clean end", async (t) => {
  const file = script(t, "app.cjs", `${RUNS}\nconsole.log("told " + process.env.MEDIASWITCH_SIP_PORT);`);
  const running = start(t, file);
  const [, sip, rtp, control] = await running.printed(
    /sip (http\S+) +rtp (http\S+) +control (http\S+)/,
    START_MILLIS,
  );
  const [, port] = await running.printed(/SIP +127\.0\.0\.1:(\d+) \(UDP\)/, 1_000);
  await running.printed(new RegExp(`told ${port}\n`), 60_000);
  t.match(running.output(), `script   ${file}`);
  t.match(running.output(), `server 127.0.0.1:${port} over UDP`);
  t.match(await health(sip ?? ""), { calls: 0, dialogs: 0, transactions: 0, sockets: 2, connections: 0 });
  t.match(await health(rtp ?? ""), { channels: 0 });
  t.match(await health(control ?? ""), { calls: 0, channels: 0 });
  t.same(await running.stop(), { code: 0, signal: null });
});

const SAME = "same singleton";
const scripts: [name: string, text: string][] = [
  ["app.cjs", `${RUNS}\nconsole.log("${SAME}", require("mediaswitch").projectcontrol === projectcontrol);`],
  [
    "app.js",
    `${RUNS}\nimport("mediaswitch").then((m) => console.log("${SAME}", m.projectcontrol === projectcontrol));`,
  ],
  [
    "app.mjs",
    `import { createRequire } from "node:module";
     import { projectcontrol } from "mediaswitch";
     const required = createRequire(import.meta.url)("mediaswitch/projectcontrol");
     await projectcontrol.run();
     console.log("${SAME}", required === projectcontrol);`,
  ],
  [
    "app.ts",
    `import { projectcontrol, type Call } from "mediaswitch";
     projectcontrol.onnewcall = (call: Call): void => { call.answer(); };
     projectcontrol.run();
     console.log("${SAME}", true);`,
  ],
  [
    "app.mts",
    `import { projectcontrol } from "mediaswitch";
     import { projectcontrol as again } from "mediaswitch/projectcontrol";
     await projectcontrol.run();
     const same: boolean = again === projectcontrol;
     console.log("${SAME}", same);`,
  ],
  [
    "app.cts",
    `const projectcontrol = require("mediaswitch/projectcontrol");
     projectcontrol.run();
     const same: boolean = require("mediaswitch").projectcontrol === projectcontrol;
     console.log("${SAME}", same);`,
  ],
];

for (const [name, text] of scripts) {
  t.test(`${name} outside of the package is joined to the switch that runs it`, async (t) => {
    const running = start(t, script(t, name, text));
    await running.printed(/control http/, START_MILLIS);
    await running.printed(/same singleton true/, 60_000);
    t.same(await running.stop(), { code: 0, signal: null });
  });
}

t.test("a script that fails while loading is named, and nothing is left running", async (t) => {
  const file = script(t, "broken.mjs", 'import "mediaswitch";\nthrow new Error("no such luck");');
  const running = start(t, file);
  t.same(await running.ended, { code: 1, signal: null });
  t.match(running.output(), `the script ${file} failed while loading: Error: no such luck`);
});

t.test("no such script", async (t) => {
  const running = start(t, "/no/such/script.js");
  t.same(await running.ended, { code: 1, signal: null });
  t.match(running.output(), "there is no script /no/such/script.js");
});

t.test("a script that does not call run() is told so", async (t) => {
  const running = start(t, script(t, "idle.mjs", 'import "mediaswitch";'));
  await running.printed(/has not called projectcontrol\.run\(\)/, START_MILLIS);
  t.same(await running.stop(), { code: 0, signal: null });
});

t.test("a script that blocks does not keep the switch from ending", async (t) => {
  const file = script(t, "blocks.cjs", `${RUNS}\nsetTimeout(() => { console.log("now"); for (;;); }, 500);`);
  const running = start(t, file);
  const [, sip] = await running.printed(/sip (http\S+)/, START_MILLIS);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  t.match(await health(sip ?? ""), { calls: 0 }, "sip goes on");
  t.same(await running.stop(), { code: 0, signal: null });
});

/** Sends an INVITE without a description and gives the status of the final answer. */
async function inviteStatus(sipPort: number): Promise<number> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, LOOPBACK, resolve));
  const { port } = socket.address();
  const status = new Promise<number>((resolve) => {
    socket.on("message", (datagram) => {
      const code = Number(/^SIP\/2\.0 (\d+)/.exec(datagram.toString())?.[1]);
      if (code >= 200) resolve(code);
    });
  });
  const lines = [
    "INVITE sip:1@example.net SIP/2.0",
    `Via: SIP/2.0/UDP ${LOOPBACK}:${port};rport;branch=z9hG4bKguard`,
    "From: <sip:2@example.net>;tag=guard",
    "To: <sip:1@example.net>",
    "Call-ID: guard",
    "CSeq: 1 INVITE",
    "Max-Forwards: 70",
    `Contact: <sip:2@${LOOPBACK}:${port}>`,
    "Content-Length: 0",
  ];
  socket.send(`${lines.join("\r\n")}\r\n\r\n`, sipPort, LOOPBACK);
  try {
    return await status;
  } finally {
    socket.close();
  }
}

for (const [how, fails] of [
  ["throws in a timer", 'setTimeout(() => { throw new Error("too late"); }, 20);'],
  ["leaves a promise rejected", 'void Promise.resolve().then(() => { throw new Error("too late"); });'],
] as const) {
  t.test(`a script that ${how} loses its call, and the switch goes on`, async (t) => {
    const text = `const projectcontrol = require("mediaswitch/projectcontrol");
      projectcontrol.directory("example.net", []);
      projectcontrol.onnewcall = () => { ${fails} };
      projectcontrol.run();`;
    const running = start(t, "--trust", LOOPBACK, script(t, "late.cjs", text));
    const [, port] = await running.printed(/SIP +127\.0\.0\.1:(\d+) \(UDP\)/, START_MILLIS);
    t.equal(await inviteStatus(Number(port)), 500);
    await running.printed(/too late.*its call is ended/, 60_000);
    t.same(await running.stop(), { code: 0, signal: null });
  });
}

t.test("ports in use are said in one line", async (t) => {
  const tcp = createServer();
  const port = await freePorts(2);
  await new Promise<void>((resolve) => tcp.listen(port, LOOPBACK, resolve));
  t.teardown(() => tcp.close());
  const udp = createSocket("udp4");
  await new Promise<void>((resolve) => udp.bind(port + 1, LOOPBACK, resolve));
  t.teardown(() => udp.close());
  const rows: [flag: string, port: number, line: string][] = [
    ["--sip-http-port", port, `HTTP on 127.0.0.1 port ${port} (TCP)`],
    ["--rtp-http-port", port, `HTTP on 127.0.0.1 port ${port} (TCP)`],
    ["--control-http-port", port, `HTTP on 127.0.0.1 port ${port} (TCP)`],
    ["--sip-port", port + 1, `SIP on 127.0.0.1:${port + 1} (UDP)`],
  ];
  const file = script(t, "app.cjs", RUNS);
  for (const [flag, taken, line] of rows) {
    const running = start(t, "--log-level", "silent", flag, String(taken), file);
    t.same(await running.ended, { code: 1, signal: null }, flag);
    t.equal(
      running.output(),
      `mediaswitch: can't listen for ${line}: the port is in use by another program\n`,
      flag,
    );
  }
});

t.test("HTTP beyond loopback needs a token", async (t) => {
  const running = start(t, "--http-address", "0.0.0.0");
  t.same(await running.ended, { code: 1, signal: null });
  t.match(running.output(), /^mediaswitch: HTTP on 0\.0\.0\.0 can be reached.*set a token.*\n$/);
});

t.test("a wrong flag ends with 2", async (t) => {
  const running = start(t, "--ports", "1");
  t.same(await running.ended, { code: 2, signal: null });
  t.match(running.output(), /^error: option '--ports .*expected two ports.*\n$/);
});

t.test("a program of its own reaches sip and rtp over HTTP", async (t) => {
  const token = { MEDIASWITCH_TOKEN: "sesame" };
  const sip = run(t, [cli, "sip", ...LOOPBACK_FLAGS, "--sip-http-port", "0"], token);
  const rtp = run(t, [cli, "rtp", "--media-address", LOOPBACK, "--rtp-http-port", "0"], token);
  const [, sipUrl = ""] = await sip.printed(/HTTP +(http\S+)/, START_MILLIS);
  const [, rtpUrl = ""] = await rtp.printed(/HTTP +(http\S+)/, START_MILLIS);
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules", "mediaswitch"));
  const us = await freePorts();
  writeFileSync(
    join(folder, "app.js"),
    `const projectcontrol = require("mediaswitch/projectcontrol");
     projectcontrol.us = { host: "127.0.0.1", port: ${us} };
     projectcontrol.directory("example.net", [{ username: "1003", secret: "s" }]);
     projectcontrol.run().then(() => console.log("running"));`,
  );
  const env = { ...token, MEDIASWITCH_SIP_URL: sipUrl, MEDIASWITCH_RTP_URL: rtpUrl };
  const app = run(t, ["app.js"], env, folder);
  await app.printed(/running/, START_MILLIS);
  t.match(await health(`http://127.0.0.1:${us}`), { calls: 0 });
  const directory = await fetch(`${sipUrl}/dir/example.net`, { headers: { authorization: "Bearer sesame" } });
  t.strictSame(await directory.json(), { users: ["1003"], control: `http://127.0.0.1:${us}` });
  t.equal((await fetch(`${sipUrl}/dir/example.net`)).status, 401);
  t.same(await sip.stop(), { code: 0, signal: null });
  t.same(await rtp.stop(), { code: 0, signal: null });
});

t.test("sip --test: the self-check, one line per check", async (t) => {
  const running = run(t, [cli, "sip", "--test"]);
  t.same(await running.ended, { code: 0, signal: null });
  t.match(running.output(), /^ok {6}REGISTER with digest\n/);
  t.match(running.output(), /all \d+ checks ok\n$/);
});

t.test(
  "SIGTERM: no new calls, the one there is goes on until the deadline, then a BYE with the reason",
  async (t) => {
    const running = run(t, [
      cli,
      "sip",
      ...LOOPBACK_FLAGS,
      "--sip-http-port",
      "0",
      "--trust",
      LOOPBACK,
      "--drain-seconds",
      "2",
      "--log-level",
      "error",
    ]);
    const [, port] = await running.printed(/SIP +127\.0\.0\.1:(\d+)/, START_MILLIS);
    const [, url = ""] = await running.printed(/HTTP +(http\S+)/, START_MILLIS);
    const send = (method: string, path: string, body: object): Promise<Response> =>
      fetch(`${url}${path}`, { method, body: JSON.stringify(body), headers: { connection: "close" } });
    const control = createHttpServer((request, response) => {
      request.resume();
      request.on("end", () => response.end());
    });
    await new Promise<void>((resolve) => control.listen(0, LOOPBACK, resolve));
    t.teardown(() => control.close());
    const { port: controlPort } = control.address() as AddressInfo;
    await send("PUT", "/dir/example.net", { control: { host: LOOPBACK, port: controlPort }, users: [] });
    const server = { address: LOOPBACK, port: Number(port) };
    const phone = await CheckPhone.open(server, { user: "1000", domain: "example.net", secret: "" });
    t.teardown(() => phone.close());

    phone.request("INVITE", "sip:1001@example.net", { callId: "drained", seq: 1 });
    await phone.response(100, "INVITE", "drained");
    const sdp = {
      o: { address: LOOPBACK },
      c: [{ address: LOOPBACK }],
      m: [{ port: 40_000, payloads: [0] }],
    };
    t.equal((await send("PUT", "/dialog/answer", { callid: "drained", sdp })).status, 200);
    const { headers } = await phone.response(200, "INVITE", "drained");
    phone.request("ACK", "sip:1001@example.net", {
      callId: "drained",
      seq: 1,
      toTag: headers.to.params["tag"] ?? "",
    });

    const ended = running.stop();
    await new Promise((resolve) => setTimeout(resolve, 500));
    phone.request("OPTIONS", "sip:example.net", {
      callId: "refused",
      seq: 1,
      headers: ["X-Long: " + "x".repeat(99)],
    });
    const refused = await phone.response(503, "OPTIONS", "refused");
    t.ok(Number(refused.headers["retry-after"]) > 0);
    t.match(await (await fetch(`${url}/health`)).json(), { draining: true, calls: 1 });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const bye = await phone.heard("BYE", "drained");
    t.match(bye.headers.reason, /^SIP *; *cause=503/);
    phone.answer(bye, 200);
    t.same(await ended, { code: 0, signal: null });
  },
);
