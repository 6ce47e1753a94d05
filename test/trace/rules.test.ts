/** Each rule finds what it is for, in words, and does not find it in a call that only looks like it. */
import t from "tap";
import { explain } from "../../ts/trace/explain.js";
import type { MediaMoment } from "../../ts/trace/call-trace.js";
import { RULES } from "../../ts/trace/rules.js";
import {
  aTrace,
  GOOD,
  legOf,
  sample,
  sdpOf,
  START,
  unanswered,
  type Said,
  type TraceOptions,
} from "./support/a-trace.js";

interface Row {
  readonly rule: string;
  /** A call in which it is so … */
  readonly so: TraceOptions;
  readonly says: string | RegExp;
  /** … and one that is nearly the same, in which it is not. */
  readonly not: TraceOptions;
  /** Milliseconds since the call's start. */
  readonly now?: number;
}

const line = (text: string, more: Partial<Said> = {}): Said => ({ at: 5, way: "in", line: text, ...more });
const invite = (more: Partial<Said> = {}): Said => ({
  ...line("INVITE sip:bob@example.org SIP/2.0", { at: 0, sdp: sdpOf() }),
  ...more,
});
const inviteOut = (more: Partial<Said> = {}): Said => invite({ leg: 1, way: "out", at: 2, ...more });
const refusedByUs = (status: string): TraceOptions => ({
  legs: [unanswered(0)],
  said: [invite(), line(`SIP/2.0 ${status}`, { way: "out" })],
});
const refusedByThem = (status: string): TraceOptions => ({
  legs: [unanswered(0), unanswered(1)],
  said: [invite(), inviteOut(), line(`SIP/2.0 ${status}`, { leg: 1 })],
});
const credentials = (cseq: number): Partial<Said> => ({
  headers: { CSeq: `${cseq} INVITE`, Authorization: 'Digest username="alice", response="removed"' },
});
const challenge = (cseq: number, more = ""): Said =>
  line("SIP/2.0 401 Unauthorized", {
    way: "out",
    headers: { CSeq: `${cseq} INVITE`, "WWW-Authenticate": `Digest realm="example.org"${more}` },
  });
const ok = (cseq: number): Said =>
  line("SIP/2.0 200 OK", { way: "out", headers: { CSeq: `${cseq} INVITE` }, sdp: sdpOf() });
const bye = (reason: string): Said =>
  line("BYE sip:alice@198.51.100.10 SIP/2.0", { at: 29_000, way: "out", headers: { Reason: reason } });
const silent = (more = {}): TraceOptions => ({
  legs: [legOf(0, { samples: [sample({ packets: 0, ...more })] }), legOf(1)],
});
const withMedia = (more: Parameters<typeof sample>[0]): TraceOptions => ({
  legs: [legOf(0, { samples: [sample(more)] }), legOf(1)],
});
const closed = (reason: string): TraceOptions => ({
  media: [{ at: START + 9000, leg: 1, type: "closed", text: `channel closed: ${reason}` }],
});
const heardFirst = (at: number): MediaMoment => ({
  at: START + at,
  leg: 0,
  type: "first-packet",
  text: "first RTP",
});
const gap = (at: number, millis: number): MediaMoment => ({
  at: START + at,
  leg: 0,
  type: "gap",
  text: "no RTP",
  millis,
});
const answered = (times: number, acknowledged: boolean): Said[] => [
  invite(),
  ...Array.from({ length: times }, (_, index) => ({ ...ok(1), at: 10 + index })),
  ...(acknowledged ? [line("ACK sip:bob@192.0.2.1 SIP/2.0")] : []),
];
const withContact = (contact: string, via: string): Said[] => [
  { ...invite(), headers: { Contact: `<sip:alice@${contact}:5060>`, Via: via } },
  ...GOOD.slice(1),
];
const VIA = "SIP/2.0/UDP 192.168.1.5:5060;branch=z9hG4bK1";

