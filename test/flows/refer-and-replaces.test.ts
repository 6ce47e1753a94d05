import t, { type Test } from "tap";
import { MediaswitchError, type ErrorCode } from "../../ts/core/errors.js";
import type { LocalSipService } from "../../ts/sip/local-sip-service.js";
import type { LadderRow } from "../support/ladder.js";
import { header } from "../support/sip-text.js";
import { DOMAIN, SipBench, sdp, type SipBenchOptions } from "../support/sip-bench.js";

const OFFER = sdp("198.51.100.10");
const OURS = sdp("192.0.2.1");

type Control = NonNullable<SipBenchOptions["control"]>;

const answering: Control = (event, sip) =>
  event.cause === "new" && sip.execute({ type: "dialog.answer", callid: event.info.callid, sdp: OURS });

const idOf = (bench: SipBench): string => {
  const event = bench.events.find((each) => each.type === "dialog");
  return event?.type === "dialog" ? event.info.callid : "";
};

const notify =
  (bench: SipBench, code?: number, reason?: string) =>
  (sip: LocalSipService): Promise<unknown> =>
    sip.execute({
      type: "dialog.notify",
      callid: idOf(bench),
      ...(code === undefined ? {} : { code }),
      ...(reason === undefined ? {} : { reason }),
    });

const up: readonly LadderRow[] = [
  [0, "alice", "switch", "INVITE", { sdp: OFFER }],
  [0, "switch", "alice", "100 Trying"],
  [0, "switch", "alice", "200 OK"],
  [10, "alice", "switch", "ACK"],
];

const frag =
  (line: string) =>
  (body: string): void => {
    if (body !== `${line}\r\n`) throw new Error(`sipfrag is ${body}`);
  };

const refer: LadderRow = [
  1000,
  "alice",
  "switch",
  "REFER",
  { headers: { "Refer-To": `<sip:carol@${DOMAIN}>`, "Referred-By": `<sip:alice@${DOMAIN}>` } },
];

t.test("RFC 3515: control takes a REFER: 202, NOTIFY 100, then what became of it", async (t) => {
  const bench = await new SipBench({ control: answering }).ready();
  await bench.flow(
    t,
    [
      ...up,
      refer,
      [1000, "switch", "alice", "202 Accepted", { headers: { Contact: /^<sip:bob@/ } }],
      [
        1000,
        "switch",
        "alice",
        "NOTIFY",
        {
          sdp: frag("SIP/2.0 100 Trying"),
          headers: {
            Event: "refer",
            "Subscription-State": "active;expires=180",
            "Content-Type": "message/sipfrag;version=2.0",
            CSeq: "1 NOTIFY",
          },
        },
      ],
      [1010, "alice", "switch", "200 OK"],
      [2000, "switch", "alice", "NOTIFY", { sdp: frag("SIP/2.0 180 Ringing") }],
      [2010, "alice", "switch", "200 OK"],
      [
        3000,
        "switch",
        "alice",
        "NOTIFY",
        {
          sdp: frag("SIP/2.0 200 OK"),
          headers: { "Subscription-State": "terminated;reason=noresource", CSeq: "3 NOTIFY" },
        },
      ],
      [3010, "alice", "switch", "200 OK"],
      [4000, "alice", "switch", "BYE"],
      [4000, "switch", "alice", "200 OK"],
    ],
    [
      [2000, notify(bench, 180)],
      [3000, notify(bench)],
      [3500, (sip) => t.rejects(notify(bench)(sip), { code: "CALL_UNKNOWN" }, "only once")],
    ],
  );
  t.strictSame(bench.causes, ["new", "answered", "refer", "ended"]);
  const told = bench.events.find((event) => event.type === "dialog" && event.cause === "refer");
  t.match(told, {
    info: {
      refer: { to: "carol", domain: DOMAIN, uri: `sip:carol@${DOMAIN}`, referredby: `sip:alice@${DOMAIN}` },
    },
  });
  t.equal(bench.lastInfo.refer, undefined, "origin §8.3: told by that event alone");
  await bench.leavesNothing(t);
});

t.test("control does not take a REFER: 603, and the call goes on", async (t) => {
  const bench = await new SipBench({
    control: async (event, sip) => {
      await answering(event, sip);
      if (event.cause === "refer") throw new Error("no transfers here");
    },
  }).ready();
  await bench.flow(t, [
    ...up,
    refer,
    [1000, "switch", "alice", "603 Decline"],
    [4000, "alice", "switch", "BYE"],
    [4000, "switch", "alice", "200 OK"],
  ]);
  await bench.leavesNothing(t);
});

