import t from "tap";
import { isLetIn } from "../../../ts/cli/check/input-chain.js";

const SIP = { protocol: "udp", low: 5060, high: 5060 };
const AUDIO = { protocol: "udp", low: 10_000, high: 20_000 };
const chain = (policy: string, ...rules: string[]): string =>
  [`-P INPUT ${policy}`, ...rules.map((rule) => `-A INPUT ${rule}`)].join("\n");

const ROWS: readonly [rules: string, sip: boolean, audio: boolean][] = [
  ["", true, true],
  [chain("ACCEPT"), true, true],
  [chain("DROP"), false, false],
  [chain("DROP", "-p udp -m udp --dport 5060 -j ACCEPT"), true, false],
  [chain("DROP", "-p tcp -m tcp --dport 5060 -j ACCEPT"), false, false],
  [chain("DROP", "-p udp -m udp --dport 10000:20000 -j ACCEPT"), false, true],
  [chain("DROP", "-p udp -m udp --dport 10000:15000 -j ACCEPT"), false, false],
  [chain("DROP", "-p udp -m multiport --dports 5060,10000:20000 -j ACCEPT"), true, true],
  [chain("DROP", "-s 192.0.2.0/24 -j ACCEPT"), true, true],
  [chain("DROP", "-i lo -j ACCEPT", "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"), false, false],
  [chain("DROP", "-p udp --dport 5060 -m conntrack --ctstate NEW -j ACCEPT"), true, false],
  [chain("ACCEPT", "-j REJECT --reject-with icmp-port-unreachable"), false, false],
  [chain("ACCEPT", "-p udp -m udp --dport 5060 -j DROP"), false, true],
  [chain("ACCEPT", "-s 192.0.2.9/32 -p udp -m udp --dport 5060 -j DROP"), true, true],
  [chain("ACCEPT", "-p udp --dport 5060 -j ACCEPT", "-j DROP"), true, false],
  [chain("DROP", "-j LOG"), false, false],
  [chain("DROP", "-j ufw-before-input"), true, true],
];

await t.test("who may come in, by the rules in their order", (t) => {
  for (const [rules, sip, audio] of ROWS) {
    t.equal(isLetIn(rules, SIP), sip, `SIP: ${rules}`);
    t.equal(isLetIn(rules, AUDIO), audio, `audio: ${rules}`);
  }
  t.end();
});
