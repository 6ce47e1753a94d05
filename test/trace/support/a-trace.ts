/** Traces made by hand: a call that went well, and what a test changes in it. */
import type {
  CallTrace,
  LegTrace,
  MediaMoment,
  MediaSample,
  TracedMessage,
} from "../../../ts/trace/call-trace.js";
import { nameOf, readMessage } from "../../../ts/trace/message-text.js";

export const START = 1_704_067_200_000;

export interface Said {
  readonly at: number;
  readonly leg?: number;
  readonly way: "in" | "out";
  readonly line: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly sdp?: string;
  readonly peer?: string;
  readonly again?: true;
}

const PEERS = ["198.51.100.10:5060", "198.51.100.20:5060"];

export const sdpOf = ({
  address = "198.51.100.10",
  formats = "8 101",
  lines = ["a=rtpmap:101 telephone-event/8000"],
}: {
  readonly address?: string;
  readonly formats?: string;
  readonly lines?: readonly string[];
} = {}): string =>
  [
    "v=0",
    "o=- 1 1 IN IP4 a",
    "s=-",
    `c=IN IP4 ${address}`,
    "t=0 0",
    `m=audio 4000 RTP/AVP ${formats}`,
    ...lines,
    "",
  ].join("\r\n");

/** Responses are to the INVITE unless `headers` has another CSeq. */
function messageOf(
  { at, leg = 0, way, line, headers, sdp, peer, again }: Said,
  index: number,
): TracedMessage {
  const method = line.startsWith("SIP/2.0") ? "INVITE" : (line.split(" ")[0] ?? "");
  const all = {
    Via: "SIP/2.0/UDP 198.51.100.10;branch=z9hG4bK1;rport",
    "Call-ID": `leg-${leg}`,
    CSeq: `1 ${method}`,
    ...headers,
    ...(sdp === undefined ? {} : { "Content-Type": "application/sdp" }),
  };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const text = `${line}\r\n${head.join("")}\r\n${sdp ?? ""}`;
  const message = readMessage(text);
  return {
    at: START + at,
    number: index,
    leg,
    callid: `leg-${leg}`,
    direction: way,
    peer: peer ?? PEERS[leg] ?? "",
    protocol: "UDP",
    firstLine: line,
    name: nameOf(message),
    text,
    size: text.length,
    ...(again === true && { retransmission: true }),
  };
}

export const sample = (
  more: {
    readonly packets?: number;
    readonly lost?: number;
    readonly jitterMillis?: number;
    readonly dropped?: Readonly<Record<string, number>>;
    readonly refused?: Readonly<Record<string, number>>;
  } = {},
): MediaSample => {
  const { packets = 1000, lost = 0, jitterMillis = 2, dropped = {}, refused } = more;
  const good = { packets: 1000, octets: 160_000, lost: 0, jitterMillis: 2, rFactor: 93, mos: 4.4 };
  return {
    at: START + 30_000,
    received: { ...good, packets, lost, jitterMillis },
    sent: good,
    roundTripMillis: 20,
    dropped,
    ...(refused !== undefined && { refused }),
  };
};

const ANSWER = 3000;
const END = 30_000;

/** Who calls is alice, who is called is bob; both were answered after 3 s and talked for 27. */
export const legOf = (index: 0 | 1, more: Partial<LegTrace> = {}): LegTrace => ({
  callid: `leg-${index}`,
  direction: index === 0 ? "inbound" : "outbound",
  from: "alice",
  to: "bob",
  domain: "example.org",
  remote: { host: index === 0 ? "198.51.100.10" : "198.51.100.20", port: 5060 },
  start: START,
  ring: START + 500,
  answer: START + ANSWER,
  end: START + END,
  cause: { name: "normal", q850: 16, text: "" },
  samples: [sample()],
  ...more,
});

/** The leg as it is when it was never answered. */
export const unanswered = (index: 0 | 1, more: Partial<LegTrace> = {}): LegTrace => {
  const { answer: _answer, ...leg } = legOf(index, { samples: [] });
  return { ...leg, ...more };
};

export const GOOD: readonly Said[] = [
  {
    at: 0,
    way: "in",
    line: "INVITE sip:bob@example.org SIP/2.0",
    sdp: sdpOf(),
    headers: { Contact: "<sip:alice@198.51.100.10>" },
  },
  { at: 1, way: "out", line: "SIP/2.0 100 Trying" },
  { at: 2, leg: 1, way: "out", line: "INVITE sip:bob@198.51.100.20 SIP/2.0", sdp: sdpOf() },
  {
    at: 500,
    leg: 1,
    way: "in",
    line: "SIP/2.0 180 Ringing",
    headers: { Contact: "<sip:bob@198.51.100.20>" },
  },
  { at: 501, way: "out", line: "SIP/2.0 180 Ringing" },
  { at: 3000, leg: 1, way: "in", line: "SIP/2.0 200 OK", sdp: sdpOf({ address: "198.51.100.20" }) },
  { at: 3001, leg: 1, way: "out", line: "ACK sip:bob@198.51.100.20 SIP/2.0" },
  { at: 3002, way: "out", line: "SIP/2.0 200 OK", sdp: sdpOf() },
  { at: 3003, way: "in", line: "ACK sip:bob@192.0.2.1 SIP/2.0" },
  { at: 30_000, way: "in", line: "BYE sip:bob@192.0.2.1 SIP/2.0" },
  { at: 30_001, way: "out", line: "SIP/2.0 200 OK", headers: { CSeq: "2 BYE" } },
];

export interface TraceOptions {
  readonly legs?: readonly LegTrace[];
  readonly said?: readonly Said[];
  readonly media?: readonly MediaMoment[];
  readonly state?: CallTrace["state"];
}

export function aTrace({
  legs = [legOf(0), legOf(1)],
  said = GOOD,
  media = [],
  state = "ended",
}: TraceOptions = {}): CallTrace {
  const messages = said.map(messageOf);
  return {
    version: 1,
    id: "call",
    state,
    direction: messages[0]?.direction === "out" ? "outbound" : "inbound",
    from: "alice",
    to: "bob",
    domain: "example.org",
    callids: legs.map(({ callid }) => callid),
    start: START,
    legs,
    messages,
    messagesOmitted: 0,
    media,
    events: [],
    eventsOmitted: 0,
    findings: [],
  };
}
