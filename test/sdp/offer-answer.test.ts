import t from "tap";
import {
  makeAnswer,
  makeOffer,
  nextVersion,
  readAnswer,
  type Answered,
  type LocalAudio,
} from "../../ts/sdp/offer-answer.js";
import { isSdpRefusal, parseSdp } from "../../ts/sdp/parse.js";
import { serializeSdp } from "../../ts/sdp/serialize.js";
import type { SessionDescription } from "../../ts/sdp/session-description.js";
import { byType } from "./descriptions.js";

const us: LocalAudio = {
  address: "192.0.2.1",
  port: 10000,
  codecs: ["pcma", "pcmu", "722", "ilbc", "2833"],
  sessionId: "42",
  sessionVersion: 1,
};

function parsed(lines: readonly string[]): SessionDescription {
  const result = parseSdp(lines.join("\r\n"));
  if (isSdpRefusal(result)) throw new Error(`line ${String(result.line)}: ${result.message}`);
  return result;
}

/** A description of a far end at 198.51.100.2, from its m= line on. */
const them = (...media: readonly string[]): SessionDescription =>
  parsed(["v=0", "o=- 5 5 IN IP4 198.51.100.2", "s=-", "c=IN IP4 198.51.100.2", "t=0 0", ...media]);

function answered(offer: SessionDescription, local: LocalAudio = us): Answered {
  const result = makeAnswer(offer, local);
  if (result.kind === "refused") throw new Error(result.message);
  return result;
}

const mediaLines = (description: SessionDescription): readonly string[] =>
  serializeSdp(description)
    .split("\r\n")
    .filter((line) => line.startsWith("m="));

void t.test("our offer, octet for octet", (t) => {
  t.equal(
    serializeSdp(makeOffer(us)),
    [
      "v=0",
      "o=- 42 1 IN IP4 192.0.2.1",
      "s= ",
      "c=IN IP4 192.0.2.1",
      "t=0 0",
      "m=audio 10000 RTP/AVP 8 0 9 97 101",
      "a=rtpmap:8 PCMA/8000",
      "a=rtpmap:0 PCMU/8000",
      "a=rtpmap:9 G722/8000",
      "a=rtpmap:97 iLBC/8000",
      "a=fmtp:97 mode=20",
      "a=rtpmap:101 telephone-event/8000",
      "a=fmtp:101 0-16",
      "a=ptime:20",
      "a=sendrecv",
      "",
    ].join("\r\n"),
  );
  t.end();
});

void t.test("offers: order, events last, one payload type once", (t) => {
  const offer = (codecs: LocalAudio["codecs"]): readonly string[] => mediaLines(makeOffer({ ...us, codecs }));
  t.strictSame(offer(["2833", "pcmu", "pcma"]), ["m=audio 10000 RTP/AVP 0 8 101"]);
  t.strictSame(offer(["pcmu", "ilbc@30", "ilbc@20", "pcmu"]), ["m=audio 10000 RTP/AVP 0 97"]);
  t.match(makeOffer({ ...us, codecs: ["ilbc@30"] }), { m: [{ fmtp: byType({ 97: "mode=30" }), ptime: 30 }] });
  t.match(makeOffer({ ...us, direction: "sendonly", ptime: 30 }), {
    m: [{ direction: "sendonly", ptime: 30 }],
  });
  t.match(makeOffer({ ...us, address: "2001:db8::1" }), {
    o: { ipver: "IP6", address: "2001:db8::1" },
    c: { ipver: "IP6", address: "2001:db8::1" },
  });
  t.throws(() => makeOffer({ ...us, codecs: ["2833"] }), { code: "ARGUMENT_INVALID", field: "codecs" });
  t.end();
});

