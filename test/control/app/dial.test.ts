/** dial: one, many at once, in sequence; every way to fail; rules; what the caller and the callee get of it. */
import t from "tap";
import { BOB_SDP } from "../../support/pbx-bench.js";
import type { LadderRow } from "../../support/ladder.js";
import type { ActiveCall } from "../../../ts/control/app/active-call.js";
import type { DialOptions, Target } from "../../../ts/control/app/dial-options.js";
import { AppBench, aliceEnds, answered, calling, weEnd } from "./app-bench.js";
import { outcome, type Outcome } from "./outcome.js";

/** Dials once, keeps the result, and hangs up with what came of it. */
function dialling(
  seen: Outcome[],
  targets: Target | readonly Target[],
  options: DialOptions = {},
): (call: ActiveCall) => Promise<void> {
  return async (call) => {
    const result = await outcome(call.dial(targets, options));
    seen.push(result);
    const dialled = "value" in result ? (result.value as { outcome: string; cause?: string }) : undefined;
    if (dialled?.outcome !== "answered") await call.hangup(dialled?.cause);
  };
}

const bobRings: readonly LadderRow[] = [
  ...calling,
  [0, "switch", "bob", "INVITE"],
  [100, "bob", "switch", "180 Ringing"],
];

const REFUSALS: readonly (readonly [answer: string, outcome: string, told: string])[] = [
  ["486 Busy Here", "busy", "486 Busy Here"],
  ["600 Busy Everywhere", "busy", "600 Busy Everywhere"],
  ["603 Decline", "rejected", "603 Decline"],
  ["403 Forbidden", "rejected", "403 Forbidden"],
  ["404 Not Found", "notfound", "404 Not Found"],
  ["480 Temporarily Unavailable", "noanswer", "480 Temporarily Unavailable"],
  ["488 Not Acceptable Here", "incompatible", "488 Not Acceptable Here"],
  ["500 Server Internal Error", "unreachable", "500 Server Internal Error"],
];

for (const [response, failure, told] of REFUSALS) {
  t.test(`${response} is ${failure}`, async (t) => {
    const seen: Outcome[] = [];
    const bench = await AppBench.started(dialling(seen, "bob"));
    await bench.flow(t, [
      ...bobRings,
      [100, "switch", "alice", "180 Ringing"],
      [200, "bob", "switch", response],
      [200, "switch", "bob", "ACK"],
      [200, "switch", "alice", told],
      [210, "alice", "switch", "ACK"],
    ]);
    const code = Number(response.slice(0, 3));
    t.match(seen, [
      { value: { outcome: failure, code, attempts: [{ outcome: failure, target: { user: "bob" } }] } },
    ]);
    t.same(bench.errors, []);
    await bench.endsClean(t);
  });
}

t.test("nobody is registered: unreachable, at once", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(dialling(seen, { user: "bob" }), () => []);
  await bench.flow(t, [
    ...calling,
    [0, "switch", "alice", "480 Temporarily Unavailable"],
    [10, "alice", "switch", "ACK"],
  ]);
  t.match(seen, [{ value: { outcome: "unreachable", code: 480, cause: "TEMPORARILY_UNAVAILABLE" } }]);
  await bench.endsClean(t);
});

t.test("it rings for too long: cancelled, noanswer", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(dialling(seen, { user: "bob", timeout: 5000 }, { early: "none" }));
  await bench.flow(t, [
    ...bobRings,
    [5000, "switch", "bob", "CANCEL"],
    [5010, "bob", "switch", "200 OK", { to: "CANCEL" }],
    [5010, "bob", "switch", "487 Request Terminated", { to: "INVITE" }],
    [5010, "switch", "bob", "ACK"],
    [5010, "switch", "alice", "480 Temporarily Unavailable"],
    [5020, "alice", "switch", "ACK"],
  ]);
  t.match(seen, [{ value: { outcome: "noanswer", code: 480 } }]);
  await bench.endsClean(t);
});

t.test("in sequence: the next one when one fails, and no more after an answer", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(
    dialling(seen, ["nobody", "bob", "never"], { order: "sequence", early: "none" }),
  );
  await bench.flow(t, [
    ...bobRings,
    [3000, "bob", "switch", "200 OK", { sdp: BOB_SDP }],
    [3000, "switch", "bob", "ACK"],
    // The handler returns.
    [3000, "switch", "alice", "480 Temporarily Unavailable"],
    [3000, "switch", "bob", "BYE"],
    [3010, "alice", "switch", "ACK"],
    [3010, "bob", "switch", "200 OK", { to: "BYE" }],
  ]);
  t.match(seen, [
    { value: { outcome: "answered", target: { user: "bob" }, call: { direction: "outbound" } } },
  ]);
  await bench.endsClean(t);
});

