import t from "tap";
import { binaryToText, octetsToBinary, textToBinary } from "../../../ts/sip/message/binary.js";
import type { Params, SipRequest } from "../../../ts/sip/message/message.js";
import { serializeMessage } from "../../../ts/sip/message/serialize.js";
import { parseMessage } from "../../../ts/sip/message/parse.js";
import { makeResponse } from "../../../ts/sip/message/response.js";
import { optionsWith, readRequest } from "./messages.js";

const printed = (message: Parameters<typeof serializeMessage>[0]): string =>
  octetsToBinary(serializeMessage(message));

function request(
  changes: Partial<SipRequest["headers"]> = {},
  other: Record<string, string> = {},
): SipRequest {
  return {
    kind: "request",
    version: "2.0",
    method: "INVITE",
    uri: "sip:bob@example.com",
    headers: {
      via: [
        { version: "2.0", protocol: "UDP", host: "192.0.2.1", port: 5060, params: { branch: "z9hG4bK1" } },
      ],
      "max-forwards": 70,
      from: { name: "Alice", uri: "sip:alice@example.com", params: { tag: "1" } },
      to: { uri: "sip:bob@example.com", params: {} },
      "call-id": "c1",
      cseq: { seq: 1, method: "INVITE" },
      ...changes,
    },
    other,
    content: "",
  };
}

const lines = (message: SipRequest): string[] => printed(message).split("\r\n");

t.test("a whole request, header names as the RFCs write them", (t) => {
  const message: SipRequest = {
    ...request(
      {
        contact: [{ uri: "sip:alice@192.0.2.1", params: { expires: "60" } }],
        route: [
          { uri: "sip:p1;lr", params: {} },
          { uri: "sip:p2;lr", params: {} },
        ],
        allow: ["INVITE", "ACK"],
        supported: [],
        "content-type": "application/sdp",
        "user-agent": "x",
        authorization: [
          {
            scheme: "Digest",
            username: "alice",
            realm: 'r"1',
            nonce: "n",
            qop: "auth",
            nc: "00000001",
            algorithm: "MD5",
          },
        ],
        "www-authenticate": [{ scheme: "Digest", realm: "r", nonce: "n", qop: "auth", stale: "true" }],
        "proxy-authorization": [{ scheme: "Bearer", token68: "abc=" }],
        expires: 0,
      },
      { "x-thing": "1", subject: "s", "MIME-VERSION": "1.0" },
    ),
    content: "v=0\r\n",
  };
  t.same(lines(message), [
    "INVITE sip:bob@example.com SIP/2.0",
    "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1",
    "Max-Forwards: 70",
    'From: "Alice" <sip:alice@example.com>;tag=1',
    "To: <sip:bob@example.com>",
    "Call-ID: c1",
    "CSeq: 1 INVITE",
    "Contact: <sip:alice@192.0.2.1>;expires=60",
    "Route: <sip:p1;lr>, <sip:p2;lr>",
    "Allow: INVITE, ACK",
    "Supported: ",
    "Content-Type: application/sdp",
    "User-Agent: x",
    'Authorization: Digest username="alice", realm="r\\"1", nonce="n", qop=auth, nc=00000001, algorithm=MD5',
    'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth", stale=true',
    "Proxy-Authorization: Bearer abc=",
    "Expires: 0",
    "X-Thing: 1",
    "Subject: s",
    "MIME-Version: 1.0",
    "Content-Length: 5",
    "",
    "v=0",
    "",
  ]);
  t.end();
});

t.test("Contact: * has no brackets, and no contact at all is not *", (t) => {
  t.ok(lines(request({ contact: "*" })).includes("Contact: *"));
  t.notOk(lines(request({ contact: [] })).some((line) => line.startsWith("Contact")));
  t.end();
});

t.test("the argument is not changed", (t) => {
  const message = readRequest(optionsWith("Contact: <sip:a@b>", "Supported: timer"), "body");
  const before = JSON.stringify(message);
  serializeMessage(message);
  t.equal(JSON.stringify(message), before);
  t.end();
});

t.test("Content-Length is that of the content, whatever the message says", (t) => {
  const message = { ...request({ "content-length": 99 }, { "Content-Length": "98" }), content: "abc" };
  t.same(
    lines(message).filter((line) => line.toLowerCase().startsWith("content-length")),
    ["Content-Length: 3"],
  );
  t.end();
});