void t.test("an answer names the common codecs in the offer's order", (t) => {
  const { answer, negotiated } = answered(
    them(
      "m=audio 4000 RTP/AVP 18 0 96 8 101",
      "a=rtpmap:96 opus/48000/2",
      "a=rtpmap:101 telephone-event/8000",
    ),
  );
  t.strictSame(mediaLines(answer), ["m=audio 10000 RTP/AVP 0 8 101"]);
  t.strictSame(negotiated, {
    remote: { address: "198.51.100.2", port: 4000 },
    formats: [
      { payloadType: 0, codec: "pcmu" },
      { payloadType: 8, codec: "pcma" },
    ],
    telephoneEvent: 101,
    direction: "sendrecv",
    hold: false,
  });
  t.match(answer, { o: { username: "-", sessionid: "42", sessionversion: "1" }, s: " " });
  t.end();
});

void t.test("dynamic payload types are the offer's", (t) => {
  const { answer, negotiated } = answered(
    them(
      "m=audio 4000 RTP/AVP 120 121 96",
      "a=rtpmap:120 pcmu/8000/1",
      "a=rtpmap:121 ILBC/8000",
      "a=fmtp:121 mode=20",
      "a=rtpmap:96 Telephone-Event/8000",
      "a=fmtp:96 0-15",
    ),
  );
  t.match(answer, {
    m: [
      {
        payloads: ["120", "121", "96"],
        rtpmap: byType({
          120: { encoding: "PCMU", clock: 8000 },
          121: { encoding: "iLBC", clock: 8000 },
          96: { encoding: "telephone-event", clock: 8000 },
        }),
        fmtp: byType({ 121: "mode=20", 96: "0-16" }),
      },
    ],
  });
  t.match(negotiated, {
    formats: [
      { payloadType: 120, codec: "pcmu" },
      { payloadType: 121, codec: "ilbc@20" },
    ],
    telephoneEvent: 96,
  });
  t.end();
});

void t.test("a codec or payload type that stands there twice counts once", (t) => {
  const { answer, negotiated } = answered(
    them(
      "m=audio 4000 RTP/AVP 0 0 96 8 101 101 102",
      "a=rtpmap:96 PCMU/8000",
      "a=rtpmap:101 telephone-event/8000",
      "a=rtpmap:102 telephone-event/8000",
    ),
  );
  t.strictSame(mediaLines(answer), ["m=audio 10000 RTP/AVP 0 8 101"]);
  t.match(negotiated.formats, [{ payloadType: 0 }, { payloadType: 8 }]);
  t.end();
});

void t.test("telephone-events are taken at the clock rate of the audio", (t) => {
  const offer = them(
    "m=audio 4000 RTP/AVP 96 0 97 98",
    "a=rtpmap:96 opus/48000/2",
    "a=rtpmap:97 telephone-event/48000",
    "a=rtpmap:98 telephone-event/8000",
  );
  t.match(answered(offer).negotiated, { formats: [{ codec: "pcmu" }], telephoneEvent: 98 });
  t.strictSame(mediaLines(answered(offer).answer), ["m=audio 10000 RTP/AVP 0 98"]);
  const other = them("m=audio 4000 RTP/AVP 0 97", "a=rtpmap:97 telephone-event/48000");
  t.equal(answered(other).negotiated.telephoneEvent, undefined, "none at 8000");
  t.equal(answered(offer, { ...us, codecs: ["pcmu"] }).negotiated.telephoneEvent, undefined, "not wanted");
  t.end();
});

void t.test("iLBC: sides of different mode both use 30 ms (RFC 3952 §5)", (t) => {
  const rows = [
    ["ilbc", "mode=20", "ilbc@20", 20],
    ["ilbc@20", "mode=20", "ilbc@20", 20],
    ["ilbc@20", "mode=30", "ilbc@30", 30],
    ["ilbc@30", "mode=20", "ilbc@30", 30],
    ["ilbc", "x=1; MODE=20", "ilbc@20", 20],
    ["ilbc", "x=1", "ilbc@30", 30],
  ] as const;
  for (const [ours, fmtp, codec, ptime] of rows) {
    const offer = them("m=audio 4000 RTP/AVP 97", "a=rtpmap:97 iLBC/8000", `a=fmtp:97 ${fmtp}`);
    const { answer, negotiated } = answered(offer, { ...us, codecs: [ours] });
    t.match(negotiated.formats, [{ codec }], `${ours} and ${fmtp}`);
    t.match(answer, { m: [{ fmtp: byType({ 97: `mode=${String(ptime)}` }), ptime }] });
  }
  t.end();
});

