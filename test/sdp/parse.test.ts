import t from "tap";
import { isSdpRefusal, parseSdp, SDP_LIMITS } from "../../ts/sdp/parse.js";
import { byType } from "./descriptions.js";

const HEAD = ["v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-"];
const BODY = [...HEAD, "c=IN IP4 192.0.2.1", "t=0 0", "m=audio 4000 RTP/AVP 0"];
const text = (...lines: readonly string[]): string => lines.map((line) => `${line}\r\n`).join("");

void t.test("every kind of line finds its place", (t) => {
  // RFC 8866 §5, extended by what it allows and phones send.
  const result = parseSdp(
    text(
      "v=0",
      "o=jdoe 3724394400 3724394405 IN IP4 198.51.100.1",
      "s=Call to John Smith",
      "i=SDP Offer #1",
      "u=http://www.jdoe.example.com/home.html",
      "e=Jane Doe <jane@jdoe.example.com>",
      "p=+1 617 555-6011",
      "c=IN IP4 198.51.100.1",
      "b=AS:128",
      "t=3034423619 3042462419",
      "r=7d 1h 0 25h",
      "z=2882844526 -1h 2898848070 0",
      "k=prompt",
      "a=recvonly",
      "a=fingerprint:sha-256 19:E2:1C",
      "m=audio 49170/2 RTP/AVP 0 96",
      "i=speech",
      "c=IN IP6 2001:db8::2",
      "b=TIAS:64000",
      "k=clear:abc",
      "a=rtpmap:96 opus/48000/2",
      "a=fmtp:96 useinbandfec=1; stereo=0",
      "a=ptime:20",
      "a=maxptime:60",
      "a=sendonly",
      "a=candidate:1 1 UDP 1 192.0.2.1 9 typ host",
      "a=candidate:2 1 UDP 2 192.0.2.1 9 typ host",
      "a=rtcp-mux",
      "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
      "a=fmtp:webrtc-datachannel max-message-size=100000",
    ),
  );
  t.strictSame(result, {
    v: 0,
    o: {
      username: "jdoe",
      sessionid: "3724394400",
      sessionversion: "3724394405",
      nettype: "IN",
      ipver: "IP4",
      address: "198.51.100.1",
    },
    s: "Call to John Smith",
    i: "SDP Offer #1",
    u: "http://www.jdoe.example.com/home.html",
    e: ["Jane Doe <jane@jdoe.example.com>"],
    p: ["+1 617 555-6011"],
    c: { nettype: "IN", ipver: "IP4", address: "198.51.100.1" },
    b: [{ bwtype: "AS", bandwidth: 128 }],
    t: [{ start: 3034423619, stop: 3042462419, repeats: ["7d 1h 0 25h"] }],
    z: "2882844526 -1h 2898848070 0",
    k: { method: "prompt" },
    a: [{ name: "recvonly" }, { name: "fingerprint", value: "sha-256 19:E2:1C" }],
    m: [
      {
        media: "audio",
        port: 49170,
        numports: 2,
        proto: "RTP/AVP",
        payloads: ["0", "96"],
        i: "speech",
        c: { nettype: "IN", ipver: "IP6", address: "2001:db8::2" },
        b: [{ bwtype: "TIAS", bandwidth: 64000 }],
        k: { method: "clear", key: "abc" },
        ptime: 20,
        maxptime: 60,
        direction: "sendonly",
        rtpmap: byType({ "96": { encoding: "opus", clock: 48000, params: "2" } }),
        fmtp: byType({ "96": "useinbandfec=1; stereo=0" }),
        a: [
          { name: "candidate", value: "1 1 UDP 1 192.0.2.1 9 typ host" },
          { name: "candidate", value: "2 1 UDP 2 192.0.2.1 9 typ host" },
          { name: "rtcp-mux" },
        ],
      },
      {
        media: "application",
        port: 9,
        proto: "UDP/DTLS/SCTP",
        payloads: ["webrtc-datachannel"],
        b: [],
        rtpmap: byType({}),
        fmtp: byType({}),
        a: [{ name: "fmtp", value: "webrtc-datachannel max-message-size=100000" }],
      },
    ],
  });
  t.end();
});

