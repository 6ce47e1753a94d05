/** Three components that know each other by HTTP only: one call followed through all their logs, and its trace put together. */
import { Writable } from "node:stream";
import { pino } from "pino";
import t, { type Test } from "tap";
import { output } from "../../ts/cli/output.js";
import { CheckPhone } from "../../ts/cli/check-phone.js";
import { traceCommand } from "../../ts/cli/commands/trace.js";
import { connectOverHttp } from "../../ts/composition/control-connection.js";
import { ProjectControl } from "../../ts/control/projectcontrol.js";
import type { Log } from "../../ts/core/log.js";
import { startRtp, startSip } from "../../ts/mediaswitch.js";
import type { CallTrace, TraceSummary } from "../../ts/trace/call-trace.js";
import { freePorts } from "../interop/support/ports.js";
import { Phone } from "../rtp/support/phone.js";
import { testPort } from "../rtp/support/test-ports.js";

const LOOPBACK = "127.0.0.1";
const DOMAIN = "example.net";
const TOKEN = "a-token-of-this-test";
const TRIES = 30;
const MOST_QUESTIONS = 3000;

type Line = Readonly<Record<string, unknown>>;

/** A log as the program writes it, kept as lines. */
function keptLog(name: string): { readonly log: Log; readonly lines: Line[] } {
  const lines: Line[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(JSON.parse(chunk.toString()) as Line);
      done();
    },
  });
  return { log: pino({ level: "debug", name }, stream), lines };
}

interface Switch {
  readonly logs: Readonly<Record<"sip" | "control" | "rtp", readonly Line[]>>;
  readonly url: string;
  readonly alice: CheckPhone;
  readonly bob: CheckPhone;
  /** Her audio. */
  readonly voice: Phone;
}

async function started(t: Test): Promise<Switch> {
  const [sipLog, controlLog, rtpLog] = [keptLog("sip"), keptLog("control"), keptLog("rtp")];
  const http = { httpAddress: LOOPBACK, token: TOKEN };
  const sip = await startSip({
    ...http,
    sipAddress: LOOPBACK,
    sipPort: 0,
    sipHttpPort: 0,
    trust: [LOOPBACK],
    log: sipLog.log,
  });
  t.teardown(() => sip.close());
  const rtp = await startRtp({
    ...http,
    mediaAddress: LOOPBACK,
    ports: { low: testPort(0), high: testPort(19) },
    shards: 1,
    soundsRoot: ".",
    recordingsRoot: ".",
    rtpHttpPort: 0,
    log: rtpLog.log,
  });
  t.teardown(() => rtp.close());
  let url = "";
  const control = new ProjectControl({
    log: controlLog.log,
    connect: async (settings) => {
      const opened = await connectOverHttp(settings, {
        log: controlLog.log,
        token: TOKEN,
        sipUrl: sip.url,
        rtpUrl: [{ url: rtp.url }],
        us: { host: LOOPBACK, port: await freePorts() },
      });
      url = opened.url;
      return opened;
    },
  });
  control.onnewcall = (call) => {
    call.newcall({ to: { user: call.destination } });
  };
  void control.directory(DOMAIN, [{ username: "bob", secret: "b" }]);
  await control.run();
  t.teardown(() => control.stop());
  const phone = async (user: string): Promise<CheckPhone> => {
    const opened = await CheckPhone.open(sip.advertised, { user, domain: DOMAIN, secret: "b" });
    t.teardown(() => {
      opened.close();
    });
    return opened;
  };
  const voice = await Phone.open();
  t.teardown(() => {
    voice.close();
  });
  const logs = { sip: sipLog.lines, control: controlLog.lines, rtp: rtpLog.lines };
  return { logs, url, voice, alice: await phone("alice"), bob: await phone("bob") };
}

const sdp = (port: number): string =>
  [
    "v=0",
    `o=- 1 1 IN IP4 ${LOOPBACK}`,
    "s=-",
    `c=IN IP4 ${LOOPBACK}`,
    "t=0 0",
    `m=audio ${port} RTP/AVP 0`,
    "",
  ].join("\r\n");

/** A phone gives up after two seconds; a busy machine may need longer. */
async function patiently<Heard>(wait: () => Promise<Heard>): Promise<Heard> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await wait();
    } catch (error) {
      if (tries === TRIES) throw error;
    }
  }
}

