import t from "tap";
import { isHold } from "../../ts/sdp/direction.js";
import { isSdpRefusal, parseSdp } from "../../ts/sdp/parse.js";
import type { LocalSipService } from "../../ts/sip/local-sip-service.js";
import type { LadderRow } from "../support/ladder.js";
import { DOMAIN, SipBench, sdp, type SipBenchOptions } from "../support/sip-bench.js";

const OFFER = sdp("198.51.100.10");
const OURS = sdp("192.0.2.1");
const NEXT = OURS.replace("40000", "40010");
const THEIRS = sdp("198.51.100.20");
const callid = "our-call";

/** Takes what a flow says about itself where only its times are of interest. */
const UNHEARD = { pass: () => true, fail: () => true, comment: () => undefined } as never;

type Control = NonNullable<SipBenchOptions["control"]>;

const answering: Control = async (event, sip) => {
  const { callid: id } = event.info;
  if (event.cause === "new") await sip.execute({ type: "dialog.answer", callid: id, sdp: OURS });
  if (event.cause === "reinvite") await sip.execute({ type: "dialog.ok", callid: id, sdp: OURS });
};

const call = (sip: LocalSipService): Promise<unknown> =>
  sip.execute({
    type: "dialog.invite",
    request: { callid, from: { user: "alice", domain: DOMAIN }, to: { user: "bob" }, sdp: OURS },
  });

const reinvite =
  (offer?: string) =>
  (sip: LocalSipService): Promise<unknown> =>
    sip.execute({ type: "dialog.reinvite", callid, ...(offer === undefined ? {} : { sdp: offer }) });

const hangup = (sip: LocalSipService): Promise<unknown> => sip.execute({ type: "dialog.hangup", callid });

/** Bob answers our call. */
const outbound: readonly LadderRow[] = [
  [0, "switch", "bob", "INVITE"],
  [10, "bob", "switch", "200 OK", { sdp: THEIRS, headers: { Allow: "INVITE, ACK, BYE, UPDATE" } }],
  [10, "switch", "bob", "ACK"],
];

const inbound: readonly LadderRow[] = [
  [0, "alice", "switch", "INVITE", { sdp: OFFER }],
  [0, "switch", "alice", "100 Trying"],
  [0, "switch", "alice", "200 OK"],
  [10, "alice", "switch", "ACK"],
];

async function bobRegistered(options: SipBenchOptions = {}): Promise<SipBench> {
  const bench = new SipBench(options);
  return bench.registered(bench.bob);
}

/** The callid of the only inbound call. */
const inboundId = (bench: SipBench): string => {
  const event = bench.events.find((each) => each.type === "dialog");
  return event?.type === "dialog" ? event.info.callid : "";
};

t.test("our re-INVITE: the answer is told, its 200 is acknowledged each time", async (t) => {
  const bench = await bobRegistered();
  const moved = THEIRS.replace("40000", "40020");
  await bench.flow(
    t,
    [
      ...outbound,
      [1000, "switch", "bob", "INVITE", { sdp: NEXT, headers: { CSeq: "2 INVITE", To: /;tag=/ } }],
      [1010, "bob", "switch", "200 OK", { to: "INVITE", sdp: moved }],
      [1010, "switch", "bob", "ACK", { headers: { CSeq: "2 ACK" }, lost: true }],
      [1510, "bob", "switch", "200 OK", { to: "INVITE", retransmission: true }],
      [1510, "switch", "bob", "ACK", { headers: { CSeq: "2 ACK" } }],
      [9000, "switch", "bob", "BYE", { headers: { CSeq: "3 BYE" } }],
      [9010, "bob", "switch", "200 OK", { to: "BYE" }],
    ],
    [
      [0, call],
      [1000, reinvite(NEXT)],
      [9000, hangup],
    ],
  );
  t.strictSame(bench.causes, ["answered", "modified", "ended"]);
  t.match(bench.lastInfo.sdp, { us: NEXT, them: moved });
  await bench.leavesNothing(t);
});

t.test("our re-INVITE without an offer: theirs is told, the ACK carries our answer", async (t) => {
  const bench = await bobRegistered({
    control: (event, sip) =>
      event.cause === "offer" && sip.execute({ type: "dialog.ack", callid, sdp: NEXT }),
  });
  await bench.flow(
    t,
    [
      ...outbound,
      [1000, "switch", "bob", "INVITE", { sdp: "" }],
      [1010, "bob", "switch", "200 OK", { to: "INVITE", sdp: THEIRS }],
      [1010, "switch", "bob", "ACK", { sdp: NEXT }],
      [9000, "switch", "bob", "BYE"],
      [9010, "bob", "switch", "200 OK", { to: "BYE" }],
    ],
    [
      [0, call],
      [1000, reinvite()],
      [9000, hangup],
    ],
  );
  t.strictSame(bench.causes, ["answered", "offer", "modified", "ended"]);
  await bench.leavesNothing(t);
});

