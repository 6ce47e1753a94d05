import { formatSocketAddress } from "../core/socket-address.js";
import type { PortRange } from "../composition/options.js";
import type { RunningAllInOne, RunningControl, RunningRtp, RunningSip } from "../mediaswitch.js";

const table = (title: string, rows: readonly (readonly [string, string])[]): string =>
  [title, ...rows.map(([name, value]) => `  ${name.padEnd(8)} ${value}`), "  Ctrl-C ends it.", ""].join("\n");

const range = ({ low, high }: PortRange): string => `${String(low)}-${String(high)}`;

const registering = (where: string): string =>
  `server ${where} over UDP; domain, user and password as the directory has them`;

function scriptLine(script: string, url: string | undefined): string {
  return url === undefined
    ? `${script} (it has not called projectcontrol.run(): no calls are taken yet)`
    : script;
}

export function allInOneSummary(
  { sip, rtp, control }: RunningAllInOne,
  { script, ports }: { readonly script?: string; readonly ports: PortRange },
): string {
  const phones = formatSocketAddress(sip.advertised);
  return table("mediaswitch is running.", [
    ["SIP", `${phones} (UDP)`],
    ["media", `${rtp.advertised}, UDP ports ${range(ports)}`],
    ["HTTP", `sip ${sip.url}  rtp ${rtp.url}${control?.url === undefined ? "" : `  control ${control.url}`}`],
    [
      "script",
      script === undefined
        ? "none: calls go to the control URL of their domain"
        : scriptLine(script, control?.url),
    ],
    ["phones", registering(phones)],
  ]);
}

export function sipSummary({ advertised, url }: RunningSip): string {
  const phones = formatSocketAddress(advertised);
  return table("mediaswitch sip is running.", [
    ["SIP", `${phones} (UDP)`],
    ["HTTP", url],
    ["phones", registering(phones)],
  ]);
}

export const rtpSummary = ({ advertised, url }: RunningRtp, ports: PortRange): string =>
  table("mediaswitch rtp is running.", [
    ["media", `${advertised}, UDP ports ${range(ports)}`],
    ["HTTP", url],
  ]);

export const controlSummary = (
  { url }: RunningControl,
  { script, sipUrl, rtpUrl }: { readonly script: string; readonly sipUrl: string; readonly rtpUrl: string },
): string =>
  table("mediaswitch control is running.", [
    ["script", scriptLine(script, url)],
    ["HTTP", url ?? "not served yet"],
    ["sip", sipUrl],
    ["rtp", rtpUrl],
  ]);
