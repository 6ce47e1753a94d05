import t, { type Test } from "tap";
import { ms } from "../../ts/core/brand.js";
import { MediaswitchError, type ErrorCode } from "../../ts/core/errors.js";
import { silentLog } from "../../ts/core/log.js";
import { HttpClient } from "../../ts/http/client.js";
import { ControlCallbacks } from "../../ts/http/control-callbacks.js";
import type { RouteHandler } from "../../ts/http/route-table.js";
import { HttpServer } from "../../ts/http/server.js";
import { readCallInfo } from "../../ts/http/sip-wire.js";
import type { MediaEvent } from "../../ts/rtp/media-service.js";
import type { DialogCause, SipEvent } from "../../ts/sip/sip-service.js";
import { ManualClock } from "../support/manual-clock.js";

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
  run: (promise: Promise<void>) => Promise<void>;
}> {
  const heard: Heard[] = [];
  const refusals: ErrorCode[] = [];
  const hear =
    (method: string): RouteHandler =>
    ({ path, body }) => {
      heard.push({ method, path, body });
      const code = refusals.shift();
      if (code !== undefined) throw new MediaswitchError(code, "as told");
      return { status: 200 };
    };
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
  const run = async (promise: Promise<void>): Promise<void> => {
    const running = { isOver: false };
    const settle = (): void => {
      running.isOver = true;
    };
    promise.then(settle, settle);
    while (!running.isOver) {
      // One turn of the event loop, for the exchange on the wire.
      await new Promise((resolve) => setImmediate(resolve));
      if (clock.pendingTimers > 0) await clock.advance(ms(50));
    }
    return promise;
  };
  const control = `http://127.0.0.1:${server.address.port}/pre`;
  return {
    callbacks: new ControlCallbacks({ client, clock, log: silentLog }),
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
  const path = { domain: "bling", user: "10/03" };
  t.match(heard, [
    { method: "PUT", path, body: { host: "127.0.0.1", port: 5, agent: "Z" } },
    { method: "DELETE", path, body: undefined },
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

t.test("everything else is tried again, five times in all", async (t) => {
  const { callbacks, clock, control, heard, refusals, run } = await open(t);
  refusals.push("CONTROL_UNAVAILABLE", "CONTROL_UNAVAILABLE");
  const before = clock.now();
  await run(callbacks.sip(dialog("ended", control)));
  t.equal(heard.length, 3);
  t.equal(clock.now() - before, 250 + 500);
  heard.length = 0;
  refusals.push(...Array<ErrorCode>(6).fill("CONTROL_UNAVAILABLE"));
  await t.rejects(run(callbacks.sip(dialog("ended", control))), { code: "CONTROL_UNAVAILABLE" });
  t.equal(heard.length, 5);
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