t.test("RFC 3261 §14.1: a refused re-INVITE leaves all as it was", async (t) => {
  const bench = await bobRegistered();
  await bench.flow(
    t,
    [
      ...outbound,
      [1000, "switch", "bob", "INVITE", { sdp: NEXT }],
      [1010, "bob", "switch", "488 Not Acceptable Here", { to: "INVITE" }],
      [1010, "switch", "bob", "ACK"],
      [9000, "switch", "bob", "BYE"],
      [9010, "bob", "switch", "200 OK", { to: "BYE" }],
    ],
    [
      [0, call],
      [1000, reinvite(NEXT)],
      [9000, hangup],
    ],
  );
  t.strictSame(bench.causes, ["answered", "unmodified", "ended"]);
  const refused = bench.events.find((event) => event.type === "dialog" && event.cause === "unmodified");
  t.match(refused, { info: { refused: { code: 488, status: "Not Acceptable Here" }, sdp: { us: OURS } } });
  t.equal(bench.lastInfo.refused, undefined, "told by that event alone");
  await bench.leavesNothing(t);
});

t.test(
  "field notes §10.7: glare: 491 both ways; the side that made the Call-ID comes again after 2.1 to 4 s",
  async (t) => {
    const bench = await bobRegistered({ control: answering });
    let at = 0;
    // The seed decides when; this learns it, and the ladder below holds the switch to it.
    const learn = await bobRegistered({ control: answering });
    learn.network.observe((datagram) => {
      const text = Buffer.from(datagram.octets).toString("latin1");
      if (/^INVITE.*\r\n/.test(text) && text.includes("CSeq: 3 INVITE")) at ||= datagram.at - learnStart;
      return "pass";
    });
    const learnStart = learn.clock.now();
    const glare: readonly LadderRow[] = [
      ...outbound,
      [1000, "switch", "bob", "INVITE", { sdp: NEXT }],
      [1005, "bob", "switch", "INVITE", { sdp: THEIRS }],
      [1005, "switch", "bob", "491 Request Pending"],
      [1006, "bob", "switch", "491 Request Pending", { to: "INVITE" }],
      [1006, "switch", "bob", "ACK"],
      [1010, "bob", "switch", "ACK"],
    ];
    const commands = [
      [0, call],
      [1000, reinvite(NEXT)],
    ] as const;
    // Only its time is of interest; that the row is missing is expected.
    await learn.flow(UNHEARD, glare, commands);
    t.ok(at >= 1006 + 2100 && at <= 1006 + 4000 && (at - 1006) % 10 === 0, `comes again at ${String(at)} ms`);
    await bench.flow(
      t,
      [
        ...glare,
        [at, "switch", "bob", "INVITE", { sdp: NEXT, headers: { CSeq: "3 INVITE" } }],
        [at + 10, "bob", "switch", "200 OK", { to: "INVITE", sdp: THEIRS }],
        [at + 10, "switch", "bob", "ACK"],
        [9000, "switch", "bob", "BYE"],
        [9010, "bob", "switch", "200 OK", { to: "BYE" }],
      ],
      [...commands, [9000, hangup]],
    );
    t.strictSame(bench.causes, ["answered", "modified", "ended"]);
    await bench.leavesNothing(t);
  },
);

t.test("a second dialog.reinvite while one is under way is refused, and changes nothing", async (t) => {
  const bench = await bobRegistered();
  await bench.flow(
    t,
    [
      ...outbound,
      [1000, "switch", "bob", "INVITE", { sdp: NEXT }],
      [1100, "bob", "switch", "200 OK", { to: "INVITE", sdp: THEIRS }],
      [1100, "switch", "bob", "ACK"],
      [9000, "switch", "bob", "BYE"],
      [9010, "bob", "switch", "200 OK", { to: "BYE" }],
    ],
    [
      [0, call],
      [1000, reinvite(NEXT)],
      [1050, (sip) => t.rejects(reinvite(OURS)(sip), { code: "CALL_STATE" })],
      [9000, hangup],
    ],
  );
  t.equal(bench.lastInfo.sdp.us, NEXT);
  await bench.leavesNothing(t);
});

