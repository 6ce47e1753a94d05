import t from "tap";
import type { Check, LadderRow, RowOptions } from "../../support/ladder.js";
import { EventBench, uriOf } from "./event-bench.js";

const pidf = (basic: string): string =>
  `<?xml version="1.0"?><presence xmlns="urn:ietf:params:xml:ns:pidf" entity="pres:bob@example.org"><tuple id="a"><status><basic>${basic}</basic></status></tuple></presence>`;

/** Keeps the entity-tag of a 200 for later rows. */
class Tag {
  value = "";
  readonly keep: Check = (text) => {
    if (!/^[0-9a-f]{16}$/.test(text)) throw new Error(`no entity-tag: ${text}`);
    if (text === this.value) throw new Error("the same entity-tag as before");
    this.value = text;
  };
}

const publish = (headers: Record<string, string | null> = {}, body = ""): RowOptions => ({
  uri: uriOf("bob"),
  headers: {
    Event: "presence",
    Expires: "600",
    ...(body === "" ? {} : { "Content-Type": "application/pidf+xml" }),
    ...headers,
  },
  ...(body === "" ? {} : { sdp: body }),
});

const watching: LadderRow[] = [
  [0, "alice", "switch", "SUBSCRIBE", { dialog: "watch", headers: { Event: "presence", Expires: "3600" } }],
  [0, "switch", "alice", "200 OK"],
];
const told = (at: number, body: string | Check): LadderRow[] => [
  [at, "switch", "alice", "NOTIFY", { headers: { "Content-Type": "application/pidf+xml" }, sdp: body }],
  [at + 10, "alice", "switch", "200 OK", { to: "NOTIFY" }],
];
const unwatching = (at: number): LadderRow[] => [
  [at, "alice", "switch", "SUBSCRIBE", { dialog: "watch", headers: { Event: "presence", Expires: "0" } }],
  [at, "switch", "alice", "200 OK"],
  [at, "switch", "alice", "NOTIFY", { headers: { "Subscription-State": "terminated;reason=timeout" } }],
  [at + 10, "alice", "switch", "200 OK", { to: "NOTIFY" }],
];

/** Ladders whose later rows need what earlier ones brought are played in parts. */
t.test("RFC 3903 §4: publish, refresh, modify, remove; each 200 has an entity-tag of its own", async (t) => {
  const bench = new EventBench();
  const tag = new Tag();
  const ok: RowOptions = { headers: { "SIP-ETag": tag.keep, Expires: "600" } };
  await bench.flow(t, [
    ...watching,
    ...told(0, (text) => t.match(text, "<basic>closed</basic>")),
    [10_000, "bob", "switch", "PUBLISH", publish({}, pidf("open"))],
    [10_000, "switch", "bob", "200 OK", ok],
    ...told(10_000, pidf("open")),
  ]);
  t.equal(bench.events.counts.publications, 1);
  // A refresh is no news.
  await bench.flow(t, [
    [0, "bob", "switch", "PUBLISH", publish({ "SIP-If-Match": tag.value })],
    [0, "switch", "bob", "200 OK", ok],
  ]);
  const old = tag.value;
  await bench.flow(t, [
    [0, "bob", "switch", "PUBLISH", publish({ "SIP-If-Match": tag.value }, pidf("closed"))],
    [0, "switch", "bob", "200 OK", ok],
    ...told(0, pidf("closed")),
    [100, "bob", "switch", "PUBLISH", publish({ "SIP-If-Match": old }, pidf("open"))],
    [100, "switch", "bob", "412 Conditional Request Failed", { headers: { "SIP-ETag": null } }],
    [200, "bob", "switch", "PUBLISH", publish({ "SIP-If-Match": old, Expires: "0" })],
    [200, "switch", "bob", "412 Conditional Request Failed"],
  ]);
  t.equal(bench.events.counts.publications, 1);
  await bench.flow(t, [
    [0, "bob", "switch", "PUBLISH", publish({ "SIP-If-Match": tag.value, Expires: "0" })],
    [0, "switch", "bob", "200 OK", { headers: { Expires: "0" } }],
    ...told(0, (text) => t.match(text, "<basic>closed</basic>")),
    ...unwatching(20_000),
  ]);
  await bench.leavesNothing(t);
});

