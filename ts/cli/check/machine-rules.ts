import { fault, note, ok, warning, type Finding, type Rule } from "./finding.js";

const nodeVersion: Rule = {
  name: "node-version",
  judge: ({ node: { version, needed } }) =>
    isOlder(version, needed)
      ? [
          fault(
            `This is Node ${version}; mediaswitch needs ${needed} or later.`,
            "Install a later Node: https://nodejs.org",
          ),
        ]
      : [ok(`Node ${version}.`)],
};

/** "v20.9.0" than "20.19". */
function isOlder(version: string, than: string): boolean {
  const numbers = (text: string): number[] => text.replace(/^v/, "").split(".").map(Number);
  const [ours, theirs] = [numbers(version), numbers(than)];
  for (const [index, wanted] of theirs.entries()) {
    const is = ours[index] ?? 0;
    if (is !== wanted) return is < wanted;
  }
  return false;
}

const addonLoads: Rule = {
  name: "addon-loads",
  judge: ({ addonFault }) =>
    addonFault === undefined
      ? [ok("The native addon loads.")]
      : [
          fault(
            `The native addon does not load: ${addonFault}`,
            "On Debian 12, Ubuntu 22.04, RHEL 9 and later (x64) reinstall the package; elsewhere build it: npm rebuild mediaswitch",
          ),
        ],
};

/** Sockets of a channel; and what the process has open besides: listeners, files, pipes. */
const SOCKETS_OF_CHANNEL = 2;
const OTHER_FILES = 256;

const openFiles: Rule = {
  name: "open-files",
  judge: ({ mostOpenFiles: most, settings: { ports } }) => {
    if (most === undefined) return [];
    const channels = Math.floor((ports.high - ports.low + 1) / 2);
    const needed = channels * SOCKETS_OF_CHANNEL + OTHER_FILES;
    if (most >= needed) return [ok(`${String(most)} files and sockets may be open.`)];
    const calls = Math.max(0, Math.floor((most - OTHER_FILES) / SOCKETS_OF_CHANNEL / 2));
    const text = `Only ${String(most)} files and sockets may be open (ulimit -n), enough for ${String(calls)} calls of two phones.`;
    const next = `Raise it: LimitNOFILE=${String(needed)} in the unit file, or ulimit -Hn ${String(needed)} before the start.`;
    return [calls < 50 ? fault(text, next) : warning(text, next)];
  },
};

const processors: Rule = {
  name: "processors",
  judge: ({ processors: count, processorQuota: quota, settings: { shards } }) => {
    const findings: Finding[] = [];
    if (shards > count) {
      findings.push(
        warning(
          `--shards ${String(shards)} is more than the ${String(count)} processors there are: media threads will wait for each other.`,
          `Use at most --shards ${String(count)}.`,
        ),
      );
    }
    if (quota !== undefined && quota < Math.min(2, count)) {
      findings.push(
        warning(
          `The container may use ${String(quota)} processors: when they are used up it stands still for some 100 ms, which is heard.`,
          "Take the limit away (a request or a share does no harm), or give it two processors.",
        ),
      );
    }
    return findings;
  },
};

const governor: Rule = {
  name: "governor",
  judge: ({ governors }) =>
    governors.includes("powersave")
      ? [
          warning(
            "Processors are told to save power (governor powersave): timers of audio come late when they wake up.",
            "For a busy switch: cpupower frequency-set -g performance",
          ),
        ]
      : [],
};

/** Of this package: a clock before this year is wrong. */
const YEAR = 2025;

const clock: Rule = {
  name: "clock",
  judge: ({ clock: { year, isSynchronised } }) => {
    if (year < YEAR) {
      return [
        fault(
          `The clock says it is the year ${String(year)}: certificates and passwords' nonces will be refused.`,
          "Set it, and keep it right: timedatectl set-ntp true",
        ),
      ];
    }
    return isSynchronised === false
      ? [
          note(
            "Nothing keeps the clock right (timedatectl set-ntp true): times in records and traces may be wrong.",
          ),
        ]
      : [];
  },
};

const SOON = 14;

const certificate: Rule = {
  name: "certificate",
  judge: ({ certificate: of }) => {
    if (of === undefined) return [];
    const { file, daysLeft, fault: why } = of;
    if (why !== undefined)
      return [fault(`${file} holds no certificate: ${why}`, "Name a PEM file with --tls-cert.")];
    if (daysLeft === undefined) return [];
    if (daysLeft < 0) {
      return [
        fault(
          `The certificate in ${file} is not valid any more: phones will refuse TLS.`,
          "Renew it; the file is read again when it changes.",
        ),
      ];
    }
    return daysLeft < SOON
      ? [
          warning(
            `The certificate in ${file} is valid for ${String(Math.floor(daysLeft))} days more.`,
            "Renew it; the file is read again when it changes.",
          ),
        ]
      : [ok(`The certificate in ${file} is valid for ${String(Math.floor(daysLeft))} days more.`)];
  },
};

const writable: Rule = {
  name: "writable",
  judge: ({ unwritable }) =>
    unwritable.map(({ flag, path, why }) =>
      fault(
        `${path} (${flag}) can't be written: ${why}.`,
        `Give the user who runs mediaswitch the right to, or name another with ${flag}.`,
      ),
    ),
};

export const MACHINE_RULES: readonly Rule[] = [
  nodeVersion,
  addonLoads,
  openFiles,
  processors,
  governor,
  clock,
  certificate,
  writable,
];
