import t from "tap";
import { ms } from "../../../ts/core/brand.js";
import { formatSocketAddress } from "../../../ts/core/socket-address.js";
import { Locator, type AddressFamily } from "../../../ts/sip/locate/locator.js";
import { parseUri, type SipUri } from "../../../ts/sip/message/uri.js";
import type { Flow, Protocol } from "../../../ts/sip/transport/transport.js";
import { FakeDns, type ZoneLines } from "../../support/fake-dns.js";
import { ManualClock } from "../../support/manual-clock.js";
import { SeededRandom } from "../../support/seeded-random.js";

const ALL: readonly Protocol[] = ["UDP", "TCP", "TLS"];
const NEVER = new AbortController().signal;

interface BenchOptions {
  readonly protocols?: readonly Protocol[];
  readonly families?: readonly AddressFamily[];
}

function bench(zone: ZoneLines, { protocols = ALL, families = ["IPv4"] }: BenchOptions = {}) {
  const dns = new FakeDns(zone);
  const clock = new ManualClock();
  const locator = new Locator({ dns, clock, random: new SeededRandom(7), protocols, families });
  return { dns, clock, locator };
}

function uri(text: string): SipUri {
  const read = parseUri(text);
  if (read === undefined) throw new Error(`${text} is no SIP URI`);
  return read;
}

/** `TLS 192.0.2.1:5061 (example.com)`. */
const shown = ({ protocol, remote, serverName }: Flow): string =>
  `${protocol} ${formatSocketAddress(remote)}${serverName === undefined ? "" : ` (${serverName})`}`;

/** RFC 3263 §4.1 and §4.2, its example zone. */
const RFC_ZONE: ZoneLines = [
  'example.com NAPTR 50 50 "s" "SIPS+D2T" "" _sips._tcp.example.com',
  'example.com NAPTR 90 50 "s" "SIP+D2T" "" _sip._tcp.example.com',
  'example.com NAPTR 100 50 "s" "SIP+D2U" "" _sip._udp.example.com',
  "_sips._tcp.example.com SRV 0 1 5061 server1.example.com",
  "_sips._tcp.example.com SRV 1 2 5061 server2.example.com",
  "_sip._tcp.example.com SRV 0 1 5060 server1.example.com",
  "_sip._tcp.example.com SRV 1 2 5060 server2.example.com",
  "_sip._udp.example.com SRV 0 1 5060 server1.example.com",
  "_sip._udp.example.com SRV 1 2 5060 server2.example.com",
  "server1.example.com A 192.0.2.1",
  "server2.example.com A 192.0.2.2",
];

/** The same without NAPTR. */
const SRV_ZONE = RFC_ZONE.filter((line) => !line.includes("NAPTR"));
const ONLY_A: ZoneLines = ["example.com A 192.0.2.9", "example.com A 192.0.2.10"];
const DUAL: ZoneLines = [...ONLY_A, "example.com AAAA 2001:db8::9"];

interface Row extends BenchOptions {
  readonly what: string;
  readonly uri: string;
  readonly zone?: ZoneLines;
  /** What comes out, or the start of the refusal. */
  readonly flows: readonly string[] | RegExp;
  /** All lookups, sorted. */
  readonly asked?: readonly string[];
}

