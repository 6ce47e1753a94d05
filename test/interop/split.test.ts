/** `start --split`: three processes that are started again when they die, and calls that go on to be possible. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t, { type Test } from "tap";
import { CheckPhone } from "../../ts/cli/check-phone.js";
import { BARE_SDP } from "./support/bare-sdp.js";
import { eventually } from "./support/eventually.js";
import { temporaryFolder } from "./support/folder.js";
import { LOOPBACK, freePorts } from "./support/ports.js";
import { startProcess, type RunningProcess } from "./support/process.js";

const cli = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const START_MILLIS = 90_000;
const DOMAIN = "example.net";

t.setTimeout(300_000);

/** A call that the script answers with a channel of the rtp component, and hangs up on a BYE. Tried until it is. */
async function callIsAnswered(phone: CheckPhone, name: string): Promise<void> {
  const uri = `sip:1001@${DOMAIN}`;
  let tries = 0;
  const toTag = await eventually(
    60_000,
    async () => {
      tries += 1;
      const callId = `${name}${String(tries)}`;
      phone.request("INVITE", uri, { callId, seq: 1, sdp: BARE_SDP });
      const answer = await phone.response(200, "INVITE", callId).catch(() => undefined);
      return answer === undefined ? undefined : { callId, toTag: answer.headers.to.params["tag"] ?? "" };
    },
    (answered) => answered !== undefined,
  );
  if (toTag === undefined) throw new Error(`${name}: no call was answered`);
  const options = { callId: toTag.callId, toTag: toTag.toTag };
  phone.request("ACK", uri, { ...options, seq: 1 });
  phone.request("BYE", uri, { ...options, seq: 2 });
  await phone.response(200, "BYE", toTag.callId);
}

async function startSplit(t: Test, ...more: string[]): Promise<{ running: RunningProcess; sipPort: number }> {
  const folder = temporaryFolder(t);
  const script = join(folder, "app.cjs");
  writeFileSync(
    script,
    `const projectcontrol = require("mediaswitch/projectcontrol");
     projectcontrol.directory("${DOMAIN}", []);
     projectcontrol.onnewcall = (call) => call.answer();
     console.log("said by the script");
     projectcontrol.run();`,
  );
  const config = join(folder, "switch.yaml");
  const [media, us] = [await freePorts(40), await freePorts()];
  writeFileSync(
    config,
    `script: ${script}
sip-address: ${LOOPBACK}
sip-port: 0
trust: ${LOOPBACK}
ports: ${media}-${media + 39}
sip-http-port: 0
rtp-http-port: 0
control-http-port: ${us}
drain-seconds: 1
`,
  );
  const running = startProcess(t, "env", [
    ...["-u", "NODE_OPTIONS", process.execPath, cli, "start", "--split", "--config", config, ...more],
  ]);
  await running.printed(/Ctrl-C ends it/, START_MILLIS);
  const [, sipPort = ""] = await running.printed(/SIP +127\.0\.0\.1:(\d+) \(UDP\)/, 1_000);
  return { running, sipPort: Number(sipPort) };
}

/** Process ids of components, by what their command lines say. */
function processes(supervisor: number): Map<string, number> {
  const children = readFileSync(`/proc/${supervisor}/task/${supervisor}/children`, "utf8").trim().split(" ");
  return new Map(
    children.map((pid) => {
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      return [words[words.indexOf(cli) + 1] ?? "", Number(pid)];
    }),
  );
}

const isThere = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const openPhone = async (t: Test, port: number): Promise<CheckPhone> => {
  const account = { user: "1000", domain: DOMAIN, secret: "" };
  const phone = await CheckPhone.open({ address: LOOPBACK, port }, account);
  t.teardown(() => phone.close());
  return phone;
};

await t.test("each component that is killed comes back, and calls are answered again", async (t) => {
  const { running, sipPort } = await startSplit(t);
  t.match(running.output(), /^control: said by the script$/m, "lines are labelled");
  const phone = await openPhone(t, sipPort);
  await callIsAnswered(phone, "first");
  const before = processes(running.pid);
  t.same([...before.keys()].sort(), ["control", "rtp", "sip"]);

  for (const component of ["rtp", "control", "sip"]) {
    process.kill(before.get(component) ?? 0, "SIGKILL");
    await running.printed(
      new RegExp(`"component":"${component}".*a component that died is up again`),
      START_MILLIS,
    );
    await callIsAnswered(phone, component);
  }
  const after = processes(running.pid);
  for (const [component, pid] of after) t.not(pid, before.get(component), `${component} is a new process`);
  t.same(await running.stop(), { code: 0, signal: null });
  t.notOk([...after.values()].some(isThere), "nothing is left running");
});

await t.test("when the supervisor is killed, the components end by themselves", async (t) => {
  const { running } = await startSplit(t, "--log-level", "warn");
  const children = [...processes(running.pid).values()];
  t.equal(children.length, 3);
  process.kill(running.pid, "SIGKILL");
  t.equal(
    await eventually(
      30_000,
      () => Promise.resolve(children.some(isThere)),
      (some) => !some,
    ),
    false,
  );
});

await t.test("a component that can't come up ends all, with its complaint", async (t) => {
  const running = startProcess(t, "env", [
    ...["-u", "NODE_OPTIONS", process.execPath, cli, "start", "--split", "--sip-address", LOOPBACK],
    ...["--sip-port", "0", "--sip-http-port", "0", "--rtp-http-port", "0", "--http-address", "192.0.2.1"],
    ...["--token", "sesame", "--log-level", "error"],
  ]);
  t.same(await running.ended, { code: 1, signal: null });
  t.match(running.output(), /^(sip|rtp): mediaswitch: /m);
  t.match(running.output(), /^mediaswitch: (sip|rtp) ended before it was up, with exit code 1$/m);
});
