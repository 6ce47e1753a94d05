/** What the seed's `projectcontrol` and its calls offer beside calls themselves. */
import t from "tap";
import type { ComponentRequest, Component } from "../../ts/control/component-requests.js";
import { Controller } from "../../ts/control/controller.js";
import { ProjectControl } from "../../ts/control/projectcontrol.js";
import type { ChannelRequest } from "../../ts/control/script-channel.js";
import { silentLog } from "../../ts/core/log.js";
import type { LegChannel } from "../../ts/control/leg.js";
import { Exchange, NOTHING_LEFT, offerOf, read } from "./exchange.js";
import { talking } from "./talking.js";

async function offered(): Promise<{ exchange: Exchange; callid: string }> {
  const exchange = await Exchange.open();
  exchange.projectcontrol.onnewcall = () => undefined;
  const callid = await exchange.sip.invited({ from: "1000", to: "9", sdp: offerOf() });
  await exchange.settle();
  return { exchange, callid };
}

t.test("J014: createchannel gives the channel, and the request its description", async (t) => {
  const { exchange, callid } = await offered();
  const call = exchange.projectcontrol.calls[callid];
  if (call === undefined) throw new Error("no call");
  const request: ChannelRequest = { codecs: ["pcma", "2833"] };
  const given: (LegChannel | undefined)[] = [];
  await exchange.projectcontrol.createchannel(call, request, (channel) => given.push(channel));
  t.same(given, [call.metadata.channel]);
  t.match(given[0], { ip: exchange.media.ip, port: 10_000, codecs: ["pcma", "2833"] });
  t.match(request.sdp, {
    o: { username: "-" },
    s: " ",
    c: [{ address: exchange.media.ip }],
    m: [{ media: "audio", port: 10_000, payloads: [8, 101], direction: "sendrecv" }],
  });
  t.equal(exchange.projectcontrol.channels[given[0]?.uuid ?? ""], call);
  await call.answer();
  t.equal(exchange.media.commandsOf("open").length, 1, "the answer uses it");
  t.equal(read(exchange.sip.dialog(callid).info.sdp.us).m[0]?.port, 10_000);
});

t.test("J014: where there is none, the callback gets undefined and the request no description", async (t) => {
  const { exchange, callid } = await offered();
  const call = exchange.projectcontrol.calls[callid];
  if (call === undefined) throw new Error("no call");
  exchange.media.failNext("open", "MEDIA_OUT_OF_PORTS");
  const request: ChannelRequest = {};
  const given: unknown[] = [];
  await exchange.projectcontrol.createchannel(call, request, (channel) => given.push(channel));
  t.same([given, request.sdp], [[undefined], undefined]);
});

t.test("J015: addmedia names codecs as the seed numbers them", async (t) => {
  const { projectcontrol } = await Exchange.open();
  const sdp = { m: [{ payloads: [] as number[], rtpmap: {}, fmtp: {} }] };
  for (const codec of ["pcmu", "pcma", "722", "ilbc", "2833", "pcma"] as const)
    projectcontrol.addmedia(sdp, codec);
  t.same(sdp.m[0], {
    payloads: [0, 8, 9, 97, 101],
    rtpmap: { 97: { encoding: "iLBC", clock: 8000 }, 101: { encoding: "telephone-event", clock: 8000 } },
    fmtp: { 97: "mode=20", 101: "0-16" },
  });
  t.throws(() => projectcontrol.addmedia(sdp, "mp3" as "pcma"), { code: "ARGUMENT_INVALID", field: "codec" });
  t.throws(() => projectcontrol.addmedia({ m: [] }, "pcma"), { code: "SDP_INVALID" });
});

interface Asked {
  readonly component: Component;
  readonly request: ComponentRequest;
}

async function asking(): Promise<{ asked: Asked[]; projectcontrol: ProjectControl; errors: string[] }> {
  const { sip, media, clock } = await Exchange.open();
  const asked: Asked[] = [];
  const errors: string[] = [];
  const log = { ...silentLog, error: (_fields: object, text: string) => errors.push(text) };
  const random = { bytes: (count: number) => new Uint8Array(count), below: () => 0 };
  const projectcontrol = new ProjectControl({
    log,
    connect: () =>
      Promise.resolve({
        controller: new Controller({ sip, media, clock, random: random, log }),
        requests: (component, request) => {
          asked.push({ component, request });
          return Promise.resolve({ code: 201, message: "Created", json: { ok: true } });
        },
        close: () => Promise.resolve(),
      }),
  });
  return { asked, projectcontrol, errors };
}

t.test("J016: requests to the components, PUT unless said, and what comes of them", async (t) => {
  const { asked, projectcontrol } = await asking();
  await projectcontrol.run();
  const replies: unknown[] = [];
  await projectcontrol.sipserver({ users: [] }, "/dir/example.net", undefined, (reply) =>
    replies.push(reply),
  );
  await projectcontrol.rtpserver({}, "/channel/", "POST");
  await projectcontrol.server(undefined, "/x", "get", { host: "192.0.2.7", port: 81 }, (reply) =>
    replies.push(reply),
  );
  t.same(asked, [
    { component: "sip", request: { method: "PUT", path: "/dir/example.net", body: { users: [] } } },
    { component: "rtp", request: { method: "POST", path: "/channel/", body: {} } },
    { component: { host: "192.0.2.7", port: 81 }, request: { method: "GET", path: "/x" } },
  ]);
  t.same(replies, Array(2).fill({ code: 201, message: "Created", json: { ok: true } }));
});

