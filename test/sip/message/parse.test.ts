import t from "tap";
import { binaryToOctets } from "../../../ts/sip/message/binary.js";
import { DEFAULT_LIMITS } from "../../../ts/sip/message/limits.js";
import { parseMessage } from "../../../ts/sip/message/parse.js";
import type { RefusalReason } from "../../../ts/sip/message/refusal-reasons.js";
import { OPTIONS_LINES, optionsWith, read, readRequest, wire } from "./messages.js";

t.test("a plain request", (t) => {
  t.same(readRequest(optionsWith("Max-Forwards: 70"), "body"), {
    kind: "request",
    version: "2.0",
    method: "OPTIONS",
    uri: "sip:bob@example.com",
    headers: {
      via: [
        {
          version: "2.0",
          protocol: "UDP",
          host: "192.0.2.1",
          port: 5060,
          params: { branch: "z9hG4bKabc", rport: null },
        },
      ],
      from: { uri: "sip:alice@example.com", params: { tag: "1" } },
      to: { uri: "sip:bob@example.com", params: {} },
      "call-id": "call@192.0.2.1",
      cseq: { seq: 7, method: "OPTIONS" },
      "max-forwards": 70,
    },
    other: {},
    content: "body",
  });
  t.end();
});

t.test("a plain response; the space before an empty reason may be missing", (t) => {
  const headers = OPTIONS_LINES.slice(1);
  t.match(read(["SIP/2.0 486 Busy Here", ...headers]), {
    kind: "response",
    status: 486,
    reason: "Busy Here",
  });
  t.match(read(["sip/2.0 200", ...headers]), { kind: "response", status: 200, reason: "" });
  t.end();
});