void t.test("what is let pass", (t) => {
  const expected = parseSdp(text(...BODY));
  t.notOk(isSdpRefusal(expected));
  t.strictSame(parseSdp(BODY.join("\n")), expected, "LF alone, and none at the end");
  t.strictSame(parseSdp(`${BODY.join("\r\n")}\r\n\r\n\n`), expected, "empty lines at the end");
  t.strictSame(
    parseSdp(text("v=0 ", ...BODY.slice(1, 3), "c=IN IP4 192.0.2.1 ", ...BODY.slice(4))),
    expected,
  );
  t.match(parseSdp(text(...HEAD)), { t: [], m: [] }, "no t=, no m=");
  t.match(parseSdp(text("v=0", "o=- 1 1 IN IP4 h", "s= ")), { s: " " }, "a single space is a name");
  t.match(parseSdp(text("v=0", "o=- 1 1 IN IP4 h", "s=")), { s: "" }, "so is none");
  t.match(
    parseSdp(text("v=0", "o=- 9223372036854775807 18446744073709551615 IN IP4 h", "s=-")),
    { o: { sessionid: "9223372036854775807", sessionversion: "18446744073709551615" } },
    "64-bit ids keep every digit",
  );
  t.end();
});

void t.test("attributes never make a description unreadable", (t) => {
  const attributes = [
    "a=",
    "a=:",
    "a=rtpmap:0",
    "a=rtpmap:128 X/8000",
    "a=rtpmap:x PCMU/8000",
    "a=rtpmap:0 PCMU/0",
    "a=rtpmap:0 PCMU/abc",
    "a=fmtp:0",
    "a=ptime:0",
    "a=ptime:-20",
    "a=ptime:2e1",
    "a=maxptime:",
    "a=sendonly:x",
    "a=__proto__:x",
  ];
  for (const line of attributes) {
    t.match(
      parseSdp(text(...BODY, line)),
      {
        m: [
          { rtpmap: byType({}), fmtp: byType({}), ptime: undefined, direction: undefined, a: { length: 1 } },
        ],
      },
      line,
    );
  }
  const twice = parseSdp(
    text(
      ...BODY,
      "a=rtpmap:0 PCMU/8000",
      "a=rtpmap:0 PCMA/8000",
      "a=sendonly",
      "a=inactive",
      "a=ptime:30",
      "a=ptime:40",
    ),
  );
  t.match(
    twice,
    {
      m: [
        { rtpmap: byType({ 0: { encoding: "PCMU" } }), direction: "sendonly", ptime: 30, a: { length: 3 } },
      ],
    },
    "of two the first counts",
  );
  t.end();
});