t.test("all at once: the first to answer gets it, the others are cancelled", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(
    dialling(seen, ["bob", "alice", "nobody"], { early: "none" }),
    ({ bob, alice }) => [bob, alice],
  );
  await bench.flow(t, [
    ...calling,
    [0, "switch", "bob", "INVITE"],
    [0, "switch", "alice", "INVITE", { dialog: "back" }],
    [100, "bob", "switch", "180 Ringing"],
    [100, "alice", "switch", "180 Ringing", { dialog: "back" }],
    [3000, "bob", "switch", "200 OK", { sdp: BOB_SDP }],
    [3000, "switch", "bob", "ACK"],
    [3000, "switch", "alice", "CANCEL", { dialog: "back", headers: { reason: /cause=200/ } }],
    [3000, "switch", "alice", "480 Temporarily Unavailable"],
    [3000, "switch", "bob", "BYE"],
    [3010, "alice", "switch", "200 OK", { to: "CANCEL", dialog: "back" }],
    [3010, "alice", "switch", "487 Request Terminated", { to: "INVITE", dialog: "back" }],
    [3010, "switch", "alice", "ACK", { dialog: "back" }],
    [3010, "alice", "switch", "ACK"],
    [3010, "bob", "switch", "200 OK", { to: "BYE" }],
  ]);
  t.match(seen, [{ value: { outcome: "answered", target: { user: "bob" } } }]);
  await bench.endsClean(t);
});

t.test("of several failures the most telling stands for all", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(dialling(seen, ["nobody", "bob"], { early: "none" }));
  await bench.flow(t, [
    ...bobRings,
    [200, "bob", "switch", "486 Busy Here"],
    [200, "switch", "bob", "ACK"],
    [200, "switch", "alice", "486 Busy Here"],
    [210, "alice", "switch", "ACK"],
  ]);
  t.match(seen, [{ value: { outcome: "busy", attempts: [{ outcome: "notfound" }, { outcome: "busy" }] } }]);
  await bench.endsClean(t);
});

t.test("early: the caller hears what the callee sends before it answers", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(async (call) => {
    const dialled = await call.dial("bob", { early: "early" });
    if (dialled.outcome === "answered") seen.push(await outcome(call.bridge(dialled.call)));
  });
  await bench.flow(t, [
    ...calling,
    [0, "switch", "bob", "INVITE"],
    [100, "bob", "switch", "183 Session Progress", { sdp: BOB_SDP }],
    [100, "switch", "alice", "183 Session Progress", { sdp: (text) => t.match(text, /m=audio/) }],
    [3000, "bob", "switch", "200 OK", { sdp: BOB_SDP }],
    [3000, "switch", "bob", "ACK"],
    [3000, "switch", "alice", "200 OK"],
    [3010, "alice", "switch", "ACK"],
    ...aliceEnds(5000),
    [5000, "switch", "bob", "BYE"],
    [5010, "bob", "switch", "200 OK", { to: "BYE" }],
  ]);
  t.equal(bench.media.commandsOf("mix").length, 1, "joined once");
  await bench.endsClean(t);
});

t.test(
  "caller id, headers and codecs are the callee's to see; music is the answered caller's to hear",
  async (t) => {
    const bench = await AppBench.started(async (call) => {
      await call.answer();
      await call.dial(
        { user: "bob", headers: { "X-Ticket": "17" } },
        {
          callerid: { number: "100", name: "Front desk" },
          headers: { "X-Queue": "sales" },
          codecs: ["pcma"],
          music: "ringback.wav",
          timeout: 1000,
        },
      );
    });
    await bench.flow(t, [
      ...answered,
      [
        10,
        "switch",
        "bob",
        "INVITE",
        {
          sdp: (text) => t.match(text, /m=audio \d+ RTP\/AVP 8\r/),
          headers: { "x-queue": "sales", "x-ticket": "17", "remote-party-id": /"?Front desk"? <sip:100@/ },
        },
      ],
      [100, "bob", "switch", "486 Busy Here"],
      [100, "switch", "bob", "ACK"],
      ...weEnd(100),
    ]);
    t.equal(bench.media.commandsOf("play").length, 1);
    t.equal(bench.media.commandsOf("stopplay").length, 1);
    await bench.endsClean(t);
  },
);

