import t from "tap";
import type { CallInfo } from "../../../ts/sip/sip-service.js";
import type { Check, LadderRow } from "../../support/ladder.js";
import { EventBench, uriOf } from "./event-bench.js";

const BOB = { domain: "example.org", user: "bob" };

const call = (callid: string, facts: Partial<CallInfo>): CallInfo => ({
  callid,
  domain: "example.org",
  to: "carol",
  from: "bob",
  contact: "",
  maxforwards: 70,
  authenticated: true,
  originator: false,
  ring: false,
  answered: false,
  hold: false,
  hangup: false,
  error: { code: 0, status: "" },
  remote: { host: "198.51.100.20", port: 5060 },
  sdp: {},
  epochs: { start: 0, ring: 0, answer: 0, end: 0 },
  ...facts,
});

/** Version and dialogs of a document: `0: 1 initiator trying sip:carol@example.org, …`. */
const shown = (text: string): string => {
  const version =
    /<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="(\d+)" state="full" entity="sip:bob@example.org"/.exec(
      text,
    );
  const dialogs = [
    ...text.matchAll(
      /<dialog id="(\d+)"(?: direction="(\w+)")?><state>(\w+)<\/state>(?:<remote><identity>([^<]*)<)?/g,
    ),
  ];
  return `${version?.[1] ?? "?"}: ${dialogs
    .map((parts) =>
      parts
        .slice(1)
        .filter((part: string | undefined) => part !== undefined)
        .join(" "),
    )
    .join(", ")}`;
};
const shows =
  (wanted: string): Check =>
  (text) => {
    if (shown(text) !== wanted) throw new Error(`${shown(text)} instead of ${wanted}\n${text}`);
  };

const watch = (at: number, document: string, headers: Record<string, string> = {}): LadderRow[] => [
  [
    at,
    "alice",
    "switch",
    "SUBSCRIBE",
    {
      dialog: "blf",
      headers: { Event: "dialog", Expires: "600", Accept: "application/dialog-info+xml", ...headers },
    },
  ],
  [at, "switch", "alice", "200 OK"],
  ...told(at, document),
];
const told = (at: number, document: string): LadderRow[] => [
  [
    at,
    "switch",
    "alice",
    "NOTIFY",
    { headers: { "Content-Type": "application/dialog-info+xml", Event: "dialog" }, sdp: shows(document) },
  ],
  [at, "alice", "switch", "200 OK", { to: "NOTIFY" }],
];

t.test("RFC 4235: a call of the watched user, from its beginning to its end", async (t) => {
  const bench = new EventBench();
  const change = (facts: Partial<CallInfo>) => (): void => {
    bench.events.callChanged(call("c1", facts), BOB);
  };
  await bench.flow(
    t,
    [
      ...watch(0, "0: "),
      ...told(2000, "1: 1 initiator trying sip:carol@example.org"),
      ...told(4000, "2: 1 initiator early sip:carol@example.org"),
      ...told(6000, "3: 1 initiator confirmed sip:carol@example.org"),
      ...told(9000, "4: 1 terminated"),
      // over and told: it is not shown again
      ...watch(12_000, "5: "),
      ...watch(14_000, "6: ", { Expires: "0" }),
    ],
    [
      [2000, change({})],
      [3500, change({})], // no news
      [4000, change({ ring: true })],
      [6000, change({ ring: true, answered: true })],
      [7000, change({ ring: true, answered: true, hold: true })], // none either
      [9000, change({ answered: true, hangup: true })],
    ],
  );
  await bench.leavesNothing(t);
});

t.test(
  "calls to and from one user at once; who comes late is told of all of them, with its own version",
  async (t) => {
    const bench = new EventBench();
    bench.events.callChanged(call("c1", { answered: true }), BOB);
    bench.events.callChanged(call("c2", { originator: true, from: "carol", to: "bob", ring: true }), BOB);
    bench.events.callChanged(call("c3", {}), { domain: "example.org", user: "carol" });
    await bench.flow(
      t,
      [
        ...watch(
          0,
          "0: 1 initiator confirmed sip:carol@example.org, 2 recipient early sip:carol@example.org",
        ),
        // Within a second two calls end and one begins: all of it is told.
        ...told(
          1000,
          "1: 4 recipient trying sip:d%C3%A9j%C3%A0@elsewhere.example, 1 terminated, 2 terminated",
        ),
        ...watch(5000, "2: 4 recipient trying sip:d%C3%A9j%C3%A0@elsewhere.example", { Expires: "0" }),
      ],
      [
        [
          100,
          () => {
            bench.events.callChanged(call("c1", { hangup: true }), BOB);
            bench.events.callChanged(call("c2", { originator: true, hangup: true }), BOB);
            const from = { originator: true, from: "d\u00e9j\u00e0", domain: "elsewhere.example", to: "bob" };
            bench.events.callChanged(call("c4", from), { domain: "Example.ORG", user: "bob" });
          },
        ],
      ],
    );
    await bench.leavesNothing(t);
  },
);

t.test("a call of nobody in the directory is no news; one that ends unseen is none either", async (t) => {
  const bench = new EventBench();
  await bench.flow(
    t,
    [...watch(0, "0: "), ...watch(5000, "1: ", { Expires: "0" })],
    [
      [
        2000,
        () => {
          bench.events.callChanged(call("trunk", {}), { domain: "203.0.113.1", user: "bob" });
          bench.events.callChanged(call("never seen", { hangup: true }), BOB);
        },
      ],
    ],
  );
  await bench.leavesNothing(t);
});

t.test("what a caller can make a document say is bounded", async (t) => {
  const bench = new EventBench();
  for (let index = 0; index < 25; index += 1) {
    const to = index === 0 ? "x".repeat(1000) : "carol";
    bench.events.callChanged(call(`c${String(index)}`, { to }), BOB);
  }
  const remotes = Array.from(
    { length: 19 },
    (_, index) => `${String(index + 2)} initiator trying sip:carol@example.org`,
  );
  await bench.flow(t, [...watch(0, `0: 1 initiator trying, ${remotes.join(", ")}`, { Expires: "0" })]);
  await bench.leavesNothing(t);
});

t.test("the watched user is the one of the Request-URI", async (t) => {
  const bench = new EventBench();
  bench.events.callChanged(call("c1", {}), BOB);
  await bench.flow(t, [
    [0, "alice", "switch", "SUBSCRIBE", { uri: uriOf("carol"), headers: { Event: "dialog", Expires: "0" } }],
    [0, "switch", "alice", "200 OK"],
    [0, "switch", "alice", "NOTIFY", { sdp: (text) => t.notMatch(text, "<dialog ") }],
    [10, "alice", "switch", "200 OK"],
  ]);
  await bench.leavesNothing(t);
});
