import t from "tap";
import { octetsToBinary } from "../../../ts/sip/message/binary.js";
import { formatReplaces, parseReplaces } from "../../../ts/sip/message/dialog-identifiers.js";
import type { Headers } from "../../../ts/sip/message/message.js";
import { serializeMessage } from "../../../ts/sip/message/serialize.js";
import { optionsWith, read, readRequest } from "./messages.js";

/** A header line, the name it is found under, what is read from it, and how it is printed. */
const READ: readonly (readonly [
  line: string,
  name: keyof Headers,
  value: unknown,
  printed: string | undefined,
])[] = [
  ["Event: dialog;id=7", "event", { value: "dialog", params: { id: "7" } }, "Event: dialog;id=7"],
  ["o: presence.winfo", "event", { value: "presence.winfo", params: {} }, "Event: presence.winfo"],
  ["u: dialog, presence", "allow-events", ["dialog", "presence"], "Allow-Events: dialog, presence"],
  [
    "Subscription-State: terminated ; reason=timeout;retry-after=5",
    "subscription-state",
    { value: "terminated", params: { reason: "timeout", "retry-after": "5" } },
    "Subscription-State: terminated;reason=timeout;retry-after=5",
  ],
  [
    "r: <sip:c@d;method=INVITE?Replaces=1%40x%3Bto-tag%3D2>;x=y",
    "refer-to",
    { uri: "sip:c@d;method=INVITE?Replaces=1%40x%3Bto-tag%3D2", params: { x: "y" } },
    "Refer-To: <sip:c@d;method=INVITE?Replaces=1%40x%3Bto-tag%3D2>;x=y",
  ],
  [
    'b: "Al" <sip:a@b>;cid="1@x"',
    "referred-by",
    { name: "Al", uri: "sip:a@b", params: { cid: '"1@x"' } },
    'Referred-By: "Al" <sip:a@b>;cid="1@x"',
  ],
  [
    "Replaces: 425928@bobster.example.org;to-tag=7743;from-tag=6472",
    "replaces",
    { callId: "425928@bobster.example.org", toTag: "7743", fromTag: "6472", earlyOnly: false },
    "Replaces: 425928@bobster.example.org;to-tag=7743;from-tag=6472",
  ],
  [
    "Replaces: a ; From-Tag = 2 ; early-only ; to-tag=1;x=y",
    "replaces",
    { callId: "a", toTag: "1", fromTag: "2", earlyOnly: true },
    "Replaces: a;to-tag=1;from-tag=2;early-only",
  ],
  [
    "Target-Dialog: a@b;local-tag=1;remote-tag=2",
    "target-dialog",
    { callId: "a@b", localTag: "1", remoteTag: "2" },
    "Target-Dialog: a@b;local-tag=1;remote-tag=2",
  ],
  ["RSeq: 4294967295", "rseq", 4_294_967_295, "RSeq: 4294967295"],
  ["RAck: 776656 1 INVITE", "rack", { rseq: 776_656, seq: 1, method: "INVITE" }, "RAck: 776656 1 INVITE"],
  ["x: 1800", "session-expires", { delta: 1800 }, "Session-Expires: 1800"],
  [
    "Session-Expires: 90 ; Refresher=UAS;x=y",
    "session-expires",
    { delta: 90, refresher: "uas" },
    "Session-Expires: 90;refresher=uas",
  ],
  ["Min-SE: 90;x", "min-se", 90, "Min-SE: 90"],
  ["Min-Expires: 60", "min-expires", 60, "Min-Expires: 60"],
  ["Retry-After: 5", "retry-after", 5, "Retry-After: 5"],
  ['Retry-After: 18000 (back (at "9) \\) \\x) ;duration=3600', "retry-after", 18_000, "Retry-After: 18000"],
  ["Flow-Timer: 120", "flow-timer", 120, "Flow-Timer: 120"],
  ["SIP-ETag: dx200xyz", "sip-etag", "dx200xyz", "SIP-ETag: dx200xyz"],
  ["SIP-If-Match: dx200xyz", "sip-if-match", "dx200xyz", "SIP-If-Match: dx200xyz"],
  [
    'P-Asserted-Identity: "Cullen" <sip:f@c>, <tel:+14085264000>',
    "p-asserted-identity",
    [
      { name: "Cullen", uri: "sip:f@c", params: {} },
      { uri: "tel:+14085264000", params: {} },
    ],
    'P-Asserted-Identity: "Cullen" <sip:f@c>, <tel:+14085264000>',
  ],
  [
    "P-Preferred-Identity: <sip:f@c>",
    "p-preferred-identity",
    [{ uri: "sip:f@c", params: {} }],
    "P-Preferred-Identity: <sip:f@c>",
  ],
  [
    'Remote-Party-ID: "A" <sip:1@h>;party=calling;privacy=full',
    "remote-party-id",
    [{ name: "A", uri: "sip:1@h", params: { party: "calling", privacy: "full" } }],
    'Remote-Party-ID: "A" <sip:1@h>;party=calling;privacy=full',
  ],
  ["Privacy: id;critical", "privacy", ["id", "critical"], "Privacy: id;critical"],
  ["Privacy: header , user", "privacy", ["header", "user"], "Privacy: header;user"],
  [
    "Diversion: <sip:a@b>;reason=no-answer;counter=1, sip:c@d;reason=unconditional",
    "diversion",
    [
      { uri: "sip:a@b", params: { reason: "no-answer", counter: "1" } },
      { uri: "sip:c@d", params: { reason: "unconditional" } },
    ],
    "Diversion: <sip:a@b>;reason=no-answer;counter=1, <sip:c@d>;reason=unconditional",
  ],
  [
    "History-Info: <sip:a@b?Reason=SIP%3Bcause%3D302>;index=1.1;rc=1",
    "history-info",
    [{ uri: "sip:a@b?Reason=SIP%3Bcause%3D302", params: { index: "1.1", rc: "1" } }],
    "History-Info: <sip:a@b?Reason=SIP%3Bcause%3D302>;index=1.1;rc=1",
  ],
  [
    'Reason: SIP ;cause=200 ;text="Call completed elsewhere", Q.850;cause=16',
    "reason",
    [
      { value: "SIP", params: { cause: "200", text: '"Call completed elsewhere"' } },
      { value: "Q.850", params: { cause: "16" } },
    ],
    'Reason: SIP;cause=200;text="Call completed elsewhere", Q.850;cause=16',
  ],
  [
    "Accept: application/sdp;level=1, application/*, */*;q=0",
    "accept",
    [
      { value: "application/sdp", params: { level: "1" } },
      { value: "application/*", params: {} },
      { value: "*/*", params: { q: "0" } },
    ],
    "Accept: application/sdp;level=1, application/*, */*;q=0",
  ],
  ["Accept:", "accept", [], "Accept: "],
  ["Recv-Info:", "recv-info", [], "Recv-Info: "],
  [
    "Recv-Info: dtmf;x=1, bar",
    "recv-info",
    [
      { value: "dtmf", params: { x: "1" } },
      { value: "bar", params: {} },
    ],
    "Recv-Info: dtmf;x=1, bar",
  ],
  ["Info-Package: dtmf", "info-package", { value: "dtmf", params: {} }, "Info-Package: dtmf"],
  [
    "Content-Disposition: render;handling=optional",
    "content-disposition",
    { value: "render", params: { handling: "optional" } },
    "Content-Disposition: render;handling=optional",
  ],
  ["e: gzip", "content-encoding", ["gzip"], "Content-Encoding: gzip"],
  ["d: proxy, recurse", "request-disposition", ["proxy", "recurse"], "Request-Disposition: proxy, recurse"],
  ["k: 100rel,timer", "supported", ["100rel", "timer"], "Supported: 100rel, timer"],
  [
    "Service-Route: <sip:p1;lr>, <sip:p2;lr>",
    "service-route",
    [
      { uri: "sip:p1;lr", params: {} },
      { uri: "sip:p2;lr", params: {} },
    ],
    "Service-Route: <sip:p1;lr>, <sip:p2;lr>",
  ],
  ["Call-Info: <http://x/i>;purpose=icon", "call-info", "<http://x/i>;purpose=icon", undefined],
  ["Error-Info: <sip:busy@h>", "error-info", "<sip:busy@h>", undefined],
];