/** Lines, then what the refusal says. Offsets count octets of the datagram. */
const REFUSED: readonly (readonly [
  what: string,
  lines: readonly string[],
  reason: RefusalReason,
  status: number,
])[] = [
  ["no empty start line", ["", "x"], "start-line-malformed", 0],
  ["no version", ["OPTIONS sip:a@b", ...OPTIONS_LINES.slice(1)], "start-line-malformed", 400],
  ["version 3.0", ["OPTIONS sip:a@b SIP/3.0", ...OPTIONS_LINES.slice(1)], "version-unsupported", 505],
  [
    "version 2.0 with more digits",
    ["OPTIONS sip:a@b SIP/2.00", ...OPTIONS_LINES.slice(1)],
    "version-unsupported",
    505,
  ],
  ["a response of another version", ["SIP/3.0 200 OK", ...OPTIONS_LINES.slice(1)], "version-unsupported", 0],
  ["status 99", ["SIP/2.0 099 x", ...OPTIONS_LINES.slice(1)], "status-code-malformed", 0],
  ["status 700", ["SIP/2.0 700 x", ...OPTIONS_LINES.slice(1)], "status-code-malformed", 0],
  ["status with four digits", ["SIP/2.0 2000 x", ...OPTIONS_LINES.slice(1)], "status-code-malformed", 0],
  [
    "tab in the start line",
    ["OPTIONS\tsip:a@b SIP/2.0", ...OPTIONS_LINES.slice(1)],
    "start-line-malformed",
    0,
  ],
  ["relative Request-URI", ["OPTIONS bob SIP/2.0", ...OPTIONS_LINES.slice(1)], "request-uri-malformed", 400],
  [
    "Request-URI port 65536",
    ["OPTIONS sip:b:65536 SIP/2.0", ...OPTIONS_LINES.slice(1)],
    "request-uri-malformed",
    400,
  ],
  ["header without colon", optionsWith("X-Foo bar"), "header-malformed", 400],
  ["header without name", optionsWith(": bar"), "header-malformed", 400],
  ["control character before the colon", optionsWith("X-Foo\x0b: bar"), "header-malformed", 400],
  [
    "fold of the start line",
    ["OPTIONS sip:bob@example.com SIP/2.0", " x: y", ...OPTIONS_LINES.slice(1)],
    "header-malformed",
    400,
  ],
  ["bare LF", optionsWith("Subject: a\nX-Evil: b"), "line-end-malformed", 400],
  ["bare CR", optionsWith("Subject: a\rX-Evil: b"), "line-end-malformed", 400],
  ["From twice, one compact", optionsWith("f: <sip:mallory@example.com>;tag=2"), "header-duplicate", 400],
  [
    "CSeq twice, the same",
    optionsWith("Subject: x", "cseq: 7 OPTIONS", "CSEQ: 7 OPTIONS"),
    "header-duplicate",
    400,
  ],
  ["Event twice, one compact", optionsWith("Event: dialog", "o: presence"), "header-duplicate", 400],
  ["* beside a contact", optionsWith("Contact: *", "m: <sip:a@b>"), "header-duplicate", 400],
  ["a contact beside *", optionsWith("Contact: <sip:a@b>", "m: *"), "header-duplicate", 400],
  ["* in a list", optionsWith("Contact: <sip:a@b>, *"), "uri-malformed", 400],
  [
    "two From values in one line",
    optionsWith("From: <sip:a@b>;tag=1, <sip:c@d>;tag=2"),
    "value-malformed",
    400,
  ],
  ["tag twice", optionsWith("From: <sip:a@b>;tag=1;TAG=2"), "param-duplicate", 400],
  ["branch twice", optionsWith("Via: SIP/2.0/UDP h;branch=z9hG4bK1;branch=z9hG4bK2"), "param-duplicate", 400],
  ["parameter without value", optionsWith("From: <sip:a@b>;tag="), "param-malformed", 400],
  ["quotes that don't end", optionsWith('From: "a <sip:a@b>;tag=1'), "quote-unbalanced", 400],
  ["quotes that end in an escape", optionsWith('From: "a\\"'), "quote-unbalanced", 400],
  ["text after a quoted name", optionsWith('From: "a" b <sip:a@b>'), "value-malformed", 400],
  ["text after >", optionsWith("From: <sip:a@b> x"), "value-malformed", 400],
  ["no >", optionsWith("From: <sip:a@b"), "uri-malformed", 400],
  ["<> with nothing in it", optionsWith("From: <>;tag=1"), "uri-malformed", 400],
  ["a From that is a word", optionsWith("From: alice"), "uri-malformed", 400],
  ["an empty From", optionsWith("From:"), "uri-malformed", 400],
  ["Contact port 99999", optionsWith("Contact: <sip:a@b:99999>"), "uri-malformed", 400],
  ["Via without sent-by", optionsWith("Via: SIP/2.0/UDP"), "value-malformed", 0],
  ["Via of another protocol name", optionsWith("Via: HTTP/2.0/UDP h"), "value-malformed", 0],
  ["Via port 65536", optionsWith("Via: SIP/2.0/UDP h:65536"), "value-malformed", 0],
  ["Via port 0", optionsWith("Via: SIP/2.0/UDP h:0"), "value-malformed", 0],
  ["Via with an open bracket", optionsWith("Via: SIP/2.0/UDP [::1;branch=z9hG4bK1"), "value-malformed", 0],
  ["CSeq 2^31", optionsWith("CSeq: 2147483648 OPTIONS"), "number-out-of-range", 400],
  ["CSeq -1", optionsWith("CSeq: -1 OPTIONS"), "value-malformed", 400],
  ["CSeq without space", optionsWith("CSeq: 1OPTIONS"), "value-malformed", 400],
  ["CSeq of another method", optionsWith("CSeq: 1 options"), "cseq-method-mismatch", 400],
  ["Call-ID of two words", optionsWith("Call-ID: a b"), "value-malformed", 400],
  ["empty Call-ID", optionsWith("Call-ID: "), "value-malformed", 400],
  ["Max-Forwards 256", optionsWith("Max-Forwards: 256"), "number-out-of-range", 400],
  ["Max-Forwards 1.5", optionsWith("Max-Forwards: 1.5"), "value-malformed", 400],
  ["Content-Length 1 without a body", optionsWith("Content-Length: 1"), "body-too-short", 400],
  ["Content-Length beyond any number", optionsWith(`l: ${"9".repeat(400)}`), "body-too-short", 400],
  ["two Content-Length, the same", optionsWith("Content-Length: 0", "l: 0"), "header-duplicate", 400],
  ["empty item in Supported", optionsWith("Supported: 100rel,,timer"), "value-malformed", 400],
  ["a realm twice", optionsWith('Authorization: Digest realm="a", Realm="b"'), "param-duplicate", 400],
  [
    "a parameter that would be the scheme",
    optionsWith("Authorization: Digest a=b, scheme=c"),
    "param-duplicate",
    400,
  ],
  ["two schemes in one line", optionsWith("Authorization: Digest a=b, Basic c=d"), "param-malformed", 400],
  ["a scheme alone", optionsWith("Authorization: Digest"), "value-malformed", 400],
];

