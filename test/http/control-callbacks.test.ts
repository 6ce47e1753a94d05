import { readCallInfo } from "../../ts/http/callinfo-wire.js";
import t, { type Test } from "tap";
import { ms } from "../../ts/core/brand.js";
import { MediaswitchError, type ErrorCode } from "../../ts/core/errors.js";
import { silentLog } from "../../ts/core/log.js";
import { HttpClient } from "../../ts/http/client.js";
import { ControlCallbacks } from "../../ts/http/control-callbacks.js";
import type { Route } from "../../ts/http/route-table.js";
import { HttpServer } from "../../ts/http/server.js";
import type { MediaEvent } from "../../ts/rtp/media-service.js";
import type { DialogCause, SipEvent } from "../../ts/sip/sip-service.js";
import { ManualClock } from "../support/manual-clock.js";
import { SeededRandom } from "../support/seeded-random.js";
import { plainRoute } from "./plain-route.js";

interface Heard {
  readonly method: string;
  readonly path: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** A control under `/pre` that refuses as often as it is told to. */
async function open(t: Test): Promise<{
  callbacks: ControlCallbacks;
  clock: ManualClock;
  control: string;
  heard: Heard[];
  /** Refusals of the next events; those after them are taken. */
  refusals: ErrorCode[];
  /** Lets time go by until `promise` settles. */
  run: (promise: Promise<void>, step?: number) => Promise<void>;
}> {
  const heard: Heard[] = [];
  const refusals: ErrorCode[] = [];
  const hear = (method: string): Route =>
    plainRoute(({ path, body }) => {
      heard.push({ method, path, body });
      const code = refusals.shift();
      if (code !== undefined) throw new MediaswitchError(code, "as told");
      return undefined;
    });
  const server = await HttpServer.open({
    host: "127.0.0.1",
    port: 0,
    log: silentLog,
    routes: {
      "/pre/dialog/:callid": { PUT: hear("PUT") },
      "/pre/reg/:domain/:user": { PUT: hear("PUT"), DELETE: hear("DELETE") },
      "/pre/channel/:uuid": { PUT: hear("PUT") },
    },
  });
  const client = new HttpClient();
  const clock = new ManualClock();
  t.teardown(async () => {
    await client.close();
    await server.close();
  });
  const run = async (promise: Promise<void>, step = 50): Promise<void> => {
    const running = { isOver: false };
    const settle = (): void => {
      running.isOver = true;
    };
    promise.then(settle, settle);
    while (!running.isOver) {
      // One turn of the event loop, for the exchange on the wire.
      await new Promise((resolve) => setImmediate(resolve));
      if (clock.pendingTimers > 0) await clock.advance(ms(step));
    }
    return promise;
  };
  const control = `http://127.0.0.1:${server.address.port}/pre`;
  return {
    callbacks: new ControlCallbacks({ client, clock, log: silentLog, random: new SeededRandom(3) }),
    clock,
    control,
    heard,
    refusals,
    run,
  };
}

const sdp = (payloads: string): string =>
  [
    "v=0",
    "o=- 12345678901234567890 1 IN IP4 192.0.2.1",
    "s= ",
    "c=IN IP4 192.0.2.1",
    "t=0 0",
    `m=audio 4000 RTP/AVP ${payloads}`,
    "a=rtpmap:0 PCMU/8000",
    "a=sendrecv",
    "",
  ].join("\r\n");

const dialog = (cause: DialogCause, control?: string): SipEvent => ({
  type: "dialog",
  number: 1,
  cause,
  ...(control === undefined ? {} : { control }),
  info: { ...readCallInfo({ callid: "a/b@c", to: "1003" }).info, sdp: { them: sdp("0") } },
});

t.test("H070 H011: the whole callinfo, at the control's path", async (t) => {
  const { callbacks, control, heard } = await open(t);
  await callbacks.sip(dialog("new", control));
  t.match(heard, [
    {
      method: "PUT",
      path: { callid: "a/b@c" },
      body: {
        callid: "a/b@c",
        to: "1003",
        originator: false,
        ring: false,
        answered: false,
        hangup: false,
        hold: false,
        authenticated: false,
        error: { code: 0, status: "" },
        remote: { host: "", port: 0 },
        sdp: {
          them: {
            m: [{ media: "audio", payloads: [0], rtpmap: { "0": { encoding: "PCMU", clock: 8000 } } }],
          },
        },
        epochs: { start: 0, ring: 0, answer: 0, end: 0 },
        number: 1,
        cause: "new",
      },
    },
  ]);
  t.strictSame((heard[0]?.body as { sdp: { us: unknown } }).sdp.us, {}, "no description yet: {}");
  t.match(readCallInfo(heard[0]?.body).info.sdp.them, /^v=0\r\no=- 12345678901234567890 1 /);
});

t.test("H073 H074: registrations", async (t) => {
  const { callbacks, control, heard } = await open(t);
  const registration = { domain: "bling", user: "10/03", host: "127.0.0.1", port: 5, agent: "Z" };
  await callbacks.sip({ type: "registered", control, registration });
  await callbacks.sip({ type: "deregistered", control, domain: "bling", user: "10/03" });
  await callbacks.sip({ type: "deregistered", control, domain: "bling", user: "10/03", reason: "ping" });
  const path = { domain: "bling", user: "10/03" };
  t.match(heard, [
    { method: "PUT", path, body: { host: "127.0.0.1", port: 5, agent: "Z" } },
    { method: "DELETE", path, body: undefined },
    { method: "DELETE", path, body: { reason: "ping" } },
  ]);
});

t.test("H098: media events are numbered per channel", async (t) => {
  const { callbacks, control, heard } = await open(t);
  const digit = (uuid: string): MediaEvent => ({ type: "telephone-event", uuid, control, event: "5" });
  for (const uuid of ["u", "u", "v"]) await callbacks.media(digit(uuid));
  t.match(heard, [
    { path: { uuid: "u" }, body: { number: 1, event: { type: "telephone-event", uuid: "u", event: "5" } } },
    { path: { uuid: "u" }, body: { number: 2 } },
    { path: { uuid: "v" }, body: { number: 1 } },
  ]);
});

t.test("H070: a new call is tried once, for a caller waits", async (t) => {
  const { callbacks, control, heard, refusals, run } = await open(t);
  refusals.push("CONTROL_UNAVAILABLE");
  await t.rejects(run(callbacks.sip(dialog("new", control))), { code: "CONTROL_UNAVAILABLE" });
  t.equal(heard.length, 1);
  await t.rejects(callbacks.sip(dialog("new", "http://127.0.0.1:1")), { code: "CONTROL_UNAVAILABLE" });
});

t.test("what happens to a call is told until it is taken, with growing pauses", async (t) => {
  const { callbacks, clock, control, heard, refusals, run } = await open(t);
  const DOWN = 20;
  refusals.push(...Array<ErrorCode>(DOWN).fill("CONTROL_UNAVAILABLE"));
  const before = clock.now();
  await run(callbacks.sip(dialog("ended", control)));
  t.equal(heard.length, DOWN + 1, "the terminal event came through");
  const passed = clock.now() - before;
  t.ok(passed > 100_000 && passed < 200_000, `${passed} ms: twice as long each time, up to some ten seconds`);
  t.equal(clock.pendingTimers, 0);
});

t.test("after an hour nobody waits for it any more; a registration is told again anyhow", async (t) => {
  const { callbacks, clock, control, refusals, run } = await open(t);
  refusals.push(...Array<ErrorCode>(1000).fill("CONTROL_UNAVAILABLE"));
  const before = clock.now();
  await t.rejects(run(callbacks.sip(dialog("ended", control)), 2000), { code: "CONTROL_UNAVAILABLE" });
  t.equal(Math.round((clock.now() - before) / 60_000), 60);
  const registration = { domain: "bling", user: "1003", host: "127.0.0.1", port: 5 };
  const then = clock.now();
  await t.rejects(run(callbacks.sip({ type: "registered", control, registration })), {
    code: "CONTROL_UNAVAILABLE",
  });
  t.equal(Math.round((clock.now() - then) / 1000), 10);
  t.equal(clock.pendingTimers, 0);
});

t.test(
  "while control is down, one event at a time finds out whether it is back; then all come",
  async (t) => {
    const { callbacks, control, heard, refusals, run } = await open(t);
    refusals.push(...Array<ErrorCode>(30).fill("CONTROL_UNAVAILABLE"));
    const CALLS = 25;
    const all = Array.from({ length: CALLS }, () => callbacks.sip(dialog("ended", control)));
    await run(Promise.all(all).then(() => undefined));
    const tries = heard.length - CALLS;
    t.equal(tries, 30, "each failure once: 25 that were under way, then 5 in a line");
  },
);

t.test("control is down: new callers hear so at once, and control nothing of them", async (t) => {
  const { callbacks, clock, control, heard, refusals, run } = await open(t);
  refusals.push("CONTROL_UNAVAILABLE");
  const call = (callid: string, cause: DialogCause): SipEvent => {
    const event = dialog(cause, control);
    if (event.type !== "dialog") throw new Error("no dialog event");
    return { ...event, info: { ...event.info, callid } };
  };
  await t.rejects(run(callbacks.sip(call("first", "new"))), { code: "CONTROL_UNAVAILABLE" });
  t.equal(heard.length, 1);
  await t.rejects(callbacks.sip(call("second", "new")), { code: "CONTROL_UNAVAILABLE" });
  await callbacks.sip(call("second", "ended"));
  t.equal(heard.length, 1, "neither its beginning nor its end went out");
  await clock.advance(ms(500));
  await run(callbacks.sip(call("third", "new")));
  await run(callbacks.sip(call("first", "ended")));
  t.match(heard.slice(1), [{ path: { callid: "third" } }, { path: { callid: "first" } }]);
});

t.test("closing gives up what waits", async (t) => {
  const { callbacks, clock } = await open(t);
  const waiting = callbacks.sip(dialog("ended", "http://127.0.0.1:1"));
  const refused = t.rejects(waiting, { code: "CONTROL_UNAVAILABLE" });
  while (clock.pendingTimers === 0) await new Promise((resolve) => setImmediate(resolve));
  callbacks.close();
  await refused;
  t.equal(clock.pendingTimers, 0);
});

t.test("what control understood and refuses is not tried again", async (t) => {
  const { callbacks, control, heard, refusals, run } = await open(t);
  refusals.push("ARGUMENT_INVALID");
  await t.rejects(run(callbacks.sip(dialog("ended", control))), { code: "ARGUMENT_INVALID" });
  t.equal(heard.length, 1);
});

t.test("H056: without a control nobody is told, and a caller is not left waiting", async (t) => {
  const { callbacks } = await open(t);
  await callbacks.sip(dialog("ended"));
  await callbacks.media({ type: "telephone-event", uuid: "u", event: "1" });
  await t.rejects(callbacks.sip(dialog("new")), { code: "CONTROL_UNAVAILABLE" });
});
