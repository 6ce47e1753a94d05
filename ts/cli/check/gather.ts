import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { createSocket } from "node:dgram";
import { accessSync, constants, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { availableParallelism, networkInterfaces } from "node:os";
import { dirname, resolve } from "node:path";
import { promisify } from "node:util";
import type { AllInOneOptions } from "../../composition/options.js";
import { loadAddon } from "../../rtp/addon.js";
import type { Parsed } from "../parsed.js";
import { sipBinds } from "./addresses.js";
import type { AddressFact, CertificateFact, Facts, Settings, SocketFact } from "./facts.js";
import {
  containerOf,
  governorsOf,
  modulesIn,
  numberIn,
  openFilesIn,
  quotaIn,
  rangeIn,
  takenPortsIn,
} from "./read-system.js";

/** What there may be no right to read, or what is not there on this machine, is undefined. */
function text(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

const run = promisify(execFile);
const PATIENCE = 5_000;

async function printed(command: string, ...args: readonly string[]): Promise<string | undefined> {
  try {
    return (await run(command, args, { timeout: PATIENCE })).stdout;
  } catch {
    return undefined;
  }
}

/** Looks at everything; opens each socket for a moment. */
export async function gatherFacts(options: Parsed<AllInOneOptions>): Promise<Facts> {
  const { listen, sipAddress } = options;
  const settings: Settings = {
    ...options,
    mediaAddress: options.mediaAddress ?? listen?.[0]?.bind.address ?? sipAddress,
  };
  const addresses = addressFacts();
  const { version } = process;
  const { engines } = createRequire(import.meta.url)("../../../package.json") as {
    engines: { node: string };
  };
  const addonFault = whyNoAddon();
  const certificate = options.tlsCert === undefined ? undefined : certificateFact(options.tlsCert);
  const [sockets, iptables, nftables, isSynchronised] = await Promise.all([
    Promise.all(socketsOf(options, settings).map(tried)),
    printed("iptables", "-S", "INPUT"),
    printed("nft", "list", "ruleset"),
    synchronised(),
  ]);
  const limits = {
    ephemeralPorts: rangeIn(text("/proc/sys/net/ipv4/ip_local_port_range")),
    mostOpenFiles: openFilesIn(text("/proc/self/limits")),
    container: containerOf({
      isThere: (path) => text(path) !== undefined,
      environment: process.env,
      cgroup: text("/proc/1/cgroup") ?? "",
      init: text("/proc/1/environ") ?? "",
    }),
    processorQuota: quotaIn(text("/sys/fs/cgroup/cpu.max")),
    connectionTracking: tracking(),
    addonFault,
    iptables,
    nftables,
    certificate,
  };
  return {
    settings,
    sockets,
    addresses,
    node: { version, needed: engines.node.replace(/^\D*/, "") },
    takenMediaPorts: takenPortsIn(
      [text("/proc/net/udp") ?? "", text("/proc/net/udp6") ?? ""].join("\n"),
      settings.ports,
    ),
    processors: availableParallelism(),
    governors: governorsOf((processor) =>
      text(`/sys/devices/system/cpu/cpu${String(processor)}/cpufreq/scaling_governor`),
    ),
    modules: modulesIn(text("/proc/modules")),
    reversePath: reversePathOf(addresses),
    clock: { year: new Date().getFullYear(), ...(isSynchronised === undefined ? {} : { isSynchronised }) },
    unwritable: unwritable(options),
    ...known(limits),
  };
}

/** What is known of these. */
function known<Values extends object>(
  values: Values,
): { [Key in keyof Values]?: Exclude<Values[Key], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof Values]?: Exclude<Values[Key], undefined> };
}

const addressFacts = (): readonly AddressFact[] =>
  Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? []).map(({ address, internal }) => ({ interface: name, address, isLoopback: internal })),
  );

