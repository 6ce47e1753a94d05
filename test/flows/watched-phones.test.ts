/** Subscriptions, publications and messages in the whole SIP server: who watches a phone sees what it does. */
import t from "tap";
import type { Check, LadderRow } from "../support/ladder.js";
import { ALICE, DOMAIN, SipBench, sdp } from "../support/sip-bench.js";

const ALICE_SDP = sdp("198.51.100.10");
const blf = { dialog: "blf", uri: `sip:bob@${DOMAIN}`, headers: { Event: "dialog", Expires: "600" } };

/** States of the dialogs in a document. */
const states =
  (...wanted: string[]): Check =>
  (text) => {
    const found = [
      ...text.matchAll(/<dialog id="\d+"(?: [a-z]+-[a-z]+="[^"]*")*(?: direction="(\w+)")?><state>(\w+)</g),
    ].map(([, direction, state]) =>
      direction === undefined ? (state ?? "") : `${direction} ${state ?? ""}`,
    );
    if (found.join() !== wanted.join()) throw new Error(`${found.join()} instead of ${wanted.join()}`);
  };

const told = (at: number, document: Check): LadderRow[] => [
  [at, "switch", "alice", "NOTIFY", { headers: { Event: "dialog" }, sdp: document }],
  [at, "alice", "switch", "200 OK", { to: "NOTIFY" }],
];
const watch = (at: number, expires: string, document: Check): LadderRow[] => [
  [at, "alice", "switch", "SUBSCRIBE", { ...blf, headers: { ...blf.headers, Expires: expires } }],
  [at, "switch", "alice", "200 OK", { headers: { Expires: expires } }],
  ...told(at, document),
];

t.test("RFC 4235 with a call to the watched phone: trying, early, confirmed, terminated", async (t) => {
  const bench = new SipBench();
  await bench.registered(bench.bob);
  await bench.flow(
    t,
    [
      ...watch(0, "600", states()),
      [2000, "switch", "bob", "INVITE", { sdp: ALICE_SDP }],
      ...told(2000, states("recipient trying")),
      [2000, "bob", "switch", "100 Trying"],
      [4000, "bob", "switch", "180 Ringing"],
      ...told(4000, states("recipient early")),
      [6000, "bob", "switch", "200 OK", { sdp: sdp("198.51.100.20") }],
      [6000, "switch", "bob", "ACK"],
      ...told(6000, states("recipient confirmed")),
      [9000, "bob", "switch", "BYE"],
      [9000, "switch", "bob", "200 OK"],
      ...told(9000, states("terminated")),
      ...watch(12_000, "0", states()),
    ],
    [
      [
        2000,
        (sip) =>
          sip.execute({
            type: "dialog.invite",
            request: { from: { user: "carol", domain: DOMAIN }, to: { user: "bob" }, sdp: ALICE_SDP },
          }),
      ],
    ],
  );
  await bench.leavesNothing(t);
});

t.test("RFC 4235 §4.1.1, RFC 3891: who watches a phone that rings picks its call up", async (t) => {
  const bench = new SipBench();
  await bench.registered(bench.bob);
  let named = "";
  const names: Check = (text) => {
    const [, callId, theirs, ours] =
      /<dialog id="1" call-id="([^"]*)" local-tag="([^"]*)" remote-tag="([^"]*)" direction="recipient"><state>early</.exec(
        text,
      ) ?? [];
    if (callId === undefined) throw new Error(`it names no dialog: ${text}`);
    named = `${callId};to-tag=${ours ?? ""};from-tag=${theirs ?? ""}`;
  };
  const callid = "ringing";
  await bench.flow(
    t,
    [
      ...watch(0, "600", states()),
      [2000, "switch", "bob", "INVITE", { sdp: ALICE_SDP }],
      ...told(2000, states("recipient trying")),
      [2000, "bob", "switch", "100 Trying"],
      [4000, "bob", "switch", "180 Ringing"],
      ...told(4000, names),
    ],
    [
      [
        2000,
        (sip) =>
          sip.execute({
            type: "dialog.invite",
            request: { callid, from: { user: "carol", domain: DOMAIN }, to: { user: "bob" }, sdp: ALICE_SDP },
          }),
      ],
    ],
  );
  await bench.flow(t, [
    [0, "alice", "switch", "INVITE", { sdp: ALICE_SDP, headers: { Replaces: named } }],
    [0, "switch", "alice", "100 Trying"],
  ]);
  t.match(bench.lastInfo, { replaces: callid }, "control is told which call is picked up");
  await bench.sip.close();
});