void t.test("16-bit samples and G.722, with the keys of each clock rate", (t) => {
  t.match(makeOffer({ ...us, codecs: ["l16@16000", "722", "l16", "cn", "2833"] }).m, [
    {
      payloads: ["99", "9", "98", "13", "102", "101"],
      rtpmap: byType({
        99: { encoding: "L16", clock: 16_000 },
        9: { encoding: "G722", clock: 8000 },
        98: { encoding: "L16", clock: 8000 },
        13: { encoding: "CN", clock: 8000 },
        102: { encoding: "telephone-event", clock: 16_000 },
        101: { encoding: "telephone-event", clock: 8000 },
      }),
      fmtp: byType({ 102: "0-16", 101: "0-16" }),
    },
  ]);
  t.strictSame(
    mediaLines(makeOffer({ ...us, codecs: ["cn", "l16@16000", "2833"] })),
    ["m=audio 10000 RTP/AVP 99 102"],
    "RFC 3389 §4: no comfort noise at a clock that no audio has",
  );
  t.end();
});

void t.test("keys at the clock of the first audio, else at that of another", (t) => {
  const wide = { ...us, codecs: ["l16@16000", "pcmu", "2833"] } as const;
  const offer = (...events: readonly string[]): SessionDescription =>
    them("m=audio 4000 RTP/AVP 96 0 101 102", "a=rtpmap:96 L16/16000", ...events);
  const both = answered(
    offer("a=rtpmap:101 telephone-event/8000", "a=rtpmap:102 telephone-event/16000"),
    wide,
  );
  t.match(both.negotiated, { formats: [{ codec: "l16@16000" }, { codec: "pcmu" }], telephoneEvent: 102 });
  t.notOk("telephoneEventClock" in both.negotiated);
  t.match(both.answer.m, [{ payloads: ["96", "0", "102"], rtpmap: byType({ 102: { clock: 16_000 } }) }]);
  const narrow = answered(offer("a=rtpmap:101 telephone-event/8000"), wide);
  t.match(narrow.negotiated, { telephoneEvent: 101, telephoneEventClock: 8000 });
  t.match(narrow.answer.m, [{ payloads: ["96", "0", "101"], rtpmap: byType({ 101: { clock: 8000 } }) }]);
  const none = answered(offer("a=rtpmap:102 telephone-event/16000"), { ...wide, codecs: ["pcmu", "2833"] });
  t.equal(none.negotiated.telephoneEvent, undefined, "16 kHz keys beside 8 kHz audio");
  t.end();
});

void t.test("comfort noise, where the script wants it", (t) => {
  const offer = them("m=audio 4000 RTP/AVP 0 13", "a=rtpmap:13 CN/8000");
  t.equal(answered(offer).negotiated.comfortNoise, undefined);
  const local = { ...us, codecs: ["pcmu", "cn"] } as const;
  t.match(answered(offer, local), {
    answer: { m: [{ payloads: ["0", "13"], rtpmap: byType({ 13: { encoding: "CN" } }) }] },
    negotiated: { comfortNoise: 13, formats: [{ codec: "pcmu" }] },
  });
  const wide = { ...us, codecs: ["l16@16000", "cn"] } as const;
  const wideOffer = them("m=audio 4000 RTP/AVP 99 13", "a=rtpmap:99 L16/16000");
  t.equal(answered(wideOffer, wide).negotiated.comfortNoise, undefined);
  t.end();
});

