import t from "tap";
import { makeAnswer, readAnswer, type LocalAudio } from "../../ts/sdp/offer-answer.js";
import { isSdpRefusal, parseSdp } from "../../ts/sdp/parse.js";
import type { CodecName } from "../../ts/sdp/payload-types.js";
import { serializeSdp } from "../../ts/sdp/serialize.js";
import type { SessionDescription } from "../../ts/sdp/session-description.js";
import { numeric, RFC_3264, RFC_4317, type Exchange } from "./rfc-examples.js";

function parsed(text: string): SessionDescription {
  const result = parseSdp(text);
  if (isSdpRefusal(result)) throw new Error(`line ${String(result.line)}: ${result.message}`);
  return result;
}

const us = (codecs: readonly CodecName[]): LocalAudio => ({
  address: "203.0.113.9",
  port: 10000,
  codecs,
  sessionId: "7",
  sessionVersion: 7,
});

/** Our m= lines, direction of the audio, what was agreed on; or the code of our refusal. */
interface OurAnswer {
  readonly section: string;
  readonly codecs: readonly CodecName[];
  /** Where and why it is not the RFC's answer. */
  readonly policy?: string;
  readonly expect: readonly string[] | "no-audio" | "no-common-codec";
}

const answers4317: readonly OurAnswer[] = [
  {
    section: "2.1",
    codecs: ["pcmu"],
    policy: "video is refused; its formats are repeated as offered",
    expect: ["audio 10000 RTP/AVP 0", "video 0 RTP/AVP 31 32", "sendrecv", "pcmu→192.0.2.1:49170"],
  },
  {
    section: "2.2 first",
    codecs: ["pcma", "pcmu"],
    policy: "our own order does not count",
    expect: ["audio 10000 RTP/AVP 0 8", "video 0 RTP/AVP 31 32", "sendrecv", "pcmu,pcma→192.0.2.1:49170"],
  },
  {
    section: "2.2 second",
    codecs: ["pcma", "pcmu"],
    expect: ["audio 10000 RTP/AVP 0", "video 0 RTP/AVP 31", "sendrecv", "pcmu→192.0.2.1:51372"],
  },
  {
    section: "2.3",
    codecs: ["ilbc"],
    policy: "the offer's payload type 97 is kept (RFC 3264 §6.1 recommends it); no mode means 30 ms",
    expect: ["audio 10000 RTP/AVP 97", "video 0 RTP/AVP 31 32", "sendrecv", "ilbc@30→192.0.2.1:49170"],
  },
  {
    section: "2.4",
    codecs: ["ilbc", "2833"],
    policy: "events in a stream of their own are refused: one audio stream",
    expect: ["audio 10000 RTP/AVP 97", "audio 0 RTP/AVP 98", "sendrecv", "ilbc@30→192.0.2.1:49170"],
  },
  {
    section: "2.5 second",
    codecs: ["ilbc"],
    expect: ["audio 10000 RTP/AVP 97", "video 0 RTP/AVP 31", "sendrecv", "ilbc@30→198.51.100.3:49178"],
  },
  {
    section: "2.6",
    codecs: ["ilbc", "2833"],
    expect: ["audio 0 RTP/AVP 0", "audio 10000 RTP/AVP 97 101", "sendrecv", "ilbc@30+101→192.0.2.1:51372"],
  },
  {
    section: "2.7 second",
    codecs: ["ilbc"],
    expect: ["audio 10000 RTP/AVP 99", "video 0 RTP/AVP 31 32", "sendrecv", "ilbc@30→192.0.2.1:49170"],
  },
  {
    section: "3.1 second",
    codecs: ["pcmu", "ilbc"],
    expect: ["audio 10000 RTP/AVP 97", "sendrecv", "ilbc@30→198.51.100.2:49170"],
  },
  {
    section: "3.2 second",
    codecs: ["ilbc", "2833"],
    policy: "held: recvonly is said aloud (RFC 3264 §6.1)",
    expect: [
      "audio 10000 RTP/AVP 97",
      "audio 0 RTP/AVP 98",
      "recvonly",
      "ilbc@30→198.51.100.2:49172",
      "recvonly hold",
    ],
  },
  {
    section: "4.1 second",
    codecs: ["ilbc", "2833"],
    policy: "the second stream is refused",
    expect: ["audio 10000 RTP/AVP 97", "audio 0 RTP/AVP 98", "sendrecv", "ilbc@30→198.51.100.2:49170"],
  },
  {
    section: "4.2 second",
    codecs: ["pcmu"],
    expect: ["audio 10000 RTP/AVP 0", "video 0 RTP/AVP 31", "sendrecv", "pcmu→192.0.2.1:49170"],
  },
  {
    section: "4.3 second",
    codecs: ["ilbc"],
    expect: ["audio 10000 RTP/AVP 97", "video 0 RTP/AVP 31", "sendrecv", "ilbc@30→198.51.100.2:49174"],
  },
  { section: "5.1 first", codecs: ["pcmu"], policy: "a call without audio is refused", expect: "no-audio" },
  {
    section: "5.1 second",
    codecs: ["pcmu"],
    policy: "we are not made to speak iLBC",
    expect: "no-common-codec",
  },
  {
    section: "5.2 first",
    codecs: ["ilbc"],
    policy: "accepted as usual, but nothing is sent",
    expect: ["audio 10000 RTP/AVP 97", "sendrecv", "ilbc@30→0.0.0.0:23442", "recvonly hold"],
  },
  {
    section: "5.2 second",
    codecs: ["ilbc"],
    expect: ["audio 10000 RTP/AVP 97", "sendrecv", "ilbc@30→192.0.2.1:49170"],
  },
];

