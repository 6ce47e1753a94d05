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

interface Row {
  readonly id: string;
  readonly method: Method;
  readonly path: string;
  readonly body?: unknown;
  readonly status: number;
  readonly reply?: unknown;
  readonly command?: object;
}

const opened = { uuid: A, channel: A, ip: "192.0.2.100", port: 10000, channels: { active: 1, available: 1 } };
const targeted = (remote: object): object => ({
  type: "target",
  uuid: A,
  remote: { address: "192.0.2.9", port: 4000, ...remote },
});

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
    command: targeted({ formats: [PCMA, PCMU], telephoneEvent: 101 }),
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
        formats: [{ payloadType: 96, format: "PCMA" }],
        telephoneEvent: 97,
        ptime: 30,
        direction: { send: true, recv: false },
      },
    },
    status: 200,
    command: targeted({
      formats: [{ payloadType: 96, format: "PCMA" }],
      telephoneEvent: 97,
      ptime: 30,
      direction: { send: true, recv: false },
    }),
  },
  {
    id: "H093 nothing we speak",
    method: "PUT",
    path: `/channel/${A}`,
    body: { ...far, audio: { payloads: [9, 97] } },
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
    id: "statistics",
    method: "GET",
    path: `/channel/${A}`,
    status: 200,
    reply: { received: { packets: 0 }, sent: { packets: 0 }, dropped: {} },
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
    reply: { channels: { active: 1, available: 1 } },
    command: { type: "close", uuid: A },
  },
  {
    id: "H092 no body",
    method: "DELETE",
    path: `/channel/${B}`,
    status: 200,
    reply: { channels: { active: 0, available: 2 } },
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
    reply: { channels: 0, sockets: 0, eventsLost: 0 },
    command: { type: "health" },
  },
];

t.test("the rtp component's interface, row by row", async (t) => {
  const media = new FakeMediaService({ capacity: 2 });
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