t.test("each typed header: what is read from it, and how that is printed", (t) => {
  for (const [line, name, value, printed] of READ) {
    const message = readRequest(optionsWith(line));
    t.same(message.headers[name], value, line);
    const lines = octetsToBinary(serializeMessage(message)).split("\r\n");
    t.ok(lines.includes(printed ?? line), `${line} is printed: ${lines.join(" | ")}`);
  }
  t.end();
});

const REFUSED: readonly (readonly [line: string, reason: string])[] = [
  ["Event:", "value-malformed"],
  ["Event: a b", "value-malformed"],
  ["Event: dialog, presence", "value-malformed"],
  ["Subscription-State: active;expires", "ok"],
  ["Subscription-State: ;expires=1", "value-malformed"],
  ["Refer-To: sip:c@d?Replaces=x", "uri-malformed"],
  ["Refer-To: <sip:c@d>, <sip:e@f>", "value-malformed"],
  ["Replaces: a;to-tag=1", "param-missing"],
  ["Replaces: a;to-tag=1;from-tag", "param-missing"],
  ["Replaces: ;to-tag=1;from-tag=2", "value-malformed"],
  ["Replaces: a b;to-tag=1;from-tag=2", "value-malformed"],
  ["Replaces: a;to-tag=1;from-tag=2;to-tag=3", "param-duplicate"],
  ["Target-Dialog: a, b", "value-malformed"],
  ["RSeq: 0", "number-out-of-range"],
  ["RSeq: 4294967296", "number-out-of-range"],
  ["RAck: 1 1", "value-malformed"],
  ["RAck: 1 INVITE", "value-malformed"],
  ["RAck: 0 1 INVITE", "number-out-of-range"],
  ["RAck: 1 2147483648 INVITE", "number-out-of-range"],
  ["Session-Expires: soon", "value-malformed"],
  ["Session-Expires: 90;refresher=proxy", "param-malformed"],
  ["Session-Expires: 90;refresher", "param-malformed"],
  ["Min-SE: 90 s", "value-malformed"],
  ["Retry-After: 5 (a", "quote-unbalanced"],
  ["Retry-After: 5 (a\\", "quote-unbalanced"],
  ["Retry-After: 5 a)", "value-malformed"],
  ["Retry-After: soon", "value-malformed"],
  ["SIP-ETag:", "value-malformed"],
  ["SIP-If-Match: a b", "value-malformed"],
  ["P-Asserted-Identity: fluffy", "uri-malformed"],
  ["Privacy:", "value-malformed"],
  ["Privacy: id;", "value-malformed"],
  ["Diversion: <sip:a@b>,", "uri-malformed"],
  ["Reason:", "ok"],
  ["Reason: SIP;cause=", "param-malformed"],
  ["Accept: application/sdp application/x", "value-malformed"],
  ["Content-Encoding: gzip;q=1", "value-malformed"],
  ["Flow-Timer: -1", "value-malformed"],
];

