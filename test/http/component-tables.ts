import { controlRoutes } from "../../ts/http/control-routes.js";
import { mediaRoutes } from "../../ts/http/media-routes.js";
import type { RouteTable } from "../../ts/http/route-table.js";
import { rtpPoolRoutes } from "../../ts/http/rtp-pool-routes.js";
import { sipRoutes } from "../../ts/http/sip-routes.js";
import { messageTraceRoutes, traceRoutes } from "../../ts/http/trace-routes.js";

export interface Tables {
  readonly sip: RouteTable;
  readonly rtp: RouteTable;
  readonly control: RouteTable;
}

/** The interfaces of all three components over services that only note that they were reached. */
export function componentTables(reached: (what: string) => void): Tables {
  const service = {
    execute: (command: { readonly type: string }) => {
      reached(command.type);
      return Promise.resolve({ uuid: "u", gateways: [] });
    },
    attach: () => undefined,
  };
  const receiver = (what: string) => (): Promise<never> => {
    reached(what);
    return Promise.resolve() as Promise<never>;
  };
  return {
    sip: sipRoutes(
      service,
      undefined,
      messageTraceRoutes({
        messagesOf: () => {
          reached("messages of a call");
          return { messages: [], omitted: 0 };
        },
      }),
    ),
    rtp: mediaRoutes(service),
    control: controlRoutes({
      sip: new Proxy({} as never, { get: () => receiver("sip event") }),
      media: { deliver: receiver("media event") },
      originate: () => {
        reached("originate");
        return Promise.resolve("callid");
      },
      more: {
        ...rtpPoolRoutes({
          servers: [],
          add: () => {
            reached("rtp add");
          },
          drain: () => {
            reached("rtp drain");
          },
          remove: () => {
            reached("rtp remove");
          },
        }),
        ...traceRoutes({
          list: () => {
            reached("traces");
            return { calls: [], omitted: 0 };
          },
          trace: () => {
            reached("trace");
            return Promise.resolve({});
          },
        }),
      },
      calls: () => [],
      health: () => ({ calls: 0 }),
    }),
  };
}

const sdp = {
  v: 0,
  o: { username: "-", sessionid: 1, sessionversion: 1, nettype: "IN", ipver: "IP4", address: "127.0.0.1" },
  s: " ",
  c: [{ nettype: "IN", ipver: "IP4", address: "127.0.0.1" }],
  t: { start: 0, stop: 0 },
  m: [{ media: "audio", port: 10000, proto: "RTP/AVP", payloads: [0], direction: "sendrecv" }],
};
const call = { callid: "c" };
const invite = {
  callid: "mine",
  from: { user: "1000", domain: "example.net", authsecret: "s" },
  to: { user: "1003", domain: "example.net" },
  maxforwards: 70,
  cid: { number: "1000", name: "Anne", private: false },
  control: "http://127.0.0.1:9001",
  sdp,
};
const user = { username: "1003", secret: "s" };
const target = { ip: "192.0.2.9", port: 4000, audio: { payloads: [8, 101], ptime: 20 } };
const soup = { loop: 2, files: [{ wav: "a.wav", start: 0, stop: 100 }, { tone: "440:100" }] };
const registration = { host: "127.0.0.1", port: 5060, agent: "phone", domain: "example.net", user: "1003" };
const message = { from: { user: "1", domain: "a" }, to: { user: "2" }, content: "hello" };

/** A body for each route that reads one, with many of its fields: component, path pattern. */
export const SAMPLES: Readonly<Record<keyof Tables, Readonly<Record<string, unknown>>>> = {
  sip: {
    "/dir/:domain": { control: "http://127.0.0.1:9001", users: [user] },
    "/dir/:domain/:user": { secret: "s" },
    "/dialog/invite": invite,
    "/invite": [invite],
    "/dialog/ring": { ...call, alertinfo: "bell", sdp },
    "/dialog/answer": { ...call, sdp },
    "/dialog/ok": { ...call, sdp },
    "/dialog/refuse": { ...call, code: 488, reason: "no" },
    "/dialog/ack": { ...call, sdp },
    "/dialog/notify": { ...call, code: 200, reason: "OK" },
    "/dialog/info": { ...call, contenttype: "text/plain", body: "x" },
    "/dialog/message": { ...call, contenttype: "text/plain", body: "x" },
    "/dialog/hangup": { ...call, code: 486, reason: "Busy" },
    "/presence/:domain/:user": { status: "open", note: "here" },
    "/mwi/:domain/:user": { new: 1, old: 2 },
    "/message": message,
    "/gateway/:name": {
      from: { user: "u", domain: "example.net", authsecret: "s" },
      to: { domain: "sip.example.net" },
      register: true,
    },
    "/drain": { enabled: true, seconds: 30 },
  },
  rtp: {
    "/": { control: "http://127.0.0.1:9001", target, lease: { holder: "h", seconds: 10 } },
    "/channel": {},
    "/channel/target/:uuid": target,
    "/channel/:uuid": target,
    "/channel/:uuid/mix/:other": {},
    "/channel/:uuid/unmix": {},
    "/channel/:uuid/direction": { send: true, recv: false },
    "/channel/:uuid/whisper": { to: "00000000-0000-4000-8000-000000000001" },
    "/channel/:uuid/dtmf": { digits: "12", duration: 100 },
    "/channel/:uuid/detect": { inband: true },
    "/channel/:uuid/echo": { enabled: true },
    "/channel/:uuid/play": soup,
    "/channel/:uuid/stopplay": {},
    "/channel/:uuid/pauseplay": {},
    "/channel/:uuid/resumeplay": {},
    "/channel/:uuid/record": { file: "r.wav", maxduration: 1000 },
    "/channel/:uuid/playrecord": { soup, record: { file: "r.wav" } },
    "/lease/:holder": {},
    "/drain": { enabled: true },
  },
  control: {
    "/rtp": { url: "http://192.0.2.1:9002", weight: 2 },
    "/rtp/drain": { url: "http://192.0.2.1:9002", enabled: true },
    "/rtp/remove": { url: "http://192.0.2.1:9002" },
    "/invite": { domain: "example.net", from: "1000", to: "1003", callerid: { number: "1", name: "A" } },
    "/dialog{/:callid}": { ...call, number: 1, cause: "new", sdp: { them: sdp, us: {} } },
    "/reg": registration,
    "/reg/:domain/:user": registration,
    "/channel/:uuid": { number: 1, event: { type: "telephone-event", uuid: "u", event: "5" } },
    "/subscription/:domain/:user": {
      domain: "a",
      user: "b",
      event: "presence",
      subscriber: "c@d",
      state: "active",
    },
    "/message/:domain/:user": {
      callid: "c",
      domain: "a",
      user: "b",
      from: "c@d",
      contentType: "text/plain",
      content: "hello",
    },
    "/gateway/:name": { name: "trunk", state: "registered", expires: 600 },
  },
};
