/** JsSIP in Debian's Chromium, over WebSocket (RFC 7118). Until WebRTC's media comes, its calls are refused with 488. */
import t from "tap";
import { makeCertificate } from "../support/certificate.js";
import { noBrowser, openPage } from "./support/browser.js";
import { eventually } from "./support/eventually.js";
import { temporaryFolder } from "./support/folder.js";
import { WebPhone } from "./support/jssip-page.js";
import { LOOPBACK } from "./support/ports.js";
import { startSwitch, stopSwitch } from "./support/switch.js";

const DOMAIN = "scenario.example";

void t.test("JsSIP in Chromium", { skip: noBrowser }, async (t) => {
  const mediaswitch = await startSwitch(t, {
    deployment: "one process",
    script: "answer.cjs",
    certificate: makeCertificate(temporaryFolder(t), [`IP:${LOOPBACK}`]),
  });
  const bindings = async (): Promise<unknown> => {
    const health = (await (await fetch(`${mediaswitch.sipUrl}/health`)).json()) as { bindings?: number };
    return health.bindings;
  };
  const server = `ws://${LOOPBACK}:${String(mediaswitch.wsPort)}`;
  const account = { server, user: "1003", secret: "green-apples", domain: DOMAIN };

  const page = await openPage(t, temporaryFolder(t));
  const phone = await WebPhone.start(page, account);
  t.match(await phone.register(), { status: 200 }, "it is registered");
  t.equal(await bindings(), 1);

  await t.test("OPTIONS", async (t) => {
    t.match(await phone.options(`sip:${DOMAIN}`), { status: 200 });
  });
  await t.test("MESSAGE reaches a phone by its own connection: its own", async (t) => {
    t.match(await phone.message(`sip:1003@${DOMAIN}`, "héllo"), { status: 200 });
    t.same(await phone.messages(), ["héllo"]);
  });
  await t.test("MESSAGE to a user who has no phone", async (t) => {
    t.match(await phone.message(`sip:1004@${DOMAIN}`, "anybody there?"), { status: 480 });
  });
  await t.test("a call is refused: WebRTC's media is encrypted, and ours isn't", async (t) => {
    t.match(await phone.call(`sip:service@${DOMAIN}`), { status: 488, cause: "Incompatible SDP" });
    t.match(await phone.offer(), /^m=audio \d+ UDP\/TLS\/RTP\/SAVPF /m, "what it had offered");
    const { sip, rtp } = await mediaswitch.resources();
    t.same([sip["dialogs"], rtp["channels"]], [0, 0], "nothing is left of it");
  });
  await t.test("it leaves", async (t) => {
    await phone.unregister();
    t.equal(await bindings(), 0);
  });
  await t.test("a binding ends with its connection (RFC 5626 §4.2)", async (t) => {
    t.match(await phone.register(), { status: 200 });
    t.equal(await bindings(), 1);
    await page.context().close();
    t.equal(await eventually(60_000, bindings, (count) => count === 0), 0);
  });
  await stopSwitch(t, mediaswitch);
});
