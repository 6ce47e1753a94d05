/**
 * Control as a program of somebody else's: the SIP and the RTP server by themselves, everything between over HTTP with JSON,
 * in the shapes that the seed's own parts used; telephones and audio are real.
 */
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import t, { type Test } from "tap";
import { silentLog } from "../../ts/core/log.js";
import { startRtp, startSip } from "../../ts/mediaswitch.js";
import { testPort } from "../rtp/support/test-ports.js";
import { Changes } from "./support/changes.js";
import { Telephone } from "./support/telephone.js";

const LOOPBACK = "127.0.0.1";
const DOMAIN = "bling.babblevoice.com";
const ANNOUNCEMENT = 900;

interface Callback {
  readonly method: string;
  readonly path: string;
  readonly body: Record<string, unknown>;
}

interface Channel {
  readonly uuid: string;
  readonly channel: string;
  readonly port: number;
  readonly ip: string;
}

class OutsideControl {
  /** What was told, in order. */
  readonly heard: Callback[] = [];
  readonly changes = new Changes();
  /** What callbacks are answered with. */
  status = 200;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on("request", (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        const body = text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
        this.heard.push({ method: request.method ?? "", path: request.url ?? "", body });
        // As the seed's control: the connection ends with the answer.
        response.writeHead(this.status, { "content-length": 0, connection: "close" }).end();
        this.changes.tell();
      });
    });
  }

  static async open(): Promise<OutsideControl> {
    const server = createServer({ requireHostHeader: false }).listen(0, LOOPBACK);
    await once(server, "listening");
    return new OutsideControl(server);
  }

  get url(): string {
    return `http://${LOOPBACK}:${String((this.#server.address() as AddressInfo).port)}`;
  }

  /** The callback of that cause, once it is there. */
  told(cause: string): Promise<Callback> {
    return this.changes.until(`the callback ${cause}`, () =>
      this.heard.find(({ body }) => body["cause"] === cause),
    );
  }

  close(): Promise<unknown> {
    this.#server.closeAllConnections();
    return once(this.#server.close(), "close");
  }
}

interface Bench {
  readonly control: OutsideControl;
  readonly sip: (method: string, path: string, body: object) => Promise<Response>;
  readonly rtp: (method: string, path: string, body: object) => Promise<Response>;
  readonly phone: (user: string, hertz: number) => Promise<Telephone>;
}

async function open(t: Test): Promise<Bench> {
  const common = { httpAddress: LOOPBACK, log: silentLog };
  const sip = await startSip({ ...common, sipAddress: LOOPBACK, sipPort: 0, sipHttpPort: 0, trust: [] });
  const rtp = await startRtp({
    ...common,
    mediaAddress: LOOPBACK,
    ports: { low: testPort(100), high: testPort(199) },
    shards: 1,
    soundsRoot: ".",
    recordingsRoot: ".",
    rtpHttpPort: 0,
  });
  const control = await OutsideControl.open();
  const phones: Telephone[] = [];
  t.teardown(async () => {
    for (const phone of phones) phone.close();
    await sip.close();
    await rtp.close();
    await control.close();
  });
  const asking =
    (url: string) =>
    (method: string, path: string, body: object): Promise<Response> =>
      fetch(`${url}${path}`, { method, body: JSON.stringify(body), headers: { connection: "close" } });
  const bench: Bench = {
    control,
    sip: asking(sip.url),
    rtp: asking(rtp.url),
    phone: async (user, hertz) => {
      const phone = await Telephone.open({
        server: sip.advertised,
        user,
        domain: DOMAIN,
        secret: "1123654789",
        hertz,
      });
      phones.push(phone);
      await phone.register();
      return phone;
    },
  };
  const users = ["1000", "1003"].map((username) => ({ username, secret: "1123654789" }));
  t.equal((await bench.sip("PUT", `/dir/${DOMAIN}`, { control: control.url, users })).status, 201);
  return bench;
}

/** Our description as the seed's control wrote it: the RTP clock is a text. */
const description = ({ ip, port }: Channel, direction = "sendrecv"): object => ({
  v: 0,
  o: { username: "-", sessionid: 1, sessionversion: 1, nettype: "IN", ipver: "IP4", address: ip },
  s: " ",
  c: [{ nettype: "IN", ipver: "IP4", address: ip }],
  t: { start: 0, stop: 0 },
  m: [
    {
      media: "audio",
      port,
      proto: "RTP/AVP",
      payloads: [0],
      rtpmap: { "0": { encoding: "PCMU", clock: "8000" } },
      direction,
    },
  ],
});

interface Description {
  readonly c: readonly { readonly address: string }[];
  readonly m: readonly { readonly port: number; readonly direction: string; readonly rtpmap: unknown }[];
}

const described = ({ body }: Callback): Description => (body["sdp"] as { them: Description }).them;

