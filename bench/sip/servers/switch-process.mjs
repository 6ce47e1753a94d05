// mediaswitch in one process, as `mediaswitch start` runs it: --shared-thread, the script in SIP's thread; --fake-media, the
// engine of the testing kit in place of ours.
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { BroadcastChannel } from "node:worker_threads";
import { startControlHere } from "../../../dist/composition/control-here.js";
import { startControlThread } from "../../../dist/composition/control-thread.js";
import { isOwnControl, routeEvents } from "../../../dist/composition/event-route.js";
import { httpUrl } from "../../../dist/composition/http-url.js";
import { openSip } from "../../../dist/composition/sip-component.js";
import { openLog } from "../../../dist/composition/system-log.js";
import { SystemClock } from "../../../dist/core/system-clock.js";
import { HttpClient } from "../../../dist/http/client.js";
import { ControlCallbacks } from "../../../dist/http/control-callbacks.js";
import { startAllInOne } from "../../../dist/mediaswitch.js";
import { FakeMediaService } from "../../../dist/testing/fake-media-service.js";
import { CALLERS, SERVER } from "../plan.mjs";
import { answer, liveOctets } from "./answers.mjs";

const PORTS = { low: 16_000, high: 31_999 };

async function freeTcpPort() {
  const server = createServer();
  server.listen(0, SERVER);
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

const log = openLog("error", "bench");
const options = {
  httpAddress: SERVER,
  sipAddress: SERVER,
  sipPort: 0,
  sipHttpPort: await freeTcpPort(),
  controlHttpPort: await freeTcpPort(),
  rtpHttpPort: await freeTcpPort(),
  trust: [`${CALLERS}/32`],
  mediaAddress: SERVER,
  ports: PORTS,
  shards: 1,
  soundsRoot: ".",
  recordingsRoot: ".",
  script: fileURLToPath(new URL("script.mjs", import.meta.url)),
  logLevel: "error",
  scriptThread: process.argv.includes("--shared-thread") ? "shared" : "own",
  // What a busy switch refuses would cost nothing, and is another question.
  maxLoad: 100,
  maxLag: 60_000,
  log,
};

const noAudio = () => {
  throw new Error("the fake engine has no live audio");
};

async function startWithFakeMedia() {
  const media = new FakeMediaService({ ip: SERVER, capacity: PORTS.high - PORTS.low, records: "none" });
  const client = new HttpClient({});
  const callbacks = new ControlCallbacks({ client, clock: new SystemClock(), log });
  const sip = await openSip(options, client);
  const isOwn = isOwnControl(options.httpAddress, options.controlHttpPort);
  const startControl = options.scriptThread === "shared" ? startControlHere : startControlThread;
  await startControl({
    sip: routeEvents(sip.service, callbacks.sip, isOwn),
    media: routeEvents(media, callbacks.media, isOwn),
    audio: { createReadStream: noAudio, createWriteStream: noAudio },
    script: options.script,
    outside: {},
    log,
    sipUrl: httpUrl(sip.http),
    rtpUrl: "",
    host: options.httpAddress,
    port: options.controlHttpPort,
    logLevel: options.logLevel,
    environment: {},
  });
  return { port: sip.advertised.port, counts: () => sip.service.execute({ type: "health" }) };
}

async function startWhole() {
  const running = await startAllInOne(options);
  return { port: running.sip.advertised.port, counts: async () => (await running.health()).sip };
}

const started = process.argv.includes("--fake-media") ? startWithFakeMedia() : startWhole();

const channel = new BroadcastChannel("bench memory");
const controlOctets = () =>
  new Promise((resolve) => {
    channel.onmessage = ({ data }) => {
      if (data.octets !== undefined) resolve(data.octets);
    };
    channel.postMessage("?");
  });

answer({
  ready: async () => ({ port: (await started).port }),
  counts: async () => (await started).counts(),
  memory: async () => ({ control: await controlOctets(), octets: liveOctets() }),
});