t.test("RFC 5589 §6.1, RFC 5057: the transferor hangs up first; it is told all the same", async (t) => {
  const bench = await new SipBench({ control: answering }).ready();
  await bench.flow(
    t,
    [
      ...up,
      refer,
      [1000, "switch", "alice", "202 Accepted"],
      [1000, "switch", "alice", "NOTIFY"],
      [1010, "alice", "switch", "200 OK"],
      [1500, "alice", "switch", "BYE"],
      [1500, "switch", "alice", "200 OK"],
      [
        3000,
        "switch",
        "alice",
        "NOTIFY",
        { sdp: frag("SIP/2.0 486 Busy Here"), headers: { CSeq: "2 NOTIFY" } },
      ],
      [3010, "alice", "switch", "200 OK"],
    ],
    [[3000, notify(bench, 486)]],
  );
  t.strictSame(bench.causes, ["new", "answered", "refer", "ended"]);
  await bench.leavesNothing(t);
});

t.test("control never says how it went: the subscription ends after its 180 s", async (t) => {
  const bench = await new SipBench({ control: answering }).ready();
  await bench.flow(t, [
    ...up,
    refer,
    [1000, "switch", "alice", "202 Accepted"],
    [1000, "switch", "alice", "NOTIFY"],
    [1010, "alice", "switch", "200 OK"],
    [2000, "alice", "switch", "REFER", { headers: { "Refer-To": "<sip:dave@example.org>" } }],
    [2000, "switch", "alice", "500 Not now"],
    [
      181_000,
      "switch",
      "alice",
      "NOTIFY",
      {
        sdp: frag("SIP/2.0 408 Request Timeout"),
        headers: { "Subscription-State": "terminated;reason=timeout" },
      },
    ],
    [181_010, "alice", "switch", "200 OK"],
    [190_000, "alice", "switch", "BYE"],
    [190_000, "switch", "alice", "200 OK"],
  ]);
  await bench.leavesNothing(t);
});

t.test(
  "nobody listens any more: a refused NOTIFY, or a SUBSCRIBE with Expires 0, ends the telling",
  async (t) => {
    const refused = await new SipBench({ control: answering }).ready();
    await refused.flow(t, [
      ...up,
      refer,
      [1000, "switch", "alice", "202 Accepted"],
      [1000, "switch", "alice", "NOTIFY"],
      [1010, "alice", "switch", "481 Call/Transaction Does Not Exist"],
      [4000, "alice", "switch", "BYE"],
      [4000, "switch", "alice", "200 OK"],
    ]);
    t.equal(refused.causes.at(-1), "ended");
    await refused.leavesNothing(t);
    const unsubscribed = await new SipBench({ control: answering }).ready();
    await unsubscribed.flow(t, [
      ...up,
      refer,
      [1000, "switch", "alice", "202 Accepted"],
      [1000, "switch", "alice", "NOTIFY"],
      [1010, "alice", "switch", "200 OK"],
      [1500, "alice", "switch", "SUBSCRIBE", { headers: { Event: "refer", Expires: "0" } }],
      [1500, "switch", "alice", "200 OK"],
      [4000, "alice", "switch", "BYE"],
      [4000, "switch", "alice", "200 OK"],
    ]);
    await unsubscribed.leavesNothing(t);
  },
);

t.test("REFERs that are refused as they are", async (t) => {
  const table: readonly (readonly [headers: Readonly<Record<string, string>>, answer: string])[] = [
    [{}, "400 No Refer-To"],
    [{ "Refer-To": "<tel:+1555>" }, "416 Unsupported URI Scheme"],
    [{ "Refer-To": "<sip:a@b;method=BYE>" }, "501 Only INVITE can be asked for"],
    [{ "Refer-To": "<sip:a@b?Replaces=x>" }, "400 Malformed Replaces"],
  ];
  for (const [headers, answer] of table) {
    const bench = await new SipBench({ control: answering }).ready();
    await bench.flow(t, [
      ...up,
      [1000, "alice", "switch", "REFER", { headers }],
      [1000, "switch", "alice", answer],
      [4000, "alice", "switch", "BYE"],
      [4000, "switch", "alice", "200 OK"],
    ]);
    t.notOk(bench.causes.includes("refer"));
    await bench.leavesNothing(t);
  }
});