t.test("J016: before run() the callback hears 500; one that throws is logged", async (t) => {
  const { projectcontrol, errors } = await asking();
  const replies: { code: number }[] = [];
  await projectcontrol.sipserver({}, "/dir", "PUT", (reply) => replies.push(reply));
  t.match(replies, [{ code: 500 }]);
  await projectcontrol.sipserver({}, "/dir", "PUT", () => {
    throw new Error("in a callback");
  });
  t.same(errors, ["the callback of a request failed"]);
});

t.test("J018: handlers is a table to put routes into", async (t) => {
  const { projectcontrol } = await Exchange.open();
  t.same(Object.keys(projectcontrol.handlers).sort(), ["DELETE", "GET", "PATCH", "POST", "PUT"]);
});

t.test("J019: runnewcalls has the script decide once more, runhangups ends the call", async (t) => {
  const { exchange, caller, callee } = await talking();
  const seen: string[] = [];
  exchange.projectcontrol.onnewcall = (call) => seen.push(call.destination);
  callee.info = { ...callee.info, refer: { to: "7777", domain: "example.net", uri: "" } };
  callee.onnewcall = () => seen.push("own");
  const before = exchange.controller.calls.size;
  exchange.projectcontrol.runnewcalls(callee);
  t.same(seen, ["7777", "own"], "also of a call we made, with its new destination");
  t.equal(exchange.controller.calls.size, before + 1, "the first callback calls 1001 again");
  caller.onhangup = () => seen.push("hungup");
  await exchange.projectcontrol.runhangups(caller);
  await exchange.settle();
  t.equal(seen.at(-1), "hungup");
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("J033: the destination is that of a REFER, for as long as it is attached", async (t) => {
  const { exchange, callid } = await offered();
  const call = exchange.projectcontrol.calls[callid];
  if (call === undefined) throw new Error("no call");
  t.equal(call.destination, "9");
  call.info = { ...call.info, refer: { to: "1002", domain: "example.net", uri: "sip:1002@example.net" } };
  t.equal(call.destination, "1002");
});

t.test("J065: postrequest does what the verbs do, by the seed's names", async (t) => {
  const { exchange, callid } = await offered();
  const call = exchange.projectcontrol.calls[callid];
  if (call === undefined) throw new Error("no call");
  await call.postrequest("ring", { alertinfo: "bell" });
  t.match(exchange.sip.commandsOf("dialog.ring"), [{ callid, alertinfo: "bell" }]);
  const request: ChannelRequest = { codecs: ["pcmu"] };
  await exchange.projectcontrol.createchannel(call, request);
  if (request.sdp === undefined) throw new Error("no description");
  await call.postrequest("answer", { sdp: request.sdp });
  t.match(exchange.sip.commandsOf("dialog.answer"), [{ callid, sdp: /m=audio 10000 RTP\/AVP 0/ }]);
  await exchange.sip.acks(callid);
  await exchange.settle();
  t.equal(call.answered, true);
  await call.postrequest("invite", { sdp: request.sdp });
  t.match(exchange.sip.commandsOf("dialog.reinvite"), [{ callid, sdp: /^v=0/ }]);
  await call.postrequest("hangup", { code: 486, reason: "Busy Here" });
  t.match(exchange.sip.commandsOf("dialog.hangup"), [{ callid, code: 486, reason: "Busy Here" }]);
  t.throws(() => call.postrequest("dance"), { code: "ARGUMENT_INVALID", field: "action" });
  t.throws(() => call.postrequest("ok", { sdp: { m: 7 } }), { code: "SDP_INVALID" });
});

t.test(
  "J066: clearcallbacks takes out the script's callbacks; what happens by default goes on",
  async (t) => {
    const seen: string[] = [];
    const exchange = await Exchange.open();
    exchange.projectcontrol.moh = { files: [{ wav: "moh.wav" }] };
    exchange.projectcontrol.onnewcall = (call) => {
      call.onanswer = () => seen.push("answer");
      call.onhangup = () => seen.push("hangup");
      call.onhold = () => seen.push("hold");
      call.newcall({ to: { user: "1001" } });
    };
    const callid = await exchange.sip.invited({ from: "1000", to: "1001", sdp: offerOf() });
    await exchange.settle();
    const caller = exchange.controller.calls.get(callid);
    const callee = caller?.other;
    if (caller === undefined || callee === undefined || callee === false) throw new Error("no calls");
    await exchange.sip.answers(callee.callid, offerOf({ codecs: ["pcma"] }));
    await exchange.settle();
    caller.clearcallbacks();
    await exchange.sip.acks(callid);
    await exchange.settle();
    t.equal(exchange.media.commandsOf("mix").length, 1, "the two are joined");
    await exchange.sip.reinvites(callid, offerOf({ direction: "sendonly", version: 2 }));
    await exchange.settle();
    t.equal(exchange.media.commandsOf("play").length, 1, "music on hold");
    await exchange.sip.ends(callid);
    await exchange.settle();
    t.same(seen, []);
    t.same(exchange.left, NOTHING_LEFT, "the other is hung up, the channels are closed");
  },
);