const ROWS: readonly Row[] = [
  {
    rule: "wrong-password",
    so: {
      legs: [unanswered(0)],
      said: [
        invite(),
        challenge(1),
        invite(credentials(2)),
        challenge(2),
        invite(credentials(3)),
        challenge(3),
      ],
    },
    says: /^alice sent credentials and they were refused, 2 times: the user name or the password is wrong\.$/,
    not: {
      legs: [unanswered(0)],
      said: [
        invite(),
        challenge(1),
        invite(credentials(2)),
        challenge(2, ", stale=true"),
        invite(credentials(3)),
        ok(3),
      ],
    },
  },
  {
    rule: "wrong-password",
    so: {
      legs: [unanswered(0), unanswered(1)],
      said: [
        inviteOut({ headers: { CSeq: "2 INVITE", "Proxy-Authorization": "Digest x" } }),
        line("SIP/2.0 407 Proxy Authentication Required", { leg: 1, headers: { CSeq: "2 INVITE" } }),
      ],
    },
    says: /^bob refused our credentials/,
    not: {
      legs: [unanswered(0), unanswered(1)],
      said: [inviteOut(), line("SIP/2.0 407 Proxy Authentication Required", { leg: 1 })],
    },
  },
  {
    rule: "no-credentials",
    so: { legs: [unanswered(0)], said: [invite(), challenge(1)] },
    says: /^alice was asked for a password and sent none/,
    not: { legs: [unanswered(0)], said: [invite(), challenge(1), invite(credentials(2)), ok(2)] },
  },
  {
    rule: "no-common-codec",
    so: {
      legs: [unanswered(0)],
      said: [
        invite({ sdp: sdpOf({ formats: "18 96", lines: ["a=rtpmap:96 opus/48000/2"] }) }),
        line("SIP/2.0 488 Not Acceptable Here", { way: "out" }),
      ],
    },
    says: /it offers G729\/8000, opus\/48000\/2\.$/,
    not: refusedByUs("486 Busy Here"),
  },
  {
    rule: "no-common-codec",
    so: refusedByThem("488 Not Acceptable Here"),
    says: "bob takes nothing of what we offered: PCMA/8000.",
    not: refusedByThem("486 Busy Here"),
  },
  {
    rule: "not-found",
    so: refusedByUs("404 Not Found"),
    says: "We told alice that nobody is to be found at bob.",
    not: refusedByUs("403 Forbidden"),
  },
  {
    rule: "not-found",
    so: refusedByThem("404 Not Found"),
    says: "The far end does not know bob: 404 Not Found.",
    not: refusedByThem("480 Gone out"),
  },
  {
    rule: "not-registered",
    so: {
      legs: [
        unanswered(0),
        unanswered(1, {
          cause: { name: "TEMPORARILY_UNAVAILABLE", sip: 480, q850: 18, text: "bob is not registered" },
        }),
      ],
      said: [invite()],
    },
    says: "bob could not be called: no phone is registered as that.",
    not: refusedByThem("480 Temporarily Unavailable"),
  },
  {
    rule: "unavailable",
    so: refusedByThem("480 Do not disturb"),
    says: /^bob is not there: 480 Do not disturb\./,
    not: refusedByUs("480 Temporarily Unavailable"),
  },
  {
    rule: "busy",
    so: refusedByThem("486 Busy Here"),
    says: "bob is busy.",
    not: refusedByUs("486 Busy Here"),
  },
  { rule: "declined", so: refusedByThem("603 Decline"), says: "bob declined the call: Decline.", not: {} },
  {
    rule: "forbidden",
    so: refusedByUs("403 Forbidden"),
    says: "We forbade alice the call to bob.",
    not: {
      legs: [unanswered(0)],
      said: [
        invite(credentials(2)),
        line("SIP/2.0 403 Forbidden", { way: "out", headers: { CSeq: "2 INVITE" } }),
      ],
    },
  },
  {
    rule: "overloaded",
    so: refusedByUs("503 Service Unavailable"),
    says: /^We refused alice with 503/,
    not: refusedByThem("503 Service Unavailable"),
  },
  {
    rule: "far-end-overloaded",
    so: refusedByThem("503 Service Unavailable"),
    says: "The far end failed when bob was called: 503 Service Unavailable.",
    not: refusedByUs("503 Service Unavailable"),
  },
  {
    rule: "loop",
    so: refusedByThem("483 Too Many Hops"),
    says: /goes round in a circle/,
    not: refusedByThem("484 Address Incomplete"),
  },
  {
    rule: "no-response",
    so: {
      legs: [unanswered(0), unanswered(1)],
      said: [invite(), inviteOut(), inviteOut({ again: true }), inviteOut({ again: true })],
    },
    says: "bob did not answer a single one of 3 INVITEs to 198.51.100.20:5060: it is gone, or a firewall or NAT is in between.",
    not: {
      legs: [unanswered(0), unanswered(1)],
      said: [
        invite(),
        inviteOut(),
        inviteOut({ again: true }),
        inviteOut({ again: true }),
        line("SIP/2.0 180 Ringing", { leg: 1 }),
      ],
    },
  },
  {
    rule: "no-answer",
    so: {
      legs: [unanswered(0), unanswered(1, { ring: START + 1000, end: START + 21_000 })],
      said: [invite(), inviteOut(), line("CANCEL sip:bob@198.51.100.20 SIP/2.0", { leg: 1, way: "out" })],
    },
    says: "bob rang for 20 s and nobody answered.",
    not: refusedByThem("486 Busy Here"),
  },
  {
    rule: "caller-gave-up",
    so: {
      legs: [unanswered(0)],
      said: [invite(), line("CANCEL sip:bob@example.org SIP/2.0", { at: 7000 })],
    },
    says: "alice hung up before an answer, after 7 s.",
    not: {},
  },
  {
    rule: "script-failed",
    so: {
      ...refusedByUs("500 Server Internal Error"),
      legs: [
        unanswered(0, { cause: { name: "SERVER_ERROR", sip: 500, q850: 41, text: "x is not a function" } }),
      ],
    },
    says: "The script failed while it had the call: x is not a function.",
    not: refusedByThem("500 Server Internal Error"),
  },
  {
    rule: "script-silent",
    so: {
      legs: [(({ ring: _ring, ...leg }) => leg)(unanswered(0, { end: START + 12_000 }))],
      said: [
        invite(),
        line("SIP/2.0 100 Trying", { way: "out" }),
        line("CANCEL sip:bob@example.org SIP/2.0"),
      ],
    },
    says: "The script neither rang nor answered alice for 12 s.",
    not: {
      legs: [unanswered(0, { end: START + 12_000 })],
      said: [
        invite(),
        line("SIP/2.0 180 Ringing", { way: "out" }),
        line("CANCEL sip:bob@example.org SIP/2.0"),
      ],
    },
  },
  {
    rule: "ack-missing",
    so: { legs: [legOf(0)], said: answered(4, false) },
    says: /^alice never acknowledged our answer, though it was sent 4 times/,
    not: { legs: [legOf(0)], said: answered(4, true) },
  },
  {
    rule: "session-expired",
    so: { said: [...GOOD.slice(0, -2), bye('SIP;cause=408;text="Session expired"')] },
    says: /^alice went away without a BYE/,
    not: { said: [...GOOD.slice(0, -2), bye("Q.850;cause=16")] },
  },
  {
    rule: "max-duration",
    so: { said: [...GOOD.slice(0, -2), bye('Q.850;cause=102;text="Maximum call duration"')] },
    says: "The call with alice had lasted as long as a call may: we ended it after 27 s.",
    not: {},
  },
  {
    rule: "late-offer",
    so: {
      legs: [legOf(0)],
      said: [line("INVITE sip:bob@example.org SIP/2.0"), ok(1), line("ACK sip:bob@192.0.2.1 SIP/2.0")],
    },
    says: /^alice called without a description, was sent ours, and never told its own/,
    not: {
      legs: [legOf(0)],
      said: [
        line("INVITE sip:bob@example.org SIP/2.0"),
        ok(1),
        line("ACK sip:bob@192.0.2.1 SIP/2.0", { sdp: sdpOf() }),
      ],
    },
  },
  {
    rule: "late-offer",
    so: {
      said: [
        ...GOOD,
        line("INVITE sip:bob@198.51.100.20 SIP/2.0", { leg: 1, way: "out", headers: { CSeq: "9 INVITE" } }),
        line("SIP/2.0 488 Not Acceptable Here", { leg: 1, headers: { CSeq: "9 INVITE" } }),
      ],
    },
    says: /^bob was asked for an offer/,
    not: {
      said: [
        ...GOOD,
        inviteOut({ headers: { CSeq: "9 INVITE" } }),
        line("SIP/2.0 488 Not Acceptable Here", { leg: 1, headers: { CSeq: "9 INVITE" } }),
      ],
    },
  },
  { rule: "lease-expired", so: closed("lease-expired"), says: /its lease ran/, not: closed("requested") },
  {
    rule: "media-idle",
    so: closed("idle-timeout"),
    says: /no audio had come for too long/,
    not: closed("requested"),
  },
  {
    rule: "no-rtp",
    so: { ...silent(), said: withContact("192.168.1.5", VIA) },
    says: "No RTP from alice for 27 s after the answer; its Contact is a private address (192.168.1.5) and there is no rport: likely NAT.",
    not: {
      ...silent(),
      said: GOOD.map((said) =>
        said.sdp === undefined ? said : { ...said, sdp: sdpOf({ lines: ["a=inactive"] }) },
      ),
    },
  },
  {
    rule: "no-rtp",
    now: 8000 + 3000,
    so: {
      ...silent(),
      state: "live",
      legs: [
        (({ end: _end, cause: _cause, ...leg }) => leg)(legOf(0, { samples: [sample({ packets: 0 })] })),
      ],
    },
    says: "No RTP from alice for 8 s after the answer.",
    not: { legs: [legOf(0, { samples: [sample({ packets: 0 })], end: START + 3500 }), legOf(1)] },
  },
  {
    rule: "late-audio",
    so: { media: [heardFirst(3000 + 8000)], said: withContact("192.168.1.5", VIA) },
    says: "The first RTP from alice came 8 s after the answer; its Contact is a private address (192.168.1.5) and there is no rport: likely NAT.",
    not: { media: [heardFirst(1000), heardFirst(3000 + 9000)] },
  },
  {
    rule: "audio-gap",
    so: { media: [gap(9000, 2000), gap(20_000, 6000)] },
    says: "No RTP from alice for 6 s, beginning 17 s after the answer.",
    not: { media: [gap(1000, 5000), gap(20_000, 3000)] },
  },
  {
    rule: "audio-gap",
    so: { media: [gap(20_000, 6000)] },
    says: /^No RTP from alice for 6 s/,
    not: {
      media: [gap(20_000, 6000)],
      said: [invite({ sdp: sdpOf({ formats: "8 13 101" }) }), ...GOOD.slice(1)],
    },
  },
  {
    rule: "not-sent",
    so: withMedia({ refused: { SendWouldBlock: 40, SendFailed: 2 } }),
    says: "42 packets for alice were not sent: SendWouldBlock 40, SendFailed 2.",
    not: withMedia({ refused: { SendFailed: 2 } }),
  },
  {
    rule: "rtp-from-elsewhere",
    so: silent({ dropped: { UnknownSource: 900 } }),
    says: /^900 packets for alice came from an address that was neither agreed on nor learnt/,
    not: withMedia({ packets: 900, dropped: { UnknownSource: 20 } }),
  },
  {
    rule: "one-way-audio",
    so: silent(),
    says: "One-way audio: bob was heard, alice was not.",
    not: { legs: [0, 1].map((index) => legOf(index as 0 | 1, { samples: [sample({ packets: 0 })] })) },
  },
  {
    rule: "private-address",
    so: { said: withContact("10.0.0.7", `${VIA};rport`) },
    says: /^alice is behind a NAT and does not know it: its Contact is a private address \(10\.0\.0\.7\)\./,
    not: {
      said: withContact("10.0.0.7", `${VIA};rport`).map((said) => ({ ...said, peer: "10.0.0.7:5060" })),
    },
  },
  {
    rule: "loss",
    so: withMedia({ packets: 900, lost: 100 }),
    says: "Packets were lost: 10 % of what alice sent, 0 % of what it was sent.",
    not: withMedia({ packets: 990, lost: 10 }),
  },
  {
    rule: "jitter",
    so: withMedia({ jitterMillis: 80 }),
    says: "Packets of alice came unevenly: jitter of 80 ms.",
    not: withMedia({ jitterMillis: 80, packets: 10 }),
  },
  {
    rule: "payload-type",
    so: {
      ...withMedia({ dropped: { UnexpectedPayloadType: 14 } }),
      said: GOOD.map((said) =>
        said.way === "in" && said.sdp !== undefined
          ? { ...said, sdp: sdpOf({ formats: "8 96", lines: ["a=rtpmap:96 telephone-event/8000"] }) }
          : said,
      ),
    },
    says: "14 packets of alice had a payload type that was not agreed on. It numbers telephone-events 96 and we 101: perhaps its key presses are among them.",
    not: withMedia({ dropped: { UnexpectedPayloadType: 1 } }),
  },
  {
    rule: "no-telephone-event",
    so: { said: [{ ...invite(), sdp: sdpOf({ formats: "8", lines: [] }) }, ...GOOD.slice(1)] },
    says: /^alice takes no telephone-events/,
    not: {},
  },
];