t.test("RFC 5057: 481 to our re-INVITE ends the call without a BYE", async (t) => {
  const bench = await bobRegistered();
  await bench.flow(
    t,
    [
      ...outbound,
      [1000, "switch", "bob", "INVITE", { sdp: NEXT }],
      [1010, "bob", "switch", "481 Call/Transaction Does Not Exist", { to: "INVITE" }],
      [1010, "switch", "bob", "ACK"],
    ],
    [
      [0, call],
      [1000, reinvite(NEXT)],
    ],
  );
  t.strictSame(bench.causes, ["answered", "unmodified", "ended"]);
  t.equal(bench.lastInfo.error.code, 481);
  await bench.leavesNothing(t);
});

t.test("RFC 3261 §12.2.1.2: a re-INVITE that nobody answers: BYE, with the reason", async (t) => {
  const bench = await bobRegistered();
  const again = { retransmission: true } as const;
  await bench.flow(
    t,
    [
      ...outbound,
      [1000, "switch", "bob", "INVITE", { sdp: NEXT }],
      ...[500, 1500, 3500, 7500, 15_500, 31_500].map(
        (at) => [1000 + at, "switch", "bob", "INVITE", again] as const,
      ),
      [33_000, "switch", "bob", "BYE", { headers: { Reason: 'SIP;cause=408;text="No response"' } }],
      [33_010, "bob", "switch", "200 OK", { to: "BYE" }],
    ],
    [
      [0, call],
      [1000, reinvite(NEXT)],
    ],
  );
  t.equal(bench.lastInfo.error.code, 408);
  await bench.leavesNothing(t);
});

t.test(
  "field notes §10.9: BYE while our re-INVITE is under way; its 200 is acknowledged, its 481 harms nobody",
  async (t) => {
    for (const late of ["200 OK", "481 Call/Transaction Does Not Exist"]) {
      const bench = await bobRegistered();
      await bench.flow(
        t,
        [
          ...outbound,
          [1000, "switch", "bob", "INVITE", { sdp: NEXT }],
          [1005, "bob", "switch", "BYE"],
          [1005, "switch", "bob", "200 OK"],
          [1010, "bob", "switch", late, { to: "INVITE" }],
          [1010, "switch", "bob", "ACK"],
        ],
        [
          [0, call],
          [1000, reinvite(NEXT)],
        ],
      );
      t.equal(bench.causes.at(-1), "ended");
      t.equal(bench.causes.filter((cause) => cause === "ended").length, 1);
      await bench.leavesNothing(t);
    }
  },
);

t.test("a re-INVITE that is cancelled: 487, and the call goes on as it was", async (t) => {
  const bench = await new SipBench({
    isHold: (text) => text.includes("a=sendonly"),
    control: async (event, sip) => {
      if (event.cause === "new")
        await sip.execute({ type: "dialog.answer", callid: event.info.callid, sdp: OURS });
    },
  }).ready();
  await bench.flow(t, [
    ...inbound,
    [1000, "alice", "switch", "INVITE", { sdp: sdp("198.51.100.10", "sendonly") }],
    [1000, "switch", "alice", "100 Trying"],
    [1500, "alice", "switch", "CANCEL"],
    [1500, "switch", "alice", "200 OK"],
    [1500, "switch", "alice", "487 Request Terminated"],
    [1510, "alice", "switch", "ACK"],
    [5000, "alice", "switch", "BYE"],
    [5000, "switch", "alice", "200 OK"],
  ]);
  t.match(bench.lastInfo, { hold: false, sdp: { them: OFFER } });
  await bench.leavesNothing(t);
});

t.test(
  "field notes §10.7, §10.11: re-INVITE before the ACK, with an old CSeq, and one after the other",
  async (t) => {
    const bench = await new SipBench({ control: answering }).ready();
    await bench.flow(t, [
      ...inbound.slice(0, 3),
      [5, "alice", "switch", "INVITE", { sdp: OFFER }],
      [
        5,
        "switch",
        "alice",
        "500 Another INVITE is in progress",
        { headers: { "Retry-After": /^(\d|10)$/ } },
      ],
      [6, "alice", "switch", "ACK"],
      [
        10,
        "alice",
        "switch",
        "ACK",
        { headers: { CSeq: "1 ACK", Via: "SIP/2.0/UDP 198.51.100.10:5060;branch=z9hG4bKofthefirst;rport" } },
      ],
      [100, "alice", "switch", "UPDATE", { headers: { CSeq: "2 UPDATE" } }],
      [100, "switch", "alice", "500 CSeq out of order"],
      [5000, "alice", "switch", "BYE", { headers: { CSeq: "9 BYE" } }],
      [5000, "switch", "alice", "200 OK"],
    ]);
    await bench.leavesNothing(t);
  },
);