t.test(
  "RFC 3903 §6: a publication that is not refreshed is forgotten, and who watches is told",
  async (t) => {
    const bench = new EventBench();
    bench.bind("bob");
    const tag = new Tag();
    await bench.flow(t, [
      ...watching,
      ...told(0, (text) => t.match(text, "<basic>open</basic>")),
      [10_000, "bob", "switch", "PUBLISH", publish({}, pidf("closed"))],
      [10_000, "switch", "bob", "200 OK", { headers: { "SIP-ETag": tag.keep } }],
      ...told(10_000, pidf("closed")),
      ...told(610_000, (text) => t.match(text, "<basic>open</basic>")),
      ...unwatching(620_000),
    ]);
    await bench.flow(t, [
      [0, "bob", "switch", "PUBLISH", publish({ "SIP-If-Match": tag.value })],
      [0, "switch", "bob", "412 Conditional Request Failed"],
    ]);
    await bench.leavesNothing(t);
  },
);

t.test("of several phones of a user the last that said something is believed", async (t) => {
  const bench = new EventBench();
  const [first, second] = [new Tag(), new Tag()];
  await bench.flow(t, [
    ...watching,
    ...told(0, (text) => t.match(text, "<basic>closed</basic>")),
    [10_000, "bob", "switch", "PUBLISH", publish({}, pidf("one"))],
    [10_000, "switch", "bob", "200 OK", { headers: { "SIP-ETag": first.keep } }],
    ...told(10_000, pidf("one")),
    [20_000, "bob", "switch", "PUBLISH", publish({}, pidf("two"))],
    [20_000, "switch", "bob", "200 OK", { headers: { "SIP-ETag": second.keep } }],
    ...told(20_000, pidf("two")),
  ]);
  await bench.flow(t, [
    [0, "bob", "switch", "PUBLISH", publish({ "SIP-If-Match": first.value })],
    [0, "switch", "bob", "200 OK", { headers: { "SIP-ETag": first.keep } }],
  ]);
  // A refresh says nothing new: the other is still the last that said something.
  await bench.flow(t, [
    [0, "carol", "switch", "SUBSCRIBE", { headers: { Event: "presence", Expires: "0" } }],
    [0, "switch", "carol", "200 OK"],
    [0, "switch", "carol", "NOTIFY", { sdp: pidf("two") }],
    [10, "carol", "switch", "200 OK"],
  ]);
  await bench.flow(t, [
    [0, "bob", "switch", "PUBLISH", publish({ "SIP-If-Match": first.value }, pidf("one again"))],
    [0, "switch", "bob", "200 OK", { headers: { "SIP-ETag": first.keep } }],
    ...told(0, pidf("one again")),
  ]);
  await bench.flow(t, [
    [0, "bob", "switch", "PUBLISH", publish({ "SIP-If-Match": first.value, Expires: "0" })],
    [0, "switch", "bob", "200 OK"],
    ...told(0, pidf("two")),
    [10_000, "bob", "switch", "PUBLISH", publish({ "SIP-If-Match": second.value, Expires: "0" })],
    [10_000, "switch", "bob", "200 OK"],
    ...told(10_000, (text) => t.match(text, "closed")),
    ...unwatching(30_000),
  ]);
  await bench.leavesNothing(t);
});

t.test("PUBLISHes that are refused, with what the publisher has to know; nothing is kept", async (t) => {
  const long = pidf("x".repeat(8192));
  const table: [options: RowOptions, answer: string, told?: Record<string, string>][] = [
    [publish({ Event: null }, pidf("open")), "489 Bad Event", { "Allow-Events": "presence" }],
    [publish({ Event: "dialog" }, pidf("open")), "489 Bad Event", { "Allow-Events": "presence" }],
    [publish({}), "400 Nothing Published"],
    [publish({ "SIP-If-Match": "nothing" }), "412 Conditional Request Failed"],
    [publish({ Expires: "59" }, pidf("open")), "423 Interval Too Brief", { "Min-Expires": "60" }],
    [
      publish({ "Content-Type": "text/plain" }, "here"),
      "415 Unsupported Media Type",
      { Accept: "application/pidf+xml" },
    ],
    [publish({ "Content-Type": null }, "here"), "415 Unsupported Media Type"],
    [publish({ "Content-Encoding": "gzip" }, pidf("open")), "415 Unsupported Media Type"],
    [publish({}, long), "413 Request Entity Too Large"],
    // Nobody publishes for anybody else, be there such a user or not.
    [{ ...publish({}, pidf("open")), uri: uriOf("carol") }, "403 Forbidden"],
    [{ ...publish({}, pidf("open")), uri: uriOf("ghost") }, "403 Forbidden"],
    [publish({ From: "<sip:bob@elsewhere.example>;tag=1" }, pidf("open")), "403 Forbidden"],
  ];
  for (const [options, answer, headers] of table) {
    const bench = new EventBench();
    await bench.flow(t, [
      [0, "bob", "switch", "PUBLISH", options],
      [0, "switch", "bob", answer, { headers: { ...headers } }],
    ]);
    await bench.leavesNothing(t);
  }
});

