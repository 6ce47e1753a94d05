/** The script's own thread under `mediaswitch start`: what blocks it or fails in it costs its own call, and no other. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t, { type Test } from "tap";
import { CheckPhone } from "../../ts/cli/check-phone.js";
import { BARE_SDP } from "./support/bare-sdp.js";
import { temporaryFolder } from "./support/folder.js";
import { LOOPBACK, freePorts } from "./support/ports.js";
import { startProcess, type RunningProcess } from "./support/process.js";

const cli = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const START_MILLIS = 60_000;
const DOMAIN = "example.net";

t.setTimeout(180_000);

interface Switch {
  readonly running: RunningProcess;
  phone(user: string): Promise<CheckPhone>;
}

async function start(t: Test, script: string): Promise<Switch> {
  const file = join(temporaryFolder(t), "app.cjs");
  writeFileSync(
    file,
    `const projectcontrol = require("mediaswitch/projectcontrol");
     projectcontrol.directory("${DOMAIN}", [{ username: "1000", secret: "s" }, { username: "1001", secret: "s" }]);
     ${script}
     projectcontrol.run();`,
  );
  const media = await freePorts(40);
  const running = startProcess(t, "env", [
    ...["-u", "NODE_OPTIONS", process.execPath, cli, "start"],
    ...["--sip-address", LOOPBACK, "--sip-port", "0", "--trust", LOOPBACK],
    ...["--sip-http-port", "0", "--control-http-port", "0", "--rtp-http-port", "0"],
    ...["--ports", `${media}-${media + 39}`, file],
  ]);
  const [, port] = await running.printed(/SIP +127\.0\.0\.1:(\d+) \(UDP\)/, START_MILLIS);
  return {
    running,
    phone: async (user) => {
      const server = { address: LOOPBACK, port: Number(port) };
      const phone = await CheckPhone.open(server, { user, domain: DOMAIN, secret: "s" });
      t.teardown(() => {
        phone.close();
      });
      return phone;
    },
  };
}

function invite(phone: CheckPhone, callId: string, to: string): void {
  phone.request("INVITE", `sip:${to}@${DOMAIN}`, { callId, seq: 1, sdp: BARE_SDP });
}

/** The phone's call is answered. */
async function answered(phone: CheckPhone, callId: string): Promise<void> {
  const { headers } = await phone.response(200, "INVITE", callId);
  phone.request("ACK", `sip:x@${DOMAIN}`, { callId, seq: 1, toTag: headers.to.params["tag"] ?? "" });
}

async function register(phone: CheckPhone, callId: string): Promise<void> {
  const uri = `sip:${DOMAIN}`;
  phone.request("REGISTER", uri, { callId, seq: 1 });
  await phone.response(200, "REGISTER", callId);
}

/** At the end, or, on a machine that is slow, while it still spins. */
const BLOCKED = /the script (has blocked|blocks) its thread, (?!.*no more)/;

await t.test(
  "a script that spins for seconds is reported by its call, and delays no other component",
  async (t) => {
    const enough = join(temporaryFolder(t), "enough");
    const { running, phone } = await start(
      t,
      `const { existsSync } = require("node:fs");
     projectcontrol.onnewcall = (call) => {
       if (call.destination === "spin") {
         for (const end = Date.now() + 1000; Date.now() < end || !existsSync(${JSON.stringify(enough)}); );
       }
       call.hangup("busy");
     };`,
    );
    const caller = await phone("1000");
    const other = await phone("1001");
    await register(other, "first");
    invite(caller, "the-call-that-spins", "spin");
    await caller.response(100, "INVITE", "the-call-that-spins");
    let isOver = false;
    const over = caller.response(486, "INVITE", "the-call-that-spins").then(() => (isOver = true));
    // The phone's own patience with the answer is two seconds as well.
    over.catch(() => undefined);
    for (let n = 0; n < 20; n += 1) {
      other.request("OPTIONS", `sip:${DOMAIN}`, { callId: `options-${n}`, seq: 1 });
      await other.response(200, "OPTIONS", `options-${n}`);
      await register(other, `again-${n}`);
    }
    t.notOk(isOver, "all were answered while the script was spinning");
    writeFileSync(enough, "");
    await running.printed(BLOCKED, 60_000);
    const reports = running
      .output()
      .split("\n")
      .filter((line) => BLOCKED.test(line));
    t.equal(reports.length, 1, "once");
    const report = JSON.parse(reports[0] ?? "{}") as { callid: string; blockedMillis: number };
    t.equal(report.callid, "the-call-that-spins");
    t.ok(report.blockedMillis > 700, `for ${report.blockedMillis} ms`);
  },
);

await t.test("what fails in a timer of a media event's listener ends that call alone", async (t) => {
  const { running, phone } = await start(
    t,
    `projectcontrol.onnewcall = (call) => {
       if (call.destination === "music") {
         call.watchers.add((event) => {
           if (event.type !== "channel" || event.event.type !== "play" || event.event.event !== "end") return;
           setTimeout(() => { throw new Error("after the music"); }, 10);
         });
         call.onanswer = () => call.play({ files: [{ tone: "440:200" }] });
       }
       call.answer();
     };`,
  );
  const [one, other] = [await phone("1000"), await phone("1001")];
  invite(other, "stays", "talk");
  await answered(other, "stays");
  invite(one, "ends", "music");
  await answered(one, "ends");
  const bye = await one.heard("BYE", "ends");
  one.answer(bye, 200);
  await running.printed(/after the music.*its call is ended/, 60_000);
  t.match(running.output(), /"callid":"ends".*its call is ended/);
  other.request("OPTIONS", `sip:${DOMAIN}`, { callId: "still", seq: 1 });
  await other.response(200, "OPTIONS", "still");
  await t.rejects(other.heard("BYE", "stays"), /expected BYE/, "the other call goes on");
});

await t.test("what fails in a timer of a call that the script made ends that call alone", async (t) => {
  const { running, phone } = await start(
    t,
    `projectcontrol.onnewcall = (call) => call.answer();
     projectcontrol.onreg = () => {
       const call = projectcontrol.newcall({ from: { user: "1000", domain: "${DOMAIN}" }, to: { user: "1001" } });
       call.onringing = () => { setTimeout(() => { throw new Error("while it rang"); }, 10); };
     };`,
  );
  const [one, called] = [await phone("1000"), await phone("1001")];
  invite(one, "stays", "talk");
  await answered(one, "stays");
  await register(called, "reg");
  const request = await called.heard("INVITE");
  called.answer(request, 180);
  await called.heard("CANCEL", request.headers["call-id"]);
  await running.printed(/while it rang.*its call is ended/, 60_000);
  await t.rejects(one.heard("BYE", "stays"), /expected BYE/, "the other call goes on");
});