t.test("each broken rule has its reason and status", (t) => {
  for (const [what, lines, reason, status] of REFUSED) {
    t.match(read(lines), { kind: "refusal", reason, status }, what);
  }
  t.end();
});

t.test("every mandatory header is missed", (t) => {
  for (const name of ["Via", "From", "To", "Call-ID", "CSeq"]) {
    const lines = OPTIONS_LINES.filter((line) => !line.startsWith(`${name}:`));
    const field = name.toLowerCase();
    t.match(read(lines), {
      kind: "refusal",
      reason: "header-missing",
      field,
      status: field === "via" ? 0 : 400,
    });
  }
  t.end();
});

t.test("a refusal says where", (t) => {
  const lines = optionsWith("Contact: <sip:a@b>, <sip:a@b:99999>");
  const datagram = lines.join("\r\n");
  t.match(read(lines), { field: "contact", offset: datagram.lastIndexOf("sip:a@b:99999") });
  t.match(read(optionsWith("Subject: a\nb")), {
    field: "headers",
    offset: optionsWith("Subject: a").join("\r\n").length,
  });

  const folded = optionsWith("Contact: <sip:a@b>,\r\n  <sip:a@b:99999>");
  t.match(read(folded), { field: "contact", offset: folded.join("\r\n").lastIndexOf("sip:a@b:99999") });
  t.end();
});

t.test("an ACK, a response and octets without a Via are refused without an answer", (t) => {
  const ack = ["ACK sip:a@b SIP/2.0", ...OPTIONS_LINES.slice(1)];
  t.match(read(ack), { reason: "cseq-method-mismatch", status: 0 });
  t.match(read(["SIP/2.0 200 OK", ...optionsWith("CSeq: x").slice(1)]), {
    reason: "value-malformed",
    status: 0,
  });
  t.match(read(["GET / HTTP/1.1", "Host: a"]), { reason: "start-line-malformed", status: 0 });
  t.end();
});

t.test("a Via that can't be read hides those after it", (t) => {
  const lines = optionsWith("Via: SIP/2.0/UDP ;branch=1", "v: SIP/2.0/UDP 203.0.113.9;branch=z9hG4bKvictim");
  t.match(read(lines), { kind: "refusal", status: 0 });
  t.equal(Object.hasOwn(read(lines), "headers"), false);
  t.end();
});

t.test("keep-alives are no messages and get no answer", (t) => {
  for (const octets of ["", "\r\n", "\r\n\r\n", "\r\n\r\n\r\n\r\n", "\0", "\0\0\0\0", "\n"]) {
    t.match(parseMessage(binaryToOctets(octets)), { kind: "refusal", reason: "keep-alive", status: 0 });
  }
  t.end();
});

t.test("empty lines before the start line are ignored", (t) => {
  t.match(parseMessage(binaryToOctets("\r\n\r\n" + OPTIONS_LINES.join("\r\n") + "\r\n\r\n")), {
    kind: "request",
  });
  t.end();
});

t.test("a header section without its empty line is refused", (t) => {
  const whole = OPTIONS_LINES.join("\r\n");
  for (const end of ["", "\r\n"]) {
    t.match(parseMessage(binaryToOctets(whole + end)), {
      reason: "headers-unterminated",
      status: 400,
    });
  }
  t.end();
});

t.test("the body is what Content-Length says, else the rest", (t) => {
  t.equal(readRequest(optionsWith("Content-Length: 3"), "abcdef").content, "abc");
  t.equal(readRequest(optionsWith("Content-Length: 0"), "abcdef").content, "");
  t.equal(readRequest(OPTIONS_LINES, "abcdef").content, "abcdef");
  t.equal(readRequest(OPTIONS_LINES, "a\r\n\r\nb\0\xff").content, "a\r\n\r\nb\0\xff");
  t.end();
});

