/** sipp against a script that answers: load, registration with digest, and a late offer. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t, { type Test } from "tap";
import { temporaryFolder } from "./support/folder.js";
import { freePorts } from "./support/ports.js";
import { removeBindings } from "./support/sip-client.js";
import { runSipp } from "./support/sipp.js";
import { DEPLOYMENTS, startSwitch, stopSwitch } from "./support/switch.js";

const scenarios = fileURLToPath(new URL("sipp/", import.meta.url));
/** Transactions linger up to 64·T1 = 32 s (RFC 3261 §17). */
const SETTLING_MILLIS = 45_000;

/** The original project's own scenario files carry another licence, so they are not part of this project. */
const seed = process.env["MEDIASWITCH_SEED_SIPP"] ?? "";
const noSeed = existsSync(join(seed, "uaclateoffer.xml"))
  ? false
  : "MEDIASWITCH_SEED_SIPP does not name a folder with the original scenarios";

const own = (name: string): string => `${scenarios}${name}`;

/** Linux answers on all of 127.0.0.0/8, so two senders on one machine can be told apart. */
const TRUSTED = "127.0.0.2";
const UNTRUSTED = "127.0.0.1";

for (const deployment of DEPLOYMENTS) {
  void t.test(`sipp, ${deployment}`, async (t) => {
    const folder = temporaryFolder(t);
    const mediaswitch = await startSwitch(t, { deployment, script: "answer.cjs", trust: `${TRUSTED}/32` });
    const { sipPort } = mediaswitch;
    const all = async (
      t: Test,
      from: string,
      calls: number,
      ...scenario: readonly string[]
    ): Promise<void> => {
      const result = await runSipp(t, { sipPort, from, folder }, [...scenario, "-m", String(calls)]);
      const { exitCode, successful, failed } = result;
      t.same({ exitCode, successful, failed }, { exitCode: 0, successful: calls, failed: 0 });
    };

    await t.test("200 calls at 20 a second", (t) => all(t, TRUSTED, 200, "-sn", "uac", "-r", "20"));
    await t.test("a late offer", (t) => all(t, TRUSTED, 5, "-sf", own("late-offer.xml"), "-r", "5"));
    await t.test("register and de-register", (t) =>
      all(t, UNTRUSTED, 2, "-sf", own("register.xml"), "-inf", own("register.csv"), "-l", "1"),
    );
    await t.test("without a password there is no call from an untrusted source", async (t) => {
      const result = await runSipp(t, { sipPort, from: UNTRUSTED, folder }, ["-sn", "uac", "-m", "1"]);
      t.equal(result.successful, 0);
      t.match(result.output, /received 'SIP\/2\.0 40[17] /);
    });

    await t.test("the original uaclateoffer.xml", { skip: noSeed }, (t) =>
      all(t, TRUSTED, 1, "-sf", join(seed, "uaclateoffer.xml"), "-l", "1"),
    );
    await t.test("the original registerclient.xml", { skip: noSeed }, async (t) => {
      const account = { domain: "bling.babblevoice.com", user: "1003", secret: "1123654789" };
      const users = join(seed, "registerclient.csv");
      await all(t, UNTRUSTED, 1, "-sf", join(seed, "registerclient.xml"), "-inf", users, "-l", "1");
      const { second } = await removeBindings(sipPort, account);
      t.match(second.statusLine, / 200 /, "its binding, which it leaves behind, is removed");
    });

    t.same(await mediaswitch.settled(SETTLING_MILLIS), mediaswitch.idle, "everything is given back");
    await stopSwitch(t, mediaswitch);
  });
}

void t.test("sipp's verdict is read rightly: calls to nobody fail", async (t) => {
  const target = { sipPort: await freePorts(), from: UNTRUSTED, folder: temporaryFolder(t) };
  const result = await runSipp(t, target, ["-sn", "uac", "-m", "1", "-recv_timeout", "500"]);
  t.not(result.exitCode, 0);
  t.equal(result.successful, 0);
});