function whyNoAddon(): string | undefined {
  try {
    loadAddon();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Port 0 is any free one: there is nothing to try. */
function socketsOf(options: Parsed<AllInOneOptions>, settings: Settings): readonly SocketFact[] {
  const flag = (options.listen ?? []).length > 0 ? "--listen" : "--sip-port";
  const sip = sipBinds(settings).map(({ protocol, address, port }): SocketFact => {
    const over = protocol === "UDP" ? "UDP" : "TCP";
    return { what: "SIP", flag, protocol: over, address, port };
  });
  const http = (
    [
      ["sip", options.sipHttpPort],
      ["control", options.controlHttpPort],
      ["rtp", options.rtpHttpPort],
    ] as const
  ).map(([component, port]): SocketFact => ({
    what: `HTTP of ${component}`,
    flag: `--${component}-http-port`,
    protocol: "TCP",
    address: options.httpAddress,
    port,
  }));
  return [...sip, ...http].filter(({ port }) => port !== 0);
}

async function tried(socket: SocketFact): Promise<SocketFact> {
  const refused = await (socket.protocol === "UDP" ? triedUdp(socket) : triedTcp(socket));
  return refused === undefined ? socket : { ...socket, refused };
}

const codeOf = (error: NodeJS.ErrnoException): string => error.code ?? error.message;

const triedUdp = ({ address, port }: SocketFact): Promise<string | undefined> =>
  new Promise((done) => {
    const socket = createSocket(address.includes(":") ? { type: "udp6", ipv6Only: true } : { type: "udp4" });
    socket.once("error", (error) => {
      socket.close();
      done(codeOf(error));
    });
    socket.bind(port, address, () => {
      socket.close(() => {
        done(undefined);
      });
    });
  });

const triedTcp = ({ address: host, port }: SocketFact): Promise<string | undefined> =>
  new Promise((done) => {
    const server = createServer();
    server.once("error", (error) => {
      done(codeOf(error));
    });
    server.listen({ host, port, ipv6Only: true }, () => {
      server.close(() => {
        done(undefined);
      });
    });
  });

function tracking(): Facts["connectionTracking"] {
  const of = (name: string): number | undefined => numberIn(text(`/proc/sys/net/netfilter/${name}`));
  const [entries, most] = [of("nf_conntrack_count"), of("nf_conntrack_max")];
  const udpTimeout = of("nf_conntrack_udp_timeout");
  if (entries === undefined || most === undefined) return undefined;
  return { entries, most, ...(udpTimeout === undefined ? {} : { udpTimeout }) };
}

/** The stricter of an interface's own setting and that of all counts. */
function reversePathOf(addresses: readonly AddressFact[]): Readonly<Record<string, number>> {
  const of = (name: string): number => numberIn(text(`/proc/sys/net/ipv4/conf/${name}/rp_filter`)) ?? 0;
  return Object.fromEntries(addresses.map((one) => [one.interface, Math.max(of(one.interface), of("all"))]));
}

async function synchronised(): Promise<boolean | undefined> {
  const said = await printed("timedatectl", "show", "--property=NTPSynchronized", "--value");
  return said === undefined || said.trim() === "" ? undefined : said.trim() === "yes";
}

const DAY = 86_400_000;

function certificateFact(file: string): CertificateFact {
  try {
    const { validTo } = new X509Certificate(readFileSync(file));
    return { file, daysLeft: (Date.parse(validTo) - Date.now()) / DAY };
  } catch (error) {
    return { file, fault: error instanceof Error ? error.message : String(error) };
  }
}

function unwritable({ cdr, state, recordingsRoot }: Parsed<AllInOneOptions>): Facts["unwritable"] {
  const wanted: readonly (readonly [flag: string, path: string | undefined])[] = [
    ["--cdr", cdr === undefined ? undefined : dirname(resolve(cdr))],
    ["--state", state === undefined ? undefined : dirname(resolve(state))],
    ["--recordings-root", recordingsRoot],
  ];
  return wanted.flatMap(([flag, path]) => {
    if (path === undefined) return [];
    try {
      accessSync(path, constants.W_OK);
      return [];
    } catch (error) {
      return [{ flag, path, why: codeOf(error as NodeJS.ErrnoException) }];
    }
  });
}
