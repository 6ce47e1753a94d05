/** The SIP server as a process of its own is killed while people talk: what its state file has goes on after its restart. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t, { type Test } from "tap";
import { Telephone } from "../acceptance/support/telephone.js";
import { CheckPhone } from "../../ts/cli/check-phone.js";
import { BARE_SDP } from "./support/bare-sdp.js";
import { eventually } from "./support/eventually.js";
import { temporaryFolder } from "./support/folder.js";
import { LOOPBACK, freePorts } from "./support/ports.js";
import { startProcess, type RunningProcess } from "./support/process.js";

const cli = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const START_MILLIS = 60_000;
const DOMAIN = "example.net";
const SECRET = "1123654789";
const MUSIC = 300;
const TONES = { "1000": 400, "1001": 500, "1002": 600, "1003": 700, "1004": 800 } as const;
/** One who only waits while it rings. */
const CALLER = { user: "1005", domain: DOMAIN, secret: SECRET };
type User = keyof typeof TONES;

t.setTimeout(240_000);

const run = (t: Test, ...args: string[]): RunningProcess =>
  startProcess(t, "env", ["-u", "NODE_OPTIONS", process.execPath, cli, ...args, "--log-level", "info"]);

/** Everybody calls whom he dials, hears music while he is held, and the script says what it is told. */
const SCRIPT = `const projectcontrol = require("mediaswitch/projectcontrol");
projectcontrol.directory("${DOMAIN}", ${JSON.stringify(
  [...Object.keys(TONES), CALLER.user].map((username) => ({ username, secret: SECRET })),
)});
projectcontrol.moh = { files: [{ tone: "${String(MUSIC)}*0.3:1000" }], loop: true };
projectcontrol.onnewcall = (call) => { call.newcall({ to: { user: call.destination } }); };
projectcontrol.onhold = (call) => console.log("held " + call.callid);
projectcontrol.onhangup = (call) => console.log("over " + call.callid);
projectcontrol.run();`;

interface Stored {
  readonly bindings: readonly { readonly user: string }[];
  readonly gateways: readonly { readonly name: string }[];
  readonly calls: readonly { readonly session: { readonly info: { readonly callid: string } } }[];
}

interface LiveCall {
  readonly id: string;
  readonly direction: string;
  readonly state: string;
}