t.test("all registered compact forms", (t) => {
  const { headers, other } = readRequest([
    "OPTIONS sip:bob@example.com SIP/2.0",
    "v: SIP/2.0/UDP h;branch=z9hG4bK1",
    "f: <sip:a@b>;tag=1",
    "T: <sip:c@d>",
    "I: call",
    "CSeq: 1 OPTIONS",
    "a: *",
    "b: <sip:r@s>",
    "c: text/plain",
    "d: proxy",
    "e: gzip",
    "j: *;x",
    "k: 100rel, timer",
    "l: 0",
    "m: <sip:a@h>",
    "n: <http://x>",
    "o: dialog",
    "r: <sip:x@y>",
    "s: hello",
    "u: dialog",
    "x: 1800",
    "y: abc",
  ]);
  t.same(headers.supported, ["100rel", "timer"]);
  t.same(headers.contact, [{ uri: "sip:a@h", params: {} }]);
  t.equal(headers["content-type"], "text/plain");
  t.same(headers["referred-by"], { uri: "sip:r@s", params: {} });
  t.same(headers["request-disposition"], ["proxy"]);
  t.same(headers["content-encoding"], ["gzip"]);
  t.same(headers.event, { value: "dialog", params: {} });
  t.same(headers["refer-to"], { uri: "sip:x@y", params: {} });
  t.same(headers["allow-events"], ["dialog"]);
  t.same(headers["session-expires"], { delta: 1800 });
  t.same(other, {
    "accept-contact": "*",
    "reject-contact": "*;x",
    "identity-info": "<http://x>",
    subject: "hello",
    identity: "abc",
  });
  t.end();
});

t.test("names that mean something to JavaScript are plain headers and parameters", (t) => {
  const { headers, other } = readRequest(
    optionsWith(
      "constructor: c",
      "__proto__: p",
      "hasOwnProperty: h",
      "From: <sip:a@b>;__proto__;constructor=x;tag=1",
      "Via: SIP/2.0/UDP h;__proto__;branch=z9hG4bK1",
      "Authorization: Digest __proto__=x, constructor=y",
    ),
  );
  t.same(Object.keys(other), ["constructor", "__proto__", "hasownproperty"]);
  t.same(Object.keys(headers.from.params), ["__proto__", "constructor", "tag"]);
  t.equal(headers.via[0]?.params["branch"], "z9hG4bK1");
  t.same(Object.keys(headers.authorization?.[0] ?? {}), ["scheme", "__proto__", "constructor"]);
  t.equal(Object.getPrototypeOf(other), null);
  t.equal(Object.getPrototypeOf(headers.from.params), null);
  t.equal(({} as Record<string, unknown>)["p"], undefined);
  t.end();
});

t.test("lists over lines and commas are one list in order", (t) => {
  const { headers, other } = readRequest(
    optionsWith(
      "Route: <sip:a;lr>, <sip:b;lr>;x=1",
      "route: <sip:c;lr>",
      "Allow: INVITE",
      "Allow: ACK , BYE",
      "Reason: SIP;cause=200",
      'Reason: Q.850;cause=16;text="a, b"',
      "X-Thing: 1",
      "x-thing: 2",
    ),
  );
  t.same(
    headers.route?.map((address) => address.uri),
    ["sip:a;lr", "sip:b;lr", "sip:c;lr"],
  );
  t.same(headers.allow, ["INVITE", "ACK", "BYE"]);
  t.same(headers.reason, [
    { value: "SIP", params: { cause: "200" } },
    { value: "Q.850", params: { cause: "16", text: '"a, b"' } },
  ]);
  t.equal(other["x-thing"], "1, 2");
  t.end();
});

t.test("what is quoted or bracketed separates nothing", (t) => {
  const { headers } = readRequest(
    optionsWith(
      'From: "Bell, A. <x>; \\"y\\"" <sip:a;p=1@b;transport=udp?x=y>;tag=1;z=", ;"',
      "Contact: sip:a@b;q=0.5, <sip:a@b;q=0.7>",
    ),
  );
  t.same(headers.from, {
    name: 'Bell, A. <x>; "y"',
    uri: "sip:a;p=1@b;transport=udp?x=y",
    params: { tag: "1", z: '", ;"' },
  });
  t.same(headers.contact, [
    { uri: "sip:a@b", params: { q: "0.5" } },
    { uri: "sip:a@b;q=0.7", params: {} },
  ]);
  t.end();
});

