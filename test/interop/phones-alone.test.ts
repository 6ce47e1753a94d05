/** The measuring instrument, measured: two phones call each other with no switch between them. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { startPhone } from "./support/baresip.js";
import { isSameSpeech, likeness } from "./support/correlate.js";
import { LOOPBACK } from "./support/ports.js";
import { temporaryFolder } from "./support/folder.js";
import { makeSpeech } from "./support/speech.js";

void t.test("each phone records what the other one said", async (t) => {
  const folder = temporaryFolder(t);
  const [alice, bob] = [makeSpeech(folder, "alice"), makeSpeech(folder, "bob")];
  const callee = await startPhone(t, {
    folder: join(folder, "callee"),
    user: "bob",
    domain: LOOPBACK,
    codec: "pcmu",
    microphone: bob.path,
    answers: true,
  });
  const caller = await startPhone(t, {
    folder: join(folder, "caller"),
    user: "alice",
    domain: LOOPBACK,
    codec: "pcmu",
    microphone: alice.path,
    answers: false,
  });

  caller.dial(`sip:bob@${LOOPBACK}:${callee.sipPort}`);
  await caller.told("CALL_ESTABLISHED", 10_000);
  await sleep(9_000);
  caller.hangUp();
  await callee.told("CALL_CLOSED", 5_000);
  await Promise.all([caller.quit(), callee.quit()]);

  for (const [said, recording, name] of [
    [alice, callee.heard(), "alice, at bob's phone"],
    [bob, caller.heard(), "bob, at alice's phone"],
  ] as const) {
    const result = likeness(said.sound.samples, recording);
    t.ok(isSameSpeech(result), `${name}: ${JSON.stringify(result)}`);
  }
  t.notOk(isSameSpeech(likeness(alice.sound.samples, caller.heard())), "and not oneself");
});