await t.test(
  "a SIP server that is killed finds registrations, gateways and talking people again",
  async (t) => {
    const [sipPort, sipHttp, us] = [await freePorts(2), await freePorts(), await freePorts()];
    const media = await freePorts(60);
    const folder = temporaryFolder(t);
    const state = join(folder, "state.json");
    const startSip = async (): Promise<RunningProcess> => {
      const sip = run(
        t,
        ...["sip", "--sip-address", LOOPBACK, "--sip-port", String(sipPort), "--state", state],
        ...["--sip-http-port", String(sipHttp)],
      );
      await sip.printed(/HTTP +http/, START_MILLIS);
      return sip;
    };
    const ports = `${String(media)}-${String(media + 59)}`;
    const rtp = run(t, "rtp", "--media-address", LOOPBACK, "--ports", ports, "--rtp-http-port", "0");
    const [, rtpUrl = ""] = await rtp.printed(/HTTP +(http\S+)/, START_MILLIS);
    const killed = await startSip();
    const script = join(folder, "app.cjs");
    writeFileSync(script, SCRIPT);
    const sipUrl = `http://${LOOPBACK}:${String(sipHttp)}`;
    const controlUrl = `http://${LOOPBACK}:${String(us)}`;
    const control = run(
      t,
      ...[
        "control",
        script,
        "--v1",
        "--sip-url",
        sipUrl,
        "--rtp-url",
        rtpUrl,
        "--control-http-port",
        String(us),
      ],
    );
    await control.printed(new RegExp(`rtp +${rtpUrl}`), START_MILLIS);

    const ask = async <Reply>(url: string, method = "GET", body?: object): Promise<Reply> => {
      const given = body === undefined ? {} : { body: JSON.stringify(body) };
      const response = await fetch(url, { method, ...given, headers: { connection: "close" } });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${url}: ${String(response.status)} ${text}`);
      return (text === "" ? {} : JSON.parse(text)) as Reply;
    };
    const stored = (): Stored => JSON.parse(readFileSync(state, "utf8")) as Stored;
    const live = async (): Promise<readonly LiveCall[]> =>
      (await ask<{ calls: readonly LiveCall[] }>(`${controlUrl}/v1/calls`)).calls;
    const channels = async (): Promise<number> =>
      (await ask<{ channels: number }>(`${rtpUrl}/health`)).channels;

    const server = { address: LOOPBACK, port: sipPort };
    const phones: Telephone[] = [];
    const phone = async (user: User): Promise<Telephone> => {
      const made = await Telephone.open({ server, user, domain: DOMAIN, secret: SECRET, hertz: TONES[user] });
      phones.push(made);
      return made;
    };
    // Who calls from a trunk's address needs no password, so it has another one than the phones.
    const trunk = await Telephone.open({
      ...{ server, user: "trunk", domain: "far.example", secret: "", hertz: 900 },
      address: "127.0.0.2",
    });
    const fay = await CheckPhone.open(server, CALLER);
    t.teardown(() => {
      trunk.close();
      fay.close();
      for (const each of phones) each.close();
    });

    // The directory is there once control has sent it.
    await eventually(
      15_000,
      () => ask(`${sipUrl}/dir/${DOMAIN}`).catch(() => undefined),
      (there) => there !== undefined,
    );
    await ask(`${sipUrl}/gateway/trunk`, "PUT", {
      from: { user: "account", domain: "far.example", authsecret: "sesame" },
      to: { domain: trunk.address },
      register: true,
      // The phones call from this address, too: they are no trunk.
      sources: ["192.0.2.9"],
      control: controlUrl,
      domain: DOMAIN,
    });
    await trunk.changes.until("a registration at the trunk", () => trunk.asked.pop());
    const [anne, ben] = [await phone("1000"), await phone("1001")];
    const [carl, dora, emil] = [await phone("1002"), await phone("1003"), await phone("1004")];
    for (const each of phones) await each.register();

    const talk = async (caller: Telephone, callee: Telephone) => {
      const out = await caller.call(callee.user);
      const rung = await callee.rung();
      rung.answer();
      await out.answered();
      await out.talksWith(rung);
      return { out, rung };
    };
    const byPhone = await talk(anne, ben);
    const byControl = await talk(carl, dora);
    const early = { callId: "early", branch: "z9hG4bKearly" };
    const uri = `sip:1004@${DOMAIN}`;
    fay.request("INVITE", uri, { callId: early.callId, seq: 1, sdp: BARE_SDP });
    const challenge = await fay.response(401, "INVITE", early.callId);
    const credentials = fay.authorization(challenge, "INVITE", uri);
    fay.request("INVITE", uri, { ...early, seq: 2, sdp: BARE_SDP, headers: [credentials] });
    (await emil.rung()).ring();
    await fay.response(180, "INVITE", early.callId);

    const kept = await eventually(60_000, stored, ({ bindings, gateways, calls }) => {
      return bindings.length === 5 && gateways.length === 1 && calls.length === 4;
    });
    t.equal(kept.calls.length, 4, "answered legs are in the state file");

    // Nobody helps it: control is not heard while the new one comes up.
    process.kill(control.pid, "SIGSTOP");
    process.kill(killed.pid, "SIGKILL");
    await killed.ended;
    await byPhone.out.talksWith(byPhone.rung);
    await byControl.out.talksWith(byControl.rung);
    t.pass("media does not notice");
    await startSip();
    t.match(await ask(`${sipUrl}/reg`), { count: 5 }, "registrations");
    t.match(await ask(`${sipUrl}/gateway/trunk`), { from: { user: "account" } }, "the gateway");
    t.match(await ask(`${sipUrl}/dialog`), { count: 4 }, "the calls of those who talk");
    await trunk.changes.until("a registration at the trunk", () => trunk.asked.pop());
    process.kill(control.pid, "SIGCONT");

    await control.printed(/a call goes on: the restarted SIP server knows it/, 30_000);
    const left = await eventually(60_000, live, (calls) => calls.length === 4);
    t.equal(left.length, 4, "and nothing of the call that rang");
    await control.printed(new RegExp(`over ${early.callId}`), 60_000);

    fay.request("CANCEL", uri, { ...early, seq: 2 });
    await fay.response(481, "CANCEL", early.callId);

    await byPhone.out.hold();
    await control.printed(new RegExp(`held ${byPhone.out.callId}`), 60_000);
    await byPhone.rung.voice.hears(MUSIC);
    await byPhone.out.unhold();
    await byPhone.out.talksWith(byPhone.rung);
    await byPhone.rung.hold("inactive");
    await byPhone.out.voice.hears(MUSIC);
    await byPhone.rung.unhold();
    await byPhone.out.talksWith(byPhone.rung);
    await byPhone.rung.hangup();
    await byPhone.out.ended();
    await control.printed(new RegExp(`over ${byPhone.out.callId}`), 60_000);

    await ask(`${controlUrl}/v1/calls/${byControl.out.callId}`, "DELETE");
    await byControl.out.ended();
    await byControl.rung.ended();
    await control.printed(new RegExp(`over ${byControl.rung.callId}`), 60_000);

    // Whoever was registered is found, and the trunk is called, without a word of theirs.
    const again = await talk(anne, ben);
    await again.out.hangup();
    await again.rung.ended();
    await ask(`${controlUrl}/v1/calls`, "POST", {
      from: { user: "1000", domain: DOMAIN },
      to: { user: "4711" },
      gateway: "trunk",
    });
    const outside = await trunk.rung();
    t.match(outside.invite?.uri, /^sip:4711@/);
    outside.refuse(486);
    t.same(
      await eventually(60_000, live, (calls) => calls.length === 0),
      [],
      "control has nothing left over",
    );
    t.equal(await eventually(60_000, channels, (count) => count === 0), 0, "nor has the RTP server");
    t.match(await ask(`${sipUrl}/dialog`), { count: 0 });
    t.match(await eventually(60_000, stored, ({ calls }) => calls.length === 0), { calls: [] });
  },
);
