import assert from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import { binaryToOctets } from "../../../ts/sip/message/binary.js";
import { endOfPlainHost, parseHost } from "../../../ts/sip/message/host.js";
import { isPlainSipUri } from "../../../ts/sip/message/plain-uri.js";
import { parseUri } from "../../../ts/sip/message/uri.js";

const isPlain = (text: string): boolean => isPlainSipUri(binaryToOctets(text), 0, text.length);

t.test("what phones send is plain", (t) => {
  for (const uri of [
    "sip:example.org",
    "sip:alice@example.org",
    "SIPS:alice@Example.ORG:5061",
    "sip:alice@192.0.2.1:5060;transport=udp",
    "sip:+15551234567@gw.example;user=phone",
    "sip:a;b=c?d@h;lr",
    "sip:proxy.example;lr;maddr=192.0.2.1;transport=tcp",
    "sip:alice@192.0.2.1:5060;ob;line=abc",
  ]) {
    t.ok(isPlain(uri), uri);
  }
  t.end();
});

t.test("what is malformed, or needs a closer look, is not", (t) => {
  for (const uri of [
    ...[
      "sip:",
      "sip:@h",
      "sip:a@",
      "sip:h:",
      "sip:h:99999",
      "sip:h.",
      "sip:a..b",
      "sip:1.2.3",
      "tel:+1",
      "sip",
    ],
    ...["sip:h;lr;LR", "sip:h;x=1;X=2", "sip:h;a;b", "sip:h;", "sip:h;=x", "sip:h;lr=", "sip:h;lr=%41"],
    ...["sip:h?a=b", "sip:a%41@h", "sip:a:b@h", "sip:[::1]", "sip:a@b@c", "sip:a#@h"],
  ]) {
    t.notOk(isPlain(uri), uri);
  }
  t.end();
});

/** Pieces whose order makes good URIs and bad ones. */
const pieces = fc
  .array(
    fc.constantFrom(
      ...[
        "sip:",
        "sips:",
        "a",
        "Bob",
        "@",
        ":",
        ";",
        "?",
        "=",
        ".",
        "..",
        "-",
        "_",
        "%41",
        "%4",
        "#",
        "/",
        "[",
      ],
      ...[
        "]",
        "::1",
        "0",
        "255",
        "256",
        "010",
        "1.2.3.4",
        "5060",
        "65535",
        "65536",
        "99999999999",
        "lr",
        "LR",
      ],
      ...["transport", "udp", "user=phone", "x=y", "ttl", "é", " ", "<", ",", "&", "$", "!"],
    ),
    { maxLength: 9 },
  )
  .map((parts) => parts.join(""));

t.test("what is plain is what the whole grammar takes, without a headers part", (t) => {
  let plain = 0;
  fc.assert(
    fc.property(fc.constantFrom("sip:", "sips:", "SIP:", ""), pieces, (scheme, rest) => {
      const text = scheme + rest;
      if (!isPlain(text)) return;
      plain += 1;
      const uri = parseUri(text);
      assert.ok(uri !== undefined, text);
      assert.deepEqual(Object.keys(uri.headers), [], text);
    }),
    { seed: 3986, numRuns: 20_000 },
  );
  t.ok(plain > 500, `${String(plain)} of them were plain`);
  t.end();
});

t.test("a plain host is one that parseHost takes, and it is taken whole", (t) => {
  let plain = 0;
  const hosts = fc
    .array(
      fc.constantFrom("a", "B1", "-", "_", ".", "0", "00", "7", "255", "256", "1.2.3.4", ":", ";", "é"),
      {
        maxLength: 8,
      },
    )
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(hosts, (text) => {
      const end = endOfPlainHost(binaryToOctets(text), 0, text.length);
      if (end < 0) return;
      plain += 1;
      assert.notEqual(parseHost(text.slice(0, end)), undefined, text);
      assert.ok(end === text.length || !/[A-Za-z0-9._-]/.test(text.charAt(end)), text);
    }),
    { seed: 3261, numRuns: 20_000 },
  );
  t.ok(plain > 500, `${String(plain)} of them were plain`);
  t.end();
});
