/** The switch as its users start it: `node dist/cli.js …`, in one process or in three. */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Test } from "tap";
import { eventually } from "./eventually.js";
import { LOOPBACK, freePorts } from "./ports.js";
import { startProcess, type RunningProcess } from "./process.js";

export type Deployment = "one process" | "three processes";

export const DEPLOYMENTS: readonly Deployment[] = ["one process", "three processes"];

export interface SwitchOptions {
  readonly deployment: Deployment;
  /** A call script: a file of test/interop/scripts, or the whole path of another one. */
  readonly script: string;
  /** Further flags of `start`. */
  readonly flags?: readonly string[];
  /** Sources that need no digest, as for `--trust`. */
  readonly trust?: string;
  /** Files of a certificate: SIP is listened for over TLS and WebSockets as well. */
  readonly certificate?: { readonly certificate: string; readonly key: string };
  /** What else the script finds in its environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What must go back to what it was after start, by component; other fields of `GET /health` may grow. */
export type Resources = Readonly<Record<"sip" | "control" | "rtp", Readonly<Record<string, number>>>>;

export interface RunningSwitch {
  /** UDP and TCP. */
  readonly sipPort: number;
  /** With a certificate only. */
  readonly tlsPort: number;
  readonly wsPort: number;
  readonly wssPort: number;
  /** HTTP of the sip component. */
  readonly sipUrl: string;
  readonly processes: readonly RunningProcess[];
  /** What the switch held when it was ready and nothing had happened. */
  readonly idle: Resources;
  resources(): Promise<Resources>;
  /** Waits until all that was held is given back, at most `withinMillis`; then what is held. */
  settled(withinMillis: number): Promise<Resources>;
}

const cli = fileURLToPath(new URL("../../../dist/cli.js", import.meta.url));
const scripts = fileURLToPath(new URL("../scripts/", import.meta.url));

const RTP_PORTS = 400;
const READY_MILLIS = 60_000;
const COUNTED = ["calls", "dialogs", "transactions", "timers", "channels", "sockets", "connections"];

interface Ports {
  readonly sip: number;
  readonly tls: number;
  readonly ws: number;
  readonly wss: number;
  readonly sipHttp: number;
  readonly controlHttp: number;
  readonly rtpHttp: number;
  readonly rtp: number;
}

async function choosePorts(): Promise<Ports> {
  const sip = await freePorts(4);
  const http = await freePorts(4);
  return {
    sip,
    tls: sip + 1,
    ws: sip + 2,
    wss: sip + 3,
    sipHttp: http,
    controlHttp: http + 1,
    rtpHttp: http + 2,
    rtp: await freePorts(RTP_PORTS),
  };
}

const address = (port: number): string => `http://${LOOPBACK}:${String(port)}`;

/** Which listeners are asked for, by one pair of flags or by one flag for each. */
function listenFlags({ certificate }: SwitchOptions, ports: Ports): string[] {
  if (certificate === undefined) return ["--sip-address", LOOPBACK, "--sip-port", String(ports.sip)];
  const at = (protocol: string, port: number): string[] => [
    "--listen",
    `${protocol}:${LOOPBACK}:${String(port)}`,
  ];
  return [
    ...[...at("udp", ports.sip), ...at("tcp", ports.sip), ...at("tls", ports.tls)],
    ...[...at("ws", ports.ws), ...at("wss", ports.wss)],
    ...["--tls-cert", certificate.certificate, "--tls-key", certificate.key],
  ];
}

function commandLines(options: SwitchOptions, ports: Ports): readonly string[][] {
  const { deployment, script, trust, flags = [] } = options;
  const file = resolve(scripts, script);
  const sip = listenFlags(options, ports);
  if (trust !== undefined) sip.push("--trust", trust);
  const media = [
    "--media-address",
    LOOPBACK,
    "--ports",
    `${String(ports.rtp)}-${String(ports.rtp + RTP_PORTS - 1)}`,
  ];
  const sipHttp = ["--sip-http-port", String(ports.sipHttp)];
  const controlHttp = ["--control-http-port", String(ports.controlHttp)];
  const rtpHttp = ["--rtp-http-port", String(ports.rtpHttp)];
  const http = ["--http-address", LOOPBACK];
  switch (deployment) {
    case "one process":
      return [["start", file, ...sip, ...media, ...http, ...sipHttp, ...controlHttp, ...rtpHttp, ...flags]];
    case "three processes":
      return [
        ["sip", ...sip, ...http, ...sipHttp],
        ["rtp", ...media, ...http, ...rtpHttp],
        [
          "control",
          file,
          ...http,
          ...controlHttp,
          "--sip-url",
          address(ports.sipHttp),
          "--rtp-url",
          address(ports.rtpHttp),
        ],
      ];
  }
}

async function healthOf(port: number): Promise<Record<string, number>> {
  const response = await fetch(`${address(port)}/health`, { headers: { connection: "close" } });
  if (!response.ok) throw new Error(`GET /health answered ${String(response.status)}`);
  const all = (await response.json()) as Record<string, unknown>;
  const counted = Object.entries(all).filter(([name]) => COUNTED.includes(name));
  return Object.fromEntries(counted.map(([name, count]) => [name, Number(count)]));
}

const isUp = async (port: number): Promise<boolean> => {
  try {
    return (await fetch(`${address(port)}/health`, { headers: { connection: "close" } })).ok;
  } catch {
    return false;
  }
};

async function waitUntilUp(name: string, port: number, processes: readonly RunningProcess[]): Promise<void> {
  if (await eventually(READY_MILLIS, () => isUp(port), Boolean)) return;
  throw new Error(`${name} does not answer GET /health:\n${processes.map((one) => one.output()).join("\n")}`);
}

/** Starts the switch and waits until every component is up and the script has put its directory. */
export async function startSwitch(t: Test, options: SwitchOptions): Promise<RunningSwitch> {
  const ports = await choosePorts();
  const processes: RunningProcess[] = [];
  for (const args of commandLines(options, ports)) {
    processes.push(startProcess(t, process.execPath, [cli, ...args], { env: options.environment ?? {} }));
    // Control pushes the directory as soon as it runs, so the other two are up first.
    if (args[0] === "sip") await waitUntilUp("sip", ports.sipHttp, processes);
    if (args[0] === "rtp") await waitUntilUp("rtp", ports.rtpHttp, processes);
  }
  await waitUntilUp("sip", ports.sipHttp, processes);
  await waitUntilUp("rtp", ports.rtpHttp, processes);
  await waitUntilUp("control", ports.controlHttp, processes);
  await eventually(
    READY_MILLIS,
    async () => (await fetch(`${address(ports.sipHttp)}/dir`, { headers: { connection: "close" } })).json(),
    (directory) => ((directory as { domains?: string[] }).domains ?? []).length > 0,
  );

  const resources = async (): Promise<Resources> => ({
    sip: await healthOf(ports.sipHttp),
    control: await healthOf(ports.controlHttp),
    rtp: await healthOf(ports.rtpHttp),
  });
  const idle = await resources();
  const isIdle = (now: Resources): boolean => JSON.stringify(now) === JSON.stringify(idle);
  return {
    sipPort: ports.sip,
    tlsPort: ports.tls,
    wsPort: ports.ws,
    wssPort: ports.wss,
    sipUrl: address(ports.sipHttp),
    processes,
    idle,
    resources,
    settled: (withinMillis) => eventually(withinMillis, resources, isIdle),
  };
}

/** Ends the switch as an operator does; every process has to leave by itself with code 0. */
export async function stopSwitch(t: Test, { processes }: RunningSwitch): Promise<void> {
  for (const running of processes) {
    t.same(await running.stop(), { code: 0, signal: null }, "SIGTERM ends it cleanly");
  }
}
