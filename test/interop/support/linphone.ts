/** A phone of another making: linphone's console client (https://www.linphone.org), with sound files for a sound card. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import { eventually } from "./eventually.js";
import { LOOPBACK, freePorts } from "./ports.js";
import { startProcess, type RunningProcess } from "./process.js";

export interface LinphoneOptions {
  /** A folder that this phone may fill. */
  readonly folder: string;
  readonly user: string;
  readonly secret: string;
  readonly domain: string;
  readonly transport: "udp" | "tcp" | "tls";
  /** Port of its proxy. */
  readonly proxyPort: number;
  /** PEM file with the authorities that it trusts in TLS; the certificate has to name `localhost`. */
  readonly authorities?: string;
}

export interface Linphone {
  readonly process: RunningProcess;
  /** Gives a command of its console. */
  say(command: string): void;
  /** Asks until it says that it is registered. */
  isRegistered(withinMillis: number): Promise<boolean>;
  quit(): Promise<void>;
}

/** Why it can't be started; false where it can. */
export const noLinphone =
  spawnSync("linphonec", ["-v"], { stdio: "ignore" }).error === undefined
    ? false
    : "no linphone: apt-get install linphone-cli";

/** A port of -1 is any; of 0 none at all. */
async function configure({
  folder,
  user,
  secret,
  domain,
  transport,
  proxyPort,
  authorities,
}: LinphoneOptions) {
  const port = (of: string): string => (of === transport ? "-1" : "0");
  // Of a certificate, it compares names and no addresses.
  const host = transport === "tls" ? "localhost" : LOOPBACK;
  const proxy = `<sip:${host}:${String(proxyPort)};transport=${transport}>`;
  const rtp = await freePorts(4);
  const sections: Record<string, Record<string, string | number>> = {
    sip: {
      sip_port: port("udp"),
      sip_tcp_port: port("tcp"),
      sip_tls_port: port("tls"),
      use_ipv6: 0,
      guess_hostname: 0,
      default_proxy: 0,
      register_only_when_network_is_up: 0,
      // It offers no encryption of media and no ICE.
      media_encryption: "none",
      ...(authorities === undefined ? {} : { root_ca: authorities }),
    },
    proxy_0: {
      reg_proxy: proxy,
      reg_route: proxy,
      reg_identity: `sip:${user}@${domain}`,
      reg_expires: 600,
      reg_sendregister: 1,
      publish: 0,
    },
    auth_info_0: { username: user, passwd: secret, realm: domain, domain },
    net: { firewall_policy: 0 },
    video: { enabled: 0, capture: 0, display: 0, automatically_initiate: 0, automatically_accept: 0 },
    rtp: { audio_rtp_port: rtp, text_rtp_port: rtp + 2 },
  };
  const text = Object.entries(sections).map(([name, values]) =>
    [`[${name}]`, ...Object.entries(values).map(([key, value]) => `${key}=${String(value)}`), ""].join("\n"),
  );
  const file = join(folder, "linphonerc");
  mkdirSync(join(folder, ".local/share/linphone"), { recursive: true });
  writeFileSync(file, text.join("\n"));
  return file;
}

export async function startLinphone(t: Test, options: LinphoneOptions): Promise<Linphone> {
  const file = await configure(options);
  const running = startProcess(t, "linphonec", ["-c", file, "-d", "0"], {
    env: { HOME: options.folder, XDG_DATA_HOME: join(options.folder, ".local/share") },
    input: "written",
  });
  await running.printed(/linphonec>/, 60_000);
  const say = (command: string): void => running.write(`${command}\n`);
  say("soundcard use files");
  return {
    process: running,
    say,
    isRegistered: (withinMillis) =>
      eventually(
        withinMillis,
        () => {
          say("status register");
          return running.output().includes("registered, identity=");
        },
        Boolean,
      ),
    quit: async () => {
      say("quit");
      await Promise.race([running.ended, running.printed(/Terminating/, 10_000)]);
      await running.stop();
    },
  };
}
