import assert from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import { equalUri, formatUri, hostOf, parseUri } from "../../../ts/sip/message/uri.js";

t.test("all parts", (t) => {
  const uri = parseUri("SIPS:al%69ce;x:pa%24s@Example.COM:5061;Transport=TCP;lr?Subject=a%20b&to=sip:x");
  t.same(uri, {
    scheme: "sips",
    user: "alice;x",
    password: "pa$s",
    host: "example.com",
    port: 5061,
    params: { transport: "TCP", lr: null },
    headers: { subject: "a b", to: "sip:x" },
  });
  t.end();
});

/** Text, and what it reads as; undefined: refused. */
const HOSTS: readonly (readonly [string, string | undefined])[] = [
  ["example.com", "example.com"],
  ["Example.COM.", "example.com."],
  ["my_host", "my_host"],
  ["192.0.2.1", "192.0.2.1"],
  ["[2001:DB8::10]", "[2001:db8::10]"],
  ["[::]", "[::]"],
  ["[::ffff:192.0.2.1]", "[::ffff:192.0.2.1]"],
  ["[1:2:3:4:5:6:7:8]", "[1:2:3:4:5:6:7:8]"],
  ["[1:2:3:4:5:6:192.0.2.1]", "[1:2:3:4:5:6:192.0.2.1]"],
  ["[2001:db8:::192.0.2.1]", "[2001:db8::192.0.2.1]"],
  ["", undefined],
  [".", undefined],
  ["a..b", undefined],
  ["256.1.1.1", undefined],
  ["1.2.3", undefined],
  ["010.0.0.1", undefined],
  ["2001:db8::10", undefined],
  ["[2001:db8::10", undefined],
  ["2001:db8::10]", undefined],
  ["[1:2:3:4:5:6:7:8:9]", undefined],
  ["[1:2:3:4:5:6:7]", undefined],
  ["[1:2:3:4:5:6:7::]", "[1:2:3:4:5:6:7::]"],
  ["[1:2:3:4:5:6:7::8]", undefined],
  ["[1::2::3]", undefined],
  ["[::::]", undefined],
  ["[12345::]", undefined],
  ["[fe80::1%25eth0]", undefined],
  ["[]", undefined],
  ["ex ample", undefined],
  ["ex%61mple", undefined],
];

t.test("hosts", (t) => {
  for (const [text, host] of HOSTS) t.equal(parseUri(`sip:u@${text}`)?.host, host, text);
  t.end();
});

t.test("refused", (t) => {
  const texts = [
    "",
    "sip",
    "sip:",
    "tel:+1",
    ":sip",
    "sip:@h",
    "sip:a@b@c",
    "sip:h:",
    "sip:h:x",
    "sip:h:65536",
    "sip:h;",
    "sip:h;;a",
    "sip:h;a=",
    "sip:h;=a",
    "sip:h;a=1;A=2",
    "sip:h?",
    "sip:h?a",
    "sip:h?=b",
    "sip:h?a=1&a=2",
    "sip:%@h",
    "sip:%4@h",
    "sip:%zz@h",
    "sip:a b@h",
    "sip:a\r\n@h",
    'sip:a"@h',
    "sip:a<b>@h",
    "sip:\xe9@h",
  ];
  for (const text of texts) t.equal(parseUri(text), undefined, JSON.stringify(text));
  t.end();
});

t.test("a # in a dialled code is taken, and printed escaped", (t) => {
  const uri = parseUri("sip:*#21#@h");
  t.equal(uri?.user, "*#21#");
  t.equal(uri === undefined ? "" : formatUri(uri), "sip:*%2321%23@h");
  t.end();
});

t.test("the host for a socket has no brackets", (t) => {
  const host = (text: string): string | undefined => {
    const uri = parseUri(text);
    return uri === undefined ? undefined : hostOf(uri);
  };
  t.equal(host("sip:[2001:db8::1]:5070"), "2001:db8::1");
  t.equal(host("sip:a@192.0.2.1"), "192.0.2.1");
  t.end();
});

/** RFC 3261 §19.1.4: its own lists. */
const EQUAL = [
  ["sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtlanTa.CoM;Transport=tcp"],
  ["sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"],
  ["sip:carol@chicago.com", "sip:carol@chicago.com;security=on"],
  ["sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on"],
  [
    "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
    "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
  ],
  [
    "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
    "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
  ],
] as const;

const DIFFERENT = [
  ["SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"],
  ["sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"],
  ["sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"],
  ["sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"],
  ["sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"],
  ["sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"],
  ["sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"],
  ["sip:a@h", "sips:a@h"],
  ["sip:a@h", "sip:h"],
  ["sip:a:p@h", "sip:a:q@h"],
  ["sip:a@h;maddr=x", "sip:a@h"],
  ["sip:a@h?x=1", "sip:a@h?x=2"],
] as const;

t.test("comparison", (t) => {
  const equal = ([a, b]: readonly [string, string]): boolean => {
    const [x, y] = [parseUri(a), parseUri(b)];
    if (x === undefined || y === undefined) throw new Error(`${a} or ${b} is no URI`);
    t.equal(equalUri(x, y), equalUri(y, x), "symmetric");
    return equalUri(x, y);
  };
  for (const pair of EQUAL) t.equal(equal(pair), true, pair.join(" = "));
  for (const pair of DIFFERENT) t.equal(equal(pair), false, pair.join(" ≠ "));
  t.end();
});

const binary = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  minLength: 1,
});

t.test("property: any user, password, parameter and header survives printing and reading", (t) => {
  const lower = binary.map((text) => text.toLowerCase());
  const uris = fc.record(
    {
      scheme: fc.constantFrom<("sip" | "sips")[]>("sip", "sips"),
      user: binary,
      password: binary,
      host: fc.constantFrom("example.com", "192.0.2.7", "[2001:db8::1]"),
      port: fc.integer({ min: 0, max: 65_535 }),
      params: fc.dictionary(lower, fc.option(binary)),
      headers: fc.dictionary(lower, binary),
    },
    { requiredKeys: ["scheme", "user", "host", "params", "headers"] },
  );
  fc.assert(
    fc.property(uris, (uri) => {
      const read = parseUri(formatUri(uri));
      if (read === undefined) throw new Error("not read");
      assert.deepEqual(
        { ...read, params: { ...read.params }, headers: { ...read.headers } },
        { ...uri, params: { ...uri.params }, headers: { ...uri.headers } },
      );
    }),
    { seed: 3261, numRuns: 300 },
  );
  t.end();
});

t.test("property: total, and what is read prints as an equal URI", (t) => {
  const pieces = fc.constantFrom(
    "sip:",
    "sips:",
    "@",
    ":",
    ";",
    "?",
    "=",
    "&",
    "%",
    "%41",
    "[",
    "]",
    "::",
    "1",
    "a",
    ".",
    "lr",
    " ",
    "\0",
    "é",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 24 }), (parts) => {
      const uri = parseUri("sip:" + parts.join(""));
      if (uri === undefined) return;
      const again = parseUri(formatUri(uri));
      if (again === undefined || !equalUri(uri, again)) throw new Error(formatUri(uri));
    }),
    { seed: 1914, numRuns: 5000 },
  );
  t.end();
});
