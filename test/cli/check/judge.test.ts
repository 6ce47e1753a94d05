import t from "tap";
import type { Facts } from "../../../ts/cli/check/facts.js";
import type { Level } from "../../../ts/cli/check/finding.js";
import { judge, reportText, RULES } from "../../../ts/cli/check/judge.js";
import { socket, WELL } from "./facts.js";

const { settings } = WELL;
const lo = WELL.addresses.slice(0, 2);
const eth = (address: string, name = "eth0"): Facts["addresses"][number] => ({
  interface: name,
  address,
  isLoopback: false,
});
const DROPS =
  "-P INPUT DROP\n-A INPUT -i lo -j ACCEPT\n-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n";

/** What is not as on a machine where all is well; undefined: it is not known there. */
type Different = { readonly [Name in keyof Facts]?: Facts[Name] | undefined };

/** Rule, what is different from a machine where all is well, and what is said of it then. */
const ROWS: readonly [rule: string, more: Different, level: Level, text: RegExp, next?: RegExp][] = [
  [
    "node-version",
    { node: { version: "v20.9.1", needed: "20.19" } },
    "fault",
    /Node v20\.9\.1.*20\.19 or later/,
    /nodejs/,
  ],
  ["node-version", { node: { version: "v18.20.0", needed: "20.19" } }, "fault", /v18/],
  ["node-version", { node: { version: "v22.0.0", needed: "20.19" } }, "ok", /v22/],
  ["addon-loads", { addonFault: "GLIBC_2.34 not found" }, "fault", /GLIBC_2\.34/, /npm rebuild/],
  ["open-files", { mostOpenFiles: 1024 }, "warning", /Only 1024.*192 calls/, /LimitNOFILE=10256/],
  ["open-files", { mostOpenFiles: 256 }, "fault", /enough for 0 calls/],
  ["processors", { settings: { ...settings, shards: 4 } }, "warning", /--shards 4 .* 2 processors/],
  ["processors", { processorQuota: 0.5 }, "warning", /may use 0\.5 processors/, /limit away/],
  ["governor", { governors: ["powersave", "powersave"] }, "warning", /save power/, /cpupower/],
  ["clock", { clock: { year: 1970 } }, "fault", /1970/, /timedatectl/],
  ["clock", { clock: { year: 2026, isSynchronised: false } }, "note", /Nothing keeps the clock/],
  ["certificate", { certificate: { file: "a.pem", daysLeft: -1 } }, "fault", /not valid any more/],
  ["certificate", { certificate: { file: "a.pem", daysLeft: 3.5 } }, "warning", /3 days more/],
  ["certificate", { certificate: { file: "a.pem", daysLeft: 90 } }, "ok", /90 days/],
  ["certificate", { certificate: { file: "a.pem", fault: "no start line" } }, "fault", /no start line/],
  [
    "writable",
    { unwritable: [{ flag: "--cdr", path: "/var/cdr", why: "EACCES" }] },
    "fault",
    /\/var\/cdr \(--cdr\).*EACCES/,
  ],
  [
    "sockets-free",
    { sockets: [socket({ refused: "EADDRINUSE" })] },
    "fault",
    /SIP on 0\.0\.0\.0:5060 \(UDP\): another program/,
    /ss -ulpn 'sport = :5060'.*--sip-port/,
  ],
  [
    "sockets-free",
    { sockets: [socket({ port: 443, protocol: "TCP", refused: "EACCES" })] },
    "fault",
    /root alone/,
    /CAP_NET_BIND_SERVICE/,
  ],
  [
    "sockets-free",
    { sockets: [socket({ address: "198.51.100.1", refused: "EADDRNOTAVAIL" })] },
    "fault",
    /198\.51\.100\.1 is no address/,
    /one of .*203\.0\.113\.7.*--advertise/,
  ],
  [
    "sockets-free",
    { sockets: [socket({ address: "::", refused: "EAFNOSUPPORT" })] },
    "fault",
    /\[::\]:5060 .*EAFNOSUPPORT/,
  ],
  [
    "http-token",
    { settings: { ...settings, httpAddress: "0.0.0.0" } },
    "fault",
    /no token/,
    /MEDIASWITCH_TOKEN/,
  ],
  [
    "media-ports",
    { settings: { ...settings, ports: { low: 10_000, high: 10_002 } } },
    "fault",
    /not enough for one call/,
  ],
  [
    "media-ports",
    { settings: { ...settings, ports: { low: 10_000, high: 10_399 }, maxCalls: 101 } },
    "warning",
    /100 calls.*--max-calls is 101/,
  ],
  ["media-ports", { takenMediaPorts: [10_000, 10_001, 10_010] }, "note", /3 ports .* in use/],
  [
    "media-ports-apart",
    { sockets: [socket({ port: 10_060 })] },
    "fault",
    /0\.0\.0\.0:10060 \(UDP\) lies in the range of audio/,
  ],
  [
    "ephemeral-ports",
    { ephemeralPorts: { low: 15_000, high: 60_999 } },
    "warning",
    /hands out ports 15000-60999/,
    /ip_local_reserved_ports=10000-20000/,
  ],
  ["families", { addresses: lo }, "warning", /no address but loopback/],
  [
    "families",
    { addresses: [...lo, eth("2001:db8::7")] },
    "fault",
    /IPv6 addresses alone/,
    /--listen udp:\[::\]:5060/,
  ],
  [
    "families",
    { settings: { ...settings, mediaAddress: "2001:db8::7" } },
    "fault",
    /SIP listens on IPv4 and audio on IPv6/,
    /--media-address .*0\.0\.0\.0/,
  ],
  [
    "several-addresses",
    { addresses: [...lo, eth("203.0.113.7"), eth("10.0.0.7", "eth1")] },
    "warning",
    /203\.0\.113\.7 of eth0, 10\.0\.0\.7 of eth1.*told 203\.0\.113\.7/,
  ],
  [
    "address-told",
    { addresses: lo },
    "warning",
    /For SIP phones are told 127\.0\.0\.1, so only those on this machine/,
  ],
  ["address-told", { addresses: [...lo, eth("10.0.0.7")] }, "note", /told 10\.0\.0\.7.*this network alone/],
  [
    "address-told",
    { addresses: [...lo, eth("100.64.1.7")] },
    "note",
    /told 100\.64\.1\.7.*this network alone/,
  ],
  [
    "address-told",
    { settings: { ...settings, advertise: "198.51.100.9" } },
    "note",
    /For audio .*router has to pass on UDP ports 10000-20000/,
  ],
  [
    "address-told",
    { settings: { ...settings, advertise: "192.168.1.9" } },
    "warning",
    /neither an address of this machine nor a public one/,
  ],
  [
    "address-told",
    {
      settings: {
        ...settings,
        listen: [
          {
            protocols: ["TLS"],
            bind: { address: "0.0.0.0", port: 5061 },
            advertised: { address: "198.51.100.9", port: 0 },
          },
        ],
      },
    },
    "note",
    /For SIP phones are told 198\.51\.100\.9/,
  ],
  [
    "container-bridge",
    { addresses: [...lo, eth("172.17.0.1", "docker0")] },
    "fault",
    /172\.17\.0\.1, which belongs to a bridge/,
    /--sip-address/,
  ],
  [
    "container-bridge",
    { container: "docker", addresses: [...lo, eth("172.17.0.2")] },
    "fault",
    /a container \(docker\).*172\.17\.0\.2/,
    /--network host/,
  ],
  [
    "firewall",
    { iptables: DROPS },
    "fault",
    /lets no SIP in: nothing accepts udp port 5060/,
    /--dport 5060 -j ACCEPT/,
  ],
  [
    "firewall",
    {
      iptables: `${DROPS}-A INPUT -p udp -m udp --dport 5060 -j ACCEPT\n-A INPUT -p tcp --dport 5060 -j ACCEPT`,
    },
    "fault",
    /no audio in: nothing accepts udp port 10000:20000/,
  ],
  [
    "nftables",
    {
      iptables: undefined,
      nftables:
        "table inet filter {\n chain input {\n type filter hook input priority 0; policy drop;\n tcp dport 22 accept\n}}",
    },
    "warning",
    /nftables/,
    /5060, 10000-20000/,
  ],
  [
    "sip-helper",
    { modules: ["nf_conntrack", "nf_nat_sip"] },
    "warning",
    /SIP helper \(nf_nat_sip\)/,
    /modprobe -r.*SIP ALG/,
  ],
  [
    "connection-tracking",
    { connectionTracking: { entries: 60_000, most: 65_536 } },
    "fault",
    /60000 flows of at most 65536/,
    /NOTRACK/,
  ],
  [
    "connection-tracking",
    { connectionTracking: { entries: 5, most: 8192 } },
    "warning",
    /at most 8192 flows, and 5000 streams/,
  ],
  [
    "connection-tracking",
    { connectionTracking: { entries: 5, most: 262_144, udpTimeout: 10 } },
    "warning",
    /after 10 s/,
    /udp_timeout/,
  ],
  [
    "reverse-path",
    { addresses: [...WELL.addresses, eth("10.0.0.7", "eth1")], reversePath: { eth0: 0, eth1: 1 } },
    "warning",
    /^eth1 drops packets/,
    /eth1\.rp_filter=2/,
  ],
];

