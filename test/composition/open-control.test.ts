/** Control's own HTTP over a controller: what the routes lead to. */
import t, { type Test } from "tap";
import { openControl } from "../../ts/composition/control-connection.js";
import { newHandlers } from "../../ts/control/http-handlers.js";
import { ProjectControl } from "../../ts/control/projectcontrol.js";
import { silentLog } from "../../ts/core/log.js";
import { FakeMediaService } from "../support/fake-media-service.js";
import { FakeSipService } from "../support/fake-sip-service.js";
import { answerTo } from "../control/exchange.js";

interface Open {
  readonly url: string;
  readonly sip: FakeSipService;
  readonly control: ProjectControl;
}

async function open(t: Test): Promise<Open> {
  const [sip, media] = [new FakeSipService(), new FakeMediaService()];
  let url = "";
  const control = new ProjectControl({
    log: silentLog,
    connect: async ({ handlers }) => {
      const opened = await openControl({ sip, media, log: silentLog, host: "127.0.0.1", port: 0, handlers });
      url = opened.url;
      return opened;
    },
  });
  await control.run();
  t.teardown(() => control.stop());
  return { url, sip, control };
}

const post = (url: string, body: object): Promise<Response> =>
  fetch(url, { method: "POST", body: JSON.stringify(body) });

t.test("H083, H084: POST /invite has the script decide once the first has answered", async (t) => {
  const { url, sip, control } = await open(t);
  const decided = new Promise<string>((resolve) => {
    control.onnewcall = (call) => {
      resolve(call.destination);
    };
  });
  const reply = await post(`${url}/invite`, { domain: "example.net", from: "1000", to: "1003" });
  t.equal(reply.status, 200);
  const { callid } = (await reply.json()) as { callid: string };
  t.same(await (await fetch(`${url}/calls`)).json(), [callid]);
  await sip.answers(callid, answerTo(sip.dialog(callid).info.sdp.us));
  t.equal(await decided, "1003");
});

t.test("H083: one without a phone is told as such", async (t) => {
  const { url, sip } = await open(t);
  sip.failNext("dialog.invite", "USER_NOT_REGISTERED");
  const reply = await post(`${url}/invite`, { domain: "example.net", from: "1000", to: "1003" });
  t.equal(reply.status, 480);
  t.match(await reply.json(), { code: "USER_NOT_REGISTERED" });
});

t.test("H081, H082: registrations of others reach the script", async (t) => {
  const { url, control } = await open(t);
  const seen: object[] = [];
  control.onreg = (registration) => seen.push(registration);
  control.ondereg = (registration) => seen.push(registration);
  await post(`${url}/reg`, { domain: "bling", user: "1003" });
  await fetch(`${url}/reg/bling/1003`, { method: "DELETE" });
  t.match(seen, [
    { domain: "bling", user: "1003" },
    { domain: "bling", user: "1003" },
  ]);
});

t.test("J018: the table of handlers is the script's own, whenever it is written to", async (t) => {
  const { url, control } = await open(t);
  t.same(control.handlers, newHandlers());
  (control.handlers["GET"] ??= {})["mine"] = (pathparts, _request, response) =>
    response.end(pathparts.join());
  t.equal(await (await fetch(`${url}/mine/a`)).text(), "mine,a");
});
