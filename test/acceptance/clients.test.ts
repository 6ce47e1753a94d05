/**
 * Clients of `/v1`: beside a script, and where call control runs none and webhooks tell of calls. There all three components
 * are composed as in processes of their own, with HTTP between them. Telephones and audio are real.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import t, { type Test } from "tap";
import { verifyWebhook } from "../../ts/core/webhook-signature.js";
import type { CallResource } from "../../ts/http/v1/call-schema.js";
import { App } from "../../ts/control/app/app.js";
import { V1 } from "../../ts/http/v1/v1.js";
import { outcome } from "../control/app/outcome.js";
import { eventually } from "../interop/support/eventually.js";
import { Changes } from "./support/changes.js";
import { ask, DOMAIN, idle, openComponents, type Components } from "./support/components.js";
import { directory, Exchange } from "./support/exchange.js";

const LOOPBACK = "127.0.0.1";
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ANNOUNCEMENT = 900;
const LOOP = { files: [{ tone: `${String(ANNOUNCEMENT)}*0.3:1000` }], loop: true } as const;

interface Told {
  readonly type: string;
  readonly call?: string;
  readonly data: { readonly call?: CallResource; readonly result?: object };
}

/** Takes webhooks, and lets nothing in that is not signed. */
class Receiver {
  readonly told: Told[] = [];
  readonly refused: unknown[] = [];
  readonly #changes = new Changes();
  readonly url: string;

  private constructor(port: number) {
    this.url = `http://${LOOPBACK}:${String(port)}/`;
  }

  static async open(t: Test): Promise<Receiver> {
    const server = createServer().listen(0, LOOPBACK);
    await once(server, "listening");
    const receiver = new Receiver((server.address() as AddressInfo).port);
    server.on("request", (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        response.writeHead(204).end();
        try {
          const body = Buffer.concat(chunks).toString();
          const now = Date.now() / 1000;
          verifyWebhook({ body, headers: request.headers, secrets: [SECRET], now });
          receiver.told.push(JSON.parse(body) as Told);
        } catch (error) {
          receiver.refused.push(error);
        }
        receiver.#changes.tell();
      });
    });
    t.teardown(() => {
      server.closeAllConnections();
      server.close();
    });
    return receiver;
  }

  until(type: string, call: string): Promise<Told> {
    return this.#changes.until(`${type} of ${call}`, () =>
      this.told.find((each) => each.type === type && each.call === call),
    );
  }
}

interface Bench extends Pick<Components, "held" | "phone"> {
  readonly hooks: Receiver;
  readonly v1: (method: string, path: string, body?: object) => Promise<Response>;
}

async function open(t: Test): Promise<Bench> {
  const hooks = await Receiver.open(t);
  const { control, held, phone } = await openComponents(t, {
    v1: true,
    webhook: [hooks.url],
    webhookSecret: [SECRET],
  });
  return { hooks, held, phone, v1: (method, path, body) => ask(control, method, path, body) };
}

t.test("a webhook tells of a call, a client answers it, plays, dials, parts and ends it", async (t) => {
  const { hooks, v1, held, phone } = await open(t);
  const [anne, ben] = [await phone("1000", 400), await phone("1003", 600)];
  const act = async (id: string, body: object): Promise<void> => {
    const { status } = await v1("PATCH", `/v1/calls/${id}`, body);
    t.equal(status, 200, JSON.stringify(body));
  };

  const call = await anne.call("door");
  const news = await hooks.until("call.new", call.callId);
  t.match(news.data.call, { from: "1000", to: "door", domain: DOMAIN, direction: "inbound", state: "new" });
  t.strictSame(call.statuses, [], "it waits, and does not even ring");
  await act(call.callId, { action: "ring" });
  await call.gets(180);
  await act(call.callId, { action: "answer" });
  await call.answered();
  await act(call.callId, { action: "play", sounds: LOOP });
  await call.voice.hears(ANNOUNCEMENT);

  await act(call.callId, { action: "dial", to: "1003" });
  const rung = await ben.rung();
  rung.answer();
  await call.talksWith(rung);
  await call.voice.hearsNo(ANNOUNCEMENT);
  t.match((await hooks.until("call.action", call.callId)).data, { result: {} });

  await act(call.callId, { action: "unbridge" });
  await Promise.all([call.voice.hearsNo(600), rung.voice.hearsNo(400)]);
  await act(call.callId, { action: "bridge", with: rung.callId });
  await call.talksWith(rung);
  t.equal((await v1("DELETE", `/v1/calls/${rung.callId}`)).status, 200);
  await rung.ended();
  t.notOk(call.hasEnded, "the end of one is not the end of the other");
  t.equal((await v1("DELETE", `/v1/calls/${call.callId}`)).status, 200);
  await call.ended();
  await hooks.until("call.ended", call.callId);
  t.strictSame(await eventually(5_000, held, idle), { calls: 0, channels: 0 });
  t.strictSame(hooks.refused, [], "every webhook was signed");
});

t.test("refused by a client, given up by the caller: both see the right status", async (t) => {
  const { hooks, v1, held, phone } = await open(t);
  const anne = await phone("1000", 400);
  const refused = await anne.call("door");
  await hooks.until("call.new", refused.callId);
  t.equal((await v1("DELETE", `/v1/calls/${refused.callId}`, { cause: "USER_BUSY" })).status, 200);
  await refused.gets(486);

  const cancelled = await anne.call("door");
  await hooks.until("call.new", cancelled.callId);
  await cancelled.hangup();
  t.ok(cancelled.statuses.includes(487));
  const end = await hooks.until("call.ended", cancelled.callId);
  t.match(end.data.call, { state: "ended", cause: { side: "them" } });
  const late = await v1("PATCH", `/v1/calls/${cancelled.callId}`, { action: "answer" });
  t.equal(late.status, 409, "who decides too late is told so");
  t.match(await late.json(), { code: "CALL_ENDED" });
  t.strictSame(await eventually(5_000, held, idle), { calls: 0, channels: 0 });
});

t.test("a client parts two whom a script has joined: the verb settles, and both go on", async (t) => {
  const seen: unknown[] = [];
  const enough = new AbortController();
  const exchange = await Exchange.open(t, (projectcontrol) => {
    directory(projectcontrol);
    new App({ control: projectcontrol }).oncall(async (call) => {
      await call.answer();
      const dialled = await call.dial("1001");
      if (dialled.outcome !== "answered") return;
      const { call: other } = dialled;
      seen.push(await call.bridge(other));
      await outcome(call.play(LOOP, { signal: enough.signal }));
      seen.push(await call.bridge(other));
    });
  });
  const { controller } = exchange;
  const v1 = new V1({ controller, send: () => Promise.reject(new Error("there is no receiver")) });
  t.teardown(() => v1.close());
  const [anne, ben] = [await exchange.phone("1000"), await exchange.phone("1001")];
  const call = await anne.call("1001");
  const rung = await ben.rung();
  rung.answer();
  await call.answered();
  await call.talksWith(rung);
  const patch = v1.routes["/v1/calls/:id"]?.PATCH;
  await patch?.answer({ path: { id: rung.callId }, body: { action: "unbridge" } });
  await Promise.all([call.voice.hearsNo(500), rung.voice.hearsNo(400)]);
  await call.voice.hears(ANNOUNCEMENT);
  enough.abort();
  await call.voice.hearsNo(ANNOUNCEMENT);
  await call.talksWith(rung);
  await rung.hangup();
  await call.ended();
  t.match(seen, [{ ended: "moved" }, { ended: "other", ending: { side: "them" } }]);
  await exchange.endsClean(t);
});