const ROWS: readonly Row[] = [
  {
    what: "§4.1: the example of the RFC; the lowest order that we can is taken",
    uri: "sip:user@example.com",
    zone: RFC_ZONE,
    flows: ["TLS 192.0.2.1:5061 (example.com)", "TLS 192.0.2.2:5061 (example.com)"],
    asked: [
      "A server1.example.com",
      "A server2.example.com",
      "NAPTR example.com",
      "SRV _sips._tcp.example.com",
    ],
  },
  {
    what: "§4.1: the client of the example, which has TCP and UDP",
    uri: "sip:user@example.com",
    zone: RFC_ZONE,
    protocols: ["UDP", "TCP"],
    flows: ["TCP 192.0.2.1:5060", "TCP 192.0.2.2:5060"],
  },
  {
    what: "§4.1: UDP alone",
    uri: "sip:user@example.com",
    zone: RFC_ZONE,
    protocols: ["UDP"],
    flows: ["UDP 192.0.2.1:5060", "UDP 192.0.2.2:5060"],
  },
  {
    what: "§4.1: sips discards services without SIPS",
    uri: "sips:user@example.com",
    zone: RFC_ZONE,
    flows: ["TLS 192.0.2.1:5061 (example.com)", "TLS 192.0.2.2:5061 (example.com)"],
  },
  {
    what: "§4.1: sips where the domain has no SIPS service",
    uri: "sips:user@example.com",
    zone: RFC_ZONE.filter((line) => !line.includes("SIPS")),
    flows: /offers no transport that is possible here/,
  },
  {
    what: "sips without TLS here",
    uri: "sips:user@example.com",
    zone: RFC_ZONE,
    protocols: ["UDP", "TCP"],
    flows: /wants TLS, which is not possible here/,
    asked: [],
  },
  {
    what: "§4.1: within one order the preference decides, and the others stand behind",
    uri: "sip:example.com",
    zone: [
      'example.com NAPTR 10 20 "s" "SIP+D2U" "" _sip._udp.example.com',
      'example.com NAPTR 10 10 "S" "sip+d2t" "" _sip._tcp.example.com',
      'example.com NAPTR 20 1 "s" "SIPS+D2T" "" _sips._tcp.example.com',
      ...SRV_ZONE,
    ],
    flows: ["TCP 192.0.2.1:5060", "TCP 192.0.2.2:5060", "UDP 192.0.2.1:5060", "UDP 192.0.2.2:5060"],
  },
  {
    what: "§4.1: records of other applications, with expressions, or to no name are none of ours",
    uri: "sip:example.com",
    zone: [
      'example.com NAPTR 1 1 "u" "E2U+sip" "!^.*$!sip:x@y!" .',
      'example.com NAPTR 2 1 "s" "SIP+D2S" "" _sip._sctp.example.com',
      'example.com NAPTR 3 1 "u" "SIP+D2U" "!^.*$!sip:x@y!" .',
      'example.com NAPTR 4 1 "s" "SIP+D2U" "" .',
      'example.com NAPTR 5 1 "s" "SIP+D2U" "" _sip._udp.example.com',
      ...SRV_ZONE,
    ],
    flows: ["UDP 192.0.2.1:5060", "UDP 192.0.2.2:5060"],
  },
  {
    what: "§4.1: NAPTR leads into another domain; the certificate is that of the URI's",
    uri: "sip:example.com",
    zone: [
      'example.com NAPTR 10 10 "s" "SIPS+D2T" "" _sips._tcp.hoster.example',
      "_sips._tcp.hoster.example SRV 0 0 5071 a.hoster.example",
      "a.hoster.example A 198.51.100.1",
    ],
    flows: ["TLS 198.51.100.1:5071 (example.com)"],
  },
  {
    what: "§4.1: no NAPTR: SRV of each transport we have, our own order",
    uri: "sip:example.com",
    zone: SRV_ZONE,
    protocols: ["TCP", "UDP", "TLS"],
    flows: ["TCP 192.0.2.1:5060", "TCP 192.0.2.2:5060", "UDP 192.0.2.1:5060", "UDP 192.0.2.2:5060"],
    asked: [
      "A server1.example.com",
      "A server2.example.com",
      "NAPTR example.com",
      "SRV _sip._tcp.example.com",
      "SRV _sip._udp.example.com",
    ],
  },
  {
    what: "§4.1: no NAPTR, sips: only _sips",
    uri: "sips:example.com",
    zone: SRV_ZONE,
    flows: ["TLS 192.0.2.1:5061 (example.com)", "TLS 192.0.2.2:5061 (example.com)"],
  },
  {
    what: "§4.2: neither NAPTR nor SRV: addresses, UDP, 5060",
    uri: "sip:example.com",
    zone: ONLY_A,
    flows: ["UDP 192.0.2.9:5060", "UDP 192.0.2.10:5060"],
  },
  {
    what: "§4.2: the same for sips: TLS, 5061",
    uri: "sips:example.com",
    zone: ONLY_A,
    flows: ["TLS 192.0.2.9:5061 (example.com)", "TLS 192.0.2.10:5061 (example.com)"],
  },
  {
    what: "§4.2: NAPTR names a transport, but there are no SRV records: that transport's own port",
    uri: "sip:example.com",
    zone: ['example.com NAPTR 10 10 "s" "SIPS+D2T" "" _sips._tcp.example.com', ...ONLY_A],
    flows: ["TLS 192.0.2.9:5061 (example.com)", "TLS 192.0.2.10:5061 (example.com)"],
  },
  {
    what: "§4.1: a numeric host is not looked up",
    uri: "sip:user@192.0.2.7",
    flows: ["UDP 192.0.2.7:5060"],
    asked: [],
  },
  {
    what: "§4.1: a numeric host of sips",
    uri: "sips:user@192.0.2.7",
    flows: ["TLS 192.0.2.7:5061 (192.0.2.7)"],
    asked: [],
  },
  {
    what: "§4.2: a numeric host, port and transport",
    uri: "sip:user@192.0.2.7:5070;transport=tcp",
    flows: ["TCP 192.0.2.7:5070"],
    asked: [],
  },
  {
    what: "IPv6 in brackets",
    uri: "sip:user@[2001:db8::7]:5070",
    families: ["IPv6"],
    flows: ["UDP [2001:db8::7]:5070"],
    asked: [],
  },
  {
    what: "an address of a family that we don't have",
    uri: "sip:user@[2001:db8::7]",
    flows: /has no address that can be reached from here/,
    asked: [],
  },
  {
    what: "§4.1: with a port neither NAPTR nor SRV is asked",
    uri: "sip:example.com:5080",
    zone: [...RFC_ZONE, ...ONLY_A],
    flows: ["UDP 192.0.2.9:5080", "UDP 192.0.2.10:5080"],
    asked: ["A example.com"],
  },
  {
    what: "§4.1: with a port, sips",
    uri: "sips:example.com:5090",
    zone: ONLY_A,
    flows: ["TLS 192.0.2.9:5090 (example.com)", "TLS 192.0.2.10:5090 (example.com)"],
    asked: ["A example.com"],
  },
  {
    what: "§4.2: a transport parameter and no port: SRV of that transport",
    uri: "sip:example.com;transport=tcp",
    zone: RFC_ZONE,
    flows: ["TCP 192.0.2.1:5060", "TCP 192.0.2.2:5060"],
    asked: ["A server1.example.com", "A server2.example.com", "SRV _sip._tcp.example.com"],
  },
  {
    what: "§4.2: the same without SRV records",
    uri: "sip:example.com;transport=TCP",
    zone: ONLY_A,
    flows: ["TCP 192.0.2.9:5060", "TCP 192.0.2.10:5060"],
  },
  {
    what: "transport=tls of sip, as phones write it",
    uri: "sip:example.com;transport=tls",
    zone: RFC_ZONE,
    flows: ["TLS 192.0.2.1:5061 (example.com)", "TLS 192.0.2.2:5061 (example.com)"],
  },
  {
    what: "RFC 3261 §26.2.2: transport=tcp of sips is TLS",
    uri: "sips:example.com;transport=tcp",
    zone: RFC_ZONE,
    flows: ["TLS 192.0.2.1:5061 (example.com)", "TLS 192.0.2.2:5061 (example.com)"],
  },
  {
    what: "sips by UDP is not possible",
    uri: "sips:example.com;transport=udp",
    flows: /sips by transport udp is not possible/,
    asked: [],
  },
  { what: "an unknown transport", uri: "sip:example.com;transport=sctp", flows: /sctp/, asked: [] },
  {
    what: "a transport that we don't have",
    uri: "sip:example.com;transport=ws",
    zone: ONLY_A,
    flows: /wants WS/,
    asked: [],
  },
  {
    what: "RFC 7118: WebSocket has no SRV name of its own",
    uri: "sip:example.com;transport=ws",
    zone: ONLY_A,
    protocols: ["UDP", "WS"],
    flows: ["WS 192.0.2.9:80", "WS 192.0.2.10:80"],
    asked: ["A example.com"],
  },
  {
    what: "§4: maddr is the target; the certificate is the host's",
    uri: "sips:example.com;maddr=server2.example.com",
    zone: RFC_ZONE,
    flows: ["TLS 192.0.2.2:5061 (example.com)"],
  },
  {
    what: "§4: a numeric maddr",
    uri: "sip:example.com:5062;maddr=192.0.2.3",
    flows: ["UDP 192.0.2.3:5062"],
    asked: [],
  },
  { what: "port 0", uri: "sip:192.0.2.7:0", flows: /port 0/, asked: [] },
  {
    what: "RFC 7984 §4: both families, ours in front",
    uri: "sip:example.com:5060",
    zone: DUAL,
    families: ["IPv6", "IPv4"],
    flows: ["UDP [2001:db8::9]:5060", "UDP 192.0.2.9:5060", "UDP 192.0.2.10:5060"],
    asked: ["A example.com", "AAAA example.com"],
  },
  {
    what: 'RFC 2782: a target of "." says that there is no such service, and nothing else is tried',
    uri: "sip:example.com;transport=udp",
    zone: ["_sip._udp.example.com SRV 0 0 0 .", ...ONLY_A],
    flows: /has no address/,
    asked: ["SRV _sip._udp.example.com"],
  },
  {
    what: "two records for one server: it stands once",
    uri: "sip:example.com;transport=udp",
    zone: [
      "_sip._udp.example.com SRV 0 0 5060 server1.example.com",
      "_sip._udp.example.com SRV 1 0 5060 server2.example.com",
      "server1.example.com A 192.0.2.1",
      "server2.example.com A 192.0.2.1",
      "server2.example.com A 192.0.2.2",
    ],
    flows: ["UDP 192.0.2.1:5060", "UDP 192.0.2.2:5060"],
  },
  {
    what: "a server without address: the next one",
    uri: "sip:example.com;transport=udp",
    zone: SRV_ZONE.filter((line) => !line.startsWith("server1")),
    flows: ["UDP 192.0.2.2:5060"],
  },
  { what: "a domain that is not there", uri: "sip:nowhere.example", flows: /has no address/ },
];

