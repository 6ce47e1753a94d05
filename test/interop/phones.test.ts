/** The main job: two independent phones with different codecs call each other through the switch. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import t, { type Test } from "tap";
import { startPhone, type Phone } from "./support/baresip.js";
import { isSameSpeech, likeness } from "./support/correlate.js";
import { temporaryFolder } from "./support/folder.js";
import { makeSpeech } from "./support/speech.js";
import { DEPLOYMENTS, startSwitch, stopSwitch, type RunningSwitch } from "./support/switch.js";

const DOMAIN = "phones.example";
/** Unanswered transactions linger 64·T1 = 32 s (RFC 3261 §17). */
const SETTLING_MILLIS = 45_000;

interface Party {
  readonly phone: Phone;
  readonly said: Int16Array;
}

async function register(
  t: Test,
  { sipPort }: RunningSwitch,
  folder: string,
  [user, secret, codec]: readonly ["alice" | "bob", string, "pcmu" | "pcma"],
): Promise<Party> {
  const { path, sound } = makeSpeech(folder, user);
  const phone = await startPhone(t, {
    folder: join(folder, user),
    user,
    domain: DOMAIN,
    codec,
    microphone: path,
    account: { secret, proxyPort: sipPort },
    answers: user === "bob",
  });
  return { phone, said: sound.samples };
}

function isHeard(t: Test, speaker: Party, listener: Party, what: string): void {
  const result = likeness(speaker.said, listener.phone.heard());
  t.ok(isSameSpeech(result), `${what}: ${JSON.stringify(result)}`);
}

for (const deployment of DEPLOYMENTS) {
  void t.test(`a PCMU phone and a PCMA phone talk, ${deployment}`, async (t) => {
    const folder = temporaryFolder(t);
    const mediaswitch = await startSwitch(t, { deployment, script: "two-phones.mjs" });
    const alice = await register(t, mediaswitch, folder, ["alice", "correct-horse", "pcmu"]);
    const bob = await register(t, mediaswitch, folder, ["bob", "battery-staple", "pcma"]);

    alice.phone.dial(`sip:bob@${DOMAIN}`);
    await alice.phone.told("CALL_ESTABLISHED", 10_000);
    await bob.phone.told("CALL_ESTABLISHED", 5_000);
    const during = await mediaswitch.resources();
    t.equal(during.rtp["channels"], 2, "one channel a leg");
    t.equal(during.sip["dialogs"], 2, "one dialog a leg");
    await sleep(9_000);
    alice.phone.hangUp();
    await bob.phone.told("CALL_CLOSED", 5_000);
    await Promise.all([alice.phone.quit(), bob.phone.quit()]);

    isHeard(t, alice, bob, "alice is heard by bob");
    isHeard(t, bob, alice, "bob is heard by alice");
    t.notOk(isSameSpeech(likeness(alice.said, alice.phone.heard())), "alice does not hear herself");
    t.match(alice.phone.process.output(), /Set audio decoder: PCMU/);
    t.match(bob.phone.process.output(), /Set audio decoder: PCMA/);

    t.same(await mediaswitch.settled(SETTLING_MILLIS), mediaswitch.idle, "everything is given back");
    await stopSwitch(t, mediaswitch);
  });
}