/** Text, the line of the refusal, and a word of its message. */
const refused: readonly (readonly [what: string, text: string, line: number, message: RegExp])[] = [
  ["nothing", "", 0, /ends before/],
  ["only white space", "\r\n\r\n", 0, /ends before/],
  ["no o=", text("v=0"), 0, /ends before/],
  ["no s=", text("v=0", "o=- 1 1 IN IP4 h"), 0, /ends before/],
  ["v= not first", text("o=- 1 1 IN IP4 h", "v=0", "s=-"), 1, /v= has to be line 1/],
  ["s= before o=", text("v=0", "s=-", "o=- 1 1 IN IP4 h"), 2, /o= has to be line 2/],
  ["no s= but more", text("v=0", "o=- 1 1 IN IP4 h", "t=0 0"), 3, /s= has to be line 3/],
  ["space before v", ` ${text(...HEAD)}`, 1, /form/],
  ["version 1", text("v=1", "o=- 1 1 IN IP4 h", "s=-"), 1, /version/],
  ["o= too short", text("v=0", "o=- 1 IN IP4 h", "s=-"), 2, /malformed o=/],
  ["o= too long", text("v=0", "o=John Doe 1 1 IN IP4 h", "s=-"), 2, /malformed o=/],
  ["o= id no number", text("v=0", "o=- 1a 1 IN IP4 h", "s=-"), 2, /malformed o=/],
  ["c= after t=", text(...HEAD, "t=0 0", "c=IN IP4 192.0.2.1"), 5, /c= stands too late/],
  ["a= before t=", text(...HEAD, "a=x", "t=0 0"), 5, /t= stands too late/],
  ["b= after a= in a section", text(...BODY, "a=x", "b=AS:1"), 8, /b= stands too late/],
  ["t= in a section", text(...BODY, "t=0 0"), 7, /t= has no place/],
  ["r= without t=", text(...HEAD, "r=7d 1h 0"), 4, /no t= above/],
  ["two session c=", text(...HEAD, "c=IN IP4 192.0.2.1", "c=IN IP4 192.0.2.2"), 5, /second c=/],
  ["unknown type", text(...HEAD, "x=1"), 4, /x= has no place/],
  ["no type", text(...HEAD, "hello"), 4, /form/],
  ["empty line in the middle", text(...HEAD, "", "t=0 0"), 4, /empty line/],
  ["CR inside a line", text("v=0", "o=- 1 1 IN IP4 h", "s=a\rt=0 0"), 3, /control/],
  ["NUL inside a line", text("v=0", "o=- 1 1 IN IP4 h", "s=a\0"), 3, /control/],
  ["t= not numbers", text(...HEAD, "t=now then"), 4, /malformed t=/],
  ["b= without value", text(...HEAD, "b=AS:"), 4, /malformed b=/],
  ["c= with bad IPv4", text(...HEAD, "c=IN IP4 192.0.2.256"), 4, /malformed c=/],
  ["c= with short IPv4", text(...HEAD, "c=IN IP4 192.0.2"), 4, /malformed c=/],
  ["c= with bad IPv6", text(...HEAD, "c=IN IP6 2001:db8:::1"), 4, /malformed c=/],
  ["c= with brackets", text(...HEAD, "c=IN IP6 [2001:db8::1]"), 4, /malformed c=/],
  ["m= without formats", text(...HEAD, "m=audio 4000 RTP/AVP"), 4, /malformed m=/],
  ["m= port too high", text(...HEAD, "m=audio 65536 RTP/AVP 0"), 4, /malformed m=/],
  ["m= port no number", text(...HEAD, "m=audio -1 RTP/AVP 0"), 4, /malformed m=/],
  ["m= no ports", text(...HEAD, "m=audio 4000/0 RTP/AVP 0"), 4, /malformed m=/],
];

void t.test("what is refused, and where", (t) => {
  for (const [what, sdp, line, message] of refused) {
    t.match(parseSdp(sdp), { kind: "refusal", line, message }, what);
  }
  t.end();
});

void t.test("limits, each at its edge", (t) => {
  const media = (count: number): string =>
    text(...HEAD, ...Array.from({ length: count }, () => "m=audio 4000 RTP/AVP 0"));
  t.notOk(isSdpRefusal(parseSdp(media(SDP_LIMITS.media))));
  t.match(parseSdp(media(SDP_LIMITS.media + 1)), { kind: "refusal", line: 4 + SDP_LIMITS.media });

  const lines = (count: number): string => text(...HEAD, ...Array<string>(count - 3).fill("a=x")).trimEnd();
  t.notOk(isSdpRefusal(parseSdp(lines(SDP_LIMITS.lines))));
  t.match(parseSdp(lines(SDP_LIMITS.lines + 1)), { kind: "refusal", line: 0 });

  const octets = (count: number): string => `${text(...HEAD)}a=`.padEnd(count, "x");
  t.notOk(isSdpRefusal(parseSdp(octets(SDP_LIMITS.characters))));
  t.match(parseSdp(octets(SDP_LIMITS.characters + 1)), { kind: "refusal", line: 0 });
  t.end();
});

void t.test("addresses of c= lines", (t) => {
  const kept = [
    "0.0.0.0",
    "255.255.255.255",
    "224.2.1.1/127",
    "224.2.1.1/127/3",
    "::",
    "2001:db8::1",
    "ff15::101/3",
    "::ffff:192.0.2.1",
    "fe80::1%eth0",
    "host.example.com",
    "pc_33",
    "placeholder.invalid",
  ];
  for (const address of kept) {
    t.match(parseSdp(text(...HEAD, `c=IN IP4 ${address}`)), { c: { address } }, address);
  }
  for (const address of [
    "1.2.3",
    "1.2.3.4.5",
    "01.2.3.4",
    "12345",
    "a/b",
    "1.2.3.4/x",
    "::1%",
    "ho st",
    "é.fr",
  ]) {
    t.match(parseSdp(text(...HEAD, `c=IN IP4 ${address}`)), { kind: "refusal" }, address);
  }
  t.end();
});