t.test(
  "what control says of a REFER that it does not take decides the answer, which never ends the call",
  async (t) => {
    const rows: readonly [code: ErrorCode, answer: string, headers?: Record<string, RegExp>][] = [
      ["NOT_ALLOWED", "603 Decline"],
      ["CALL_STATE", "500 Not now", { "Retry-After": /^\d+$/ }],
      ["ARGUMENT_INVALID", "400 Bad Request"],
      ["CONTROL_UNAVAILABLE", "480 Temporarily Unavailable"],
      ["CALL_UNKNOWN", "603 Decline"],
    ];
    for (const [code, answer, headers = {}] of rows) {
      const bench = await new SipBench({
        control: async (event, sip) => {
          await answering(event, sip);
          if (event.cause === "refer") throw new MediaswitchError(code, "no");
        },
      }).ready();
      await bench.flow(t, [
        ...up,
        refer,
        [1000, "switch", "alice", answer, { headers }],
        [4000, "alice", "switch", "BYE"],
        [4000, "switch", "alice", "200 OK"],
      ]);
      await bench.leavesNothing(t);
    }
  },
);

/** A second call of alice's, as its end at the switch would be named (RFC 3891 §3). */
async function consulted(
  t: Test,
): Promise<{ bench: SipBench; callId: string; toTag: string; fromTag: string }> {
  const bench = await new SipBench({ control: answering }).ready();
  await bench.flow(t, [
    ...up,
    [100, "alice", "switch", "INVITE", { sdp: OFFER, dialog: "second" }],
    [100, "switch", "alice", "100 Trying"],
    [100, "switch", "alice", "200 OK"],
    [110, "alice", "switch", "ACK", { dialog: "second" }],
  ]);
  const answers = bench.alice.received.filter(({ firstLine }) => firstLine.includes(" 200 "));
  const second = answers.at(-1);
  const tag = (name: string): string =>
    /;tag=([^;]+)/.exec((second && header(second, name)) ?? "")?.[1] ?? "";
  const callId = (second && header(second, "call-id")) ?? "";
  return { bench, callId, toTag: tag("to"), fromTag: tag("from") };
}

const referTo = (callId: string, toTag: string, fromTag: string): Record<string, string> => ({
  "Refer-To": `<sip:bob@${DOMAIN}?Replaces=${callId}%3Bto-tag%3D${toTag}%3Bfrom-tag%3D${fromTag}>`,
});

const bothEnd: readonly LadderRow[] = [
  [4000, "alice", "switch", "BYE"],
  [4000, "switch", "alice", "200 OK"],
  [4100, "alice", "switch", "BYE", { dialog: "second" }],
  [4100, "switch", "alice", "200 OK"],
];

t.test("RFC 4488: who wants no NOTIFY gets none; attended: the dialog to be replaced is told", async (t) => {
  const { bench, callId, toTag, fromTag } = await consulted(t);
  const headers = { ...referTo(callId, toTag, fromTag), "Refer-Sub": "false", Supported: "norefersub" };
  await bench.flow(t, [
    [1000, "alice", "switch", "REFER", { headers }],
    [1000, "switch", "alice", "202 Accepted", { headers: { "Refer-Sub": "false" } }],
    ...bothEnd,
  ]);
  const told = bench.events.find((event) => event.type === "dialog" && event.cause === "refer");
  t.match(told, { info: { refer: { to: "bob", replaces: callId, totag: toTag, fromtag: fromTag } } });
  await bench.clock.advance(200_000 as never);
  await bench.leavesNothing(t);
});

t.test("RFC 3891 §3: a dialog that is to be replaced has to be named by both of its tags", async (t) => {
  const wrong: readonly ((named: {
    callId: string;
    toTag: string;
    fromTag: string;
  }) => Record<string, string>)[] = [
    ({ callId, fromTag }) => referTo(callId, "1", fromTag),
    ({ callId, toTag }) => referTo(callId, toTag, "2"),
    ({ callId, toTag, fromTag }) => referTo(callId, fromTag, toTag),
    ({ toTag, fromTag }) => referTo("other-call", toTag, fromTag),
  ];
  for (const headers of wrong) {
    const { bench, ...named } = await consulted(t);
    await bench.flow(t, [
      [1000, "alice", "switch", "REFER", { headers: headers(named) }],
      [1000, "switch", "alice", "202 Accepted"],
      [1000, "switch", "alice", "NOTIFY", { sdp: frag("SIP/2.0 100 Trying") }],
      [
        1000,
        "switch",
        "alice",
        "NOTIFY",
        {
          sdp: frag("SIP/2.0 481 Call/Transaction Does Not Exist"),
          headers: { "Subscription-State": /^terminated/ },
        },
      ],
      [1010, "alice", "switch", "200 OK", { to: "NOTIFY" }],
      [1020, "alice", "switch", "200 OK", { to: "NOTIFY" }],
      ...bothEnd,
    ]);
    t.notOk(bench.causes.includes("refer"), "control is not asked");
    await bench.leavesNothing(t);
  }
});