/** Alice calls bob, who answers; she says something and hangs up. @returns the Call-IDs of both legs. */
async function calls(
  { alice, bob, voice }: Switch,
  isHeard: (callId: string) => Promise<boolean>,
): Promise<readonly [string, string]> {
  const registrar = `sip:${DOMAIN}`;
  bob.request("REGISTER", registrar, { callId: "bob-registers", seq: 1, headers: ["Expires: 600"] });
  await patiently(() => bob.response(200, "REGISTER", "bob-registers"));
  const callId = `alice-${process.pid}@phone`;
  const uri = `sip:bob@${DOMAIN}`;
  alice.request("INVITE", uri, { callId, seq: 1, sdp: sdp(voice.address.port) });
  const invite = await patiently(() => bob.heard("INVITE"));
  const second = invite.headers["call-id"];
  bob.answer(invite, 180);
  await patiently(() => alice.response(180, "INVITE", callId));
  bob.answer(invite, 200, sdp(40_002));
  await patiently(() => bob.heard("ACK"));
  const { headers, content } = await patiently(() => alice.response(200, "INVITE", callId));
  const toTag = headers.to.params["tag"] ?? "";
  alice.request("ACK", uri, { callId, seq: 1, toTag });
  const port = Number(/^m=audio (\d+)/m.exec(content)?.[1]);
  await voice.send({ sequence: 1, payload: new Uint8Array(160) }, port);
  for (let tries = 1; !(await isHeard(callId)); tries += 1) {
    if (tries === MOST_QUESTIONS) throw new Error("the trace never told that she was heard");
  }
  alice.request("BYE", uri, { callId, seq: 2, toTag });
  await patiently(() => alice.response(200, "BYE", callId));
  bob.answer(await patiently(() => bob.heard("BYE")), 200);
  return [callId, second];
}

t.test("one call through all logs, and one trace of both legs", async (t) => {
  const running = await started(t);
  const get = async (path: string, token = TOKEN): Promise<Response> =>
    fetch(running.url + path, { headers: { authorization: `Bearer ${token}` } });
  const trace = async (callid: string): Promise<CallTrace> =>
    (await (await get(`/trace/${encodeURIComponent(callid)}`)).json()) as CallTrace;
  const { port } = running.voice.address;
  const isHeard = ({ media }: CallTrace): boolean =>
    media.some(({ leg, type, text }) => {
      return leg === 0 && type === "first-packet" && text === `first RTP, from ${LOOPBACK}:${port}`;
    });
  const legs = await calls(running, async (callid) => isHeard(await trace(callid)));
  let found = await trace(legs[1]);
  while (found.state !== "ended") found = await trace(legs[1]);
  t.ok(isHeard(found), "what was heard of her while the call went on is still known");
  t.notOk(
    found.media.some(({ leg, type }) => leg === 1 && type === "first-packet"),
    "bob said nothing",
  );

  for (const callid of legs) {
    for (const [component, lines] of Object.entries(running.logs)) {
      t.ok(
        lines.some((line) => line["callid"] === callid),
        `${component} has lines of ${callid}`,
      );
    }
  }
  const ofLegs = running.logs.control.filter(({ msg }) => msg === "a leg of the call");
  t.strictSame(new Set(ofLegs.map(({ callid }) => callid)), new Set(legs));
  t.strictSame([...new Set(ofLegs.map(({ call }) => call))], [found.id], "control names the call of both");

  t.match(found, { state: "ended", from: "alice", to: "bob", callids: legs, messagesOmitted: 0 });
  t.strictSame(
    found.messages
      .map(({ leg, direction, name }) => `${leg ?? "?"} ${direction} ${name}`)
      .filter((text) => text.endsWith("INVITE")),
    ["0 in INVITE", "1 out INVITE"],
  );
  t.equal(found.messages.filter(({ name }) => name === "ACK").length, 2);
  t.strictSame(
    new Set(found.media.map(({ leg, type }) => `${leg} ${type}`)).has("1 closed"),
    true,
    "what the media server said last",
  );
  t.equal((await get("/trace", "wrong")).status, 401);
  t.equal((await get("/trace/nobody")).status, 404);
  t.equal((await get("/trace?limit=0")).status, 400);
  const { calls: listed } = (await (await get("/trace?search=ALICE&state=ended")).json()) as {
    calls: TraceSummary[];
  };
  t.match(listed, [{ id: found.id, state: "ended" }]);

  const registration = (await (await get("/trace/bob-registers")).json()) as CallTrace;
  t.match(registration, {
    state: "unknown",
    from: "bob",
    messages: [{ name: "REGISTER" }, { name: "200 OK (REGISTER)" }],
  });

  await t.test("mediaswitch trace prints it", async (t) => {
    const run = async (...args: string[]): Promise<string> => {
      const said = t.capture(output, "write");
      await traceCommand().parseAsync([...args, "--control", running.url, "--token", TOKEN], {
        from: "user",
      });
      said.restore();
      return said()
        .map(({ args: [text] }) => text)
        .join("");
    };
    t.match(await run("bob"), `call ${found.id}\nalice → bob in ${DOMAIN}`, "by a number");
    t.match(await run(legs[0]), /\d+ +│─+ INVITE ─+▶│/);
    t.match(await run(legs[0], "--messages"), "m=audio 40002 RTP/AVP 0");
    t.match(await run(), found.id, "without a call: the list");
    t.equal((JSON.parse(await run(found.id, "--json")) as CallTrace).id, found.id);
    await t.rejects(run("somebody else"), { code: "CALL_UNKNOWN" });
  });
});