void t.test("RFC 5761: RTCP on the RTP port, where the offer says so", (t) => {
  const offer = them("m=audio 4000 RTP/AVP 0", "a=rtcp-mux", "a=rtcp:4000");
  const { answer, negotiated } = answered(offer);
  t.equal(negotiated.rtcpMux, true);
  t.equal(negotiated.rtcpPort, undefined);
  t.match(serializeSdp(answer), /\r\na=rtcp-mux\r\n/);
  const without = answered(them("m=audio 4000 RTP/AVP 0"));
  t.notOk("rtcpMux" in without.negotiated);
  t.notMatch(serializeSdp(without.answer), /rtcp-mux/);

  const ours = makeOffer({ ...us, rtcpMux: true });
  t.match(serializeSdp(ours), /\r\na=rtcp-mux\r\n/);
  t.match(readAnswer(ours, answer), { negotiated: { rtcpMux: true } });
  const plain = readAnswer(ours, without.answer);
  t.notOk(plain.kind === "answered" && "rtcpMux" in plain.negotiated, "they don't");
  const unasked = readAnswer(makeOffer(us), answer);
  t.notOk(unasked.kind === "answered" && "rtcpMux" in unasked.negotiated, "we did not propose it");
  t.end();
});

void t.test("RFC 3605: RTCP at a port of its own", (t) => {
  const rows: readonly (readonly [value: string, port: number | undefined])[] = [
    ["53020", 53020],
    ["53020 IN IP4 198.51.100.2", 53020],
    ["53020 IN IP4 203.0.113.9", undefined],
    ["53020 IN IP4", undefined],
    ["4001", undefined],
    ["4000", undefined],
    ["0", undefined],
    ["65536", undefined],
    ["-1", undefined],
    ["x", undefined],
  ];
  for (const [value, port] of rows) {
    const offer = them("m=audio 4000 RTP/AVP 0", `a=rtcp:${value}`);
    t.equal(answered(offer).negotiated.rtcpPort, port, value);
    const read = readAnswer(makeOffer(us), offer);
    t.equal(read.kind === "answered" ? read.negotiated.rtcpPort : "refused", port, `${value} in an answer`);
  }
  t.end();
});

void t.test("RFC 3264 §6.1: an answer's numbers are for what we send, our offer's for what we take", (t) => {
  const offer = makeOffer({ ...us, codecs: ["ilbc@20", "l16@16000", "pcma", "2833"] });
  const answer = them(
    "m=audio 4000 RTP/AVP 120 121 8 122 123",
    "a=rtpmap:120 L16/16000",
    "a=rtpmap:121 iLBC/8000",
    "a=rtpmap:122 telephone-event/8000",
    "a=rtpmap:123 telephone-event/16000",
  );
  t.match(readAnswer(offer, answer), {
    negotiated: {
      formats: [
        { payloadType: 120, codec: "l16@16000", receive: 99 },
        { payloadType: 121, codec: "ilbc@30", receive: 97 },
        { payloadType: 8, codec: "pcma" },
      ],
      telephoneEvent: 123,
      telephoneEventReceive: 102,
    },
  });
  t.end();
});

void t.test("formats that are none of ours", (t) => {
  const rows: readonly (readonly string[])[] = [
    ["m=audio 4000 RTP/AVP 18"],
    ["m=audio 4000 RTP/AVP 96"],
    ["m=audio 4000 RTP/AVP 0 ", "a=rtpmap:0 PCMU/16000"],
    ["m=audio 4000 RTP/AVP 96", "a=rtpmap:96 PCMU/8000/2"],
    ["m=audio 4000 RTP/AVP 128"],
    ["m=audio 4000 RTP/AVP pcmu"],
    ["m=audio 4000 RTP/AVP 101", "a=rtpmap:101 telephone-event/8000"],
  ];
  for (const lines of rows) {
    t.match(makeAnswer(them(...lines), us), { kind: "refused", code: "no-common-codec" }, lines.join(" "));
  }
  t.end();
});

