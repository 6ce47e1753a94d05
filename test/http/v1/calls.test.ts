/** The calls resource over real HTTP. */
import t from "tap";
import { seconds } from "../../../ts/core/brand.js";
import { CAUSES } from "../../../ts/control/causes.js";
import type { CallResource } from "../../../ts/http/v1/call-schema.js";
import { answerTo } from "../../control/exchange.js";
import { until, V1Bench } from "./v1-bench.js";

async function opened(t: { teardown(run: () => unknown): void }): Promise<V1Bench> {
  const bench = await V1Bench.open();
  bench.exchange.projectcontrol.onnewcall = () => undefined;
  t.teardown(() => bench.close());
  return bench;
}

t.test("an inbound call waits for what a client does with it", async (t) => {
  const bench = await opened(t);
  const { sip } = bench.exchange;
  const id = await bench.invited();
  t.match(await bench.get(id), {
    id,
    callid: id,
    direction: "inbound",
    state: "new",
    from: "1000",
    to: "1001",
    domain: "example.net",
    held: false,
  });
  t.match(await bench.act(id, { action: "ring" }), { status: 200, json: { state: "ringing" } });
  t.ok(sip.dialog(id).rung);
  const answering = bench.ask("PATCH", `/v1/calls/${id}`, { action: "answer" });
  await until(() => sip.dialog(id).pending === "ack");
  await sip.acks(id);
  t.match(await answering, { status: 200, json: { state: "answered" } });
  const ended = await bench.ask("DELETE", `/v1/calls/${id}`);
  t.equal(ended.status, 200);
  await bench.exchange.settle();
  t.match(await bench.get(id), { state: "ended", cause: { name: "normal", q850: 16, side: "us" } });
});

t.test("hung up with a cause, a status, or neither", async (t) => {
  const bench = await opened(t);
  const { sip } = bench.exchange;
  const told = async (body?: object): Promise<object | undefined> => {
    const id = await bench.invited();
    const { status } = await bench.ask("DELETE", `/v1/calls/${id}`, body);
    t.equal(status, 200);
    await bench.exchange.settle();
    return sip.dialog(id).hungup;
  };
  t.match(await told({ cause: "USER_BUSY" }), { code: 486 });
  t.match(await told({ code: 503, q850: 34, reason: "No line" }), { code: 503, reason: "No line" });
  t.notOk((await told()) && "code" in ((await told()) ?? {}));
  const id = await bench.invited();
  t.match(await bench.ask("DELETE", `/v1/calls/${id}`, { cause: "bussy" }), {
    status: 400,
    json: { code: "ARGUMENT_INVALID", field: "cause" },
  });
  t.match(await bench.ask("DELETE", `/v1/calls/${id}`, { cause: "busy", code: 486 }), { status: 400 });
  t.equal((await bench.get(id)).state, "new", "nothing was done");
  t.ok(CAUSES.length > 40);
});

t.test("originates, tells what becomes of it, and gives up in time", async (t) => {
  const bench = await opened(t);
  const { sip, clock } = bench.exchange;
  const made = await bench.ask("POST", "/v1/calls", {
    from: { user: "1000", domain: "example.net" },
    to: { user: "1001" },
    callerid: { number: "4711", name: "Anne" },
    timeout: 20_000,
    metadata: { order: 5 },
  });
  t.match(made, { status: 201, json: { direction: "outbound", state: "new", to: "1001" } });
  const { id } = made.json as CallResource;
  t.match(sip.commandsOf("dialog.invite")[0]?.request, { cid: { number: "4711", name: "Anne" } });
  await sip.rings(id);
  await bench.exchange.settle();
  t.equal((await bench.get(id)).state, "ringing");
  await clock.advance(seconds(21));
  t.equal((await bench.get(id)).state, "ended");

  const second = (
    await bench.ask("POST", "/v1/calls", { from: { user: "1", domain: "example.net" }, to: { user: "2" } })
  ).json as CallResource;
  await sip.answers(second.id, answerTo(sip.dialog(second.id).info.sdp.us));
  await clock.advance(seconds(120));
  t.equal((await bench.get(second.id)).state, "answered", "an answered one stays");
});

t.test("a call that can't be made is refused with the reason", async (t) => {
  const bench = await opened(t);
  bench.exchange.sip.failNext("dialog.invite", "USER_NOT_REGISTERED");
  const body = { from: { user: "1", domain: "example.net" }, to: { user: "2" } };
  t.match(await bench.ask("POST", "/v1/calls", body), { status: 480, json: { code: "USER_NOT_REGISTERED" } });
  t.match(await bench.ask("POST", "/v1/calls", { ...body, form: 1 }), {
    status: 400,
    json: { field: "form" },
  });
  t.match(await bench.ask("POST", "/v1/calls", { ...body, for: "nobody" }), { status: 404 });
  t.match(await bench.ask("GET", "/v1/calls/nobody"), { status: 404, json: { code: "CALL_UNKNOWN" } });
  t.match(await bench.ask("PATCH", "/v1/calls/nobody", { action: "ring" }), { status: 404 });
});

