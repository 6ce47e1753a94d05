import { readCallInfo } from "../../ts/http/callinfo-wire.js";
import t from "tap";
import { ReceivedDialogs, causeOf } from "../../ts/http/received-dialogs.js";
import type { CallInfo } from "../../ts/sip/sip-service.js";

const info = (changes: Partial<CallInfo> = {}): CallInfo => ({
  ...readCallInfo({ callid: "c" }).info,
  ...changes,
});

t.test("H071: what an older server's callback means", (t) => {
  const inbound = info();
  const outbound = info({ originator: true });
  const up = info({ answered: true });
  const rows: [string, CallInfo | undefined, CallInfo, string | undefined][] = [
    ["inbound INVITE", undefined, inbound, "new"],
    ["the same again", inbound, inbound, undefined],
    ["ACK of our 200", inbound, up, "answered"],
    ["a further ACK", up, up, undefined],
    ["hold", up, info({ answered: true, hold: true }), "reinvite"],
    ["off hold", info({ answered: true, hold: true }), up, "reinvite"],
    ["BYE", up, info({ answered: true, hangup: true }), "ended"],
    ["CANCEL", inbound, info({ hangup: true }), "ended"],
    ["first heard of when it ended", undefined, info({ hangup: true }), "ended"],
    ["outbound: nothing yet", undefined, outbound, undefined],
    ["outbound: 180", undefined, info({ originator: true, ring: true }), "ringing"],
    [
      "outbound: 180 again",
      info({ originator: true, ring: true }),
      info({ originator: true, ring: true }),
      undefined,
    ],
    [
      "outbound: 200",
      info({ originator: true, ring: true }),
      info({ originator: true, ring: true, answered: true }),
      "answered",
    ],
    ["outbound: 4xx", outbound, info({ originator: true, hangup: true }), "ended"],
  ];
  for (const [what, before, now, cause] of rows) t.equal(causeOf(before, now), cause, what);
  t.end();
});

t.test("each event once and in order, numbered where the server has no numbers", async (t) => {
  const dialogs = new ReceivedDialogs();
  const sent: string[] = [];
  let refuse = false;
  /** What a server of ours adds. */
  const numbered = (number: number | undefined): object =>
    number === undefined ? {} : { number, cause: number === 4 ? "ended" : "reinvite" };
  const deliver = (changes: Partial<CallInfo>, number?: number): Promise<void> =>
    dialogs.inOrder({ info: info(changes), ...numbered(number) }, async (event) => {
      sent.push(`${event.number} ${event.cause}`);
      if (refuse) throw new Error("not now");
    });
  await deliver({});
  await deliver({});
  await Promise.all([deliver({ answered: true }), deliver({ answered: true })]);
  t.strictSame(sent, ["1 new", "2 answered"]);
  refuse = true;
  await t.rejects(deliver({ answered: true, hold: true }, 3));
  refuse = false;
  await deliver({ answered: true, hold: true }, 3);
  await deliver({ answered: true, hold: true }, 3);
  t.strictSame(sent.slice(2), ["3 reinvite", "3 reinvite"], "repeated until it was taken, then no more");
  await deliver({ answered: true, hangup: true }, 4);
  await deliver({ answered: true, hangup: true }, 4);
  t.strictSame(sent.slice(4), ["4 ended"], "the end, too, happens once");
  await deliver({});
  t.strictSame(sent.slice(5), ["1 new"], "an older server may use a call-id again");
});