void t.test("everything but the first usable audio is refused with port 0, in its place", (t) => {
  const offer = them(
    "m=video 5000 RTP/AVP 31 96",
    "a=rtpmap:96 H264/90000",
    "m=image 5002 udptl t38",
    "m=audio 5004 RTP/SAVP 0",
    "m=audio 0 RTP/AVP 0",
    "m=audio 5006 RTP/AVP 18",
    "m=audio 5008/2 RTP/AVP 8",
    "m=audio 5010 RTP/AVP 0",
    "m=audio 5012 UDP/TLS/RTP/SAVPF 0",
    "m=application 5014 UDP/DTLS/SCTP webrtc-datachannel",
    "m=text 5016 RTP/AVP 98",
  );
  const { answer, negotiated } = answered(offer);
  t.strictSame(mediaLines(answer), [
    "m=video 0 RTP/AVP 31 96",
    "m=image 0 udptl t38",
    "m=audio 0 RTP/SAVP 0",
    "m=audio 0 RTP/AVP 0",
    "m=audio 0 RTP/AVP 18",
    "m=audio 10000 RTP/AVP 8",
    "m=audio 0 RTP/AVP 0",
    "m=audio 0 UDP/TLS/RTP/SAVPF 0",
    "m=application 0 UDP/DTLS/SCTP webrtc-datachannel",
    "m=text 0 RTP/AVP 98",
  ]);
  t.strictSame(negotiated.remote, { address: "198.51.100.2", port: 5008 });
  t.end();
});

void t.test("offers without audio", (t) => {
  const rows: readonly (readonly string[])[] = [
    [],
    ["m=video 5000 RTP/AVP 31"],
    ["m=image 5002 udptl t38"],
    ["m=audio 5004 RTP/SAVP 0"],
    ["m=audio 0 RTP/AVP 0"],
  ];
  for (const lines of rows) {
    t.match(makeAnswer(them(...lines), us), { kind: "refused", code: "no-audio" }, lines.join(" "));
  }
  const nowhere = parsed(["v=0", "o=- 5 5 IN IP4 198.51.100.2", "s=-", "t=0 0", "m=audio 4000 RTP/AVP 0"]);
  t.match(makeAnswer(nowhere, us), { kind: "refused", code: "no-audio", message: /c= line/ });
  t.end();
});

void t.test("addresses: the section's own goes before the session's; numeric unicast or refused", (t) => {
  const at = (connection: string): SessionDescription => them("m=audio 4000 RTP/AVP 0", `c=${connection}`);
  t.equal(answered(at("IN IP4 203.0.113.7")).negotiated.remote.address, "203.0.113.7");
  t.equal(answered(at("IN IP6 2001:db8::7")).negotiated.remote.address, "2001:db8::7");
  for (const [connection, message] of [
    ["IN IP4 phone.example.com", /host name/],
    ["IN IP6 placeholder.invalid", /host name/],
    ["IN IP6 fe80::1%eth0", /zone/],
    ["IN IP4 224.2.1.1/127", /multicast/],
    ["IN IP4 224.2.1.1", /multicast/],
    ["IN IP6 ff15::101", /multicast/],
    ["ATM NSAP 192.0.2.1", /not the Internet/],
  ] as const) {
    t.match(
      makeAnswer(at(connection), us),
      { kind: "refused", code: "host-name-address", message },
      connection,
    );
  }
  const second = them("m=audio 4000 RTP/AVP 0", "c=IN IP4 phone.example.com", "m=audio 4002 RTP/AVP 8");
  t.strictSame(mediaLines(answered(second).answer), ["m=audio 0 RTP/AVP 0", "m=audio 10000 RTP/AVP 8"]);
  t.end();
});

void t.test("ptime and maxptime", (t) => {
  /** Attributes of the offer, our own wish → what we send, what we ask for. */
  const rows: readonly (readonly [string[], number | undefined, number | undefined, number])[] = [
    [[], undefined, undefined, 20],
    [["a=ptime:10"], undefined, 10, 10],
    [["a=ptime:20"], undefined, 20, 20],
    [["a=ptime:30"], undefined, 30, 30],
    [["a=ptime:60"], undefined, 60, 60],
    [["a=ptime:30"], 20, 30, 20],
    [["a=ptime:200"], undefined, 60, 60],
    [["a=ptime:200", "a=maxptime:200"], undefined, 60, 60],
    [["a=ptime:5"], undefined, 10, 10],
    [["a=ptime:25"], undefined, 20, 20],
    [["a=ptime:60", "a=maxptime:40"], undefined, 40, 40],
    [["a=maxptime:10"], undefined, 10, 10],
    [["a=maxptime:150"], undefined, 20, 20],
  ];
  for (const [attributes, ptime, sent, asked] of rows) {
    const local = ptime === undefined ? us : { ...us, ptime };
    const { answer, negotiated } = answered(them("m=audio 4000 RTP/AVP 0", ...attributes), local);
    t.equal(negotiated.ptime, sent, `${attributes.join(" ")}: sent`);
    t.equal(answer.m[0]?.ptime, asked, `${attributes.join(" ")}: asked for`);
  }
  t.end();
});