/** Alice's dialog as a Replaces header names it, read from our 200. */
function replacesOf(bench: SipBench): string {
  const ok = bench.alice.received.find((message) => message.firstLine.includes(" 200 "));
  if (ok === undefined) throw new Error("alice heard no 200");
  const tag = (name: string): string => /;tag=([^;]+)/.exec(header(ok, name) ?? "")?.[1] ?? "";
  return `${header(ok, "call-id") ?? ""};to-tag=${tag("to")};from-tag=${tag("from")}`;
}

t.test("RFC 3891: an INVITE with Replaces names a call of ours: control is told which", async (t) => {
  const bench = await new SipBench({ control: answering }).ready();
  await bench.flow(t, up);
  const replaces = replacesOf(bench);
  const first = idOf(bench);
  await bench.flow(
    t,
    [
      [0, "bob", "switch", "INVITE", { sdp: OFFER, headers: { Replaces: replaces, Require: "replaces" } }],
      [0, "switch", "bob", "100 Trying"],
      [0, "switch", "bob", "200 OK"],
      [10, "bob", "switch", "ACK"],
      [20, "switch", "alice", "BYE"],
      [30, "alice", "switch", "200 OK"],
      [500, "bob", "switch", "BYE"],
      [500, "switch", "bob", "200 OK"],
    ],
    [[20, (sip) => sip.execute({ type: "dialog.hangup", callid: first })]],
  );
  const second = bench.events.filter((event) => event.type === "dialog" && event.cause === "new").at(-1);
  t.match(second, { info: { replaces: first } });
  await bench.leavesNothing(t);
});

t.test("RFC 3891 §3: Replaces that is refused: no such dialog, early-only of an answered one", async (t) => {
  const bench = await new SipBench({ control: answering }).ready();
  await bench.flow(t, up);
  const replaces = replacesOf(bench);
  const table: readonly (readonly [value: string, answer: string])[] = [
    [`${replaces}x`, "481 Call/Transaction Does Not Exist"],
    ["unknown;to-tag=1;from-tag=2", "481 Call/Transaction Does Not Exist"],
    [`${replaces};early-only`, "486 Busy Here"],
  ];
  for (const [value, answer] of table) {
    await bench.flow(t, [
      [0, "bob", "switch", "INVITE", { sdp: OFFER, dialog: value, headers: { Replaces: value } }],
      [0, "switch", "bob", answer],
      [10, "bob", "switch", "ACK", { dialog: value }],
    ]);
  }
  await bench.flow(t, [
    [0, "alice", "switch", "BYE"],
    [0, "switch", "alice", "200 OK"],
  ]);
  await bench.leavesNothing(t);
});

t.test("our INVITE with Replaces names the far end's dialog as the far end knows it", async (t) => {
  const bench = new SipBench();
  await bench.registered(bench.bob);
  const request = {
    callid: "first",
    from: { user: "alice", domain: DOMAIN },
    to: { user: "bob" },
    sdp: OURS,
  };
  await bench.flow(
    t,
    [
      [0, "switch", "bob", "INVITE", { dialog: "first" }],
      [
        10,
        "bob",
        "switch",
        "200 OK",
        { sdp: OFFER, dialog: "first", headers: { To: `<sip:bob@${DOMAIN}>;tag=bobs` } },
      ],
      [10, "switch", "bob", "ACK"],
      [
        1000,
        "switch",
        "bob",
        "INVITE",
        {
          dialog: "second",
          headers: { Replaces: /^first;to-tag=bobs;from-tag=[0-9a-f]+$/, Require: "replaces" },
        },
      ],
      [1010, "bob", "switch", "486 Busy Here", { dialog: "second" }],
      [1010, "switch", "bob", "ACK"],
      [2000, "switch", "bob", "BYE"],
      [2010, "bob", "switch", "200 OK", { to: "BYE" }],
    ],
    [
      [0, (sip) => sip.execute({ type: "dialog.invite", request })],
      [
        1000,
        (sip) =>
          sip.execute({
            type: "dialog.invite",
            request: { ...request, callid: "second", replaces: "first" },
          }),
      ],
      [2000, (sip) => sip.execute({ type: "dialog.hangup", callid: "first" })],
    ],
  );
  await bench.leavesNothing(t);
});