t.test("--watchers self: a policy says who may watch whom", async (t) => {
  const bench = await new SipBench({
    subscriptionPolicy: (subscriber, { user }) => (subscriber.user === user ? "active" : "rejected"),
  }).ready();
  await bench.flow(t, [
    [0, "alice", "switch", "SUBSCRIBE", blf],
    [0, "switch", "alice", "403 Forbidden"],
  ]);
  await bench.leavesNothing(t);
});

t.test("RFC 4235 with a call by the watched phone, which it gives up", async (t) => {
  const bench = await new SipBench({
    control: (event, sip) => {
      if (event.cause === "new") return sip.execute({ type: "dialog.ring", callid: event.info.callid });
      return undefined;
    },
  }).ready();
  await bench.flow(t, [
    ...watch(0, "600", states()),
    [2000, "bob", "switch", "INVITE", { sdp: sdp("198.51.100.20"), uri: `sip:alice@${DOMAIN}` }],
    [2000, "switch", "alice", "NOTIFY", { sdp: states("initiator trying") }],
    [2000, "switch", "bob", "100 Trying"],
    [2000, "switch", "bob", "180 Ringing"],
    [2000, "alice", "switch", "200 OK", { to: "NOTIFY" }],
    ...told(3000, states("initiator early")),
    [5000, "bob", "switch", "CANCEL"],
    [5000, "switch", "bob", "200 OK"],
    [5000, "switch", "bob", "487 Request Terminated"],
    ...told(5000, states("terminated")),
    [5010, "bob", "switch", "ACK"],
    ...watch(9000, "0", states()),
  ]);
  await bench.leavesNothing(t);
});

t.test(
  "RFC 3856: whether a phone is registered is its user's presence, while nobody says more",
  async (t) => {
    const bench = await new SipBench().ready();
    const presence = (at: number, basic: string, state = /^active/): LadderRow[] => [
      [
        at,
        "switch",
        "alice",
        "NOTIFY",
        {
          headers: { Event: "presence", "Subscription-State": state },
          sdp: (text) => t.match(text, `<basic>${basic}</basic>`),
        },
      ],
      [at, "alice", "switch", "200 OK", { to: "NOTIFY" }],
    ];
    const subscribe = (at: number, expires: string): LadderRow[] => [
      [at, "alice", "switch", "SUBSCRIBE", { ...blf, headers: { Event: "presence", Expires: expires } }],
      [at, "switch", "alice", "200 OK"],
    ];
    await bench.flow(t, [
      ...subscribe(0, "600"),
      ...presence(0, "closed"),
      [6000, "bob", "switch", "REGISTER", { expires: 60 }],
      [6000, "switch", "alice", "NOTIFY", { sdp: (text) => t.match(text, "<basic>open</basic>") }],
      [6000, "switch", "bob", "200 OK"],
      [6000, "alice", "switch", "200 OK", { to: "NOTIFY" }],
      ...presence(66_000, "closed"),
      ...subscribe(80_000, "0"),
      ...presence(80_000, "closed", /^terminated;reason=timeout/),
    ]);
    t.match(
      bench.events.filter(({ type }) => type === "subscribed"),
      [
        { subscription: { domain: DOMAIN, user: "bob", event: "presence", subscriber: `alice@${DOMAIN}` } },
        { subscription: { state: "terminated" } },
      ],
    );
    await bench.leavesNothing(t);
  },
);