void t.test("the answer's t= is the offer's (RFC 3264 §6)", (t) => {
  const lines = ["v=0", "o=- 5 5 IN IP4 198.51.100.2", "s=-", "c=IN IP4 198.51.100.2"];
  const audio = "m=audio 4000 RTP/AVP 0";
  t.match(answered(parsed([...lines, "t=3034423619 3042462419", audio])).answer.t, [
    { start: 3034423619, stop: 3042462419 },
  ]);
  t.match(answered(parsed([...lines, audio])).answer.t, [{ start: 0, stop: 0 }]);
  t.end();
});

void t.test("directions and hold (RFC 3264 §6.1, §8.4)", (t) => {
  /** Offer's direction and address, our wish → answer's direction, what we may do, held. */
  const rows = [
    ["sendrecv", "198.51.100.2", "sendrecv", "sendrecv", "sendrecv", false],
    ["sendonly", "198.51.100.2", "sendrecv", "recvonly", "recvonly", true],
    ["recvonly", "198.51.100.2", "sendrecv", "sendonly", "sendonly", false],
    ["inactive", "198.51.100.2", "sendrecv", "inactive", "inactive", true],
    ["sendrecv", "198.51.100.2", "sendonly", "sendonly", "sendonly", false],
    ["sendonly", "198.51.100.2", "sendonly", "inactive", "inactive", true],
    ["recvonly", "198.51.100.2", "recvonly", "inactive", "inactive", false],
    ["sendrecv", "198.51.100.2", "inactive", "inactive", "inactive", false],
    ["sendrecv", "0.0.0.0", "sendrecv", "sendrecv", "recvonly", true],
    ["recvonly", "0.0.0.0", "sendrecv", "sendonly", "inactive", true],
  ] as const;
  for (const [offered, address, wish, direction, flow, hold] of rows) {
    const offer = them("m=audio 4000 RTP/AVP 0", `c=IN IP4 ${address}`, `a=${offered}`);
    const { answer, negotiated } = answered(offer, { ...us, direction: wish });
    t.equal(answer.m[0]?.direction, direction, `${offered} ${address} ${wish}: answer`);
    t.equal(negotiated.direction, flow, `${offered} ${address} ${wish}: flow`);
    t.equal(negotiated.hold, hold, `${offered} ${address} ${wish}: hold`);
  }
  t.end();
});

void t.test("reading an answer", (t) => {
  const offer = makeOffer(us);
  const read = (...media: readonly string[]): ReturnType<typeof readAnswer> =>
    readAnswer(offer, them(...media));
  t.strictSame(
    read("m=audio 4000 RTP/AVP 0 8 100", "a=rtpmap:100 telephone-event/8000", "a=ptime:30", "a=recvonly"),
    {
      kind: "answered",
      negotiated: {
        remote: { address: "198.51.100.2", port: 4000 },
        formats: [
          { payloadType: 0, codec: "pcmu" },
          { payloadType: 8, codec: "pcma" },
        ],
        telephoneEvent: 100,
        telephoneEventReceive: 101,
        ptime: 30,
        direction: "sendonly",
        hold: false,
      },
    },
  );
  t.match(read("m=audio 4000 RTP/AVP 97 101"), {
    negotiated: { formats: [{ payloadType: 97, codec: "ilbc@20" }], telephoneEvent: 101 },
  });
  t.match(read("m=audio 4000 RTP/AVP 8", "a=sendonly"), {
    negotiated: { direction: "recvonly", hold: true },
  });
  t.match(
    read("m=audio 4000 RTP/AVP 8", "m=video 5000 RTP/AVP 31", "m=audio 5002 RTP/AVP 0"),
    { kind: "answered", negotiated: { remote: { port: 4000 } } },
    "more sections than we offered",
  );
  t.match(read("m=audio 0 RTP/AVP 8"), { kind: "refused", code: "no-audio", message: /refused/ });
  t.match(read(), { kind: "refused", code: "no-audio", message: /0 for 1/ });
  t.match(read("m=video 5000 RTP/AVP 31", "m=audio 4000 RTP/AVP 8"), { kind: "refused", code: "no-audio" });
  t.match(read("m=audio 4000 RTP/SAVP 8"), { kind: "refused", code: "no-audio" });
  t.match(read("m=audio 4000 RTP/AVP 18"), { kind: "refused", code: "no-common-codec" });
  t.match(read("m=audio 4000 RTP/AVP 8", "c=IN IP4 x.example.com"), { code: "host-name-address" });
  t.match(
    readAnswer(makeOffer({ ...us, codecs: ["pcma"] }), them("m=audio 4000 RTP/AVP 0")),
    { kind: "refused", code: "no-common-codec" },
    "a codec we did not offer",
  );
  t.match(
    readAnswer(makeOffer({ ...us, direction: "inactive" }), them("m=audio 4000 RTP/AVP 8", "a=inactive")),
    { negotiated: { direction: "inactive", hold: false } },
    "we hold, not they",
  );
  t.end();
});

