/** Kamailio (https://www.kamailio.org) as the proxy before a switch: it stays in the path of every dialog. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import { startProcess, type RunningProcess } from "./process.js";

export interface ProxyOptions {
  /** A folder of its own. */
  readonly folder: string;
  readonly address: string;
  readonly port: number;
  /** Where requests for these users go, `address:port`; all others go to `otherwise`. */
  readonly users: Readonly<Record<string, string>>;
  readonly otherwise: string;
}

/** A request that it has taken. `outside`: of no dialog yet; `routed`: by its Route; `astray`: of a dialog, without one. */
export interface ProxiedRequest {
  readonly kind: "outside" | "routed" | "astray";
  readonly method: string;
  /** `address:port` */
  readonly source: string;
}

export interface Proxy {
  readonly process: RunningProcess;
  /** In their order, retransmissions left out. */
  requests(): readonly ProxiedRequest[];
}

/** §16.6 item 4 and §16.12 of RFC 3261 in the proxy's language, and a line for each request. */
const configuration = ({ address, port, users, otherwise }: ProxyOptions): string => `
debug=1
log_stderror=yes
children=1
disable_tcp=yes
auto_aliases=no
listen=udp:${address}:${String(port)}
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "siputils.so"
loadmodule "textops.so"
loadmodule "xlog.so"
modparam("rr", "enable_full_lr", 1)

request_route {
  if (!mf_process_maxfwd_header("10")) {
    sl_send_reply("483", "Too Many Hops");
    exit;
  }
  if (is_method("CANCEL")) {
    if (t_check_trans()) t_relay();
    exit;
  }
  if (!is_method("ACK")) t_check_trans();
  if (has_totag()) {
    if (loose_route()) {
      xlog("L_ALERT", "took routed $rm from $si:$sp\\n");
      t_relay();
      exit;
    }
    if (is_method("ACK") && t_check_trans()) {
      t_relay();
      exit;
    }
    xlog("L_ALERT", "took astray $rm from $si:$sp\\n");
    sl_send_reply("404", "Not Here");
    exit;
  }
  xlog("L_ALERT", "took outside $rm from $si:$sp\\n");
  record_route();
${Object.entries(users)
  .map(([user, to]) => `  if ($rU == "${user}") { $du = "sip:${to}"; t_relay(); exit; }`)
  .join("\n")}
  $du = "sip:${otherwise}";
  t_relay();
}
`;

const LINE = /took (outside|routed|astray) ([A-Z]+) from (\S+)/g;

/** Starts the proxy; it takes requests when this resolves. */
export async function startProxy(t: Test, options: ProxyOptions): Promise<Proxy> {
  const file = join(options.folder, "kamailio.cfg");
  writeFileSync(file, configuration(options));
  const running = startProcess(
    t,
    "kamailio",
    [...["-DD", "-E", "-f", file, "-w", options.folder, "-Y", options.folder], ...["-m", "32", "-M", "4"]],
    // Debian puts it where only root looks for programs.
    { env: { PATH: `${process.env["PATH"] ?? ""}:/usr/sbin` } },
  );
  await running.printed(/Listening on[\s\S]*udp: /, 60_000);
  return {
    process: running,
    requests: () =>
      [...running.output().matchAll(LINE)].map(([, kind = "", method = "", source = ""]) => ({
        kind: kind as ProxiedRequest["kind"],
        method,
        source,
      })),
  };
}
