import { hexToken } from "../core/random.js";
import { silentLog } from "../core/log.js";
import { systemRandom } from "../core/system-random.js";
import { HttpClient } from "../http/client.js";
import { controlRoutes } from "../http/control-routes.js";
import { RemoteSipService } from "../http/remote-sip-service.js";
import { HttpServer } from "../http/server.js";
import { startSip, type RunningSip } from "../mediaswitch.js";
import type { DialogCause, SipEvent } from "../sip/sip-service.js";
import { CheckPhone } from "./check-phone.js";

const DOMAIN = "check.invalid";
const USERS = [
  { username: "1000", secret: hexToken(systemRandom, 8) },
  { username: "1001", secret: hexToken(systemRandom, 8) },
] as const;
/** Milliseconds that an event may take to reach control. */
const PATIENCE = 2_000;

type DialogEvent = Extract<SipEvent, { type: "dialog" }>;

/** The server under test with everything around it. */
interface Bench {
  readonly sip: RunningSip;
  /** Control's side: commands and events go over HTTP. */
  readonly service: RemoteSipService;
  readonly alice: CheckPhone;
  readonly bob: CheckPhone;
  /** The next event of a call, which has to be of this cause. */
  readonly event: (callId: string, cause: DialogCause) => Promise<DialogEvent>;
}

type Check = readonly [what: string, run: (bench: Bench) => Promise<void>];

const sdp = [
  "v=0",
  "o=- 1 1 IN IP4 127.0.0.1",
  "s=-",
  "c=IN IP4 127.0.0.1",
  "t=0 0",
  "m=audio 40000 RTP/AVP 0",
  "",
].join("\r\n");

const callId = (): string => hexToken(systemRandom, 12);
const address = (user: string): string => `sip:${user}@${DOMAIN}`;

function expect(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(what);
}

/** Sends a request, answers the challenge, and gives back the Call-ID and the number of the second try. */
async function authorised(
  phone: CheckPhone,
  method: string,
  { uri, headers = [], body = "" }: { uri: string; headers?: readonly string[]; body?: string },
): Promise<{ call: string; seq: number; branch: string }> {
  const call = callId();
  phone.request(method, uri, { callId: call, seq: 1, headers, sdp: body, branch: `z9hG4bK${call}` });
  const challenged = await phone.response(401, method, call);
  if (method === "INVITE") {
    const toTag = challenged.headers.to.params["tag"] ?? "";
    phone.request("ACK", uri, { callId: call, seq: 1, toTag, branch: `z9hG4bK${call}` });
  }
  const branch = `z9hG4bK${call}2`;
  const answer = phone.authorization(challenged, method, uri);
  phone.request(method, uri, { callId: call, seq: 2, headers: [...headers, answer], sdp: body, branch });
  return { call, seq: 2, branch };
}

async function register(phone: CheckPhone): Promise<void> {
  const { call } = await authorised(phone, "REGISTER", { uri: `sip:${DOMAIN}`, headers: ["Expires: 600"] });
  const { headers } = await phone.response(200, "REGISTER", call);
  expect(headers.contact !== undefined, "the 200 lists no binding");
}

async function options(phone: CheckPhone): Promise<void> {
  const { call } = await authorised(phone, "OPTIONS", { uri: `sip:${DOMAIN}` });
  const { headers } = await phone.response(200, "OPTIONS", call);
  expect(headers.allow !== undefined, "the 200 has no Allow");
}

