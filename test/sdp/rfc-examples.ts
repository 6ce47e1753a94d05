/**
 * The exchanges of RFC 4317 and RFC 3264 §10 that have audio. Host names are those of the RFCs; `numeric` puts
 * documentation addresses (RFC 5737) in their place, since we do not look names up.
 */
const HOSTS: Readonly<Record<string, string>> = {
  "newhost.biloxi.example.com": "198.51.100.3",
  "otherhost.biloxi.example.com": "198.51.100.4",
  "mediaserver.biloxi.example.com": "198.51.100.5",
  "placeholder.biloxi.example.com": "198.51.100.6",
  "host.biloxi.example.com": "198.51.100.2",
  "host.atlanta.example.com": "192.0.2.1",
  "host.anywhere.com": "192.0.2.7",
  "host.example.com": "198.51.100.7",
};

export function numeric(text: string): string {
  let result = text;
  for (const [name, address] of Object.entries(HOSTS)) {
    result = result.split(` ${name}\r\n`).join(` ${address}\r\n`);
  }
  return result;
}

type Line = readonly string[];

/** All descriptions of these examples have the same head; only names, version and c= differ. */
function description(
  user: string,
  id: string,
  version: string,
  host: string,
  media: Line,
  at = host,
): string {
  const head = ["v=0", `o=${user} ${id} ${version} IN IP4 ${host}`, "s= ", `c=IN IP4 ${at}`, "t=0 0"];
  return [...head, ...media].map((line) => `${line}\r\n`).join("");
}

const ATLANTA = "host.atlanta.example.com";
const BILOXI = "host.biloxi.example.com";
/** `change` counts the exchanges in which the version went up. */
const alice = (change: number, media: Line, at = ATLANTA): string =>
  description("alice", "2890844526", String(2890844526 + change), ATLANTA, media, at);
const bob = (change: number, media: Line, at = BILOXI): string =>
  description("bob", "2808844564", String(2808844564 + change), BILOXI, media, at);

const PCMU = "a=rtpmap:0 PCMU/8000";
const PCMA = "a=rtpmap:8 PCMA/8000";
const ILBC = "a=rtpmap:97 iLBC/8000";
const ILBC_99 = "a=rtpmap:99 iLBC/8000";
const EVENTS_98 = "a=rtpmap:98 telephone-event/8000";
const EVENTS_101 = "a=rtpmap:101 telephone-event/8000";
const H261 = "a=rtpmap:31 H261/90000";
const MPV = "a=rtpmap:32 MPV/90000";
const THREE_AUDIO = ["m=audio 49170 RTP/AVP 0 8 97", PCMU, PCMA, ILBC];
const TWO_VIDEO = ["m=video 51372 RTP/AVP 31 32", H261, MPV];
const AUDIO_AND_EVENTS = [
  "m=audio 49170 RTP/AVP 0 97",
  PCMU,
  ILBC,
  "m=audio 49172 RTP/AVP 98",
  EVENTS_98,
  "a=sendonly",
];
const BOTH_ACCEPTED = ["m=audio 49172 RTP/AVP 97", ILBC, "m=audio 49174 RTP/AVP 98", EVENTS_98, "a=recvonly"];

export interface Exchange {
  readonly section: string;
  readonly offer: string;
  readonly answer: string;
}

const exchange = (section: string, offer: string, answer: string): Exchange => ({ section, offer, answer });

