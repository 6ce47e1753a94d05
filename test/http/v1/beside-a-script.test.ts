/** Clients of the API act on calls that a script has, or that nobody has: real SIP in virtual time. */
import t, { type Test } from "tap";
import { MediaswitchError } from "../../../ts/core/errors.js";
import { V1 } from "../../../ts/http/v1/v1.js";
import { AppBench, answered, calling, weEnd, type Oncall } from "../../control/app/app-bench.js";
import { outcome, type Outcome } from "../../control/app/outcome.js";
import type { LadderRow } from "../../support/ladder.js";
import { ALICE_SDP, BOB_SDP } from "../../support/pbx-bench.js";

type Method = "PATCH" | "DELETE";
type Ask = (method: Method, id: string, body?: object) => Promise<unknown>;

/** What a client asks, by the route's own schema and handler. */
function clientOf(t: Test, bench: AppBench): Ask {
  const { controller } = bench;
  const v1 = new V1({ controller, send: () => Promise.reject(new Error("there is no receiver")) });
  t.teardown(() => v1.close());
  return async (method, id, body) => {
    const route = v1.routes["/v1/calls/:id"]?.[method];
    if (route === undefined) throw new Error(`no ${method}`);
    return route.answer({ path: { id }, body });
  };
}

const bothUp: readonly LadderRow[] = [
  ...answered,
  [10, "switch", "bob", "INVITE"],
  [100, "bob", "switch", "180 Ringing"],
  [1000, "bob", "switch", "200 OK", { sdp: BOB_SDP }],
  [1000, "switch", "bob", "ACK"],
];
const bobIsEnded = (at: number): readonly LadderRow[] => [
  [at, "switch", "bob", "BYE"],
  [at + 10, "bob", "switch", "200 OK", { to: "BYE" }],
];

const heldBy = (text: string): void => {
  if (!text.includes("a=sendonly")) throw new Error("it is not held");
};

const bothAreEnded = (at: number): readonly LadderRow[] => [
  [at, "switch", "alice", "BYE"],
  [at, "switch", "bob", "BYE"],
  [at + 10, "alice", "switch", "200 OK", { to: "BYE" }],
  [at + 10, "bob", "switch", "200 OK", { to: "BYE" }],
];

/** The script bridges alice with bob, notes what came of it, and waits two seconds more. */
const bridging =
  (seen: Outcome[]): Oncall =>
  async (call) => {
    await call.answer();
    const dialled = await call.dial("bob");
    if (dialled.outcome !== "answered") throw new Error("bob did not answer");
    seen.push(await outcome(call.bridge(dialled.call)));
    await call.sleep(2000);
  };

const parting: readonly (readonly [
  what: string,
  act: (ask: Ask, alice: string, bob: string) => Promise<unknown>,
  rows: readonly LadderRow[],
  result: object,
])[] = [
  [
    "unbridge of the caller",
    (ask, alice) => ask("PATCH", alice, { action: "unbridge" }),
    bothAreEnded(5000),
    { ended: "moved" },
  ],
  [
    "unbridge of the one called",
    (ask, _alice, bob) => ask("PATCH", bob, { action: "unbridge" }),
    bothAreEnded(5000),
    { ended: "moved" },
  ],
  [
    "hold of the one called",
    (ask, _alice, bob) => ask("PATCH", bob, { action: "hold" }),
    [
      [3000, "switch", "bob", "INVITE", { sdp: heldBy }],
      [3010, "bob", "switch", "200 OK", { sdp: BOB_SDP.replace("a=sendrecv", "a=recvonly") }],
      [3010, "switch", "bob", "ACK"],
      ...bothAreEnded(5000),
    ],
    { ended: "moved" },
  ],
  [
    "hang-up of the one called",
    (ask, _alice, bob) => ask("DELETE", bob),
    [...bobIsEnded(3000), ...weEnd(5000)],
    { ended: "other", ending: { side: "us" } },
  ],
  [
    "hang-up of the caller",
    (ask, alice) => ask("DELETE", alice, { cause: "NORMAL_CLEARING" }),
    bothAreEnded(3000),
    { ended: "this", ending: { side: "us" } },
  ],
];

for (const [what, act, rows, result] of parting) {
  t.test(`a client parts what a script has bridged: ${what}`, async (t) => {
    const seen: Outcome[] = [];
    const bench = await AppBench.started(bridging(seen));
    const ask = clientOf(t, bench);
    await bench.flow(
      t,
      [...bothUp, ...rows],
      [
        [
          3000,
          () => {
            const [alice = "", bob = ""] = [...bench.controller.calls.keys()];
            void act(ask, alice, bob);
          },
        ],
      ],
    );
    t.match(seen, [{ value: result }], "the script's verb settles, with a result");
    t.same(bench.errors, []);
    await bench.endsClean(t);
  });
}