t.test("no value can begin a line of its own", (t) => {
  const evil = "a\r\nX-Evil: 1\r\n\r\n\0b";
  const params: Params = { tag: evil, [evil]: "x" };
  const message: SipRequest = {
    ...request(
      {
        via: [{ version: evil, protocol: evil, host: evil, params }],
        from: { name: evil, uri: evil, params },
        "call-id": evil,
        cseq: { seq: 1, method: evil },
        contact: [{ name: evil, uri: evil, params }],
        route: [{ uri: evil, params }],
        require: [evil],
        authorization: [{ scheme: evil, realm: evil, [evil]: evil }],
        "user-agent": evil,
        "alert-info": evil,
        "remote-party-id": [{ name: evil, uri: evil, params }],
        "refer-to": { name: evil, uri: evil, params },
        reason: [{ value: evil, params }],
        event: { value: evil, params },
        accept: [{ value: evil, params }],
        replaces: { callId: evil, toTag: evil, fromTag: evil, earlyOnly: false },
        "target-dialog": { callId: evil, localTag: evil, remoteTag: evil },
        rack: { rseq: 1, seq: 1, method: evil },
        privacy: [evil],
        "sip-etag": evil,
      },
      { "x-thing": evil, [evil]: evil },
    ),
    method: evil,
    uri: evil,
  };
  const text = printed(message);
  t.notOk(text.includes("\0"), "no NUL");
  t.notOk(/[\r\n]X-Evil/.test(text), "no such line");
  t.equal(text.indexOf("\r\n\r\n"), text.length - 4, "the header section ends once");

  const response = makeResponse(request(), 486, { reason: evil });
  t.equal(printed(response).split("\r\n")[0], "SIP/2.0 486 aX-Evil: 1b");
  t.end();
});

t.test("no value can leave its quotes, brackets or parameter", (t) => {
  const message = readRequest(optionsWith("Subject: x"));
  message.headers.from = {
    name: 'Eve" <sip:admin@example.com>;tag="x \\',
    uri: "sip:eve>;tag=2<@example.com",
    params: { tag: "1", note: "a;tag=3, <sip:x@y>" },
  };
  const again = parseMessage(serializeMessage(message));
  t.match(again, {
    kind: "request",
    headers: {
      from: {
        name: 'Eve" <sip:admin@example.com>;tag="x \\',
        uri: "sip:eve;tag=2@example.com",
        params: { tag: "1", note: '"a;tag=3, <sip:x@y>"' },
      },
    },
  });
  t.end();
});

t.test("a quoted parameter value is printed once quoted", (t) => {
  const instance = '"<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>"';
  const message = readRequest(optionsWith(`Contact: <sip:a@b>;+sip.instance=${instance};q=1`));
  t.ok(printed(message).includes(`;+sip.instance=${instance};q=1\r\n`));
  t.end();
});

t.test("NUL is dropped from quoted text without opening the quotes", (t) => {
  const message = readRequest(optionsWith('From: "a\\\0" <sip:a@b>;tag=1;note="b\\\0";more="c"'));
  t.match(parseMessage(serializeMessage(message)), {
    headers: { from: { name: "a", params: { tag: "1", note: '"b"', more: '"c"' } } },
  });
  t.end();
});

t.test("names that mean something to JavaScript are printed like others", (t) => {
  const message = readRequest(optionsWith("constructor: c", "__proto__: p", "toString: t"));
  const again = parseMessage(serializeMessage(message));
  if (again.kind !== "request") throw new Error("unreadable");
  t.same(Object.entries(again.other), [
    ["constructor", "c"],
    ["__proto__", "p"],
    ["tostring", "t"],
  ]);
  t.notOk(printed(message).includes("native code"));
  t.end();
});

t.test("a typed header is printed from its field alone", (t) => {
  const text = printed(request({}, { from: "<sip:mallory@example.com>;tag=9", VIA: "SIP/2.0/UDP evil" }));
  t.notMatch(text, /mallory|evil/);
  t.end();
});

t.test("UTF-8: binary text goes out as it is, people's text is encoded, a body keeps its octets", (t) => {
  const name = "Zoë 北京 🎉";
  for (const given of [name, textToBinary(name)]) {
    const again = parseMessage(
      serializeMessage(request({ from: { name: given, uri: "sip:z@h", params: {} } })),
    );
    t.equal(again.kind === "request" && binaryToText(again.headers.from.name ?? ""), name);
  }
  const octets = "\0\r\n\xff\x80";
  const text = printed({ ...request(), content: octets });
  t.ok(text.endsWith("Content-Length: 5\r\n\r\n" + octets));
  t.end();
});

t.test("binary and text are each other's inverse", (t) => {
  for (const text of ["", "abc", "é", "\ufeffx", "日本", "🎉", "a".repeat(20_000) + "é"]) {
    t.equal(binaryToText(textToBinary(text)), text);
  }
  t.equal(textToBinary("é"), "\xc3\xa9");
  t.equal(binaryToText("\xe9"), "\ufffd");
  t.end();
});
