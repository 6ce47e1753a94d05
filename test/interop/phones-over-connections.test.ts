/** Two independent phones register and call each other over TCP and over TLS, each by its own connection. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { makeCertificate } from "../support/certificate.js";
import { startPhone, type Phone } from "./support/baresip.js";
import { isSameSpeech, likeness } from "./support/correlate.js";
import { temporaryFolder } from "./support/folder.js";
import { LOOPBACK } from "./support/ports.js";
import { makeSpeech } from "./support/speech.js";
import { startSwitch, stopSwitch } from "./support/switch.js";

const DOMAIN = "phones.example";
const SETTLING_MILLIS = 45_000;
const SECRETS = { alice: "correct-horse", bob: "battery-staple" };

for (const transport of ["tcp", "tls"] as const) {
  void t.test(`two phones over ${transport.toUpperCase()}`, async (t) => {
    const folder = temporaryFolder(t);
    const certificate = makeCertificate(folder, [`IP:${LOOPBACK}`], { commonName: LOOPBACK });
    const mediaswitch = await startSwitch(t, {
      deployment: "one process",
      script: "two-phones.mjs",
      certificate,
    });
    const register = async (user: "alice" | "bob"): Promise<{ phone: Phone; said: Int16Array }> => {
      const { path, sound } = makeSpeech(folder, user);
      const phone = await startPhone(t, {
        folder: join(folder, user),
        user,
        domain: DOMAIN,
        codec: "pcmu",
        microphone: path,
        account: {
          secret: SECRETS[user],
          proxyPort: transport === "tls" ? mediaswitch.tlsPort : mediaswitch.sipPort,
          transport,
        },
        authorities: certificate.certificate,
        answers: user === "bob",
      });
      return { phone, said: sound.samples };
    };
    const alice = await register("alice");
    const bob = await register("bob");
    t.equal((await mediaswitch.resources()).sip["connections"], 2);

    alice.phone.dial(`sip:bob@${DOMAIN}`);
    await alice.phone.told("CALL_ESTABLISHED", 10_000);
    await bob.phone.told("CALL_ESTABLISHED", 5_000);
    t.equal(
      (await mediaswitch.resources()).sip["connections"],
      2,
      "the call goes by those of the registrations",
    );
    await sleep(8_000);
    alice.phone.hangUp();
    await bob.phone.told("CALL_CLOSED", 5_000);
    await Promise.all([alice.phone.quit(), bob.phone.quit()]);
    const heard = likeness(alice.said, bob.phone.heard());
    t.ok(isSameSpeech(heard), `alice is heard by bob: ${JSON.stringify(heard)}`);

    t.same(await mediaswitch.settled(SETTLING_MILLIS), mediaswitch.idle, "everything is given back");
    await stopSwitch(t, mediaswitch);
  });
}
