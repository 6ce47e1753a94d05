import { formatSocketAddress } from "../core/socket-address.js";
import type { PortRange } from "../composition/options.js";
import type { Listener } from "../sip/transport/transport.js";
import type { RunningJson } from "./summary-json.js";
import type { RunningAllInOne, RunningControl, RunningRtp, RunningSip } from "../mediaswitch.js";

const table = (title: string, rows: readonly (readonly [string, string])[]): string =>
  [title, ...rows.map(([name, value]) => `  ${name.padEnd(8)} ${value}`), "  Ctrl-C ends it.", ""].join("\n");

type Told = Pick<Listener, "protocol" | "advertised">;

const range = ({ low, high }: PortRange): string => `${String(low)}-${String(high)}`;

/** One row for each listener; TLS and WebSocket clients need its protocol as well. */
const sipRows = (listeners: readonly Told[]): (readonly [string, string])[] =>
  listeners.map(({ protocol, advertised }) => ["SIP", `${formatSocketAddress(advertised)} (${protocol})`]);

function registering(listeners: readonly Told[]): string {
  const [first] = listeners;
  if (first === undefined) return "";
  const where = formatSocketAddress(first.advertised);
  const over = listeners
    .filter(({ advertised }) => formatSocketAddress(advertised) === where)
    .map(({ protocol }) => protocol);
  return `server ${where} over ${over.join(" or ")}; domain, user and password as the directory has them`;
}

const NO_SCRIPT = "none: calls wait for clients of /v1";

function scriptLine(script: string, url: string | undefined): string {
  return url === undefined
    ? `${script} (it has not called projectcontrol.run(): no calls are taken yet)`
    : script;
}

const pageRow = (url: string | undefined, hasPage: boolean): readonly (readonly [string, string])[] =>
  url === undefined || !hasPage ? [] : [["page", `${url}/page/`]];

export function allInOneSummary(
  { sip, rtp, control }: RunningAllInOne,
  {
    script,
    ports,
    page: hasPage = true,
  }: { readonly script?: string; readonly ports: PortRange; readonly page?: boolean },
): string {
  return table("mediaswitch is running.", [
    ...sipRows(sip.listeners),
    ["media", `${rtp.advertised}, UDP ports ${range(ports)}`],
    ["HTTP", `sip ${sip.url}  rtp ${rtp.url}${control?.url === undefined ? "" : `  control ${control.url}`}`],
    [
      "script",
      script === undefined
        ? `none: calls ${control === undefined ? "go to the control URL of their domain" : "wait for clients of /v1"}`
        : scriptLine(script, control?.url),
    ],
    ...pageRow(control?.url, hasPage),
    ["phones", registering(sip.listeners)],
  ]);
}

export function sipSummary({ listeners, url }: RunningSip): string {
  return table("mediaswitch sip is running.", [
    ...sipRows(listeners),
    ["HTTP", url],
    ["phones", registering(listeners)],
  ]);
}

export const rtpSummary = ({ advertised, url }: RunningRtp, ports: PortRange): string =>
  table("mediaswitch rtp is running.", [
    ["media", `${advertised}, UDP ports ${range(ports)}`],
    ["HTTP", url],
  ]);

export const controlSummary = (
  { url, rtpServers }: Pick<RunningControl, "url" | "rtpServers">,
  {
    script,
    sipUrl,
    page: hasPage = true,
  }: { readonly script?: string; readonly sipUrl: string; readonly page?: boolean },
): string =>
  table("mediaswitch control is running.", [
    ["script", script === undefined ? NO_SCRIPT : scriptLine(script, url)],
    ["HTTP", url ?? "not served yet"],
    ...pageRow(url, hasPage),
    ["sip", sipUrl],
    ["rtp", rtpServers.join(" ")],
  ]);

/** Of three processes. */
export function splitSummary(known: ReadonlyMap<string, RunningJson>): string {
  const [sip, rtp, control] = [known.get("sip"), known.get("rtp"), known.get("control")];
  const rows: (readonly [string, string])[] = [];
  if (sip?.running === "sip") rows.push(...sipRows(sip.listeners), ["sip", sip.url]);
  if (rtp?.running === "rtp") {
    rows.push(["media", `${rtp.advertised}, UDP ports ${range(rtp.ports)}`], ["rtp", rtp.url]);
  }
  if (control?.running === "control") {
    rows.push(
      ["control", control.url ?? "not served yet"],
      ["script", control.script === undefined ? NO_SCRIPT : scriptLine(control.script, control.url)],
    );
  } else {
    rows.push(["script", "none: calls go to the control URL of their domain"]);
  }
  if (sip?.running === "sip") rows.push(["phones", registering(sip.listeners)]);
  return table("mediaswitch is running, a process for each component.", rows);
}
