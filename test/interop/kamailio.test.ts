/**
 * Kamailio between the phones and the switch, in the path of every dialog (RFC 3261 §16.6 item 4). A call comes in by it
 * and goes out by it; what belongs to the call later has to follow the route set (§12.2.1.1) in both legs.
 */
import { fileURLToPath } from "node:url";
import t, { type Test } from "tap";
import { temporaryFolder } from "./support/folder.js";
import { startProxy } from "./support/kamailio.js";
import { LOOPBACK, freePorts } from "./support/ports.js";
import { runSipp } from "./support/sipp.js";
import { startSwitch, stopSwitch } from "./support/switch.js";

/** Linux answers on all of 127.0.0.0/8: the proxy has an address of its own, the only one that is trusted. */
const PROXY = "127.0.0.2";
const scenario = (name: string): string => fileURLToPath(new URL(`sipp/${name}.xml`, import.meta.url));

interface Ending {
  readonly who: string;
  readonly caller: string;
  readonly callee: string;
  /** Of the last requests: who sends BYE to the proxy. */
  readonly hangsUp: "caller" | "callee";
}

const ENDINGS: readonly Ending[] = [
  {
    who: "the caller hangs up",
    caller: "proxied-caller-ends",
    callee: "proxied-callee-is-ended",
    hangsUp: "caller",
  },
  {
    who: "the callee hangs up",
    caller: "proxied-caller-is-ended",
    callee: "proxied-callee-ends",
    hangsUp: "callee",
  },
];

async function callThroughProxy(t: Test, { caller, callee, hangsUp }: Ending): Promise<void> {
  const folder = temporaryFolder(t);
  const ports = { proxy: await freePorts(), caller: await freePorts(), callee: await freePorts() };
  const upstream = `${PROXY}:${String(ports.proxy)}`;
  const mediaswitch = await startSwitch(t, {
    deployment: "one process",
    script: "through-upstream.mjs",
    trust: `${PROXY}/32`,
    environment: { UPSTREAM: upstream },
  });
  const at = (port: number): string => `${LOOPBACK}:${String(port)}`;
  const proxy = await startProxy(t, {
    folder,
    address: PROXY,
    port: ports.proxy,
    users: { callee: at(ports.callee) },
    otherwise: at(mediaswitch.sipPort),
  });
  const target = { host: PROXY, sipPort: ports.proxy, from: LOOPBACK, folder };
  const [called, calling] = await Promise.all([
    runSipp(t, { ...target, port: ports.callee }, ["-sf", scenario(callee), "-m", "1"]),
    runSipp(t, { ...target, port: ports.caller }, ["-sf", scenario(caller), "-m", "1"]),
  ]);
  t.same([calling.exitCode, calling.successful], [0, 1], "the caller's side");
  t.same([called.exitCode, called.successful], [0, 1], "the callee's side");

  const names = new Map([
    [at(ports.caller), "caller"],
    [at(ports.callee), "callee"],
    [at(mediaswitch.sipPort), "switch"],
  ]);
  const taken = proxy
    .requests()
    .map(({ kind, method, source }) => `${names.get(source) ?? source}: ${kind} ${method}`);
  const by = (who: string): string[] => taken.filter((line) => line.startsWith(`${who}: `));
  t.same(
    taken.filter((line) => line.includes("astray")),
    [],
    "nothing of a dialog comes without its route",
  );
  const reinvited = ["routed INVITE", "routed ACK", "routed INVITE", "routed ACK"];
  const expected = (who: "caller" | "callee"): string[] =>
    [
      ...(who === "caller" ? ["outside INVITE", "routed ACK"] : []),
      ...reinvited,
      ...(who === hangsUp ? ["routed BYE"] : []),
    ].map((what) => `${who}: ${what}`);
  t.same(by("caller"), expected("caller"));
  t.same(by("callee"), expected("callee"));
  t.same(
    by("switch"),
    ["outside INVITE", "routed ACK", "routed BYE"].map((what) => `switch: ${what}`),
    "what the switch sends in its own dialogs goes by the proxy, too",
  );
  await proxy.process.stop();
  await stopSwitch(t, mediaswitch);
}

for (const ending of ENDINGS) {
  void t.test(`a call in and out through a proxy that records its route; ${ending.who}`, (t) =>
    callThroughProxy(t, ending),
  );
}
