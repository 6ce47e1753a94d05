import t from "tap";
import { silentLog } from "../../ts/core/log.js";
import { mediaRoutes } from "../../ts/http/media-routes.js";
import type { Method } from "../../ts/http/route-table.js";
import { HttpServer } from "../../ts/http/server.js";
import { FakeMediaService } from "../support/fake-media-service.js";
import { call } from "./raw-http.js";

const A = "00000000-0000-4000-8000-000000000001";
const B = "00000000-0000-4000-8000-000000000002";
const NONE = "00000000-0000-4000-8000-0000000000ff";
const far = { ip: "192.0.2.9", port: 4000 };
const PCMU = { payloadType: 0, format: "PCMU" };
const PCMA = { payloadType: 8, format: "PCMA" };
const soup = { files: [{ wav: "a.wav", start: 0, stop: 100, loop: 2 }, { tone: "440:100" }], interupt: true };

interface Row {
  readonly id: string;
  readonly method: Method;
  readonly path: string;
  readonly body?: unknown;
  readonly status: number;
  readonly reply?: unknown;
  readonly command?: object;
}

const opened = {
  uuid: A,
  channel: A,
  ip: "192.0.2.100",
  port: 10000,
  channels: { active: 1, available: 1, draining: false },
};
const targeted = (remote: object): object => ({
  type: "target",
  uuid: A,
  remote: { address: "192.0.2.9", port: 4000, ...remote },
});

/** What is done to channel A while it is alone. */
function actions(): Row[] {
  const row = (id: string, action: string, body: unknown, command: object): Row => ({
    id,
    method: "PUT",
    path: `/channel/${A}/${action}`,
    ...(body === undefined ? {} : { body }),
    status: 200,
    command: { uuid: A, ...command },
  });
  const wrong = (id: string, action: string, body: unknown, reply: object, status = 400): Row => ({
    id,
    method: "PUT",
    path: `/channel/${A}/${action}`,
    body,
    status,
    reply,
  });
  /** Refused by the engine, not by the shape of the body. */
  const engine = (id: string, action: string, body: unknown, status: number, reply: object): Row => ({
    ...wrong(id, action, body, reply, status),
    command: { uuid: A },
  });
  const record = { file: "r.wav", numchannels: 1, direction: "in", startabovepower: 10, maxduration: 1000 };
  const prompt = { soup, record: { file: "p.wav" }, interrupt: true, bargeinpower: 300 };
  return [
    row("H096 R080", "play", soup, { type: "play", soup }),
    row("X26 R081", "play", { soup }, { type: "play", soup }),
    row("X29", "play", { files: [{ pcmu: "a" }], interrupt: true }, { soup: { interrupt: true } }),
    row("R089", "pauseplay", undefined, { type: "pauseplay" }),
    row("R089", "resumeplay", {}, { type: "resumeplay" }),
    row("R089", "stopplay", undefined, { type: "stopplay" }),
    wrong("H096 nothing", "play", {}, { field: "files" }),
    wrong("H096 no body", "play", undefined, { code: "ARGUMENT_INVALID" }),
    wrong("H096 empty", "play", { files: [] }, { field: "files" }),
    wrong("H096 wrong type", "play", { files: [{ wav: 7 }] }, { field: "files[0].wav" }),
    wrong(
      "H096 wrong type, wrapped",
      "play",
      { soup: { files: [{ loop: {} }] } },
      { field: "files[0].loop" },
    ),
    engine("R085 not there", "play", { files: [{ wav: "missing.wav" }] }, 404, {
      code: "MEDIA_FILE_UNKNOWN",
    }),
    engine("a number that can't be", "play", { files: [{ wav: "a.wav", stop: -1 }] }, 400, {
      code: "ARGUMENT_INVALID",
      field: "files[0].stop",
      detail: /^files\[0\]\.stop: /,
    }),
    engine("out of the folder", "record", { file: "../a.wav" }, 400, { field: "file" }),
    engine("nothing is played", "pauseplay", undefined, 409, { code: "MEDIA_STATE" }),
    row("R100", "record", record, { type: "record", options: record }),
    row("R110", "record", { file: "r.wav", pause: true }, { options: { pause: true } }),
    row("R111", "record", { file: "r.wav", finish: true }, { options: { finish: true } }),
    wrong("R100 no file", "record", {}, { field: "file" }),
    row("R113", "playrecord", prompt, { type: "playrecord", options: prompt }),
    wrong("R113 no soup", "playrecord", { record }, { field: "soup" }),
    row("R071", "dtmf", { digits: "12#" }, { type: "dtmf", digits: "12#" }),
    row("R071", "dtmf", { digits: "1", duration: 100, pause: 60, volume: 10 }, { duration: 100, volume: 10 }),
    wrong("R033", "dtmf", { digits: 1 }, { field: "digits" }),
    row("R037", "direction", { send: false }, { type: "direction", send: false }),
    row("R037 both", "direction", undefined, { type: "direction" }),
    wrong("R037", "direction", { send: "no" }, { field: "send" }),
    row("whisper", "whisper", { to: A }, { type: "whisper", to: A }),
    row("whisper ends", "whisper", undefined, { type: "whisper" }),
    wrong("whisper", "whisper", { to: "" }, { field: "to" }),
    row("in-band", "detect", undefined, { type: "detect", inband: true }),
    row("in-band off", "detect", { inband: false }, { type: "detect", inband: false }),
    row("R034", "echo", undefined, { type: "echo", enabled: true }),
    row("R034 off", "echo", { enabled: false }, { type: "echo", enabled: false }),
  ];
}