export const RFC_4317: readonly Exchange[] = [
  exchange(
    "2.1",
    alice(0, [...THREE_AUDIO, ...TWO_VIDEO]),
    bob(0, ["m=audio 49174 RTP/AVP 0", PCMU, "m=video 49170 RTP/AVP 32", MPV]),
  ),
  exchange(
    "2.2 first",
    alice(0, [...THREE_AUDIO, ...TWO_VIDEO]),
    bob(0, ["m=audio 49172 RTP/AVP 0 8", PCMU, PCMA, "m=video 0 RTP/AVP 31", H261]),
  ),
  exchange(
    "2.2 second",
    alice(1, ["m=audio 51372 RTP/AVP 0", PCMU, "m=video 0 RTP/AVP 31", H261]),
    bob(1, ["m=audio 49172 RTP/AVP 0", PCMU, "m=video 0 RTP/AVP 31", H261]),
  ),
  exchange(
    "2.3",
    alice(0, [...THREE_AUDIO, ...TWO_VIDEO]),
    bob(0, ["m=audio 49172 RTP/AVP 99", ILBC_99, "m=video 51374 RTP/AVP 31", H261]),
  ),
  exchange("2.4", alice(0, AUDIO_AND_EVENTS), bob(0, BOTH_ACCEPTED)),
  exchange(
    "2.5 first",
    alice(0, ["m=audio 49170 RTP/AVP 97", ILBC, "m=video 51372 RTP/AVP 31", H261]),
    bob(0, ["m=audio 49174 RTP/AVP 97", ILBC, "m=video 49170 RTP/AVP 31", H261]),
  ),
  exchange(
    "2.5 second",
    bob(
      1,
      ["m=audio 49178 RTP/AVP 97", ILBC, "m=video 49188 RTP/AVP 31", H261],
      "newhost.biloxi.example.com",
    ),
    alice(0, ["m=audio 49170 RTP/AVP 97", ILBC, "m=video 51372 RTP/AVP 31", H261]),
  ),
  exchange(
    "2.6",
    alice(0, ["m=audio 49170 RTP/AVP 0", PCMU, "m=audio 51372 RTP/AVP 97 101", ILBC, EVENTS_101]),
    bob(0, ["m=audio 0 RTP/AVP 0", PCMU, "m=audio 49170 RTP/AVP 97 101", ILBC, EVENTS_101]),
  ),
  exchange(
    "2.7 second",
    alice(1, ["m=audio 49170 RTP/AVP 99", ILBC_99, ...TWO_VIDEO]),
    bob(1, ["m=audio 49172 RTP/AVP 99", ILBC_99, "m=video 51374 RTP/AVP 31 32", H261, MPV]),
  ),
  exchange(
    "2.8",
    alice(0, [...THREE_AUDIO, ...TWO_VIDEO]),
    bob(0, [
      "m=audio 49174 RTP/AVP 0",
      PCMU,
      "m=video 49172 RTP/AVP 32",
      "c=IN IP4 otherhost.biloxi.example.com",
      MPV,
    ]),
  ),
  exchange(
    "3.1 first",
    alice(0, ["m=audio 49170 RTP/AVP 0 97", PCMU, ILBC]),
    bob(0, ["m=audio 49172 RTP/AVP 97", ILBC, "a=sendonly"], "placeholder.biloxi.example.com"),
  ),
  exchange(
    "3.1 second",
    bob(1, ["m=audio 49170 RTP/AVP 97", ILBC]),
    alice(1, ["m=audio 49178 RTP/AVP 97", ILBC]),
  ),
  exchange(
    "3.2 second",
    bob(1, [
      "m=audio 49172 RTP/AVP 97",
      ILBC,
      "a=sendonly",
      "m=audio 49174 RTP/AVP 98",
      EVENTS_98,
      "a=recvonly",
    ]),
    alice(1, AUDIO_AND_EVENTS),
  ),
  exchange(
    "4.1 second",
    bob(1, [
      "m=audio 49170 RTP/AVP 97",
      ILBC,
      "m=audio 48282 RTP/AVP 98",
      "c=IN IP4 mediaserver.biloxi.example.com",
      EVENTS_98,
      "a=recvonly",
    ]),
    alice(1, [
      "m=audio 49170 RTP/AVP 97",
      ILBC,
      "m=audio 49172 RTP/AVP 98",
      `c=IN IP4 ${ATLANTA}`,
      EVENTS_98,
      "a=sendonly",
    ]),
  ),
  exchange(
    "4.2 second",
    alice(1, ["m=audio 49170 RTP/AVP 0", PCMU, "m=video 49172 RTP/AVP 31", H261]),
    bob(1, ["m=audio 49172 RTP/AVP 0", PCMU, "m=video 49168 RTP/AVP 31", H261]),
  ),
  exchange(
    "4.3 second",
    bob(1, ["m=audio 49174 RTP/AVP 97", ILBC, "m=video 0 RTP/AVP 31", H261]),
    alice(1, ["m=audio 49170 RTP/AVP 97", ILBC, "m=video 0 RTP/AVP 31", H261]),
  ),
  exchange("5.1 first", alice(0, []), bob(0, [])),
  exchange(
    "5.1 second",
    alice(1, ["m=audio 49170 RTP/AVP 97", ILBC]),
    bob(1, ["m=audio 49172 RTP/AVP 97", ILBC]),
  ),
  exchange(
    "5.2 first",
    alice(0, ["m=audio 23442 RTP/AVP 97", ILBC], "0.0.0.0"),
    bob(0, ["m=audio 49170 RTP/AVP 97", ILBC]),
  ),
  exchange(
    "5.2 second",
    alice(1, ["m=audio 49170 RTP/AVP 97", ILBC]),
    bob(0, ["m=audio 49170 RTP/AVP 97", ILBC]),
  ),
  exchange(
    "5.3 first",
    alice(0, ["m=audio 49170 RTP/AVP 97", ILBC]),
    bob(0, ["m=audio 9322 RTP/AVP 97", ILBC], "0.0.0.0"),
  ),
];

