import fc from "fast-check";
import { parseDirection } from "../../ts/sdp/fields.js";
import type { Attribute, MediaDescription, SessionDescription } from "../../ts/sdp/session-description.js";

/** Any session description that `parseSdp` can give: the generator of the round-trip properties. */

const chars = (alphabet: string, minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...Array.from(alphabet)), minLength, maxLength });

const LETTERS = "abcXYZ019-._";
const word = chars(LETTERS, 1, 12);
/** Free text: any characters but those that end a line. */
const line = fc.string({ unit: "binary", maxLength: 30 }).map((text) => text.replace(/[\r\n\0]/g, "#"));
const digits = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);
const count = fc.nat({ max: 2 ** 31 });

const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6().filter((text) => text.length <= 45),
  fc.constantFrom("0.0.0.0", "::", "host.example.com", "224.2.1.1/127"),
);
const connection = fc.record({
  nettype: fc.constant("IN"),
  ipver: fc.constantFrom("IP4", "IP6"),
  address,
});
const bandwidth = fc.record({ bwtype: fc.constantFrom("AS", "CT", "TIAS", "X-y"), bandwidth: count });
const key = fc.oneof(fc.record({ method: word }), fc.record({ method: word, key: line }));

const TAKEN = ["rtpmap", "fmtp", "ptime", "maxptime"];
const attribute: fc.Arbitrary<Attribute> = fc
  .oneof(fc.record({ name: word }), fc.record({ name: word, value: line }))
  .filter(({ name }) => !TAKEN.includes(name) && parseDirection(name) === undefined);

const payloadType = fc.nat({ max: 127 }).map(String);
const rtpMap = fc.record(
  { encoding: word, clock: fc.integer({ min: 1, max: 192_000 }), params: fc.constantFrom("1", "2") },
  { requiredKeys: ["encoding", "clock"] },
);
const packetTime = fc.oneof(fc.integer({ min: 1, max: 999 }), fc.constantFrom(2.5, 0.5, 22.25));
const direction = fc.constantFrom("sendrecv", "sendonly", "recvonly", "inactive");

/** What a section says of its payload types. */
export const byType = <Value>(entries: Readonly<Record<string, Value>>): ReadonlyMap<string, Value> =>
  new Map(Object.entries(entries));

export const mediaDescription: fc.Arbitrary<MediaDescription> = fc.record(
  {
    media: fc.constantFrom("audio", "video", "image", "application", "text"),
    port: fc.nat({ max: 65_535 }),
    numports: fc.integer({ min: 1, max: 99_999 }),
    proto: fc.constantFrom("RTP/AVP", "RTP/SAVPF", "udptl", "UDP/DTLS/SCTP"),
    payloads: fc.array(fc.oneof(payloadType, word), { minLength: 1, maxLength: 8 }),
    i: line,
    c: connection,
    b: fc.array(bandwidth, { maxLength: 2 }),
    k: key,
    ptime: packetTime,
    maxptime: packetTime,
    direction,
    rtpmap: fc.array(fc.tuple(payloadType, rtpMap), { maxLength: 4 }).map((entries) => new Map(entries)),
    fmtp: fc
      .array(
        fc.tuple(
          payloadType,
          line.map((text) => `x${text}`),
        ),
        { maxLength: 4 },
      )
      .map((entries) => new Map(entries)),
    a: fc.array(attribute, { maxLength: 5 }),
  },
  { requiredKeys: ["media", "port", "proto", "payloads", "b", "rtpmap", "fmtp", "a"] },
);

export const sessionDescription: fc.Arbitrary<SessionDescription> = fc.record(
  {
    v: fc.constant(0 as const),
    o: fc.record({
      username: fc.oneof(fc.constant("-"), word),
      sessionid: digits,
      sessionversion: digits,
      nettype: fc.constant("IN"),
      ipver: fc.constantFrom("IP4", "IP6"),
      address: word,
    }),
    s: fc.oneof(fc.constantFrom(" ", "", "-"), line),
    i: line,
    u: line,
    e: fc.array(line, { maxLength: 2 }),
    p: fc.array(line, { maxLength: 2 }),
    c: connection,
    b: fc.array(bandwidth, { maxLength: 2 }),
    t: fc.array(fc.record({ start: count, stop: count, repeats: fc.array(line, { maxLength: 2 }) }), {
      maxLength: 2,
    }),
    z: line,
    k: key,
    a: fc.array(fc.oneof(attribute, fc.record({ name: direction })), { maxLength: 4 }),
    m: fc.array(mediaDescription, { maxLength: 3 }),
  },
  { requiredKeys: ["v", "o", "s", "e", "p", "b", "t", "a", "m"] },
);
