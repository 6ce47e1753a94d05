import t from "tap";
import { seconds } from "../../../ts/core/brand.js";
import type { LadderRow } from "../../support/ladder.js";
import { header } from "../../support/sip-text.js";
import { EventBench, uriOf } from "./event-bench.js";

const fail = (): never => {
  throw new Error("there was no answer");
};

const mailbox = { headers: { Event: "message-summary", Expires: "600" }, dialog: "mwi" } as const;
const NONE = "Messages-Waiting: no\r\nMessage-Account: sip:bob@example.org\r\nVoice-Message: 0/0 (0/0)\r\n";
const ONE = "Messages-Waiting: yes\r\nMessage-Account: sip:bob@example.org\r\nVoice-Message: 1/0 (0/0)\r\n";

/** alice subscribes to bob's mailbox and has had the first NOTIFY. */
const subscribed: LadderRow[] = [
  [0, "alice", "switch", "SUBSCRIBE", mailbox],
  [
    0,
    "switch",
    "alice",
    "200 OK",
    {
      headers: {
        Expires: "600",
        Contact: "<sip:bob@192.0.2.1:5060>",
        To: /;tag=[0-9a-f]{16}$/,
        "Allow-Events": "presence, dialog, message-summary",
      },
    },
  ],
  [
    0,
    "switch",
    "alice",
    "NOTIFY",
    {
      headers: {
        Event: "message-summary",
        "Subscription-State": "active;expires=600",
        "Content-Type": "application/simple-message-summary",
        Contact: "<sip:bob@192.0.2.1:5060>",
        CSeq: "1 NOTIFY",
      },
      sdp: NONE,
    },
  ],
  [20, "alice", "switch", "200 OK", { to: "NOTIFY" }],
];

t.test("RFC 6665 §4.2.1: subscribe, news, refresh, unsubscribe", async (t) => {
  const bench = new EventBench();
  await bench.flow(
    t,
    [
      ...subscribed,
      [
        5000,
        "switch",
        "alice",
        "NOTIFY",
        { headers: { "Subscription-State": "active;expires=595", CSeq: "2 NOTIFY" }, sdp: ONE },
      ],
      [5020, "alice", "switch", "200 OK", { to: "NOTIFY" }],
      [300_000, "alice", "switch", "SUBSCRIBE", mailbox],
      [300_000, "switch", "alice", "200 OK", { headers: { Expires: "600" } }],
      [
        300_000,
        "switch",
        "alice",
        "NOTIFY",
        { headers: { "Subscription-State": "active;expires=600" }, sdp: ONE },
      ],
      [300_020, "alice", "switch", "200 OK", { to: "NOTIFY" }],
      [
        800_000,
        "alice",
        "switch",
        "SUBSCRIBE",
        { ...mailbox, headers: { Event: "message-summary", Expires: "0" } },
      ],
      [800_000, "switch", "alice", "200 OK", { headers: { Expires: "0" } }],
      [
        800_000,
        "switch",
        "alice",
        "NOTIFY",
        { headers: { "Subscription-State": "terminated;reason=timeout", CSeq: "4 NOTIFY" }, sdp: ONE },
      ],
      [800_020, "alice", "switch", "200 OK", { to: "NOTIFY" }],
    ],
    [
      [
        5000,
        () => {
          bench.events.setMailbox("example.org", "bob", { new: 1, old: 0 });
        },
      ],
    ],
  );
  t.strictSame(bench.subscribed, [
    "alice@example.org message-summary active",
    "alice@example.org message-summary terminated",
  ]);
  t.match(bench.told[0], { control: "http://control.example", subscription: { user: "bob" } });
  await bench.leavesNothing(t);
});

t.test(
  "RFC 6665 §4.2.2: a subscription that is not refreshed ends with timeout, and 481 after it",
  async (t) => {
    const bench = new EventBench();
    await bench.flow(t, [
      ...subscribed,
      [
        600_000,
        "switch",
        "alice",
        "NOTIFY",
        { headers: { "Subscription-State": "terminated;reason=timeout" } },
      ],
      [600_020, "alice", "switch", "SUBSCRIBE", mailbox],
      [600_020, "switch", "alice", "481 Call/Transaction Does Not Exist"],
      [600_040, "alice", "switch", "200 OK", { to: "NOTIFY" }],
      [600_060, "alice", "switch", "SUBSCRIBE", mailbox],
      [600_060, "switch", "alice", "481 Call/Transaction Does Not Exist"],
    ]);
    await bench.leavesNothing(t);
  },
);

