// Debian's Kamailio: one worker, a registrar with digest that keeps its bindings in memory, and a stateful relay.
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { SERVER_CPU, end, pinned } from "../../media/servers/child.mjs";
import { folder } from "../load.mjs";
import { CALLEE, DOMAIN, SECRET, SERVER, USERS, freePort } from "../plan.mjs";

/** Debian puts it where only root looks for programs. */
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
const START_MILLIS = 10_000;

/** A transaction lives on for 64·T1 as RFC 3261 has it, not for Kamailio's own 5 s. */
const configuration = (port, calleePort, control) => `
debug=-1
log_stderror=yes
children=1
disable_tcp=yes
auto_aliases=no
alias=${DOMAIN}
listen=udp:${SERVER}:${String(port)}
max_while_loops=${String(USERS + 1)}
loadmodule "tm.so"
loadmodule "tmx.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "siputils.so"
loadmodule "textops.so"
loadmodule "htable.so"
loadmodule "auth.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "ctl.so"
modparam("ctl", "binrpc", "unix:${control}")
modparam("tm", "wt_timer", 32000)
modparam("rr", "enable_full_lr", 1)
modparam("usrloc", "db_mode", 0)
modparam("registrar", "default_expires", 3600)
modparam("htable", "htable", "secrets=>size=14;")

event_route[htable:mod-init] {
  $var(index) = 100000;
  while ($var(index) < ${String(100_000 + USERS)}) {
    $sht(secrets=>user$var(index)) = "${SECRET}";
    $var(index) = $var(index) + 1;
  }
}

request_route {
  if (!mf_process_maxfwd_header("10")) {
    sl_send_reply("483", "Too Many Hops");
    exit;
  }
  if (is_method("REGISTER")) {
    if ($sht(secrets=>$tU) == $null || !pv_www_authenticate("$td", "$sht(secrets=>$tU)", "0")) {
      www_challenge("$td", "1");
      exit;
    }
    save("location");
    exit;
  }
  if (is_method("OPTIONS")) {
    t_newtran();
    t_reply("200", "OK");
    exit;
  }
  if (is_method("CANCEL")) {
    if (t_check_trans()) t_relay();
    exit;
  }
  if (has_totag()) {
    if (loose_route()) t_relay();
    exit;
  }
  t_check_trans();
  record_route();
  $du = "sip:${CALLEE}:${String(calleePort)}";
  t_relay();
}
`;

function family(pid) {
  const children = readdirSync(`/proc/${String(pid)}/task`).flatMap((task) =>
    readFileSync(`/proc/${String(pid)}/task/${task}/children`, "utf8")
      .split(" ")
      .filter(Boolean)
      .map(Number),
  );
  return [pid, ...children.flatMap(family)];
}

async function untilItAnswers(child, ask, said) {
  const began = performance.now();
  for (;;) {
    await wait(100);
    try {
      return ask();
    } catch (error) {
      if (child.exitCode !== null || performance.now() - began > START_MILLIS)
        throw new Error(`kamailio does not run: ${said() || error.message}`, { cause: error });
    }
  }
}

export const kamailio = {
  name: "kamailio",
  missing: () =>
    spawnSync("kamailio", ["-v"], { stdio: "ignore", env }).status === 0
      ? undefined
      : "not installed: apt-get install kamailio",
  version: () =>
    spawnSync("kamailio", ["-v"], { encoding: "utf8", env }).stdout?.split("\n")[0] ?? "not installed",
  async start(calleePort) {
    const port = await freePort();
    const control = join(folder, `kamailio-${String(port)}.ctl`);
    const file = join(folder, `kamailio-${String(port)}.cfg`);
    writeFileSync(file, configuration(port, calleePort, control));
    const args = ["-DD", "-E", "-f", file, "-w", folder, "-Y", folder, "-m", "512", "-M", "16"];
    const child = pinned(SERVER_CPU, "kamailio", args, { stdio: ["ignore", "pipe", "pipe"], env });
    let complaint = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => (complaint = (complaint + text).slice(-1000)));
    const used = () => {
      const told = execFileSync("kamcmd", ["-s", `unix:${control}`, "core.shmmem"], {
        encoding: "utf8",
        env,
        stdio: ["ignore", "pipe", "pipe"],
      });
      return Number(/^\s*used: (\d+)/m.exec(told)?.[1]);
    };
    await untilItAnswers(child, used, () => complaint.trim());
    return {
      port,
      pids: () => family(child.pid),
      /** Of its shared memory: where transactions and bindings are. */
      memory: () => Promise.resolve({ octets: used() }),
      stop: () => end(child),
    };
  },
};