t.test("RFC 3263 §4.1, §4.2", async (t) => {
  for (const row of ROWS) {
    const { dns, locator } = bench(row.zone ?? [], row);
    const { flows: wanted } = row;
    const outcome: unknown = await locator.locate(uri(row.uri), NEVER).then(
      (flows) => flows.map(shown),
      (error: unknown) => error,
    );
    if (wanted instanceof RegExp)
      t.match(outcome, { code: "DESTINATION_UNREACHABLE", message: wanted }, row.what);
    else t.strictSame(outcome, wanted, row.what);
    if (row.asked !== undefined) t.strictSame([...dns.asked].sort(), row.asked, `${row.what}: lookups`);
  }
});

t.test("a lookup that fails says nothing: the next step is taken", async (t) => {
  const { dns, locator } = bench([...RFC_ZONE, ...ONLY_A]);
  dns.fail("NAPTR example.com");
  const sip = uri("sip:example.com");
  t.strictSame((await locator.locate(sip, NEVER)).map(shown)[0], "UDP 192.0.2.1:5060", "no NAPTR: SRV");
  const other = bench([...RFC_ZONE, ...ONLY_A]);
  other.dns.fail("NAPTR example.com", "SRV _sip._udp.example.com", "SRV _sip._tcp.example.com");
  t.strictSame(
    (await other.locator.locate(sip, NEVER)).map(shown)[0],
    "UDP 192.0.2.9:5060",
    "no SRV: addresses",
  );
});

