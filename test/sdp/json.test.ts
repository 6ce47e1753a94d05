import assert from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import { attributeDirection, effectiveDirection } from "../../ts/sdp/direction.js";
import { connectionOf } from "../../ts/sdp/address.js";
import { fromJson, toJson } from "../../ts/sdp/json.js";
import { makeAnswer, makeOffer, type LocalAudio } from "../../ts/sdp/offer-answer.js";
import { isSdpRefusal, parseSdp, type SdpRefusal } from "../../ts/sdp/parse.js";
import { serializeSdp } from "../../ts/sdp/serialize.js";
import type { SessionDescription } from "../../ts/sdp/session-description.js";
import { sessionDescription } from "./descriptions.js";
import { numeric, RFC_4317 } from "./rfc-examples.js";

const us: LocalAudio = {
  address: "192.0.2.1",
  port: 10000,
  codecs: ["pcmu", "ilbc", "2833"],
  sessionId: "42",
  sessionVersion: 1,
};

function accepted(result: SessionDescription | SdpRefusal): SessionDescription {
  if (isSdpRefusal(result)) throw new Error(`line ${String(result.line)}: ${result.message}`);
  return result;
}

const parsed = (...lines: readonly string[]): SessionDescription => accepted(parseSdp(lines.join("\r\n")));
/** Over a wire and back. */
const sent = (description: SessionDescription): unknown => JSON.parse(JSON.stringify(toJson(description)));

void t.test("who writes into the form changes no other description", (t) => {
  const lines = [
    "v=0",
    "o=- 1 1 IN IP4 192.0.2.9",
    "s=-",
    "m=audio 4000 RTP/AVP 96",
    "a=rtpmap:96 opus/48000/2",
  ];
  const [audio] = toJson(parsed(...lines)).m;
  Object.assign(audio?.rtpmap["96"] ?? {}, { encoding: "changed", clock: 1 });
  t.strictSame(toJson(parsed(...lines)).m[0]?.rtpmap, {
    96: { encoding: "opus", clock: 48000, params: "2" },
  });
  t.end();
});

void t.test("the form, key by key", (t) => {
  const description = parsed(
    "v=0",
    "o=jdoe 2890844526 18446744073709551615 IN IP4 10.47.16.5",
    "s= ",
    "i=about",
    "e=j.doe@example.com (Jane Doe)",
    "c=IN IP4 198.51.100.1",
    "b=AS:128",
    "t=2873397496 2873404696",
    "r=7d 1h 0 25h",
    "k=clear:abc",
    "a=recvonly",
    "a=fingerprint:sha-256 19:E2:1C",
    "a=group:A",
    "a=group:B",
    "m=video 51372 RTP/AVP 99",
    "a=rtpmap:99 h263-1998/90000",
    "a=framerate:12.5",
    "a=quality:10",
    "m=audio 49170 RTP/AVP 0 97",
    "c=IN IP6 2001:db8::5",
    "a=rtpmap:0 PCMU/8000",
    "a=rtpmap:97 iLBC/8000/1",
    "a=fmtp:97 mode=20",
    "a=ptime:20",
    "a=maxptime:60",
    "a=sendonly",
    "a=candidate:1",
    "a=candidate:2",
    "a=rtcp-mux",
    "a=port:7",
    "m=image 0 udptl t38",
  );
  t.strictSame(sent(description), {
    v: 0,
    o: {
      username: "jdoe",
      sessionid: 2890844526,
      sessionversion: "18446744073709551615",
      nettype: "IN",
      ipver: "IP4",
      address: "10.47.16.5",
    },
    s: " ",
    i: "about",
    e: "j.doe@example.com (Jane Doe)",
    c: [{ nettype: "IN", ipver: "IP6", address: "2001:db8::5" }],
    b: { bwtype: "AS", bandwidth: 128 },
    t: { start: 2873397496, stop: 2873404696 },
    r: { interval: 604800, duration: 3600, offsets: [0, 90000] },
    k: { method: "clear", key: "abc" },
    a: { recvonly: "", fingerprint: "sha-256 19:E2:1C", group: ["A", "B"] },
    m: [
      {
        media: "video",
        port: 51372,
        proto: "RTP/AVP",
        payloads: [99],
        c: { nettype: "IN", ipver: "IP4", address: "198.51.100.1" },
        rtpmap: { 99: { encoding: "h263-1998", clock: 90000 } },
        fmtp: {},
        direction: "recvonly",
        framerate: 12.5,
        quality: 10,
      },
      {
        media: "audio",
        port: 49170,
        proto: "RTP/AVP",
        payloads: [0, 97],
        c: { nettype: "IN", ipver: "IP6", address: "2001:db8::5" },
        rtpmap: { 0: { encoding: "PCMU", clock: 8000 }, 97: { encoding: "iLBC", clock: 8000, params: "1" } },
        fmtp: { 97: "mode=20" },
        direction: "sendonly",
        ptime: 20,
        maxptime: 60,
        candidate: ["1", "2"],
        "rtcp-mux": "",
      },
      {
        media: "image",
        port: 0,
        proto: "udptl",
        payloads: ["t38"],
        c: { nettype: "IN", ipver: "IP4", address: "198.51.100.1" },
        rtpmap: {},
        fmtp: {},
        direction: "recvonly",
      },
    ],
  });
  t.end();
});