const CHECKS: readonly Check[] = [
  ["REGISTER with digest", ({ alice }) => register(alice)],
  [
    "GET /reg tells of it",
    async ({ service }) => {
      const { users } = await service.execute({ type: "registrations.domain", domain: DOMAIN, user: "1000" });
      expect(users["1000"]?.registered === true, "1000 is not registered");
    },
  ],
  [
    "REGISTER with a wrong password is refused",
    async ({ sip }) => {
      const thief = await CheckPhone.open(sip.advertised, { user: "1000", domain: DOMAIN, secret: "wrong" });
      try {
        const { call } = await authorised(thief, "REGISTER", { uri: `sip:${DOMAIN}` });
        await thief.response(401, "REGISTER", call);
      } finally {
        thief.close();
      }
    },
  ],
  ["OPTIONS", ({ alice }) => options(alice)],
  ["a call in: 180, 200, ACK, BYE of the phone", callIn],
  ["a call out: 180, 200, ACK, BYE of ours", callOut],
  ["CANCEL: 487", cancelled],
  ["messages that are none", noMessages],
  [
    "nothing is left over",
    async ({ service }) => {
      const health = await service.execute({ type: "health" });
      expect(health.calls === 0, `${String(health.calls)} calls are left`);
      expect(health.eventsWaiting === 0, `${String(health.eventsWaiting)} events are left`);
    },
  ],
];

async function callIn({ alice, service, event }: Bench): Promise<void> {
  const uri = address("1001");
  const { call, seq } = await authorised(alice, "INVITE", { uri, body: sdp });
  const { info } = await event(call, "new");
  expect(info.from === "1000" && info.to === "1001", `control was told of ${info.from} and ${info.to}`);
  await service.execute({ type: "dialog.ring", callid: call });
  await alice.response(180, "INVITE", call);
  await service.execute({ type: "dialog.answer", callid: call, sdp });
  const answered = await alice.response(200, "INVITE", call);
  const toTag = answered.headers.to.params["tag"] ?? "";
  alice.request("ACK", uri, { callId: call, seq, toTag });
  await event(call, "answered");
  alice.request("BYE", uri, { callId: call, seq: seq + 1, toTag });
  await alice.response(200, "BYE", call);
  await event(call, "ended");
}

async function callOut({ alice, bob, service, event }: Bench): Promise<void> {
  await register(bob);
  const from = { user: alice.account.user, domain: DOMAIN };
  const { callid } = await service.execute({
    type: "dialog.invite",
    request: { callid: callId(), from, to: { user: "1001" }, sdp },
  });
  const invite = await bob.heard("INVITE", callid);
  bob.answer(invite, 180);
  await event(callid, "ringing");
  bob.answer(invite, 200, sdp);
  await bob.heard("ACK", callid);
  await event(callid, "answered");
  await service.execute({ type: "dialog.hangup", callid });
  bob.answer(await bob.heard("BYE", callid), 200);
  await event(callid, "ended");
}

async function cancelled({ alice, service, event }: Bench): Promise<void> {
  const uri = address("1001");
  const { call, seq, branch } = await authorised(alice, "INVITE", { uri, body: sdp });
  await event(call, "new");
  await service.execute({ type: "dialog.ring", callid: call });
  await alice.response(180, "INVITE", call);
  alice.request("CANCEL", uri, { callId: call, seq, branch });
  await alice.response(200, "CANCEL", call);
  const { headers } = await alice.response(487, "INVITE", call);
  alice.request("ACK", uri, { callId: call, seq, toTag: headers.to.params["tag"] ?? "", branch });
  await event(call, "ended");
}

async function noMessages({ alice }: Bench): Promise<void> {
  const call = callId();
  const via = `Via: SIP/2.0/UDP 127.0.0.1:${String(alice.port)};rport;branch=z9hG4bK${call}`;
  const head = [
    `OPTIONS sip:${DOMAIN} SIP/2.0`,
    via,
    "From: <sip:a@b>;tag=1",
    "To: <sip:a@b>",
    `Call-ID: ${call}`,
  ];
  for (const text of ["\0\0\0\0\0\0", "INVITE", "A".repeat(60_000), "SIP/2.0 999 No\r\n\r\n"])
    alice.raw(text);
  alice.raw(`${[...head, "CSeq: 1 OPTIONS", "Content-Length: 99999"].join("\r\n")}\r\n\r\nshort`);
  await alice.response(400, "OPTIONS", call);
  await options(alice);
}

