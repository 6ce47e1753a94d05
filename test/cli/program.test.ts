import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { parse } from "./support/parse.js";

/** What is printed in place of running anything. */
function printed(line: string): string {
  const text = parse(line);
  return typeof text === "string" ? text : `ran ${text.command}`;
}

t.setTimeout(120_000);

t.test("what is taken for granted", (t) => {
  const common = { httpAddress: "127.0.0.1", logLevel: "info" };
  const sip = { sipAddress: "0.0.0.0", sipPort: 5060, sipHttpPort: 9000, trust: [] };
  const rtp = {
    ports: { low: 10000, high: 20000 },
    rtpHttpPort: 9002,
    shards: 1,
    soundsRoot: ".",
    recordingsRoot: ".",
  };
  t.strictSame(parse("start"), {
    command: "start",
    script: undefined,
    options: { ...common, ...sip, ...rtp, controlHttpPort: 9001, page: true },
  });
  t.strictSame(parse("sip"), { command: "sip", options: { ...common, ...sip } });
  t.strictSame(parse("rtp"), { command: "rtp", options: { ...common, ...rtp } });
  t.strictSame(parse("tone 440:1000 a.wav"), {
    command: "tone",
    words: ["440:1000", "a.wav"],
    options: { rate: 8000 },
  });
  t.strictSame(parse("soundinfo a.wav"), { command: "soundinfo", words: ["a.wav"], options: {} });
  t.strictSame(parse("control app.js"), {
    command: "control",
    script: "app.js",
    options: {
      ...common,
      controlHttpPort: 9001,
      page: true,
      sipUrl: "http://127.0.0.1:9000",
    },
  });
  t.end();
});

/** Flag, value, what it is read as; each is also tried as MEDIASWITCH_… */
const flags: [line: string, flag: string, value: string, key: string, read: unknown][] = [
  ["start", "--sip-address", "192.0.2.1", "sipAddress", "192.0.2.1"],
  ["start", "--sip-address", "2001:db8::1", "sipAddress", "2001:db8::1"],
  ["start", "--sip-port", "0", "sipPort", 0],
  ["sip", "--state", "state.json", "state", "state.json"],
  ["sip", "--min-expires", "120", "minExpires", 120],
  ["start", "--max-expires", "86400", "maxExpires", 86_400],
  ["sip", "--ping-interval", "20", "pingInterval", 20],
  ["sip", "--ping-failures", "3", "pingFailures", 3],
  ["start", "--sip-port", "65535", "sipPort", 65535],
  ["sip", "--advertise", "203.0.113.7", "advertise", "203.0.113.7"],
  ["start", "--http-address", "localhost", "httpAddress", "localhost"],
  ["sip", "--sip-http-port", "9100", "sipHttpPort", 9100],
  ["start", "--control-http-port", "9101", "controlHttpPort", 9101],
  ["rtp", "--rtp-http-port", "9102", "rtpHttpPort", 9102],
  ["control app.ts", "--sip-url", "http://sip:9000/", "sipUrl", "http://sip:9000"],
  ["control app.ts", "--rtp-url", "https://rtp.example/x/", "rtpUrl", [{ url: "https://rtp.example/x" }]],
  [
    "control app.ts",
    "--rtp-url",
    "http://a:9002,http://[2001:db8::1]:9002;weight=2.5",
    "rtpUrl",
    [{ url: "http://a:9002" }, { url: "http://[2001:db8::1]:9002", weight: 2.5 }],
  ],
  ["control app.ts", "--control-url", "http://192.0.2.1:9001", "controlUrl", "http://192.0.2.1:9001"],
  ["rtp", "--media-address", "::1", "mediaAddress", "::1"],
  ["rtp", "--shards", "256", "shards", 256],
  ["start", "--sounds-root", "test", "soundsRoot", "test"],
  ["rtp", "--recordings-root", "/tmp", "recordingsRoot", "/tmp"],
  ["tone 440:10 a.wav", "--rate", "16000", "rate", 16000],
  ["rtp", "--ports", "1024-65535", "ports", { low: 1024, high: 65535 }],
  [
    "start",
    "--trust",
    "192.0.2.0/24,2001:db8::/32,198.51.100.7",
    "trust",
    ["192.0.2.0/24", "2001:db8::/32", "198.51.100.7"],
  ],
  [
    "start",
    "--listen",
    "udp:0.0.0.0,tls:192.0.2.1:5071/203.0.113.7,wss:[::]:443/[2001:db8::7]:8443",
    "listen",
    [
      { protocols: ["UDP"], bind: { address: "0.0.0.0", port: 5060 } },
      {
        protocols: ["TLS"],
        bind: { address: "192.0.2.1", port: 5071 },
        advertised: { address: "203.0.113.7", port: 0 },
      },
      {
        protocols: ["WSS"],
        bind: { address: "::", port: 443 },
        advertised: { address: "2001:db8::7", port: 8443 },
      },
    ],
  ],
  ["sip", "--tls-cert", "package.json", "tlsCert", "package.json"],
  ["sip", "--tls-key", "package.json", "tlsKey", "package.json"],
  ["start", "--tls-ca", "package.json", "tlsCa", "package.json"],
  ["start", "--tls-verify", "none", "tlsVerify", "none"],
  ["sip", "--max-calls", "20000", "maxCalls", 20000],
  ["start", "--source-rate", "50:500", "sourceRate", { perSecond: 50, burst: 500 }],
  ["sip", "--trunk-rate", "0", "trunkRate", { perSecond: 0, burst: 1 }],
  ["sip", "--aor-rate", "5", "aorRate", { perSecond: 5, burst: 10 }],
  ["sip", "--max-lag", "500", "maxLag", 500],
  ["sip", "--max-load", "90", "maxLoad", 90],
  ["start", "--emergency", "112,911", "emergency", ["112", "911"]],
  ["sip", "--drain-seconds", "300", "drainSeconds", 300],
  ["start", "--token", "sesame", "token", "sesame"],
  ["start", "--log-level", "debug", "logLevel", "debug"],
];

