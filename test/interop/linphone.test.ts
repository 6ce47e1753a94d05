/** linphone registers and calls, over each transport that it shares with us. */
import t from "tap";
import { makeCertificate } from "../support/certificate.js";
import { eventually } from "./support/eventually.js";
import { temporaryFolder } from "./support/folder.js";
import { noLinphone, startLinphone } from "./support/linphone.js";
import { startSwitch, stopSwitch } from "./support/switch.js";

void t.test("linphone", { skip: noLinphone }, async (t) => {
  const certificate = makeCertificate(temporaryFolder(t), ["DNS:localhost"]);
  const mediaswitch = await startSwitch(t, {
    deployment: "one process",
    script: "answer.cjs",
    certificate,
  });
  for (const transport of ["udp", "tcp", "tls"] as const) {
    await t.test(`over ${transport.toUpperCase()}`, async (t) => {
      const phone = await startLinphone(t, {
        folder: temporaryFolder(t),
        user: "1003",
        secret: "green-apples",
        domain: "scenario.example",
        transport,
        proxyPort: transport === "tls" ? mediaswitch.tlsPort : mediaswitch.sipPort,
        authorities: certificate.certificate,
      });
      t.ok(await phone.isRegistered(15_000), "it is registered");

      phone.say("call sip:service@scenario.example");
      await phone.process.printed(/Call \d+ with .* connected/, 60_000);
      const { sip, rtp } = await mediaswitch.resources();
      t.same([sip["dialogs"], rtp["channels"]], [1, 1], "the switch holds the call");
      phone.say("terminate");
      await phone.process.printed(/Call \d+ with .* ended \(No error\)/, 60_000);
      const dialogs = async (): Promise<number | undefined> => (await mediaswitch.resources()).sip["dialogs"];
      t.equal(await eventually(60_000, dialogs, (count) => count === 0), 0, "and has given it back");
      await phone.quit();
    });
  }
  await stopSwitch(t, mediaswitch);
});