t.test("RFC 3428: a message between two phones, and to one that is not registered", async (t) => {
  const bench = new SipBench();
  await bench.registered(bench.bob);
  const text = { sdp: "Watson, come here.", headers: { "Content-Type": "text/plain", Contact: null } };
  await bench.flow(t, [
    [0, "alice", "switch", "MESSAGE", { ...text, uri: `sip:bob@${DOMAIN}` }],
    [0, "switch", "bob", "MESSAGE", { sdp: "Watson, come here.", headers: { "Content-Type": "text/plain" } }],
    [100, "bob", "switch", "200 OK"],
    [100, "switch", "alice", "200 OK"],
  ]);
  const refusing = await new SipBench({}).ready();
  refusing.sip.attach(() => Promise.reject(new Error("nobody takes messages")));
  await refusing.flow(t, [
    [0, "alice", "switch", "MESSAGE", { ...text, uri: `sip:bob@${DOMAIN}` }],
    [0, "switch", "alice", "480 Temporarily Unavailable"],
    [100, "alice", "switch", "MESSAGE", { ...text, uri: `sip:ghost@${DOMAIN}` }],
    [100, "switch", "alice", "404 Not Found"],
  ]);
  const taking = await new SipBench().ready();
  await taking.flow(t, [
    [0, "alice", "switch", "MESSAGE", { ...text, uri: `sip:bob@${DOMAIN}` }],
    [0, "switch", "alice", "202 Accepted"],
  ]);
  t.match(taking.events, [{ type: "message", message: { user: "bob", content: "Watson, come here." } }]);
  for (const each of [bench, refusing, taking]) await each.leavesNothing(t);
});

t.test("digest is asked of SUBSCRIBE, PUBLISH and MESSAGE, and is enough", async (t) => {
  const bench = await new SipBench({ trusted: () => false }).ready();
  await bench.flow(t, [
    [0, "alice", "switch", "PUBLISH", { uri: `sip:alice@${DOMAIN}`, headers: { Event: "presence" } }],
    [0, "switch", "alice", "401 Unauthorized"],
    [10, "alice", "switch", "MESSAGE", { uri: `sip:bob@${DOMAIN}` }],
    [10, "switch", "alice", "401 Unauthorized"],
    // Whether there is such a user is nobody's business who is not known.
    [20, "alice", "switch", "SUBSCRIBE", { ...blf, uri: `sip:ghost@${DOMAIN}`, dialog: "ghost" }],
    [20, "switch", "alice", "401 Unauthorized"],
    [30, "alice", "switch", "SUBSCRIBE", blf],
    [30, "switch", "alice", "401 Unauthorized"],
    [40, "alice", "switch", "SUBSCRIBE", { ...blf, credentials: ALICE }],
    [40, "switch", "alice", "200 OK"],
    ...told(40, states()),
    // Within the dialog none is asked.
    ...watch(5000, "0", states()),
  ]);
  await bench.leavesNothing(t);
});

t.test("RFC 3842: control says how many messages wait", async (t) => {
  const bench = await new SipBench().ready();
  const summary = (at: number, text: string): LadderRow[] => [
    [at, "switch", "alice", "NOTIFY", { sdp: (body) => t.match(body, text) }],
    [at, "alice", "switch", "200 OK", { to: "NOTIFY" }],
  ];
  const subscribe = (at: number, expires: string): LadderRow[] => [
    [
      at,
      "alice",
      "switch",
      "SUBSCRIBE",
      { dialog: "mwi", uri: `sip:alice@${DOMAIN}`, headers: { Event: "message-summary", Expires: expires } },
    ],
    [at, "switch", "alice", "200 OK"],
  ];
  const account = "sip:*97@voicemail.example";
  await bench.flow(
    t,
    [
      ...subscribe(0, "600"),
      ...summary(0, "Messages-Waiting: no"),
      ...summary(
        5000,
        `Messages-Waiting: yes\r\nMessage-Account: ${account}\r\nVoice-Message: 2/8 (1/0)\r\n`,
      ),
      ...summary(
        9000,
        "Messages-Waiting: no\r\nMessage-Account: sip:alice@example.org\r\nVoice-Message: 0/10 (0/0)\r\n",
      ),
      ...subscribe(12_000, "0"),
      ...summary(12_000, "Voice-Message: 0/10 (0/0)"),
    ],
    [
      [
        5000,
        (sip) =>
          sip.execute({
            type: "mwi.set",
            domain: DOMAIN,
            user: "alice",
            mailbox: { new: 2, old: 8, urgentNew: 1, account },
          }),
      ],
      [
        9000,
        (sip) =>
          sip.execute({ type: "mwi.set", domain: DOMAIN, user: "alice", mailbox: { new: 0, old: 10 } }),
      ],
    ],
  );
  for (const mailbox of [
    { new: -1, old: 0 },
    { new: 0.5, old: 0 },
    { new: 0, old: 0, account: "a\r\nb" },
  ]) {
    await t.rejects(bench.sip.execute({ type: "mwi.set", domain: DOMAIN, user: "alice", mailbox }), {
      code: "ARGUMENT_INVALID",
    });
  }
  await bench.leavesNothing(t);
});