/** What control and the negotiation need of a description. */
function essence(description: SessionDescription): unknown {
  return {
    o: description.o,
    s: description.s,
    media: description.m.map((media) => ({
      media: media.media,
      port: media.port,
      proto: media.proto,
      payloads: media.payloads,
      to: connectionOf(description, media),
      rtpmap: Object.fromEntries(media.rtpmap),
      fmtp: Object.fromEntries(media.fmtp),
      ptime: media.ptime,
      maxptime: media.maxptime,
      attribute: attributeDirection(description, media),
      direction: effectiveDirection(description, media),
    })),
  };
}

void t.test("nothing that matters is lost on the way through JSON", (t) => {
  // Without a session-level c= that of the first audio becomes it, and sections without one get it.
  const withConnection = sessionDescription.filter(({ c }) => c !== undefined);
  fc.assert(
    fc.property(withConnection, (description) => {
      const plain = structuredClone(description);
      assert.deepEqual(essence(accepted(fromJson(sent(description)))), essence(plain));
    }),
    { seed: 3, numRuns: 500 },
  );
  for (const { section, offer } of RFC_4317) {
    const description = accepted(parseSdp(numeric(offer)));
    t.strictSame(
      makeAnswer(accepted(fromJson(sent(description))), us),
      makeAnswer(description, us),
      `RFC 4317 §${section}: the same answer`,
    );
  }
  const offer = makeOffer(us);
  t.equal(serializeSdp(accepted(fromJson(sent(offer)))), serializeSdp(offer), "our offer, octet for octet");
  t.end();
});

void t.test("reading leaves its input alone", (t) => {
  const json = sent(makeOffer(us));
  const before = structuredClone(json);
  const freeze = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    Object.freeze(value);
    Object.values(value).forEach(freeze);
  };
  freeze(json);
  t.notOk(isSdpRefusal(fromJson(json)));
  t.strictSame(json, before);
  t.end();
});

void t.test("looser shapes of older peers", (t) => {
  // What the first control sends for its side: string clocks, no version, no protocol, direction in m.
  const older = {
    v: 0,
    t: { start: 0, stop: 0 },
    o: {
      username: "-",
      sessionid: 3,
      sessionversion: "0",
      nettype: "IN",
      ipver: "IP4",
      address: "192.0.2.1",
    },
    s: " ",
    c: [{ nettype: "IN", ipver: "IP4", address: "192.0.2.1" }],
    m: [
      {
        media: "audio",
        port: 10000,
        proto: "RTP/AVP",
        direction: "inactive",
        payloads: [0, 97, 101],
        rtpmap: { "0": { encoding: "PCMU", clock: "8000" }, "97": { encoding: "iLBC", clock: "8000" } },
        fmtp: { "97": "mode=20" },
      },
    ],
  };
  t.equal(
    serializeSdp(accepted(fromJson(older))),
    [
      "v=0",
      "o=- 3 0 IN IP4 192.0.2.1",
      "s= ",
      "c=IN IP4 192.0.2.1",
      "t=0 0",
      "m=audio 10000 RTP/AVP 0 97 101",
      "a=rtpmap:0 PCMU/8000",
      "a=rtpmap:97 iLBC/8000",
      "a=fmtp:97 mode=20",
      "a=inactive",
      "",
    ].join("\r\n"),
  );
  const c = { address: "192.0.2.9" };
  const audio = { port: 4000, payloads: ["0"] };
  const smallest = accepted(fromJson({ c, m: [audio] }));
  t.match(
    smallest,
    {
      o: { sessionid: "0", nettype: "IN", ipver: "IP4", address: "192.0.2.9" },
      s: " ",
      c: { nettype: "IN", ipver: "IP4", address: "192.0.2.9" },
      t: [{ start: 0, stop: 0 }],
      m: [{ media: "audio", proto: "RTP/AVP", payloads: ["0"] }],
    },
    "one c as an object, no o, s, t, media, proto",
  );
  t.match(
    fromJson({ c: [c, { address: "192.0.2.10" }], m: [audio] }),
    { c: { address: "192.0.2.9" } },
    "of several c the first",
  );
  t.match(fromJson({ o: { sessionid: "9223372036854775807", address: "h" } }), {
    o: { sessionid: "9223372036854775807" },
  });
  t.match(
    fromJson({ c, m: [{ ...audio, ptime: "20", "rtcp-mux": true, mid: 0, ssrc: ["1 a:b", "2 c"] }] }),
    {
      m: [
        {
          ptime: 20,
          a: [
            { name: "rtcp-mux", value: undefined },
            { name: "mid", value: "0" },
            { name: "ssrc", value: "1 a:b" },
            { name: "ssrc", value: "2 c" },
          ],
        },
      ],
    },
    "attributes as text, number, true and lists",
  );
  t.end();
});

