import t from "tap";
import {
  isLive,
  subscriptionTable,
  type SubscriptionAction,
  type SubscriptionInput,
  type SubscriptionState,
} from "../../../ts/sip/events/subscription-table.js";

const STATES = Object.keys(subscriptionTable) as SubscriptionState[];
const INPUTS = Object.keys(subscriptionTable.idle) as SubscriptionInput[];

/** Every transition, written down a second time from RFC 6665 §4.2: input, then state → state; the rest is ignored. */
const transitions: Readonly<Record<SubscriptionInput, string>> = {
  subscribe: "idle→notifying notifying→owing behind→owing resting→notifying waiting→notifying", // at once, but one at a time
  news: "idle→notifying notifying→behind resting→waiting",
  end: "idle→closing notifying→leaving behind→leaving owing→leaving resting→closing waiting→closing",
  delivered: "notifying→resting behind→waiting owing→notifying leaving→closing closing→ended",
  later: "notifying→waiting behind→waiting owing→waiting leaving→closing closing→ended",
  gone: "idle→ended notifying→ended behind→ended owing→ended resting→ended waiting→ended leaving→ended closing→ended",
  "pause over": "resting→idle waiting→notifying",
};

t.test("RFC 6665 §4.2: the transitions are those of the standard", (t) => {
  for (const input of INPUTS) {
    const found = STATES.flatMap((state) => {
      const row = subscriptionTable[state][input];
      return row === "ignore" ? [] : [`${state}→${row.next}`];
    });
    t.equal(found.join(" "), transitions[input], input);
  }
  t.end();
});

/** Every row with the state and input it stands at. */
const rows = STATES.flatMap((state) =>
  INPUTS.flatMap((input) => {
    const row = subscriptionTable[state][input];
    return row === "ignore" ? [] : [{ state, input, ...row }];
  }),
);

const OUT: readonly SubscriptionState[] = ["notifying", "behind", "owing", "leaving", "closing"];
const PAUSING: readonly SubscriptionState[] = ["resting", "waiting"];
const does = (actions: readonly SubscriptionAction[], ...some: SubscriptionAction[]): boolean =>
  some.some((action) => actions.includes(action));

t.test("one NOTIFY at a time: it is sent where none is out, or when the last was answered", (t) => {
  for (const { state, input, next, actions } of rows) {
    const sends = does(actions, "send NOTIFY", "send last NOTIFY");
    const name = `${state}, ${input}`;
    if (sends) t.ok(!OUT.includes(state) || input === "delivered" || input === "later", name);
    const isOut = OUT.includes(next);
    const wasOut = OUT.includes(state) && input !== "delivered" && input !== "later";
    t.equal(isOut, sends || (wasOut && next !== "ended"), `${name}: a NOTIFY is out`);
    t.equal(does(actions, "send last NOTIFY"), next === "closing", `${name}: the last NOTIFY`);
  }
  t.end();
});

t.test("a pause runs in the states that wait for it, and in no other", (t) => {
  for (const { state, input, next, actions } of rows) {
    const starts = does(actions, "rest", "wait as told");
    const runs = PAUSING.includes(state) && input !== "pause over" && !does(actions, "stop pause");
    t.equal(PAUSING.includes(next), starts || runs, `${state}, ${input}`);
  }
  t.end();
});

t.test("the end is told once, as the last thing, and nothing leads back", (t) => {
  for (const { state, input, next, actions } of rows) {
    t.equal(actions.at(-1) === "tell ended", next === "ended", `${state}, ${input}`);
    if (!isLive(state)) t.ok(!isLive(next), `${state}, ${input} stays on the way out`);
  }
  t.ok(INPUTS.every((input) => subscriptionTable.ended[input] === "ignore"));
  t.end();
});

t.test("every state that a SUBSCRIBE can refresh leads to a NOTIFY, and every one can be ended", (t) => {
  for (const state of STATES.filter(isLive)) {
    t.not(subscriptionTable[state].end, "ignore", state);
    const row = subscriptionTable[state].subscribe;
    t.ok(state === "owing" || (row !== "ignore" && ["notifying", "owing"].includes(row.next)), state);
  }
  t.end();
});
