// The two servers that are Node programs.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { NodeServer } from "../../media/servers/child.mjs";
import { freePort } from "../plan.mjs";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const program = (name) => fileURLToPath(new URL(name, import.meta.url));

async function start(args, calleePort) {
  const server = new NodeServer(args, {
    cwd: root,
    env: { ...process.env, BENCH_CALLEE_PORT: String(calleePort) },
  });
  const { port } = await server.ask("ready");
  return {
    port,
    /** For what else the program can be asked. */
    ask: (question) => server.ask(question),
    pids: () => [server.pid],
    memory: () => server.ask("memory"),
    stop: () => server.stop(),
  };
}

const unbuilt = () => (existsSync(`${root}dist/mediaswitch.js`) ? undefined : "not built: npm run build:ts");

/** A server that tells how many transactions, bindings and dialogs it holds. */
async function startSwitch(args, calleePort) {
  const server = await start([...FLAGS, program("switch-process.mjs"), ...args], calleePort);
  return { ...server, counts: () => server.ask("counts") };
}

/** As `npm start` starts it: fewer collections of what lives for a transaction. */
const FLAGS = ["--max-semi-space-size=64"];

export const mediaswitch = {
  name: "mediaswitch",
  missing: unbuilt,
  start: (calleePort) => startSwitch(["--shared-thread"], calleePort),
};

export const withOwnThread = {
  name: "mediaswitch, script apart",
  missing: unbuilt,
  start: (calleePort) => startSwitch([], calleePort),
};

/** Whose two threads' memory can be told apart. */
export const withFakeMediaApart = {
  name: "mediaswitch, fake media",
  missing: unbuilt,
  start: (calleePort) => startSwitch(["--fake-media"], calleePort),
};

export const withFakeMedia = {
  name: "mediaswitch, fake media",
  missing: unbuilt,
  start: (calleePort) => startSwitch(["--fake-media", "--shared-thread"], calleePort),
};

export const sipPackage = {
  name: "npm sip",
  missing: () => undefined,
  start: async (calleePort) =>
    start([program("sip-package-process.mjs"), String(await freePort()), String(calleePort)], calleePort),
};