await t.test("where all is well nothing is to be done", (t) => {
  t.same(
    judge(WELL).filter(({ level }) => level !== "ok"),
    [],
  );
  t.match(reportText(judge(WELL)), /\n\nNothing that will break was found\.\n$/);
  t.end();
});

for (const [rule, more, level, text, next] of ROWS) {
  await t.test(`${rule}: ${String(text)}`, (t) => {
    const found = judge({ ...WELL, ...more } as Facts).filter(
      (one) => one.rule === rule && one.level === level,
    );
    const match = found.find((one) => text.test(one.text));
    t.ok(match, JSON.stringify(found));
    if (next !== undefined) t.match(match?.next, next);
    if (level === "fault" || level === "warning") t.ok(match?.next, "it says what to do next");
    t.end();
  });
}

await t.test("every rule has its rows, and none is named twice", (t) => {
  t.same(new Set(RULES.map(({ name }) => name)), new Set(ROWS.map(([rule]) => rule)));
  t.equal(new Set(RULES.map(({ name }) => name)).size, RULES.length);
  t.end();
});

await t.test("what will break comes first, with what to do, and is counted", (t) => {
  const text = reportText(judge({ ...WELL, addonFault: "x", governors: ["powersave"] }));
  t.match(text, /^FAULT {4}The native addon.*\n {9}→ On Debian 12.*\nwarning {2}Processors/);
  t.match(text, /1 thing will break, and 1 more may\.\n$/);
  t.end();
});