const ANYWHERE = "host.anywhere.com";
const EXAMPLE = "host.example.com";
const alice3264 = (version: string, media: Line): string =>
  description("alice", "2890844526", version, ANYWHERE, media);
const bob3264 = (version: string, media: Line): string =>
  description("bob", "2890844730", version, EXAMPLE, media);
const G723 = "a=rtpmap:4 G723/8000";
const G729 = "a=rtpmap:18 G729/8000";

export const RFC_3264: readonly Exchange[] = [
  exchange(
    "10.1 first",
    alice3264("2890844526", [
      "m=audio 49170 RTP/AVP 0",
      PCMU,
      "m=video 51372 RTP/AVP 31",
      H261,
      "m=video 53000 RTP/AVP 32",
      MPV,
    ]),
    bob3264("2890844730", [
      "m=audio 49920 RTP/AVP 0",
      PCMU,
      "m=video 0 RTP/AVP 31",
      "m=video 53000 RTP/AVP 32",
      MPV,
    ]),
  ),
  exchange(
    "10.1 second",
    bob3264("2890844731", [
      "m=audio 65422 RTP/AVP 0",
      PCMU,
      "m=video 0 RTP/AVP 31",
      "m=video 53000 RTP/AVP 32",
      MPV,
      "m=audio 51434 RTP/AVP 110",
      "a=rtpmap:110 telephone-events/8000",
      "a=recvonly",
    ]),
    alice3264("2890844527", [
      "m=audio 49170 RTP/AVP 0",
      PCMU,
      "m=video 0 RTP/AVP 31",
      "m=video 53000 RTP/AVP 32",
      MPV,
      "m=audio 53122 RTP/AVP 110",
      "a=rtpmap:110 telephone-events/8000",
      "a=sendonly",
    ]),
  ),
  exchange(
    "10.2 first",
    alice3264("2890844526", ["m=audio 62986 RTP/AVP 0 4 18", PCMU, G723, G729, "a=inactive"]),
    bob3264("2890844730", ["m=audio 54344 RTP/AVP 0 4", PCMU, G723, "a=inactive"]),
  ),
  exchange(
    "10.2 second",
    alice3264("2890844527", ["m=audio 62986 RTP/AVP 4", G723, "a=sendrecv"]),
    bob3264("2890844731", ["m=audio 54344 RTP/AVP 4", G723, "a=sendrecv"]),
  ),
];
