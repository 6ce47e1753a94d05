/** Ports that somebody wants to reach. */
export interface Wanted {
  readonly protocol: string;
  readonly low: number;
  readonly high: number;
}

/**
 * Whether the INPUT chain, as `iptables -S INPUT` prints it, may let packets to these ports in. Rules are read in order;
 * of one with conditions that are not about protocol and port (source, interface, state, another chain) it is taken that a
 * phone may meet it when it accepts, and does not when it drops: what is said to be shut is shut for everybody.
 */
export function isLetIn(rules: string, wanted: Wanted): boolean {
  let policy = "ACCEPT";
  for (const line of rules.split("\n")) {
    const words = line.trim().split(/\s+/);
    if (words[0] === "-P") policy = words[2] ?? policy;
    if (words[0] !== "-A") continue;
    const target = valueAfter(words, "-j") ?? "";
    if (target !== "ACCEPT" && target !== "DROP" && target !== "REJECT") {
      // A chain of its own (ufw, firewalld, Docker) may accept.
      if (!["LOG", "NFLOG", "RETURN", ""].includes(target)) return true;
      continue;
    }
    if (!isAbout(words, wanted)) continue;
    if (target === "ACCEPT") {
      if (!isForOthers(words)) return true;
    } else if (!hasMoreConditions(words)) return false;
  }
  return policy === "ACCEPT";
}

const valueAfter = (words: readonly string[], name: string): string | undefined => {
  const index = words.indexOf(name);
  return index === -1 ? undefined : words[index + 1];
};

function isAbout(words: readonly string[], { protocol, low, high }: Wanted): boolean {
  const of = valueAfter(words, "-p");
  if (of !== undefined && of !== "all" && of !== protocol) return false;
  const ports = valueAfter(words, "--dport") ?? valueAfter(words, "--dports");
  if (ports === undefined) return true;
  return ports.split(",").some((range) => {
    const [first = Number.NaN, last = first] = range.split(":").map(Number);
    return first <= low && last >= high;
  });
}

/** Loopback, and packets of flows that are there already, are not how a phone begins. */
const isForOthers = (words: readonly string[]): boolean =>
  valueAfter(words, "-i") === "lo" ||
  (words.some((word) => word === "--ctstate" || word === "--state") &&
    !words.some((word) => /\bNEW\b/.test(word)));

const KNOWN = new Set(["-A", "-p", "-m", "--dport", "--dports", "-j", "--reject-with"]);

const hasMoreConditions = (words: readonly string[]): boolean =>
  words.some((word) => word.startsWith("-") && !KNOWN.has(word)) || words.includes("!");
