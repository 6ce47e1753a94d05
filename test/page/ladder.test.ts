import t from "tap";
import type { CallTrace, LegTrace, TracedMessage } from "../../ts/trace/call-trace.js";
import { ladderOf } from "../../web/model/ladder.js";

const leg = (callid: string, direction: LegTrace["direction"], from: string, to: string): LegTrace => ({
  ...{ callid, direction, from, to, domain: "d", remote: { host: "", port: 0 }, start: 1000, samples: [] },
});
const message = (at: number, of: Partial<TracedMessage>): TracedMessage => ({
  ...{ at, leg: 0, callid: "a", direction: "in", peer: "192.0.2.1:5060", protocol: "UDP" },
  ...{ number: at, firstLine: "INVITE sip:2@d SIP/2.0", name: "INVITE", text: "", size: 1 },
  ...of,
});
const trace: CallTrace = {
  ...{ version: 1, id: "r", state: "live", direction: "inbound", from: "1", to: "2", domain: "d" },
  ...{ callids: ["a", "b"], start: 1000, messagesOmitted: 2, eventsOmitted: 1, findings: [] },
  legs: [leg("a", "inbound", "1", "2"), leg("b", "outbound", "1", "2")],
  messages: [
    message(990, {}),
    message(1010, { leg: 1, callid: "b", direction: "out", peer: "192.0.2.2:5060" }),
    message(1030, {
      ...{ leg: 1, callid: "b", direction: "in", peer: "192.0.2.2:5060", name: "486 Busy Here (INVITE)" },
      ...{ firstLine: "SIP/2.0 486 Busy Here", retransmission: true },
    }),
  ],
  media: [{ at: 1020, leg: 1, type: "opened", text: "channel opened" }],
  events: [{ at: 1005, leg: 0, type: "note", what: "Dial 2" }],
};

t.test("the first leg to the left of the switch, the other to its right, all by time", async (t) => {
  const { parties, rows, omitted } = ladderOf(trace);
  t.same(
    parties.map(({ title, subtitle }) => [title, subtitle]),
    [
      ["1", "192.0.2.1:5060"],
      ["mediaswitch", ""],
      ["2", "192.0.2.2:5060"],
    ],
  );
  t.match(rows, [
    { kind: "message", from: 0, to: 1, name: "INVITE", since: 0, isFailure: false },
    { kind: "event", party: 0, text: "Dial 2", since: 15 },
    { kind: "message", from: 1, to: 2, since: 20 },
    { kind: "media", party: 2, text: "channel opened", since: 30 },
    { kind: "message", from: 2, to: 1, name: "486 Busy Here (INVITE) (again)", isFailure: true, since: 40 },
  ]);
  t.equal(omitted, 3);
});

t.test("rows keep their keys while more come", async (t) => {
  const keys = ladderOf(trace).rows.map(({ key }) => key);
  const more = ladderOf({ ...trace, media: [...trace.media, { ...trace.media[0]!, at: 995 }] });
  t.equal(new Set(keys).size, keys.length);
  t.same(
    more.rows.filter(({ key }) => keys.includes(key)).map(({ key }) => key),
    keys,
  );
});

t.test("a trace without legs is empty, and no failure", async (t) => {
  const empty = ladderOf({ ...trace, legs: [], media: [], events: [], messages: [message(1, {})] });
  t.equal(empty.parties.length, 2);
  t.equal(empty.rows.length, 1);
});