t.test("RFC 6665 §4.4.3: Expires 0 in a new SUBSCRIBE fetches the state, once", async (t) => {
  const bench = new EventBench();
  await bench.flow(t, [
    [0, "alice", "switch", "SUBSCRIBE", { headers: { Event: "message-summary;id=7", Expires: "0" } }],
    [0, "switch", "alice", "200 OK", { headers: { Expires: "0" } }],
    [
      0,
      "switch",
      "alice",
      "NOTIFY",
      {
        headers: { Event: "message-summary;id=7", "Subscription-State": "terminated;reason=timeout" },
        sdp: NONE,
      },
    ],
    [20, "alice", "switch", "200 OK"],
  ]);
  t.strictSame(bench.subscribed, [], "nobody watches");
  await bench.leavesNothing(t);
});

t.test(
  "RFC 6665 §4.2.2: 481 to a NOTIFY ends the subscription, and so do silence and other refusals",
  async (t) => {
    for (const status of ["481 Call/Transaction Does Not Exist", "404 Not Found", "401 Unauthorized"]) {
      const bench = new EventBench();
      await bench.flow(t, [...subscribed.slice(0, -1), [20, "alice", "switch", status, { to: "NOTIFY" }]]);
      await bench.leavesNothing(t);
    }
    const bench = new EventBench();
    const repeats = [500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500].map(
      (at): LadderRow => [at, "switch", "alice", "NOTIFY", { retransmission: true }],
    );
    await bench.flow(t, [...subscribed.slice(0, -1), ...repeats]);
    t.equal(bench.subscribed.at(-1), "alice@example.org message-summary terminated");
    await bench.leavesNothing(t);
  },
);

t.test("a NOTIFY that is refused with Retry-After is sent again after that time", async (t) => {
  const bench = new EventBench();
  await bench.flow(t, [
    ...subscribed.slice(0, -1),
    [20, "alice", "switch", "503 Service Unavailable", { to: "NOTIFY", headers: { "Retry-After": "30" } }],
    [30_020, "switch", "alice", "NOTIFY", { headers: { CSeq: "2 NOTIFY" }, sdp: NONE }],
    [30_040, "alice", "switch", "200 OK", { to: "NOTIFY" }],
    [600_000, "switch", "alice", "NOTIFY", { headers: { "Subscription-State": /^terminated/ } }],
    [600_010, "alice", "switch", "200 OK", { to: "NOTIFY" }],
  ]);
  await bench.leavesNothing(t);
});

t.test("RFC 3842 §3.9: news come once a second at most, and the last state is what is told", async (t) => {
  const bench = new EventBench();
  const set = (count: number) => (): void => {
    bench.events.setMailbox("example.org", "bob", { new: count, old: 0 });
  };
  const says = (count: number) => (text: string) => {
    t.match(text, `Voice-Message: ${String(count)}/0 (0/0)`);
  };
  await bench.flow(
    t,
    [
      ...subscribed,
      [1020, "switch", "alice", "NOTIFY", { sdp: says(3) }], // 1 s after the 200 at 20 ms
      [1500, "alice", "switch", "200 OK", { to: "NOTIFY" }],
      [2500, "switch", "alice", "NOTIFY", { sdp: says(5) }],
      [2510, "alice", "switch", "200 OK", { to: "NOTIFY" }],
      [
        2600,
        "alice",
        "switch",
        "SUBSCRIBE",
        { ...mailbox, headers: { Event: "message-summary", Expires: "0" } },
      ],
      [2600, "switch", "alice", "200 OK", { to: "SUBSCRIBE" }],
      [2600, "switch", "alice", "NOTIFY", { headers: { "Subscription-State": /^terminated/ } }],
      [2610, "alice", "switch", "200 OK", { to: "NOTIFY" }],
    ],
    [
      [100, set(1)],
      [200, set(2)],
      [300, set(3)],
      [1200, set(4)], // while a NOTIFY is out
      [1300, set(5)],
    ],
  );
  await bench.leavesNothing(t);
});

