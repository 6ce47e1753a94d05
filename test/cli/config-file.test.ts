import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { readConfiguration } from "../../ts/cli/config-file.js";
import { COMMAND_FLAGS } from "../../ts/cli/flags.js";
import { parse } from "./support/parse.js";

const schema = { flags: COMMAND_FLAGS.sip, others: Object.values(COMMAND_FLAGS).flat() };
const valuesOf = (text: string): Record<string, unknown> =>
  Object.fromEntries(readConfiguration(text, schema).values);
/** "line:column text" of each. */
const faultsOf = (text: string): string[] =>
  readConfiguration(text, schema).faults.map((fault) => `${fault.line}:${fault.column} ${fault.text}`);

await t.test("YAML and JSON say the same", (t) => {
  const read = {
    "sip-port": 5070,
    trust: ["192.0.2.0/24", "2001:db8::/32", "198.51.100.7"],
    emergency: ["0112", "911"],
    "source-rate": { perSecond: 50, burst: 500 },
    "log-level": "debug",
    test: true,
  };
  t.strictSame(
    valuesOf(`# a comment
sip-port: 5070
trust:
  - 192.0.2.0/24, 2001:db8::/32
  - 198.51.100.7
emergency: [0112, 911]   # as it stands, not as a number
source-rate: 50:500
log-level: debug
test: true
token:
`),
    read,
  );
  t.strictSame(
    valuesOf(
      '{\n\t"sip-port": 5070,\n\t"trust": ["192.0.2.0/24", "2001:db8::/32", "198.51.100.7"],\n' +
        '\t"emergency": ["0112", "911"], "source-rate": "50:500", "log-level": "debug", "test": true\n}\n',
    ),
    read,
  );
  t.strictSame(valuesOf(""), {});
  t.strictSame(faultsOf("---\n# nothing\n"), []);
  t.end();
});

await t.test("one file may serve several commands", (t) => {
  const text = "ports: 10000-10100\nsip-port: 5070\nrtp-url: http://192.0.2.1:9002\n";
  t.strictSame(valuesOf(text), { "sip-port": 5070 });
  t.strictSame(faultsOf(text), []);
  t.end();
});

await t.test("each fault is told with its line, its column and what was expected", (t) => {
  const rows: [text: string, ...faults: (string | RegExp)[]][] = [
    ["sip-port: 5060\nmax-load: 0\n", "2:11 max-load: expected percent, 1 to 100"],
    [
      "sip-port: x\nmax-calls: []\nhep-id: 0\n",
      /^1:11 sip-port: expected a port/,
      /^3:9 hep-id: expected a whole/,
    ],
    ["trust:\n  - 192.0.2.1\n  - phones\n", /^2:3 trust: expected networks/],
    ["sip-port:\n  - 1\n  - 2\n", "2:3 sip-port: expected one value, not a list"],
    ["sip-port: { a: 1 }\n", "1:11 sip-port: expected a value, or a list of values"],
    ["log-level: loud\n", /^1:12 log-level: expected one of fatal, error/],
    ["test: 7\n", "1:7 test: expected true or false"],
    ["sip_port: 5060\n", '1:1 there is no setting "sip_port"; did you mean sip-port?'],
    ["sipPort: 5060\n", /did you mean sip-port/],
    ["trsut: 192.0.2.1\n", /did you mean trust/],
    ["colour: red\n", '1:1 there is no setting "colour"; settings are named as the flags in --help'],
    ["config: other.yaml\n", /there is no setting "config"/],
    ["__proto__: 1\n", /there is no setting "__proto__"/],
    ["sip-port: 1\nsip-port: 2\n", /^2:1 Map keys must be unique/],
    ["sip-port: 5060\n  max-calls: 3\n", /^\d:\d+ /],
    ["- 5060\n", /^1:1 expected names of flags/],
    ["5060", /^1:1 expected names of flags/],
    ['{ "sip-port": 5060', /^1:19 /],
    ["trust: *nobody\n", /^1:8 .*nobody/],
  ];
  for (const [text, ...faults] of rows) {
    const told = faultsOf(text);
    t.equal(told.length, faults.length, `${text} ${told.join(" ")}`);
    faults.forEach((fault, index) => t.match(told[index], fault, text));
  }
  t.end();
});

await t.test("flag before environment before file before default", (t) => {
  const file = join(t.testdir(), "switch.yaml");
  writeFileSync(
    file,
    "sip-port: 1\nmax-calls: 1\ntrust: 192.0.2.1\nscript: app.ts\nhttp-address: localhost\n",
  );
  const given = parse(`start --config ${file} --sip-port 3`, {
    MEDIASWITCH_SIP_PORT: "2",
    MEDIASWITCH_MAX_CALLS: "2",
  });
  t.match(given, {
    script: "app.ts",
    options: {
      sipPort: 3,
      maxCalls: 2,
      trust: ["192.0.2.1"],
      httpAddress: "localhost",
      controlHttpPort: 9001,
    },
  });
  t.match(parse(`start mine.ts --config ${file}`), { script: "mine.ts" });
  t.match(parse("start", { MEDIASWITCH_CONFIG: file }), { options: { sipPort: 1 } });
  t.match(parse("start", { MEDIASWITCH_CONFIG: file, MEDIASWITCH_SCRIPT: "theirs.ts" }), {
    script: "theirs.ts",
  });
  t.match(parse(`control --config ${file}`), { command: "control", script: "app.ts" });
  t.match(parse(`start --config ${file} --trust 192.0.2.9`), { options: { trust: ["192.0.2.9"] } });
  t.end();
});

await t.test("a bad file is refused, every fault on a line with the file's name", (t) => {
  const file = join(t.testdir(), "switch.yaml");
  writeFileSync(file, "sip-port: x\nmax-calls: 0\n");
  t.match(
    parse(`start --config ${file}`),
    `error: ${file}:1:11: sip-port: expected a port, 1 to 65535 (or 0 for any free one)\n` +
      `error: ${file}:2:12: max-calls: expected a whole number from 1 on`,
  );
  t.match(parse("start --config /no/such/file"), /--config.*expected a file that is there/);
  t.end();
});