t.test("a typed header that is malformed refuses the message", (t) => {
  for (const [line, reason] of REFUSED) {
    const name = line.slice(0, line.indexOf(":")).toLowerCase();
    if (reason === "ok") t.match(read(optionsWith(line)), { kind: "request" }, line);
    else t.match(read(optionsWith(line)), { kind: "refusal", reason, field: name, status: 400 }, line);
  }
  t.end();
});

t.test("comments inside comments, however deep, are read without one call inside the other", (t) => {
  const deep = 10_000;
  const { headers } = readRequest(optionsWith(`Retry-After: 5 ${"(".repeat(deep)}${")".repeat(deep)}`));
  t.equal(headers["retry-after"], 5);
  t.match(read(optionsWith(`Retry-After: 5 ${"(".repeat(deep)}${")".repeat(deep - 1)}`)), {
    kind: "refusal",
    reason: "quote-unbalanced",
  });
  t.end();
});

t.test("RFC 3891 §4: Replaces in the URI of a Refer-To", (t) => {
  const text = "425928@bobster.example.org;to-tag=7743;from-tag=6472";
  const replaces = parseReplaces(text);
  t.same(replaces, {
    callId: "425928@bobster.example.org",
    toTag: "7743",
    fromTag: "6472",
    earlyOnly: false,
  });
  t.equal(replaces && formatReplaces(replaces), text);
  for (const bad of ["", "a", "a;to-tag=1", `${text} x`, `${text},b`]) t.equal(parseReplaces(bad), undefined);
  t.end();
});