t.test(
  "a SUBSCRIBE is answered with a NOTIFY also where one is still out, as soon as that is answered",
  async (t) => {
    const bench = new EventBench();
    await bench.flow(t, [
      ...subscribed.slice(0, -1),
      [10, "alice", "switch", "SUBSCRIBE", mailbox],
      [10, "switch", "alice", "200 OK"],
      [20, "alice", "switch", "200 OK", { to: "NOTIFY" }],
      [20, "switch", "alice", "NOTIFY", { headers: { CSeq: "2 NOTIFY" } }],
      [
        30,
        "alice",
        "switch",
        "SUBSCRIBE",
        { ...mailbox, headers: { Event: "message-summary", Expires: "0" } },
      ],
      [30, "switch", "alice", "200 OK"],
      [40, "alice", "switch", "200 OK", { to: "NOTIFY" }],
      [40, "switch", "alice", "NOTIFY", { headers: { "Subscription-State": "terminated;reason=timeout" } }],
      [50, "alice", "switch", "200 OK", { to: "NOTIFY" }],
    ]);
    await bench.leavesNothing(t);
  },
);

t.test("SUBSCRIBEs that are refused, with what the subscriber has to know; nothing is kept", async (t) => {
  const table: [headers: Record<string, string | null>, uri: string, answer: string, told?: object][] = [
    [{}, uriOf("bob"), "489 Bad Event", { "Allow-Events": "presence, dialog, message-summary" }],
    [
      { Event: "reg" },
      uriOf("bob"),
      "489 Bad Event",
      { "Allow-Events": "presence, dialog, message-summary" },
    ],
    [{ Event: "presence.winfo" }, uriOf("bob"), "489 Bad Event"],
    [{ Event: "dialog", Contact: null }, uriOf("bob"), "400 Missing Contact"],
    [{ Event: "dialog", Expires: "59" }, uriOf("bob"), "423 Interval Too Brief", { "Min-Expires": "60" }],
    [{ Event: "dialog", Accept: "application/pidf+xml" }, uriOf("bob"), "406 Not Acceptable"],
    [{ Event: "dialog" }, uriOf("ghost"), "404 Not Found"],
    [{ Event: "dialog" }, "sip:example.org", "404 Not Found"],
    [{ Event: "dialog", From: "<sip:eve@elsewhere.example>;tag=1" }, uriOf("bob"), "403 Forbidden"],
    [{ Event: "dialog", From: "<sip:eve@elsewhere.example>;tag=1" }, uriOf("ghost"), "403 Forbidden"],
  ];
  for (const [headers, uri, answer, told] of table) {
    const bench = new EventBench();
    await bench.flow(t, [
      [0, "alice", "switch", "SUBSCRIBE", { headers, uri }],
      [0, "switch", "alice", answer, { headers: { ...told } }],
    ]);
    await bench.leavesNothing(t);
  }
});

t.test(
  "Accept with the package's type, its family or everything is enough; Expires is cut to the longest",
  async (t) => {
    for (const accept of ["application/simple-message-summary", "text/plain, application/*;q=0.5", "*/*"]) {
      const bench = new EventBench();
      await bench.flow(t, [
        [
          0,
          "alice",
          "switch",
          "SUBSCRIBE",
          { headers: { Event: "message-summary", Accept: accept, Expires: "100000" }, dialog: "mwi" },
        ],
        [0, "switch", "alice", "200 OK", { headers: { Expires: "7200" } }],
        [0, "switch", "alice", "NOTIFY"],
        [10, "alice", "switch", "481 Call/Transaction Does Not Exist", { to: "NOTIFY" }],
      ]);
      await bench.leavesNothing(t);
    }
  },
);