/** Events by call, as they come. */
class Events {
  readonly #queued = new Map<string, DialogEvent[]>();
  readonly #waiting = new Map<string, (event: DialogEvent) => void>();

  readonly take = (event: SipEvent): Promise<void> => {
    if (event.type !== "dialog") return Promise.resolve();
    const { callid } = event.info;
    const waiting = this.#waiting.get(callid);
    this.#waiting.delete(callid);
    if (waiting === undefined) this.#queued.set(callid, [...(this.#queued.get(callid) ?? []), event]);
    else waiting(event);
    return Promise.resolve();
  };

  async next(callid: string, cause: DialogCause): Promise<DialogEvent> {
    const queued = this.#queued.get(callid)?.shift();
    const event = queued ?? (await this.#later(callid, cause));
    expect(event.cause === cause, `control was told "${event.cause}", not "${cause}"`);
    return event;
  }

  #later(callid: string, cause: DialogCause): Promise<DialogEvent> {
    return new Promise((resolve, reject) => {
      const patience = setTimeout(() => {
        this.#waiting.delete(callid);
        reject(new Error(`control was not told "${cause}"`));
      }, PATIENCE);
      this.#waiting.set(callid, (event) => {
        clearTimeout(patience);
        resolve(event);
      });
    });
  }
}

export interface SelfCheckOptions {
  /** One line per check. */
  readonly say: (line: string) => void;
  /** What the phones have for a password, to see the check fail; theirs unless given. */
  readonly phoneSecret?: string;
}

/**
 * The SIP server tries itself out: on free ports of 127.0.0.1, with two phones and a control that it reaches, and is
 * reached by, over HTTP.
 * @returns whether all went well.
 */
export async function selfCheck({ say, phoneSecret }: SelfCheckOptions): Promise<boolean> {
  const closers: (() => Promise<void> | void)[] = [];
  try {
    const bench = await openBench(closers, phoneSecret);
    let failed = 0;
    for (const [what, run] of CHECKS) {
      try {
        await run(bench);
        say(`ok      ${what}`);
      } catch (error) {
        failed += 1;
        say(`failed  ${what}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    say(
      failed === 0
        ? `all ${String(CHECKS.length)} checks ok`
        : `${String(failed)} of ${String(CHECKS.length)} checks failed`,
    );
    return failed === 0;
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

async function openBench(
  closers: (() => Promise<void> | void)[],
  phoneSecret: string | undefined,
): Promise<Bench> {
  const sip = await startSip({
    sipAddress: "127.0.0.1",
    sipPort: 0,
    sipHttpPort: 0,
    httpAddress: "127.0.0.1",
    trust: [],
    log: silentLog,
  });
  closers.push(() => sip.close());
  const client = new HttpClient();
  closers.push(() => client.close());
  const service = new RemoteSipService({ client, url: sip.url });
  const events = new Events();
  service.attach(events.take);
  const control = await HttpServer.open({
    host: "127.0.0.1",
    port: 0,
    log: silentLog,
    routes: controlRoutes({ sip: service, calls: () => [], health: () => ({ calls: 0 }) }),
  });
  closers.push(() => control.close());
  await service.execute({
    type: "directory.put",
    domain: DOMAIN,
    control: `http://127.0.0.1:${String(control.address.port)}`,
    users: USERS,
  });
  const open = async ({ username, secret }: (typeof USERS)[number]): Promise<CheckPhone> => {
    const phone = await CheckPhone.open(sip.advertised, {
      user: username,
      domain: DOMAIN,
      secret: phoneSecret ?? secret,
    });
    closers.push(() => {
      phone.close();
    });
    return phone;
  };
  const [first, second] = USERS;
  return {
    sip,
    service,
    alice: await open(first),
    bob: await open(second),
    event: (callid, cause) => events.next(callid, cause),
  };
}