void t.test("two of us agree, whatever the codecs", (t) => {
  for (const codec of ["pcma", "pcmu", "722", "ilbc@20", "ilbc@30", "l16"] as const) {
    const offer = makeOffer({ ...us, codecs: [codec, "2833"] });
    const far = { ...us, codecs: [codec, "2833"], address: "203.0.113.1", port: 20000 } as const;
    const { answer, negotiated } = answered(offer, far);
    const read = readAnswer(offer, answer);
    t.match(negotiated, { formats: [{ codec }], telephoneEvent: 101 }, codec);
    t.match(
      read,
      { negotiated: { formats: [{ codec }], remote: { address: "203.0.113.1", port: 20000 } } },
      codec,
    );
  }
  t.end();
});

void t.test("the version goes up by one when something has changed (RFC 3264 §8)", (t) => {
  const first = makeOffer({ ...us, sessionId: "9223372036854775807" });
  const same = nextVersion(first, makeOffer({ ...us, sessionId: "1", sessionVersion: 99 }));
  t.strictSame(same, first, "nothing new but another o=");
  const held = nextVersion(first, makeOffer({ ...us, direction: "sendonly" }));
  t.match(held.o, { sessionid: "9223372036854775807", sessionversion: "2" });
  t.equal(held.m[0]?.direction, "sendonly");
  t.equal(nextVersion(held, makeOffer(us)).o.sessionversion, "3", "back again is a change too");
  const high = { ...first, o: { ...first.o, sessionversion: "9007199254740993" } };
  t.equal(nextVersion(high, held).o.sessionversion, "9007199254740994", "beyond what a number can count");

  const offer = them("m=audio 4000 RTP/AVP 0");
  const answer = answered(offer).answer;
  t.equal(
    nextVersion(answer, answered(offer).answer).o.sessionversion,
    "1",
    "same answer to a same re-offer",
  );
  const changed = answered(them("m=audio 4000 RTP/AVP 0", "a=inactive")).answer;
  t.equal(nextVersion(answer, changed).o.sessionversion, "2");
  t.end();
});

void t.test("a re-offer may number payload types anew, hold and come back", (t) => {
  const rows = [
    [them("m=audio 4000 RTP/AVP 96", "a=rtpmap:96 PCMU/8000"), 96, "sendrecv", false],
    [them("m=audio 4000 RTP/AVP 97", "a=rtpmap:97 PCMU/8000", "a=inactive"), 97, "inactive", true],
    [them("m=audio 4000 RTP/AVP 0"), 0, "sendrecv", false],
  ] as const;
  for (const [offer, payloadType, direction, hold] of rows) {
    t.match(answered(offer).negotiated, { formats: [{ payloadType, codec: "pcmu" }], direction, hold });
  }
  t.end();
});