t.test("in the dialog: other requests, other events, an old CSeq", async (t) => {
  const bench = new EventBench();
  await bench.flow(t, [
    ...subscribed,
    [100, "alice", "switch", "OPTIONS", { dialog: "mwi" }],
    [100, "switch", "alice", "200 OK", { headers: { "Allow-Events": /dialog/ } }],
    [200, "alice", "switch", "INFO", { dialog: "mwi" }],
    [200, "switch", "alice", "405 Method Not Allowed", { headers: { Allow: "SUBSCRIBE, OPTIONS" } }],
    // RFC 6665 §4.5.2: a second subscription in one dialog
    [300, "alice", "switch", "SUBSCRIBE", { dialog: "mwi", headers: { Event: "presence" } }],
    [300, "switch", "alice", "403 Forbidden"],
    [400, "alice", "switch", "SUBSCRIBE", { dialog: "mwi", headers: { Event: "message-summary;id=2" } }],
    [400, "switch", "alice", "403 Forbidden"],
    [500, "alice", "switch", "SUBSCRIBE", { dialog: "mwi", headers: { Event: "nothing" } }],
    [500, "switch", "alice", "489 Bad Event"],
    [600, "alice", "switch", "SUBSCRIBE", { ...mailbox, headers: { ...mailbox.headers, Expires: "5" } }],
    [600, "switch", "alice", "423 Interval Too Brief"],
    [
      700,
      "alice",
      "switch",
      "SUBSCRIBE",
      { ...mailbox, headers: { ...mailbox.headers, CSeq: "2 SUBSCRIBE" } },
    ],
    [700, "switch", "alice", "500 CSeq out of order"],
    [
      800,
      "alice",
      "switch",
      "SUBSCRIBE",
      { ...mailbox, headers: { ...mailbox.headers, "Call-ID": "other" } },
    ],
    [800, "switch", "alice", "481 Call/Transaction Does Not Exist"],
    // all of that has changed nothing
    [
      600_000,
      "switch",
      "alice",
      "NOTIFY",
      { headers: { "Subscription-State": "terminated;reason=timeout" } },
    ],
    [600_010, "alice", "switch", "200 OK", { to: "NOTIFY" }],
  ]);
  await bench.leavesNothing(t);
});

t.test("a NOTIFY goes by the route set and to the Contact, which a refresh moves", async (t) => {
  const bench = new EventBench();
  const trace = await bench.flow(t, [
    [
      0,
      "alice",
      "switch",
      "SUBSCRIBE",
      {
        ...mailbox,
        headers: { ...mailbox.headers, "Record-Route": "<sip:p2.example;lr>, <sip:p1.example;lr>" },
      },
    ],
    [
      0,
      "switch",
      "alice",
      "200 OK",
      { headers: { "Record-Route": /^<sip:p2.example;lr>,\s*<sip:p1.example;lr>$/ } },
    ],
    [0, "switch", "alice", "NOTIFY", { headers: { Route: /^<sip:p2.example;lr>,\s*<sip:p1.example;lr>$/ } }],
    [10, "alice", "switch", "200 OK", { to: "NOTIFY" }],
    [2000, "alice", "switch", "SUBSCRIBE", { ...mailbox, contact: "<sip:alice@203.0.113.9:5070>" }],
    [2000, "switch", "alice", "200 OK"],
    [2000, "switch", "alice", "NOTIFY"],
    [2010, "alice", "switch", "481 Call/Transaction Does Not Exist", { to: "NOTIFY" }],
  ]);
  t.strictSame(
    trace.filter(({ message }) => message === "NOTIFY").map(({ text }) => text.firstLine),
    ["NOTIFY sip:alice@198.51.100.10:5060 SIP/2.0", "NOTIFY sip:alice@203.0.113.9:5070 SIP/2.0"],
  );
  await bench.leavesNothing(t);
});

t.test(
  "RFC 6665 §4.2.1.3: pending tells nothing until it is approved; a change of mind ends it",
  async (t) => {
    let answer: "pending" | "active" | "rejected" = "pending";
    const bench = new EventBench({ policy: () => answer });
    const decide = (now: typeof answer) => (): void => {
      answer = now;
      bench.events.reviewPolicy("example.org", "bob");
    };
    await bench.flow(
      t,
      [
        [0, "alice", "switch", "SUBSCRIBE", mailbox],
        [0, "switch", "alice", "200 OK"],
        [
          0,
          "switch",
          "alice",
          "NOTIFY",
          { headers: { "Subscription-State": "pending;expires=600", "Content-Type": null }, sdp: "" },
        ],
        [10, "alice", "switch", "200 OK", { to: "NOTIFY" }],
        [
          5000,
          "switch",
          "alice",
          "NOTIFY",
          { headers: { "Subscription-State": "active;expires=595" }, sdp: ONE },
        ],
        [5010, "alice", "switch", "200 OK", { to: "NOTIFY" }],
        [
          9000,
          "switch",
          "alice",
          "NOTIFY",
          { headers: { "Subscription-State": "terminated;reason=rejected", "Content-Type": null }, sdp: "" },
        ],
        [9010, "alice", "switch", "200 OK", { to: "NOTIFY" }],
        [9020, "alice", "switch", "SUBSCRIBE", { ...mailbox, dialog: "again" }],
        [9020, "switch", "alice", "403 Forbidden"],
      ],
      [
        [
          3000,
          () => {
            bench.events.setMailbox("example.org", "bob", { new: 1, old: 0 });
          },
        ],
        [5000, decide("active")],
        [9000, decide("rejected")],
      ],
    );
    t.strictSame(
      bench.subscribed.map((text) => text.split(" ")[2]),
      ["pending", "active", "terminated"],
    );
    await bench.leavesNothing(t);
  },
);