t.test(
  "hold in every way phones do it, and back (RFC 3264 §8.4): told, and answered on the same dialog",
  async (t) => {
    const bench = await new SipBench({
      control: answering,
      isHold: (text) => {
        const description = parseSdp(text);
        return !isSdpRefusal(description) && isHold(description);
      },
    }).ready();
    const ways: readonly (readonly [way: string, offer: string, isHeld: boolean])[] = [
      ["sendonly", sdp("198.51.100.10", "sendonly"), true],
      ["sendrecv", OFFER, false],
      ["inactive", sdp("198.51.100.10", "inactive"), true],
      ["back from inactive", OFFER, false],
      ["0.0.0.0", sdp("0.0.0.0"), true],
      ["back from 0.0.0.0", OFFER, false],
      ["recvonly: it hears us and says nothing, which is no hold", sdp("198.51.100.10", "recvonly"), false],
    ];
    const rows = ways.flatMap(([, offer], index): LadderRow[] => {
      const at = 1000 + index * 1000;
      return [
        [at, "alice", "switch", "INVITE", { sdp: offer }],
        [at, "switch", "alice", "100 Trying"],
        [at, "switch", "alice", "200 OK"],
        [at + 10, "alice", "switch", "ACK"],
      ];
    });
    await bench.flow(t, [
      ...inbound,
      ...rows,
      [20_000, "alice", "switch", "BYE"],
      [20_000, "switch", "alice", "200 OK"],
    ]);
    const held = bench.events.flatMap((event) =>
      event.type === "dialog" && event.cause === "reinvite" ? [event.info.hold] : [],
    );
    t.strictSame(
      held,
      ways.map(([, , isHeld]) => isHeld),
    );
    await bench.leavesNothing(t);
  },
);

t.test(
  "RFC 3311: UPDATE within a call: with an offer for control, without one answered at once; it moves the target",
  async (t) => {
    const bench = await new SipBench({ control: answering }).ready();
    await bench.flow(
      t,
      [
        ...inbound,
        [1000, "alice", "switch", "UPDATE", { sdp: OFFER }],
        [1000, "switch", "alice", "200 OK", { sdp: OURS }],
        [2000, "alice", "switch", "UPDATE", { contact: "<sip:moved@198.51.100.10:5060>" }],
        [2000, "switch", "alice", "200 OK", { sdp: "", headers: { Contact: /^<sip:bob@/ } }],
        [
          5000,
          "switch",
          "alice",
          "BYE",
          {
            check: (message) => {
              t.match(message.firstLine, /^BYE sip:moved@198\.51\.100\.10:5060 /);
            },
          },
        ],
        [5010, "alice", "switch", "200 OK"],
      ],
      [[5000, (sip) => sip.execute({ type: "dialog.hangup", callid: inboundId(bench) })]],
    );
    t.strictSame(bench.causes, ["new", "answered", "reinvite", "ended"]);
    await bench.leavesNothing(t);
  },
);

t.test("RFC 3311 §5.2: an UPDATE that control leaves alone gets 504, and all stays as it was", async (t) => {
  const bench = await new SipBench({
    control: async (event, sip) => {
      if (event.cause === "new")
        await sip.execute({ type: "dialog.answer", callid: event.info.callid, sdp: OURS });
    },
  }).ready();
  await bench.flow(t, [
    ...inbound,
    [1000, "alice", "switch", "UPDATE", { sdp: NEXT }],
    ...[500, 1500, 3500, 7500].map(
      (at) => [1000 + at, "alice", "switch", "UPDATE", { retransmission: true }] as const,
    ),
    [11_000, "switch", "alice", "504 No answer from call control"],
    [12_000, "alice", "switch", "BYE"],
    [12_000, "switch", "alice", "200 OK"],
  ]);
  t.equal(bench.lastInfo.sdp.them, OFFER);
  await bench.leavesNothing(t);
});

t.test("target refresh by re-INVITE and by its 2xx: the next request goes to the new Contact", async (t) => {
  const bench = await bobRegistered();
  const goesTo =
    (user: string) =>
    (message: { firstLine: string }): void => {
      t.match(message.firstLine, new RegExp(` sip:${user}@`));
    };
  await bench.flow(
    t,
    [
      ...outbound,
      [1000, "switch", "bob", "INVITE", { sdp: NEXT }],
      [1010, "bob", "switch", "200 OK", { to: "INVITE", sdp: THEIRS, contact: "<sip:desk@198.51.100.20>" }],
      [1010, "switch", "bob", "ACK", { check: goesTo("desk") }],
      [9000, "switch", "bob", "BYE", { check: goesTo("desk") }],
      [9010, "bob", "switch", "200 OK", { to: "BYE" }],
    ],
    [
      [0, call],
      [1000, reinvite(NEXT)],
      [9000, hangup],
    ],
  );
  await bench.leavesNothing(t);
});