t.test("Expires 0 with a first document publishes it for no time", async (t) => {
  const bench = new EventBench();
  await bench.flow(t, [
    [0, "bob", "switch", "PUBLISH", publish({ Expires: "0" }, pidf("open"))],
    [0, "switch", "bob", "200 OK", { headers: { Expires: "0" } }],
  ]);
  await bench.leavesNothing(t);
});

t.test("publications of one user and of all are counted; a removed user's are forgotten", async (t) => {
  const rows = (count: number): LadderRow[] =>
    Array.from({ length: count }, (): LadderRow[] => [
      [0, "bob", "switch", "PUBLISH", publish({}, pidf("open"))],
      [0, "switch", "bob", "200 OK"],
    ]).flat();
  const perUser = new EventBench({ limits: { publicationsPerUser: 2 } });
  await perUser.flow(t, [
    ...rows(2),
    [0, "bob", "switch", "PUBLISH", publish({}, pidf("open"))],
    [0, "switch", "bob", "403 Too Many Publications"],
  ]);
  t.equal(perUser.events.counts.publications, 2);
  perUser.directory.delete("example.org", "bob");
  await perUser.leavesNothing(t);
  const inAll = new EventBench({ limits: { publications: 1 } });
  await inAll.flow(t, [
    ...rows(1),
    [0, "bob", "switch", "PUBLISH", publish({}, pidf("open"))],
    [0, "switch", "bob", "503 Service Unavailable", { headers: { "Retry-After": "60" } }],
  ]);
  inAll.events.close();
  t.equal(inAll.events.counts.publications, 0);
});

t.test("what control sets counts before what phones publish, until it is taken back", async (t) => {
  const bench = new EventBench();
  const set = (setting: object) => (): void => {
    bench.events.setPresence({ domain: "example.org", user: "bob", ...setting });
  };
  await bench.flow(
    t,
    [
      [0, "bob", "switch", "PUBLISH", publish({}, pidf("open"))],
      [0, "switch", "bob", "200 OK"],
      ...watching,
      ...told(0, pidf("open")),
      ...told(10_000, (text) => {
        t.match(text, '<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="pres:bob@example.org">');
        t.match(text, "<basic>closed</basic>");
        t.match(text, "<note>at &lt;lunch&gt; &amp; b\u00c3\u00b6rk</note>"); // UTF-8
      }),
      ...told(20_000, pidf("open")),
      ...unwatching(40_000),
    ],
    [
      [10_000, set({ status: "closed", note: "at <lunch> & b\u00f6rk" })],
      [20_000, set({})],
    ],
  );
  t.throws(set({ note: "no status" }), { code: "ARGUMENT_INVALID", field: "status" });
  t.throws(set({ status: "open", note: "x".repeat(256) }), { code: "ARGUMENT_INVALID", field: "note" });
  t.throws(set({ user: "ghost", status: "open" }), { code: "USER_UNKNOWN" });
  t.throws(set({ domain: "nowhere.example", status: "open" }), { code: "DOMAIN_UNKNOWN" });
  bench.directory.delete("example.org", "bob");
  await bench.leavesNothing(t);
});

t.test("RFC 3856 §6.10: presence is told every five seconds at most", async (t) => {
  const bench = new EventBench();
  const set = (status: "open" | "closed") => (): void => {
    bench.events.setPresence({ domain: "example.org", user: "bob", status });
  };
  await bench.flow(
    t,
    [
      ...watching,
      ...told(0, (text) => t.match(text, "<basic>closed</basic>")),
      ...told(5010, (text) => t.match(text, "<basic>open</basic>")),
      ...unwatching(20_000),
    ],
    [
      [1000, set("open")],
      [2000, set("closed")],
      [3000, set("open")],
    ],
  );
  await bench.leavesNothing(t);
});