t.test(
  "a user who is removed: who watched is told noresource, what the user watched ends as rejected",
  async (t) => {
    const bench = new EventBench();
    await bench.flow(
      t,
      [
        ...subscribed,
        [
          30,
          "bob",
          "switch",
          "SUBSCRIBE",
          { uri: uriOf("carol"), dialog: "blf", headers: { Event: "dialog", Expires: "600" } },
        ],
        [30, "switch", "bob", "200 OK"],
        [30, "switch", "bob", "NOTIFY"],
        [40, "bob", "switch", "200 OK", { to: "NOTIFY" }],
        [
          5000,
          "switch",
          "bob",
          "NOTIFY",
          { headers: { "Subscription-State": "terminated;reason=rejected" } },
        ],
        [
          5000,
          "switch",
          "alice",
          "NOTIFY",
          { headers: { "Subscription-State": "terminated;reason=noresource" }, sdp: "" },
        ],
        [5010, "alice", "switch", "200 OK", { to: "NOTIFY" }],
        [5010, "bob", "switch", "200 OK", { to: "NOTIFY" }],
      ],
      [
        [
          5000,
          () => {
            bench.directory.delete("example.org", "bob");
          },
        ],
      ],
    );
    await bench.leavesNothing(t);
  },
);

t.test(
  "draining: subscribers are sent away with retry-after, new ones get 503 until it is over",
  async (t) => {
    const bench = new EventBench();
    await bench.flow(
      t,
      [
        ...subscribed,
        [
          5000,
          "switch",
          "alice",
          "NOTIFY",
          { headers: { "Subscription-State": "terminated;reason=probation;retry-after=120" } },
        ],
        [5010, "alice", "switch", "200 OK", { to: "NOTIFY" }],
        [5020, "alice", "switch", "SUBSCRIBE", { ...mailbox, dialog: "again" }],
        [5020, "switch", "alice", "503 Service Unavailable", { headers: { "Retry-After": "120" } }],
        [6000, "alice", "switch", "SUBSCRIBE", { ...mailbox, dialog: "later" }],
        [6000, "switch", "alice", "200 OK"],
        [6000, "switch", "alice", "NOTIFY"],
        [6010, "alice", "switch", "481 Call/Transaction Does Not Exist", { to: "NOTIFY" }],
      ],
      [
        [
          5000,
          () => {
            bench.events.drain(120);
          },
        ],
        [
          6000,
          () => {
            bench.events.resume();
          },
        ],
      ],
    );
    await bench.leavesNothing(t);
  },
);

t.test("a flood of SUBSCRIBEs is refused at each limit, and all of it is forgotten", async (t) => {
  const rows = (user: string, count: number): LadderRow[] =>
    Array.from({ length: count }, (_, index): LadderRow[] => [
      [
        0,
        "alice",
        "switch",
        "SUBSCRIBE",
        { uri: uriOf(user), dialog: `${user}${String(index)}`, headers: { Event: "dialog" } },
      ],
      [0, "switch", "alice", "200 OK"],
      [0, "switch", "alice", "NOTIFY"],
      [0, "alice", "switch", "481 Call/Transaction Does Not Exist", { to: "NOTIFY" }],
    ]).flat();
  const refused = (answer: string, headers: Record<string, string | null>): LadderRow[] => [
    [0, "alice", "switch", "SUBSCRIBE", { uri: uriOf("bob"), headers: { Event: "dialog" } }],
    [0, "switch", "alice", answer, { headers }],
  ];
  const keep = (ladder: LadderRow[]): LadderRow[] =>
    ladder.filter(([, , , message]) => !message.startsWith("481"));
  const gone = (count: number): LadderRow[] =>
    Array.from({ length: count }, (): LadderRow => [
      10,
      "alice",
      "switch",
      "481 Call/Transaction Does Not Exist",
      { to: "NOTIFY" },
    ]);

  const perUser = new EventBench({ limits: { subscriptionsPerUser: 3 } });
  await perUser.flow(t, [
    ...keep(rows("bob", 3)),
    ...refused("403 Too Many Subscriptions", { "Retry-After": null }),
    ...gone(3),
  ]);
  await perUser.flow(t, rows("carol", 3));
  await perUser.leavesNothing(t);

  const perResource = new EventBench({ limits: { subscriptionsPerResource: 2 } });
  await perResource.flow(t, [
    ...keep(rows("bob", 2)),
    ...refused("503 Service Unavailable", { "Retry-After": "60" }),
    ...keep(rows("carol", 1)),
    ...gone(3),
  ]);
  await perResource.leavesNothing(t);

  const inAll = new EventBench({ limits: { subscriptions: 2 } });
  await inAll.flow(t, [
    ...keep(rows("carol", 2)),
    ...refused("503 Service Unavailable", { "Retry-After": "60" }),
    ...gone(2),
  ]);
  await inAll.flow(t, rows("bob", 2));
  await inAll.leavesNothing(t);
});