t.test("every flag, on the command line and in the environment", (t) => {
  for (const [line, flag, value, key, read] of flags) {
    const given = parse(`${line} ${flag} ${value}`);
    t.match(given, { options: { [key]: read } }, `${flag} ${value}`);
    const variable = `MEDIASWITCH_${flag.slice(2).replaceAll("-", "_").toUpperCase()}`;
    t.strictSame(parse(line, { [variable]: value }), given, `${variable}=${value}`);
  }
  t.match(parse("start --sip-port 1", { MEDIASWITCH_SIP_PORT: "2" }), { options: { sipPort: 1 } });
  t.match(parse("start --trust 192.0.2.1 --trust 192.0.2.2"), {
    options: { trust: ["192.0.2.1", "192.0.2.2"] },
  });
  t.match(parse("tone 440:10 a.wav --append"), { options: { append: true } });
  const list = join(t.testdir(), "tones.txt");
  writeFileSync(list, "# dialling\n350+440*0.5:1000 dial.wav\n\n  480:500 the busy one.wav \n");
  t.match(parse(`tone --batch ${list}`), {
    words: ["350+440*0.5:1000", "dial.wav", "480:500", "the busy one.wav"],
  });
  t.match(parse(`tone 440:10 --batch ${list}`), /leave definition and file away/);
  writeFileSync(list, "440:10 a.wav\n440:10\n");
  t.match(parse(`tone --batch ${list}`), /tones\.txt:2: expected a tone and its file/);
  t.match(parse("start --fg app.js"), { command: "start", script: "app.js" });
  t.match(parse("sip --test"), { command: "sip", options: { test: true } });
  t.end();
});