t.test("a resolver that says nothing holds nobody up for ever", async (t) => {
  const { dns, clock, locator } = bench(SRV_ZONE);
  dns.silence("NAPTR example.com");
  let found: readonly Flow[] | undefined;
  void locator.locate(uri("sip:example.com"), NEVER).then((flows) => (found = flows));
  await clock.advance(ms(9999));
  t.equal(found, undefined);
  await clock.advance(ms(1));
  t.equal(found?.length, 4);
  t.equal(clock.pendingTimers, 0);
});

t.test("aborted: at once, and the lookup is let go", async (t) => {
  const { dns, clock, locator } = bench(ONLY_A);
  dns.silence("A example.com");
  const controller = new AbortController();
  const located = locator.locate(uri("sip:example.com:5060"), controller.signal);
  await clock.settle();
  controller.abort();
  await t.rejects(located, { code: "ABORTED" });
  await clock.settle();
  t.equal(clock.pendingTimers, 0);
  dns.heal();
  t.strictSame(
    (await locator.locate(uri("sip:example.com:5060"), NEVER)).length,
    2,
    "it is no failure to remember",
  );
  await t.rejects(locator.locate(uri("sip:example.com"), AbortSignal.abort()), { code: "ABORTED" });
});

t.test("what one domain can make us do is bounded", async (t) => {
  const many = <Item>(count: number, line: (index: number) => Item): Item[] =>
    Array.from({ length: count }, (_none, index) => line(index));
  const { dns, locator } = bench([
    ...many(40, (i) => `example.com NAPTR 1 ${i} "s" "SIP+D2U" "" _sip._udp.s${i}.example`),
    ...many(40, (i) => `_sip._udp.s${i}.example SRV ${i} 0 5060 host${i}.example`),
    ...many(6, (i) =>
      many(40, (j) => `_sip._udp.s${i}.example SRV ${j} 0 5060 host${i}-${j}.example`),
    ).flat(),
    ...many(40, (i) => many(40, (j) => `host0-${i}.example A 10.0.${i}.${j}`)).flat(),
  ]);
  const flows = await locator.locate(uri("sip:example.com"), NEVER);
  t.equal(flows.length, 32);
  t.ok(dns.asked.length <= 1 + 6 + 16, `${dns.asked.length} lookups`);
});