t.test(
  "a subscription that came by a connection ends with it, without a word; one by UDP stays",
  async (t) => {
    const bench = new EventBench({ alice: "TCP" });
    await bench.flow(t, [
      ...subscribed,
      [30, "bob", "switch", "SUBSCRIBE", { uri: uriOf("carol"), dialog: "mwi", headers: mailbox.headers }],
      [30, "switch", "bob", "200 OK"],
      [30, "switch", "bob", "NOTIFY"],
      [40, "bob", "switch", "200 OK", { to: "NOTIFY" }],
    ]);
    t.equal(bench.events.counts.subscriptions, 2);
    bench.phones.alice.hangUpConnections();
    await bench.clock.advance(seconds(1));
    t.equal(bench.events.counts.subscriptions, 1);
    t.equal(bench.subscribed.at(-1), "alice@example.org message-summary terminated");
    const before = bench.network.log.length;
    bench.events.setMailbox("example.org", "bob", { new: 1, old: 0 });
    await bench.clock.advance(seconds(1));
    t.equal(bench.network.log.length, before, "nothing is sent");
    bench.events.close();
    await bench.clock.advance(seconds(60));
    t.equal(bench.layer.size, 0);
  },
);

t.test(
  "a refresh that comes another way moves the subscription there: it outlives its connection",
  async (t) => {
    const bench = new EventBench({ alice: "TCP" });
    const trace = await bench.flow(t, subscribed);
    const ok = trace.find(({ message }) => message === "200 OK")?.text ?? fail();
    const line = (name: string): string => `${name}: ${header(ok, name) ?? ""}\r\n`;
    // The dialog is alice's; bob's telephone only lends its socket.
    const refresh =
      "SUBSCRIBE sip:bob@192.0.2.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.20;branch=z9hG4bKmoved\r\n" +
      `${line("From")}${line("To")}${line("Call-ID")}CSeq: 2 SUBSCRIBE\r\nMax-Forwards: 70\r\n` +
      "Event: message-summary\r\nExpires: 600\r\nContact: <sip:alice@198.51.100.20>\r\nContent-Length: 0\r\n\r\n";
    await bench.flow(t, [
      [0, "bob", "switch", "SUBSCRIBE", { raw: refresh }],
      [0, "switch", "bob", "200 OK"],
      [0, "switch", "bob", "NOTIFY"],
      [10, "bob", "switch", "200 OK", { to: "NOTIFY" }],
    ]);
    bench.phones.alice.hangUpConnections();
    await bench.clock.advance(seconds(1));
    t.equal(bench.events.counts.subscriptions, 1);
    await bench.flow(
      t,
      [
        [0, "switch", "bob", "NOTIFY", { sdp: ONE }],
        [10, "bob", "switch", "481 Call/Transaction Does Not Exist", { to: "NOTIFY" }],
      ],
      [
        [
          0,
          () => {
            bench.events.setMailbox("example.org", "bob", { new: 1, old: 0 });
          },
        ],
      ],
    );
    t.equal(bench.events.counts.subscriptions, 0);
  },
);

t.test("closing the server forgets everything without a word", async (t) => {
  const bench = new EventBench();
  await bench.flow(
    t,
    [...subscribed],
    [
      [
        1000,
        () => {
          bench.events.close();
        },
      ],
    ],
  );
  await bench.clock.advance(seconds(60));
  t.equal(bench.events.counts.subscriptions, 0);
  t.equal(bench.clock.pendingTimers, 0);
});