t.test("Contact: *, white space around it", (t) => {
  t.equal(readRequest(optionsWith("Contact:  *  ")).headers.contact, "*");
  t.end();
});

t.test("times that are too large count as the largest", (t) => {
  const { headers } = readRequest(optionsWith(`Expires: 1${"0".repeat(30)}`, "Min-Expires: 4294967296"));
  t.equal(headers.expires, 4_294_967_295);
  t.equal(headers["min-expires"], 4_294_967_295);
  t.end();
});

t.test("Via: any transport, IPv6, port, white space before the separators", (t) => {
  const { headers } = readRequest(
    optionsWith(
      "Via: SIP / 2.0 / tls [2001:DB8::1] : 5061 ; branch = z9hG4bK1 , SIP/2.0/UDP Host.Example;ttl=1",
    ),
  );
  t.same(headers.via, [
    { version: "2.0", protocol: "TLS", host: "[2001:db8::1]", port: 5061, params: { branch: "z9hG4bK1" } },
    { version: "2.0", protocol: "UDP", host: "host.example", params: { ttl: "1" } },
  ]);
  t.end();
});

t.test("credentials: quotes off, names in lower case, one line one set", (t) => {
  const { headers } = readRequest(
    optionsWith(
      'Authorization: Digest Username="b\\"ob", realm="r, s" ,nonce="n=", uri="sip:h", response="0a",qop=auth , nc=00000001,cnonce=""',
      'authorization: digest username="x"',
      "Proxy-Authorization: Bearer abc.def+/==",
    ),
  );
  t.same(headers.authorization, [
    {
      scheme: "Digest",
      username: 'b"ob',
      realm: "r, s",
      nonce: "n=",
      uri: "sip:h",
      response: "0a",
      qop: "auth",
      nc: "00000001",
      cnonce: "",
    },
    { scheme: "digest", username: "x" },
  ]);
  t.same(headers["proxy-authorization"], [{ scheme: "Bearer", token68: "abc.def+/==" }]);
  t.end();
});

t.test("limits: the last that fits, and one more", (t) => {
  const limits = { ...DEFAULT_LIMITS, headers: 8, params: 3, listItems: 3 };
  const at = (...lines: string[]): unknown => read(optionsWith(...lines), "", limits);
  t.match(at("X-A: 1", "X-B: 2", "X-C: 3"), { kind: "request" });
  t.match(at("X-A: 1", "X-B: 2", "X-C: 3", "X-D: 4"), { reason: "too-many-headers", status: 513 });
  t.match(at("From: <sip:a@b>;tag=1;b;c"), { kind: "request" });
  t.match(at("From: <sip:a@b>;tag=1;b;c;d"), { reason: "too-many-params", status: 513 });
  t.match(at("Authorization: X a=1, b=2, c=3"), { kind: "request" });
  t.match(at("Authorization: X a=1, b=2, c=3, d=4"), { reason: "too-many-params", status: 513 });
  t.match(at("Allow: A, B", "Allow: C"), { kind: "request" });
  t.match(at("Allow: A, B", "Allow: C, D"), { reason: "too-many-items", status: 513 });

  const datagram = wire(OPTIONS_LINES);
  t.match(parseMessage(datagram, { ...DEFAULT_LIMITS, octets: datagram.length }), { kind: "request" });
  t.match(parseMessage(datagram, { ...DEFAULT_LIMITS, octets: datagram.length - 1 }), {
    reason: "message-too-large",
    status: 0,
  });
  t.match(parseMessage(datagram, { ...DEFAULT_LIMITS, headerOctets: datagram.length - 4 }), {
    kind: "request",
  });
  t.match(parseMessage(datagram, { ...DEFAULT_LIMITS, headerOctets: datagram.length - 5 }), {
    reason: "headers-too-large",
    status: 513,
  });
  t.end();
});