t.test("a call that went well: nothing is found", (t) => {
  t.strictSame(explain(aTrace(), START + 31_000), []);
  t.end();
});

for (const { rule, so, says, not, now = 31_000 } of ROWS) {
  const found = (options: TraceOptions): string[] =>
    explain(aTrace(options), START + now).flatMap((finding) => (finding.rule === rule ? [finding.text] : []));
  t.test(`${rule}: ${String(says)}`, (t) => {
    const texts = found(so);
    t.equal(texts.length, 1, `found once: ${JSON.stringify(texts)}`);
    if (typeof says === "string") t.equal(texts[0], says);
    else t.match(texts[0], says);
    t.strictSame(found(not), [], "and not in the other");
    t.end();
  });
}

t.test("every rule has a row here, and a name of its own", (t) => {
  const names = RULES.map(({ rule }) => rule);
  t.equal(new Set(names).size, names.length);
  t.strictSame([...new Set(ROWS.map(({ rule }) => rule))].sort(), [...names].sort());
  t.end();
});

t.test("failures stand before warnings, and warnings before notes", (t) => {
  const trace = aTrace({
    legs: [legOf(0, { samples: [sample({ packets: 0 })] }), legOf(1, { samples: [sample({ lost: 300 })] })],
    said: withContact("10.0.0.7", VIA).map((said) =>
      said.leg === 1 && said.way === "in" && said.sdp !== undefined
        ? { ...said, sdp: sdpOf({ formats: "8", lines: [] }) }
        : said,
    ),
  });
  const severities = explain(trace, START + 31_000).map(({ severity }) => severity);
  t.strictSame([...new Set(severities)], ["failure", "warning", "note"]);
  t.end();
});