const good = { c: [{ address: "192.0.2.9" }] };
const audio = { port: 4000, payloads: [0] };

/** JSON → what the refusal names. */
const refused: readonly (readonly [what: string, json: unknown, message: RegExp])[] = [
  ["undefined", undefined, /^sdp: /],
  ["null", null, /^sdp: /],
  ["text", "v=0", /^sdp: /],
  ["a list", [], /^sdp: /],
  ["empty", {}, /empty/],
  ["version", { v: 1, ...good }, /^v: /],
  ["port too high", { ...good, m: [{ ...audio, port: 65536 }] }, /^m\.0\.port: /],
  ["port as text", { ...good, m: [{ ...audio, port: "4000" }] }, /^m\.0\.port: /],
  ["no payloads", { ...good, m: [{ port: 4000, payloads: [] }] }, /^m\.0\.payloads: /],
  ["payload -1", { ...good, m: [{ port: 4000, payloads: [-1] }] }, /^m\.0\.payloads/],
  ["two payloads in one", { ...good, m: [{ port: 4000, payloads: ["0 8"] }] }, /^m\.0\.payloads/],
  ["direction", { ...good, m: [{ ...audio, direction: "both" }] }, /^m\.0\.direction: /],
  ["clock", { ...good, m: [{ ...audio, rtpmap: { 0: { encoding: "PCMU", clock: "fast" } } }] }, /rtpmap/],
  ["rtpmap key", { ...good, m: [{ ...audio, rtpmap: { 200: { encoding: "X", clock: 1 } } }] }, /rtpmap/],
  ["a line in s", { ...good, s: "x\r\nm=audio 1 RTP/AVP 0" }, /^s: /],
  ["a line in an attribute", { ...good, a: { x: "1\na=y" } }, /^a\.x: /],
  ["a line in an attribute's name", { ...good, m: [{ ...audio, "x\r\na=y": "" }] }, /m\.0/],
  ["a line in a section's attribute", { ...good, m: [{ ...audio, x: "1\r\nm=y" }] }, /m\.0/],
  ["a line in fmtp", { ...good, m: [{ ...audio, fmtp: { 0: "1\r\na=y" } }] }, /fmtp/],
  ["a field too many in o", { o: { username: "a b", address: "h" } }, /^o\.username: /],
  ["an address that is none", { c: [{ address: "1.2.3" }], m: [audio] }, /malformed c=/],
  ["too many sections", { ...good, m: Array(33).fill(audio) }, /media sections/],
  ["an attribute that is an object", { ...good, m: [{ ...audio, x: { y: 1 } }] }, /"x"/],
];

void t.test("what is refused, and which key it names", (t) => {
  for (const [what, json, message] of refused) {
    t.match(fromJson(json), { kind: "refusal", line: 0, message }, what);
  }
  t.end();
});

void t.test("any JSON: a description or a refusal, never a throw", (t) => {
  const keys = fc.constantFrom("v", "o", "s", "c", "t", "m", "a", "port", "payloads", "rtpmap", "__proto__");
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom(0, 1, -1, 4000, 1e99, "", "x", "8000", "a\r\nb", null, true),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(keys, tie("value"), { maxKeys: 6 }),
    ),
  }));
  fc.assert(
    fc.property(value, (json) => {
      const result = fromJson(json);
      return isSdpRefusal(result) || !isSdpRefusal(parseSdp(serializeSdp(result)));
    }),
    { seed: 4, numRuns: 3_000 },
  );
  t.pass("3,000 values");
  t.end();
});
