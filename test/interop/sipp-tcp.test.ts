/** sipp over TCP, all calls by one connection. */
import t from "tap";
import { temporaryFolder } from "./support/folder.js";
import { runSipp } from "./support/sipp.js";
import { startSwitch, stopSwitch } from "./support/switch.js";

const SETTLING_MILLIS = 45_000;
const TRUSTED = "127.0.0.2";
const CALLS = 50;

void t.test("sipp over TCP", async (t) => {
  const folder = temporaryFolder(t);
  const mediaswitch = await startSwitch(t, {
    deployment: "one process",
    script: "answer.cjs",
    trust: `${TRUSTED}/32`,
  });
  const { sipPort } = mediaswitch;
  const target = { sipPort, from: TRUSTED, folder };

  const all = ["-t", "t1", "-sn", "uac", "-r", "20", "-m", String(CALLS)];
  const { exitCode, successful, failed } = await runSipp(t, target, all);
  t.same({ exitCode, successful, failed }, { exitCode: 0, successful: CALLS, failed: 0 });

  // One connection for each call.
  const each = ["-t", "tn", "-max_socket", "20", "-sn", "uac", "-r", "10", "-m", "10"];
  const second = await runSipp(t, target, each);
  t.equal(second.successful, 10);

  t.same(await mediaswitch.settled(SETTLING_MILLIS), mediaswitch.idle, "everything is given back");
  await stopSwitch(t, mediaswitch);
});