t.test("lists page by page, filtered", async (t) => {
  const bench = await opened(t);
  const ids: string[] = [];
  for (let i = 0; i < 7; i++) ids.push(await bench.invited());
  const seen: string[] = [];
  let after: string | undefined;
  for (let page = 0; page < 5; page++) {
    const answer = await bench.ask("GET", `/v1/calls?limit=3${after === undefined ? "" : `&after=${after}`}`);
    const { calls, next } = answer.json as { calls: CallResource[]; next?: string };
    seen.push(...calls.map(({ id }) => id));
    after = next;
    if (next === undefined) break;
  }
  t.same(seen, ids);
  await bench.act(ids[2]!, { action: "ring" });
  const ringing = await bench.ask("GET", "/v1/calls?state=ringing");
  t.match(ringing.json, { calls: [{ id: ids[2] }] });
  t.equal((ringing.json as { calls: unknown[] }).calls.length, 1);
  await bench.ask("DELETE", `/v1/calls/${ids[0]!}`);
  await bench.exchange.settle();
  t.equal(((await bench.ask("GET", "/v1/calls")).json as { calls: unknown[] }).calls.length, 6);
  t.match((await bench.ask("GET", "/v1/calls?state=ended")).json, { calls: [{ id: ids[0] }] });
  for (const bad of ["limit=0", "limit=1000", "state=odd", "unknown=1", "after=x"]) {
    t.equal((await bench.ask("GET", `/v1/calls?${bad}`)).status, 400, bad);
  }
});

t.test("actions reach the media engine", async (t) => {
  const bench = await opened(t);
  const { media } = bench.exchange;
  const id = await bench.talking();
  const done = async (body: object): Promise<number> => (await bench.act(id, body)).status;
  t.equal(await done({ action: "play", sounds: ["welcome.wav", { tone: "440:100" }], loop: 2 }), 200);
  t.match(media.commandsOf("play").at(-1), {
    soup: { loop: 2, files: [{ wav: "welcome.wav" }, { tone: "440:100" }] },
  });
  t.equal(await done({ action: "pause-play" }), 200);
  t.equal(media.commandsOf("pauseplay").length, 1);
  t.equal(await done({ action: "resume-play" }), 200);
  t.equal(media.commandsOf("resumeplay").length, 1);
  t.equal(await done({ action: "stop-play" }), 200);
  t.equal(await done({ action: "echo" }), 200);
  t.equal(await done({ action: "echo", enabled: false }), 200);
  t.match(media.commandsOf("echo"), [{ enabled: true }, { enabled: false }]);
  t.equal(await done({ action: "record", file: "a.wav", maxduration: 1000 }), 200);
  t.match(media.commandsOf("record").at(-1), { options: { file: "a.wav", maxduration: 1000 } });
  t.equal(await done({ action: "pause-record", file: "a.wav" }), 200);
  t.match(media.commandsOf("record").at(-1), { options: { file: "a.wav", pause: true } });
  t.equal(await done({ action: "stop-record", file: "a.wav" }), 200);
  t.match(media.commandsOf("record").at(-1), { options: { file: "a.wav", finish: true } });
  t.equal(await done({ action: "mute" }), 200);
  t.match(media.commandsOf("direction").at(-1), { send: true, recv: false });
  t.equal(await done({ action: "unmute" }), 200);
  t.match(media.commandsOf("direction").at(-1), { send: true, recv: true });
  t.equal(await done({ action: "send-keys", keys: "12#" }), 409, "no telephone-events were agreed on");
  t.equal(await done({ action: "send-keys", keys: "12#", by: "info" }), 200);
  t.equal(await done({ action: "note", what: "by a client" }), 200);
  t.equal(await done({ action: "metadata", cdr: { a: 1 } }), 200);
  media.failNext("play", "MEDIA_FILE_UNKNOWN");
  t.match(await bench.act(id, { action: "play", sounds: "nothing.wav" }), {
    status: 404,
    json: { code: "MEDIA_FILE_UNKNOWN" },
  });
});

t.test("what makes no sense is refused and blamed by its field", async (t) => {
  const bench = await opened(t);
  const id = await bench.invited();
  const bad: [object, string | undefined][] = [
    [{}, "action"],
    [{ action: "dance" }, "action"],
    [{ action: "ring", loud: true }, "loud"],
    [{ action: "play" }, "sounds"],
    [{ action: "send-keys", keys: "x" }, "keys"],
    [{ action: "transfer" }, "to"],
    [{ action: "gather", count: 99 }, "count"],
  ];
  for (const [body, field] of bad) {
    t.match(
      await bench.act(id, body),
      { status: 400, json: { code: "ARGUMENT_INVALID", field } },
      JSON.stringify(body),
    );
  }
  t.match(
    await bench.act(id, { action: "mute" }),
    { status: 409, json: { code: "CALL_STATE" } },
    "no audio yet",
  );
});

t.test("dials for a call and bridges the two: one record", async (t) => {
  const bench = await opened(t);
  const { sip, media, clock } = bench.exchange;
  const id = await bench.talking();
  t.equal((await bench.act(id, { action: "dial", to: "1002" })).status, 200);
  await until(() => sip.live.length === 2);
  const other = sip.live.find(({ info }) => info.originator)!.info.callid;
  await sip.answers(other, answerTo(sip.dialog(other).info.sdp.us));
  await bench.exchange.settle();
  t.equal(media.commandsOf("mix").length, 1);
  t.match(await bench.get(id), { bridged: other });
  t.equal((await bench.get(other)).record, (await bench.get(id)).record);
  await sip.ends(other);
  await bench.exchange.settle();
  await bench.ask("DELETE", `/v1/calls/${id}`);
  await bench.exchange.settle();
  await clock.advance(seconds(10));
  t.equal(bench.recorder.open, 0);
});

t.test("two calls that are there are bridged and parted", async (t) => {
  const bench = await opened(t);
  const [a, b] = [await bench.talking(), await bench.talking()];
  t.equal((await bench.act(a, { action: "bridge", with: b })).status, 200);
  t.match(await bench.get(a), { bridged: b });
  t.equal((await bench.act(a, { action: "unbridge" })).status, 200);
  t.notOk("bridged" in (await bench.get(a)));
  t.equal(bench.exchange.media.commandsOf("unmix").length > 0, true);
});