t.test("a bad value is refused in one line that names the flag and what was expected", (t) => {
  const rows: [line: string, flag: string, expected: string][] = [
    ["start --sip-port x", "--sip-port", "expected a port"],
    ["sip --source-rate 1:2:3", "--source-rate", "expected requests a second"],
    ["sip --source-rate x", "--source-rate", "expected requests a second"],
    ["sip --max-load 0", "--max-load", "expected percent"],
    ["sip --max-calls 0", "--max-calls", "expected a whole number"],
    ["sip --drain-seconds soon", "--drain-seconds", "expected seconds"],
    ["start --sip-port 65536", "--sip-port", "expected a port"],
    ["start --sip-port=-1", "--sip-port", "expected a port"],
    ["start --sip-port 0x10", "--sip-port", "expected a port"],
    ["start --sip-address phone.example", "--sip-address", "expected a numeric"],
    ["start --sip-address 192.0.2", "--sip-address", "expected a numeric"],
    ["start --advertise 0.0.0.0", "--advertise", "expected the numeric address"],
    ["start --advertise ::", "--advertise", "expected the numeric address"],
    ["start --http-address http://x", "--http-address", "expected an address or host name"],
    ["rtp --ports 10000", "--ports", "expected two ports"],
    ["rtp --ports 20000-10000", "--ports", "expected two ports"],
    ["rtp --ports 10000-10000", "--ports", "expected two ports"],
    ["rtp --ports 80-90", "--ports", "expected two ports"],
    ["rtp --ports 10000-70000", "--ports", "expected two ports"],
    ["rtp --ports 1-2-3", "--ports", "expected two ports"],
    ["start --listen 5060", "--listen", "expected udp, tcp, tls, ws or wss"],
    ["start --listen sctp:192.0.2.1:5060", "--listen", "expected udp, tcp, tls, ws or wss"],
    ["start --listen udp:phone.example:5060", "--listen", "expected udp, tcp, tls, ws or wss"],
    ["start --listen udp:::1:5060", "--listen", "expected udp, tcp, tls, ws or wss"],
    ["start --listen udp:192.0.2.1:65536", "--listen", "expected udp, tcp, tls, ws or wss"],
    ["start --listen udp:192.0.2.1/0.0.0.0", "--listen", "expected udp, tcp, tls, ws or wss"],
    ["start --listen udp:192.0.2.1,", "--listen", "expected udp, tcp, tls, ws or wss"],
    ["sip --tls-cert no-such.pem", "--tls-cert", "expected a file that is there"],
    ["sip --tls-verify some", "--tls-verify", "expected full or none"],
    ["rtp --shards 0", "--shards", "expected a number of threads"],
    ["rtp --shards 257", "--shards", "expected a number of threads"],
    ["rtp --sounds-root /no/such/folder", "--sounds-root", "expected a folder"],
    ["start --recordings-root package.json", "--recordings-root", "expected a folder"],
    ["tone 440:10 a.wav --rate 44100", "--rate", "expected 8000 or 16000"],
    ["tone 440:10", "file", "missing required argument"],
    ["start --trust 192.0.2.0/33", "--trust", "expected networks"],
    ["start --trust 192.0.2/24", "--trust", "expected networks"],
    ["start --trust 192.0.2.1,,", "--trust", "expected networks"],
    ["control a.js --sip-url sip:9000", "--sip-url", "expected an http URL"],
    ["control a.js --rtp-url http://", "--rtp-url", "expected http URLs"],
    ["start --log-level loud", "--log-level", "Allowed choices are fatal, error"],
    ["start --token ä", "--token", "expected visible ASCII"],
    ["control", "script", "missing required argument"],
    ["start --no-such-flag", "--no-such-flag", "unknown option"],
    ["dance", "dance", "unknown command"],
    ["start a.js b.js", "start", "too many arguments"],
  ];
  for (const [line, flag, expected] of rows) {
    const complaint = printed(line);
    t.match(complaint, flag, line);
    t.match(complaint, expected, line);
    t.equal(complaint.split("\n").length, 1, `${line}: one line`);
  }
  t.match(parse("sip", { MEDIASWITCH_SIP_PORT: "x" }), /MEDIASWITCH_SIP_PORT.*expected a port/);
  t.end();
});

t.test("--help tells of every command and flag", (t) => {
  t.match(printed("--help"), /start .*\n.*sip .*\n.*control .*\n.*rtp .*\n.*tone .*\n.*soundinfo /);
  for (const [line, flag] of flags) t.match(printed(`${line} --help`), flag, `${line} --help`);
  t.end();
});