const answers3264: readonly OurAnswer[] = [
  {
    section: "10.1 first",
    codecs: ["pcmu"],
    expect: [
      "audio 10000 RTP/AVP 0",
      "video 0 RTP/AVP 31",
      "video 0 RTP/AVP 32",
      "sendrecv",
      "pcmu→192.0.2.7:49170",
    ],
  },
  {
    section: "10.1 second",
    codecs: ["pcmu", "2833"],
    expect: [
      "audio 10000 RTP/AVP 0",
      "video 0 RTP/AVP 31",
      "video 0 RTP/AVP 32",
      "audio 0 RTP/AVP 110",
      "sendrecv",
      "pcmu→198.51.100.7:65422",
    ],
  },
  {
    section: "10.2 first",
    codecs: ["pcmu"],
    expect: ["audio 10000 RTP/AVP 0", "inactive", "pcmu→192.0.2.7:62986", "inactive hold"],
  },
  { section: "10.2 second", codecs: ["pcmu"], expect: "no-common-codec" },
];

function describeAnswer(text: string, codecs: readonly CodecName[]): readonly string[] | string {
  const result = makeAnswer(parsed(numeric(text)), us(codecs));
  if (result.kind === "refused") return result.code;
  const { negotiated, answer } = result;
  const names = negotiated.formats.map(({ codec }) => codec).join(",");
  const events = negotiated.telephoneEvent === undefined ? "" : `+${String(negotiated.telephoneEvent)}`;
  const to = `${negotiated.remote.address}:${String(negotiated.remote.port)}`;
  return [
    ...answer.m.map(
      ({ media, port, proto, payloads }) => `${media} ${String(port)} ${proto} ${payloads.join(" ")}`,
    ),
    answer.m.find(({ port }) => port !== 0)?.direction ?? "",
    `${names}${events}→${to}`,
    ...(negotiated.hold ? [`${negotiated.direction} hold`] : []),
  ];
}

function find(examples: readonly Exchange[], section: string): Exchange {
  const example = examples.find((candidate) => candidate.section === section);
  if (example === undefined) throw new Error(`no example ${section}`);
  return example;
}

for (const [rfc, examples, answers] of [
  ["RFC 4317", RFC_4317, answers4317],
  ["RFC 3264", RFC_3264, answers3264],
] as const) {
  void t.test(`${rfc}: every description is read and written back octet for octet`, (t) => {
    for (const { section, offer, answer } of examples) {
      t.equal(serializeSdp(parsed(offer)), offer, `§${section} offer`);
      // RFC 4317 §4.1 and §2.8 have their c= lines in the place RFC 8866 §5 gives them, too.
      t.equal(serializeSdp(parsed(answer)), answer, `§${section} answer`);
    }
    t.end();
  });

  void t.test(`${rfc}: our answers`, (t) => {
    for (const { section, codecs, policy, expect } of answers) {
      const name = policy === undefined ? `§${section}` : `§${section}: ${policy}`;
      t.strictSame(describeAnswer(find(examples, section).offer, codecs), expect, name);
    }
    t.end();
  });

  void t.test(`${rfc}: host names as printed are refused, not looked up`, (t) => {
    for (const { section, offer } of examples) {
      if (section === "5.1 first" || section === "5.2 first" || section === "10.2 second") continue;
      const result = makeAnswer(parsed(offer), us(["pcmu", "ilbc"]));
      t.match(result, { kind: "refused", code: "host-name-address" }, `§${section}`);
    }
    t.end();
  });
}

/** What the offerer reads from the RFC's own answer. */
const readings: readonly (readonly [section: string, reading: object])[] = [
  ["2.1", { remote: { address: "198.51.100.2", port: 49174 }, formats: [{ payloadType: 0, codec: "pcmu" }] }],
  [
    "2.2 first",
    {
      formats: [
        { payloadType: 0, codec: "pcmu" },
        { payloadType: 8, codec: "pcma" },
      ],
    },
  ],
  ["2.3", { formats: [{ payloadType: 99, codec: "ilbc@30" }], ptime: 30 }],
  ["2.4", { remote: { port: 49172 }, formats: [{ payloadType: 97, codec: "ilbc@30" }] }],
  ["2.5 second", { remote: { address: "192.0.2.1", port: 49170 }, direction: "sendrecv" }],
  ["2.8", { remote: { address: "198.51.100.2", port: 49174 } }],
  ["3.1 first", { remote: { address: "198.51.100.6" }, direction: "recvonly", hold: true }],
  ["3.1 second", { direction: "sendrecv", hold: false }],
  // We asked for sendonly ourselves, so an answer in sendrecv cannot open the way back.
  ["3.2 second", { direction: "sendonly", hold: false }],
  ["5.3 first", { remote: { address: "0.0.0.0" }, direction: "recvonly", hold: true }],
];

void t.test("RFC 4317: reading the answers as the offerer", (t) => {
  for (const [section, reading] of readings) {
    const { offer, answer } = find(RFC_4317, section);
    const result = readAnswer(parsed(numeric(offer)), parsed(numeric(answer)));
    t.match(result, { kind: "answered", negotiated: reading }, `§${section}`);
  }
  const refused = find(RFC_4317, "2.6");
  t.match(
    readAnswer(parsed(numeric(refused.offer)), parsed(numeric(refused.answer))),
    { kind: "refused", code: "no-audio" },
    "§2.6: the first audio is the one we mean; our offers have no second",
  );
  t.end();
});