t.test("aborting cancels all, and the caller is still there", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(async (call) => {
    const abort = new AbortController();
    call.after(2000, () => abort.abort());
    seen.push(await outcome(call.dial("bob", { early: "none", signal: abort.signal })));
    await call.hangup("busy");
  });
  await bench.flow(t, [
    ...bobRings,
    [2000, "switch", "bob", "CANCEL"],
    [2000, "switch", "alice", "486 Busy here"],
    [2010, "bob", "switch", "200 OK", { to: "CANCEL" }],
    [2010, "bob", "switch", "487 Request Terminated", { to: "INVITE" }],
    [2010, "switch", "bob", "ACK"],
    [2010, "alice", "switch", "ACK"],
  ]);
  t.match(seen, [{ error: { code: "ABORTED" } }]);
  await bench.endsClean(t);
});

t.test("what makes no sense, and what no rule allows: nobody is called", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(async (call, { app }) => {
    const fails = async (targets: unknown, options: unknown = {}): Promise<void> => {
      seen.push(await outcome(call.dial(targets as Target, options as DialOptions)));
    };
    await fails([]);
    await fails(["bob", ""]);
    await fails(7);
    await fails("bob", { order: "random" });
    await fails("bob", { early: "yes" });
    await fails("bob", { timeout: -1 });
    await fails("bob@elsewhere.example");
    await fails({ user: "0049301234", gateway: "trunk" });
    app.allow({ to: /^0049/, gateway: "trunk" });
    app.allow({ to: ({ user }) => user === "friend" });
    await fails({ user: "0033", gateway: "trunk" });
    await fails({ user: "0049301234", gateway: "other" });
    await fails("0049301234@elsewhere.example");
  });
  await bench.flow(t, [
    ...calling,
    [0, "switch", "alice", "480 Temporarily Unavailable"],
    [10, "alice", "switch", "ACK"],
  ]);
  t.match(seen, [
    { error: { field: "targets.length" } },
    { error: { field: "targets[1].user" } },
    { error: { field: "target" } },
    { error: { field: "order" } },
    { error: { field: "early" } },
    { error: { field: "timeout" } },
    { error: { code: "NOT_ALLOWED", field: "domain" } },
    { error: { code: "NOT_ALLOWED", field: "gateway" } },
    { error: { code: "NOT_ALLOWED" } },
    { error: { code: "NOT_ALLOWED" } },
    { error: { code: "NOT_ALLOWED" } },
  ]);
  t.throws(() => bench.app.allow({ to: "0049" as unknown as RegExp }), { code: "ARGUMENT_INVALID" });
  await bench.endsClean(t);
});

t.test("what a rule allows goes on to the SIP side", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(async (call, { app }) => {
    app.allow({ to: /^0049/, gateway: "trunk" });
    seen.push(await outcome(call.dial({ user: "0049301234", gateway: "trunk" })));
  });
  await bench.flow(t, [
    ...calling,
    [0, "switch", "alice", "480 Temporarily Unavailable"],
    [10, "alice", "switch", "ACK"],
  ]);
  t.match(seen, [{ value: { outcome: "notfound", code: 404 } }], "there is no such gateway");
  await bench.endsClean(t);
});

t.test("app.call: for nobody yet; who answers stays until somebody hangs up", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started();
  await bench.flow(
    t,
    [
      [100, "switch", "bob", "INVITE"],
      [200, "bob", "switch", "200 OK", { sdp: BOB_SDP }],
      [200, "switch", "bob", "ACK"],
      [5000, "bob", "switch", "BYE"],
      [5000, "switch", "bob", "200 OK"],
      [6000, "switch", "bob", "INVITE", { dialog: "second" }],
      [6100, "bob", "switch", "180 Ringing", { dialog: "second" }],
      [6500, "switch", "bob", "CANCEL", { dialog: "second" }],
      [6510, "bob", "switch", "200 OK", { to: "CANCEL", dialog: "second" }],
      [6510, "bob", "switch", "487 Request Terminated", { to: "INVITE", dialog: "second" }],
      [6510, "switch", "bob", "ACK", { dialog: "second" }],
    ],
    [
      [100, async () => seen.push(await outcome(bench.app.call("bob", { from: { user: "100" } })))],
      [
        6000,
        async () => {
          const abort = new AbortController();
          bench.bench.clock.after(500 as never, () => abort.abort());
          seen.push(await outcome(bench.app.call("bob", { signal: abort.signal })));
        },
      ],
    ],
  );
  t.match(seen, [
    { value: { outcome: "answered", call: { direction: "outbound" } } },
    { error: { code: "ABORTED" } },
  ]);
  await bench.endsClean(t);
});

t.test("before run(), app.call is NOT_CONNECTED", async (t) => {
  const bench = new AppBench(undefined);
  t.match(await outcome(bench.app.call("bob")), { error: { code: "NOT_CONNECTED" } });
});