t.test(
  "a call by HTTP alone: rung by PUT, answered by POST, heard, held, transferred, hung up",
  async (t) => {
    const { control, sip, rtp, phone } = await open(t);
    const caller = await phone("1000", 400);
    const registered = await control.changes.until("a registration", () =>
      control.heard.find(({ path }) => path === `/reg/${DOMAIN}/1000`),
    );
    t.match(registered, { method: "PUT", body: { host: LOOPBACK } });

    const call = await caller.call("1003");
    const news = await control.told("new");
    const { callid } = news.body;
    t.match(news, { method: "PUT", path: `/dialog/${call.callId}` });
    t.match(news.body, {
      callid: call.callId,
      domain: DOMAIN,
      to: "1003",
      from: "1000",
      maxforwards: 70,
      authenticated: true,
      originator: false,
      ring: false,
      answered: false,
      hold: false,
      hangup: false,
      error: { code: 0, status: "" },
      remote: { host: LOOPBACK },
      epochs: { ring: 0, answer: 0, end: 0 },
    });

    t.equal((await sip("PUT", "/dialog/ring", { callid })).status, 200);
    await call.gets(180);
    const opened = await rtp("POST", "/channel/", { control: control.url });
    const channel = (await opened.json()) as Channel;
    t.equal(channel.channel, channel.uuid, "by both names");
    const them = described(news);
    const target = { ip: them.c[0]?.address, port: them.m[0]?.port, audio: { payloads: [0] } };
    t.equal((await rtp("PUT", `/channel/${channel.uuid}`, target)).status, 200);
    const soup = { files: [{ tone: `${String(ANNOUNCEMENT)}*0.3:1000` }], loop: true };
    t.equal((await rtp("PUT", `/channel/${channel.uuid}/play`, soup)).status, 200);
    t.equal((await sip("POST", "/dialog/answer", { callid, sdp: description(channel) })).status, 200);
    await call.answered();
    await call.voice.hears(ANNOUNCEMENT);
    t.match((await control.told("answered")).body, { answered: true, ring: true });

    // A hold is not finished until control says so.
    let isAgreed = false;
    const held = call.hold("inactive").then(() => t.ok(isAgreed, "no answer before control's ok"));
    const reinvite = await control.told("reinvite");
    t.match(reinvite.body, { hold: true, sdp: { them: { m: [{ direction: "inactive" }] } } });
    isAgreed = true;
    t.equal((await sip("PUT", "/dialog/ok", { callid, sdp: description(channel, "inactive") })).status, 200);
    await held;

    t.equal(await call.refer("1001"), 202);
    t.match((await control.told("refer")).body, { refer: { to: "1001", domain: DOMAIN } });
    t.equal((await sip("PUT", "/dialog/notify", { callid })).status, 200);
    await call.notified("200 OK");

    t.equal((await sip("PUT", "/dialog/hangup", { callid })).status, 200);
    await call.ended();
    const end = await control.told("ended");
    t.match(end.body, { hangup: true, answered: true });
    t.notOk("refer" in end.body, "it is in its own callback alone");
    t.equal((await rtp("DELETE", `/channel/${channel.uuid}`, {})).status, 200);
    const events = await control.changes.until("the end of the channel", () => {
      const all = control.heard.filter(({ path }) => path === `/channel/${channel.uuid}`);
      const told = all.map(({ body }) => body["event"] as { readonly type: string });
      return told.at(-1)?.type === "closed" ? told : undefined;
    });
    t.match(events, [
      { type: "play", event: "start" },
      { type: "play", event: "end", reason: "channelclosed" },
      { type: "closed", reason: "requested" },
    ]);
  },
);

t.test("callbacks: each is whole, and the last is sent whatever happened", async (t) => {
  const { control, sip, phone } = await open(t);
  const caller = await phone("1000", 400);
  const cancelled = await caller.call("1003");
  await control.told("new");
  await cancelled.hangup();
  const end = await control.told("ended");
  t.match(end.body, { callid: cancelled.callId, hangup: true, answered: false, error: { code: 487 } });
  t.match((end.body["sdp"] as { them: object }).them, { v: 0 }, "with what was known before");

  control.heard.length = 0;
  const callee = await phone("1003", 600);
  const invited = await sip("POST", "/dialog/invite", {
    from: { user: "1000", domain: DOMAIN },
    to: { user: "1003" },
    maxforwards: 70,
    cid: { number: "1000", name: "Anne" },
    sdp: description({ uuid: "", channel: "", ip: LOOPBACK, port: 40_000 }),
  });
  t.equal(invited.status, 200);
  const { callid } = (await invited.json()) as { callid: string };
  const rung = await callee.rung();
  rung.ring();
  t.match((await control.told("ringing")).body, { callid, ring: true, originator: true });
  rung.refuse(603);
  t.match((await control.told("ended")).body, { callid, hangup: true, error: { code: 603 } });
});

t.test("a control that does not take the call: the caller gets 480", async (t) => {
  const { control, phone } = await open(t);
  const caller = await phone("1000", 400);
  control.status = 404;
  const call = await caller.call("1003");
  await call.gets(480);
});
