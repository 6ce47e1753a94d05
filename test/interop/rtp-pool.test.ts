/** Control as a process of its own over two RTP servers and a SIP server, each of which is killed once. */
import { writeFileSync } from "node:fs";
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
const START_MILLIS = 60_000;
const DOMAIN = "example.net";

t.setTimeout(240_000);

const run = (t: Test, ...args: string[]): RunningProcess =>
  startProcess(t, "env", ["-u", "NODE_OPTIONS", process.execPath, cli, ...args, "--log-level", "warn"]);

interface RtpServer {
  readonly url: string;
  readonly state: string;
  readonly channels: number;
}

async function rtp(t: Test): Promise<{ url: string; process: RunningProcess }> {
  const media = await freePorts(40);
  const ports = `${media}-${media + 39}`;
  const process = run(t, "rtp", "--media-address", LOOPBACK, "--ports", ports, "--rtp-http-port", "0");
  const [, url = ""] = await process.printed(/HTTP +(http\S+)/, START_MILLIS);
  return { url, process };
}

async function calls(phone: CheckPhone, callId: string): Promise<void> {
  const uri = `sip:1001@${DOMAIN}`;
  phone.request("INVITE", uri, { callId, seq: 1, sdp: BARE_SDP });
  const { headers } = await phone.response(200, "INVITE", callId);
  phone.request("ACK", uri, { callId, seq: 1, toTag: headers.to.params["tag"] ?? "" });
}

/** The phone is told that a call is over. @returns which one. */
async function takesBye(phone: CheckPhone): Promise<string> {
  const heard = await eventually(
    15_000,
    () => phone.heard("BYE").catch(() => undefined),
    (bye) => bye !== undefined,
  );
  if (heard === undefined) throw new Error("no BYE came");
  phone.answer(heard, 200);
  return heard.headers["call-id"];
}

await t.test(
  "calls are spread over RTP servers; one that is killed, and a SIP server too, end their calls",
  async (t) => {
    const [sipPort, sipHttp, us] = [await freePorts(2), await freePorts(), await freePorts()];
    const sip = (): RunningProcess =>
      run(
        t,
        ...["sip", "--sip-address", LOOPBACK, "--sip-port", String(sipPort), "--trust", LOOPBACK],
        ...["--sip-http-port", String(sipHttp)],
      );
    const firstSip = sip();
    await firstSip.printed(/HTTP +http/, START_MILLIS);
    const [a, b, third] = [await rtp(t), await rtp(t), await rtp(t)];
    const script = join(temporaryFolder(t), "app.cjs");
    writeFileSync(
      script,
      `const projectcontrol = require("mediaswitch/projectcontrol");
     projectcontrol.directory("${DOMAIN}", []);
     projectcontrol.onnewcall = (call) => call.answer();
     projectcontrol.run();`,
    );
    const control = run(
      t,
      ...["control", script, "--sip-url", `http://${LOOPBACK}:${sipHttp}`, "--rtp-url", `${a.url},${b.url}`],
      ...["--control-http-port", String(us)],
    );
    await control.printed(new RegExp(`rtp +${a.url} ${b.url}`), START_MILLIS);

    const ask = async <Reply>(path: string, body?: object): Promise<Reply> => {
      const given = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
      const headers = { connection: "close" };
      return (await (await fetch(`http://${LOOPBACK}:${us}${path}`, { ...given, headers })).json()) as Reply;
    };
    const servers = async (): Promise<readonly RtpServer[]> =>
      (await ask<{ servers: readonly RtpServer[] }>("/rtp")).servers;
    const open = (): Promise<string[]> => ask<string[]>("/calls");
    const directoryStatus = async (): Promise<number> =>
      (await fetch(`http://${LOOPBACK}:${sipHttp}/dir/${DOMAIN}`, { headers: { connection: "close" } }))
        .status;
    const phone = await CheckPhone.open(
      { address: LOOPBACK, port: sipPort },
      { user: "1000", domain: DOMAIN, secret: "" },
    );
    t.teardown(() => {
      phone.close();
    });

    t.equal(await eventually(60_000, directoryStatus, (status) => status === 200), 200);
    for (const id of ["1", "2", "3", "4"]) await calls(phone, id);
    t.match(await servers(), [
      { url: a.url, state: "up", channels: 2 },
      { url: b.url, state: "up", channels: 2 },
    ]);

    process.kill(a.process.pid, "SIGKILL");
    const noticed = await eventually(60_000, servers, ([first]) => first?.state !== "up");
    t.match(noticed[0]?.state, /^(suspect|down)$/);
    for (const id of ["5", "6"]) await calls(phone, id);
    t.equal((await servers())[1]?.channels, 4);
    const ended = [await takesBye(phone), await takesBye(phone)];
    t.equal(new Set(ended).size, 2, "the calls of the killed one are ended");
    t.ok(
      ended.every((id) => ["1", "2", "3", "4"].includes(id)),
      ended.join(" and "),
    );
    t.equal((await eventually(60_000, open, ({ length }) => length === 4)).length, 4);
    t.match(await servers(), [{ url: a.url, state: "down", channels: 0 }]);

    await ask("/rtp", { url: third.url });
    await ask("/rtp/drain", { url: b.url });
    await eventually(60_000, servers, (all) => all[2]?.state === "up");
    await calls(phone, "7");
    t.match(await servers(), [
      { url: a.url },
      { url: b.url, state: "draining" },
      { url: third.url, state: "up", channels: 1 },
    ]);
    t.match(await ask("/rtp/remove", { url: third.url }), { code: "MEDIA_STATE" });
    await ask("/rtp/remove", { url: a.url });
    t.equal((await servers()).length, 2);

    process.kill(firstSip.pid, "SIGKILL");
    await firstSip.ended;
    await sip().printed(/HTTP +http/, START_MILLIS);
    t.same(
      await eventually(30_000, open, ({ length }) => length === 0),
      [],
      "calls that no SIP server knows are lost",
    );
    t.same(
      (await eventually(60_000, servers, (all) => all.every(({ channels }) => channels === 0))).map(
        ({ channels }) => channels,
      ),
      [0, 0],
      "and so are their channels",
    );
    t.match(control.output(), /a call is lost: the SIP server was restarted/);
    t.equal(await eventually(60_000, directoryStatus, (status) => status === 200), 200);
    await calls(phone, "8");
    t.equal((await open()).length, 1, "the directory is there again, and calls come");
  },
);