/** In order: the first two open the channels the others are about. */
const rows: Row[] = [
  {
    id: "H090 X16 X17 nothing at all",
    method: "POST",
    path: "/",
    status: 200,
    reply: opened,
    command: { type: "open" },
  },
  {
    id: "H090 X16 {}",
    method: "POST",
    path: "/channel/",
    body: {},
    status: 200,
    reply: { uuid: B, channel: B, port: 10002 },
    command: { type: "open" },
  },
  {
    id: "H091",
    method: "POST",
    path: "/channel",
    body: { control: "http://127.0.0.1:9001", to: { user: "1003" }, codecs: ["pcmu"] },
    status: 503,
    reply: { code: "MEDIA_OUT_OF_PORTS" },
    command: { type: "open", control: "http://127.0.0.1:9001" },
  },
  {
    id: "H090 control as object, far end",
    method: "POST",
    path: "/channel",
    body: { control: { host: "c", port: 1 }, target: { ...far, audio: { payloads: [8] } } },
    status: 503,
    reply: {},
    command: { control: "http://c:1", remote: { address: "192.0.2.9", port: 4000, formats: [PCMA] } },
  },
  {
    id: "H093 order is preference",
    method: "PUT",
    path: `/channel/${A}`,
    body: { ...far, audio: { payloads: [8, 0, 97, 101] } },
    status: 200,
    command: targeted({
      formats: [PCMA, PCMU, { payloadType: 97, format: "iLBC/20" }],
      telephoneEvent: 101,
    }),
  },
  {
    id: "H093 all that bare numbers can say",
    method: "PUT",
    path: `/channel/${A}`,
    body: { ...far, audio: { payloads: [97, 9, 13, 18, 101] } },
    status: 200,
    command: targeted({
      formats: [
        { payloadType: 97, format: "iLBC/20" },
        { payloadType: 9, format: "G722" },
      ],
      telephoneEvent: 101,
      comfortNoise: 13,
    }),
  },
  {
    id: "H093 X18 no audio",
    method: "PUT",
    path: `/channel/target/${A}`,
    body: far,
    status: 200,
    command: targeted({ formats: [PCMU, PCMA] }),
  },
  {
    id: "all we emit",
    method: "PUT",
    path: `/channel/${A}`,
    body: {
      ...far,
      audio: {
        payloads: [96, 97],
        formats: [{ payloadType: 96, format: "iLBC/30", receive: 98 }],
        telephoneEvent: 97,
        telephoneEventReceive: 99,
        telephoneEventClock: 8000,
        comfortNoise: 13,
        rtcpMux: true,
        ptime: 30,
        direction: { send: true, recv: false },
      },
    },
    status: 200,
    command: targeted({
      formats: [{ payloadType: 96, format: "iLBC/30", receive: 98 }],
      telephoneEvent: 97,
      telephoneEventReceive: 99,
      telephoneEventClock: 8000,
      comfortNoise: 13,
      rtcpMux: true,
      ptime: 30,
      direction: { send: true, recv: false },
    }),
  },
  {
    id: "H093 nothing we speak",
    method: "PUT",
    path: `/channel/${A}`,
    body: { ...far, audio: { payloads: [18, 96] } },
    status: 400,
    reply: { field: "audio.payloads" },
  },
  {
    id: "H093 no port",
    method: "PUT",
    path: `/channel/${A}`,
    body: { ip: "192.0.2.9" },
    status: 400,
    reply: { field: "port" },
  },
  {
    id: "H094",
    method: "PUT",
    path: `/channel/${A}/mix/${B}`,
    status: 200,
    command: { type: "mix", uuid: A, other: B },
  },
  {
    id: "H094 body",
    method: "PUT",
    path: `/channel/${A}/mix/${B}`,
    body: {},
    status: 200,
    command: { type: "mix" },
  },
  {
    id: "H095",
    method: "PUT",
    path: `/channel/${A}/unmix`,
    status: 200,
    command: { type: "unmix", uuid: A },
  },
  {
    id: "H094 POST as well",
    method: "POST",
    path: `/channel/${A}/unmix`,
    status: 200,
    command: { type: "unmix", uuid: A },
  },
  ...actions(),
  {
    id: "statistics",
    method: "GET",
    path: `/channel/${A}`,
    status: 200,
    reply: {
      datagrams: 0,
      received: { packets: 0, lost: 0, mos: null },
      sent: { packets: 0 },
      roundTripMillis: null,
      dropped: {},
      tick: { count: 0 },
    },
    command: { type: "statistics", uuid: A },
  },
  {
    id: "H097 target",
    method: "PUT",
    path: `/channel/${NONE}`,
    body: far,
    status: 404,
    reply: { code: "MEDIA_CHANNEL_UNKNOWN" },
    command: {},
  },
  {
    id: "H097 mix",
    method: "PUT",
    path: `/channel/${A}/mix/${NONE}`,
    status: 404,
    reply: { code: "MEDIA_CHANNEL_UNKNOWN" },
    command: {},
  },
  {
    id: "H092 H015",
    method: "DELETE",
    path: `/channel/${A}`,
    body: {},
    status: 200,
    reply: { channels: { active: 1, available: 1, draining: false } },
    command: { type: "close", uuid: A },
  },
  {
    id: "H092 no body",
    method: "DELETE",
    path: `/channel/${B}`,
    status: 200,
    reply: { channels: { active: 0, available: 2, draining: false } },
    command: { type: "close", uuid: B },
  },
  {
    id: "H006",
    method: "PATCH",
    path: "/channel",
    body: {},
    status: 405,
    reply: { title: "Method Not Allowed" },
  },
  {
    id: "health",
    method: "GET",
    path: "/health",
    status: 200,
    reply: { channels: 0, sockets: 0, eventsLost: 0, draining: false },
    command: { type: "health" },
  },
  {
    id: "stats",
    method: "GET",
    path: "/stats",
    status: 200,
    reply: { channels: 0, available: 2, draining: false },
    command: { type: "health" },
  },
  {
    id: "a channel under a lease",
    method: "POST",
    path: "/channel",
    body: { lease: { holder: "a/b", seconds: 30 } },
    status: 200,
    reply: { port: 10004 },
    command: { type: "open", lease: { holder: "a/b", seconds: 30 } },
  },
  {
    id: "a lease without a time",
    method: "POST",
    path: "/channel",
    body: { lease: { holder: "a/b" } },
    status: 400,
    reply: { field: "lease.seconds" },
  },
  {
    id: "a heartbeat",
    method: "PUT",
    path: "/lease/a%2Fb",
    status: 200,
    reply: { channels: 1 },
    command: { type: "renew", holder: "a/b" },
  },
  {
    id: "drain",
    method: "PUT",
    path: "/drain",
    status: 200,
    reply: { channels: { active: 1, available: 0, draining: true } },
    command: { type: "drain", enabled: true },
  },
  {
    id: "no channel of a server that is drained",
    method: "POST",
    path: "/channel",
    status: 503,
    reply: { code: "MEDIA_DRAINING" },
    command: { type: "open" },
  },
  {
    id: "drain no more",
    method: "POST",
    path: "/drain",
    body: { enabled: false },
    status: 200,
    reply: { channels: { active: 1, available: 1, draining: false } },
    command: { type: "drain", enabled: false },
  },
];

t.test("the rtp component's interface, row by row", async (t) => {
  const media = new FakeMediaService({ capacity: 2, files: ["a.wav", "a"] });
  const routes = mediaRoutes(media);
  const server = await HttpServer.open({ host: "127.0.0.1", port: 0, routes, log: silentLog });
  t.teardown(() => server.close());
  for (const { id, method, path, body, status, reply, command } of rows) {
    media.commands.length = 0;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const answer = await call(server.address, method, path, text);
    const row = `${id}: ${method} ${path} ${text ?? ""}`;
    t.equal(answer.status, status, row);
    if (reply === undefined) t.equal(answer.text, "", row);
    else t.match(answer.json, reply, row);
    t.equal(media.commands.length, command === undefined ? 0 : 1, `${row}: commands`);
    if (command !== undefined) t.match(media.commands[0], command, row);
  }
});