t.test("a client takes one of them to somebody else: the script's bridge has moved", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(async (call, all) => {
    if (all.calls.length === 1) await bridging(seen)(call, all);
    else await call.answer();
    if (all.calls.length > 1) await call.sleep(4000);
  });
  const ask = clientOf(t, bench);
  const ids = (): string[] => [...bench.controller.calls.keys()];
  await bench.flow(
    t,
    [...bothUp, ...bothAreEnded(3000)],
    [
      [2000, () => ask("PATCH", ids()[0] ?? "", { action: "unbridge" })],
      // Parted twice is parted; and what makes no sense is refused by its field, and changes nothing.
      [2001, () => ask("PATCH", ids()[0] ?? "", { action: "unbridge" })],
      [
        2002,
        () =>
          ask("PATCH", ids()[0] ?? "", { action: "bridge", with: "nobody" }).catch((error: unknown) => {
            t.equal(error instanceof MediaswitchError ? error.code : error, "CALL_UNKNOWN");
          }),
      ],
      [3000, () => ask("DELETE", ids()[0] ?? "")],
    ],
  );
  t.match(seen, [{ value: { ended: "moved" } }]);
  await bench.endsClean(t);
});

t.test("what phones, or the seed's verbs, have joined is parted, too; they stay partners", async (t) => {
  const bench = await AppBench.started();
  bench.control.onnewcall = (call) => void call.newcall({ to: { user: "bob" } });
  const ask = clientOf(t, bench);
  const first = (): string => [...bench.controller.calls.keys()][0] ?? "";
  await bench.flow(
    t,
    [
      ...calling,
      [0, "switch", "bob", "INVITE"],
      [100, "bob", "switch", "180 Ringing"],
      [100, "switch", "alice", "180 Ringing"],
      [1000, "bob", "switch", "200 OK", { sdp: BOB_SDP }],
      [1000, "switch", "bob", "ACK"],
      [1000, "switch", "alice", "200 OK"],
      [1010, "alice", "switch", "ACK"],
      [3000, "alice", "switch", "BYE"],
      [3000, "switch", "alice", "200 OK"],
      [3000, "switch", "bob", "BYE"],
      [3010, "bob", "switch", "200 OK", { to: "BYE" }],
    ],
    [
      [1500, () => t.equal(bench.media.commandsOf("mix").length, 1)],
      [2000, () => ask("PATCH", first(), { action: "unbridge" })],
      [2500, () => t.equal(bench.media.commandsOf("unmix").length, 1, "they hear each other no more")],
    ],
  );
  t.same(bench.errors, []);
  await bench.endsClean(t);
});

/** What `mediaswitch control` without a script does with calls. */
async function withoutScript(): Promise<AppBench> {
  const bench = await AppBench.started();
  bench.control.onnewcall = () => undefined;
  return bench;
}

t.test("without a script a call waits, and a client has it ring, and answers it", async (t) => {
  const bench = await withoutScript();
  const ask = clientOf(t, bench);
  const first = (): string => [...bench.controller.calls.keys()][0] ?? "";
  await bench.flow(
    t,
    [
      ...calling,
      [20_000, "switch", "alice", "180 Ringing"],
      [25_000, "switch", "alice", "200 OK"],
      [25_010, "alice", "switch", "ACK"],
      ...weEnd(30_000),
    ],
    [
      [20_000, () => ask("PATCH", first(), { action: "ring" })],
      [25_000, () => void ask("PATCH", first(), { action: "answer" })],
      [30_000, () => ask("DELETE", first())],
    ],
  );
  await bench.endsClean(t);
});

t.test("without a script and a client, the caller gets 480 after three minutes", async (t) => {
  const bench = await withoutScript();
  await bench.flow(t, [
    ...calling,
    [180_000, "switch", "alice", "480 Temporarily Unavailable"],
    [180_010, "alice", "switch", "ACK"],
  ]);
  t.same(bench.errors, []);
  await bench.endsClean(t);
});

t.test("without a script, what a client refuses has his status and cause", async (t) => {
  for (const [body, status, reason] of [
    [{ cause: "USER_BUSY" }, "486 Busy Here", undefined],
    [{ code: 404, reason: "Nobody here", q850: 1 }, "404 Nobody here", /Q\.850 *; *cause=1\b/],
  ] as const) {
    const bench = await withoutScript();
    const ask = clientOf(t, bench);
    await bench.flow(
      t,
      [
        [0, "alice", "switch", "INVITE", { sdp: ALICE_SDP }],
        [0, "switch", "alice", "100 Trying"],
        [500, "switch", "alice", status, reason === undefined ? {} : { headers: { Reason: reason } }],
        [510, "alice", "switch", "ACK"],
      ],
      [[500, () => ask("DELETE", [...bench.controller.calls.keys()][0] ?? "", body)]],
    );
    await bench.endsClean(t);
  }
});
