import t from "tap";
import {
  exchange,
  exchangeTable,
  isAgreed,
  type ExchangeInput,
} from "../../../ts/sip/dialog/offer-answer-exchange.js";
import { outgoingTable } from "../../../ts/sip/dialog/outgoing-offer.js";
import { referTable } from "../../../ts/sip/dialog/refer-subscription.js";
import { reliableTable } from "../../../ts/sip/dialog/reliable-provisionals.js";
import { sessionTable } from "../../../ts/sip/dialog/session-table.js";

type AnyTable = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const tables: Readonly<Record<string, AnyTable>> = {
  exchange: exchangeTable,
  outgoing: outgoingTable,
  refer: referTable,
  reliable: reliableTable,
  session: sessionTable,
};

t.test("every state of every table has a row for every input, and leads to a state there is", (t) => {
  for (const [name, table] of Object.entries(tables)) {
    const [first] = Object.values(table);
    const inputs = Object.keys(first ?? {}).sort();
    for (const [state, rows] of Object.entries(table)) {
      t.same(Object.keys(rows).sort(), inputs, `${name}: ${state}`);
      for (const row of Object.values(rows)) {
        if (typeof row === "object" && row !== null && "next" in row) t.ok(String(row.next) in table);
      }
    }
  }
  t.end();
});

t.test("what is over stays over", (t) => {
  for (const [input, row] of Object.entries(sessionTable.ended)) {
    if (typeof row === "object") t.same(row, { next: "ended", actions: ["answer BYE"] }, input);
  }
  for (const table of [reliableTable, referTable])
    t.same([...new Set(Object.values(table.over))], ["ignore"]);
  t.same([...new Set(Object.values(outgoingTable.over))].sort(), ["ignore", "refuse"]);
  t.end();
});

t.test("the end of a session is told exactly once, on every way to it", (t) => {
  for (const [state, rows] of Object.entries(sessionTable)) {
    for (const [input, row] of Object.entries(rows)) {
      if (typeof row !== "object" || state === "ended") continue;
      const told = row.actions.filter((action) => action === "tell ended").length;
      t.equal(told, row.next === "ended" ? 1 : 0, `${state} ${input}`);
    }
  }
  t.end();
});

t.test("nobody is stuck: from every state a hang-up and silence lead to the end", (t) => {
  const hasWayOut = (state: string, seen: ReadonlySet<string> = new Set()): boolean => {
    if (state === "ended") return true;
    if (seen.has(state)) return false;
    const rows = (sessionTable as AnyTable)[state] ?? {};
    return ["hangup", "no ACK", "set-up too long", "refused", "BYE answered", "no PRACK"].some((input) => {
      const row = rows[input];
      return (
        typeof row === "object" &&
        row !== null &&
        "next" in row &&
        String(row.next) !== state &&
        hasWayOut(String(row.next), new Set([...seen, state]))
      );
    });
  };
  for (const state of Object.keys(sessionTable)) t.ok(hasWayOut(state), state);
  t.end();
});

/** RFC 6337 §2.2, RFC 3311 §5: what a run of inputs comes to. */
const runs: readonly (readonly [what: string, inputs: readonly ExchangeInput[], ends: string | number])[] = [
  ["offer in the INVITE, answer in the 2xx", ["receive offer", "send answer"], "agreed"],
  ["late offer: in our 2xx, answered by the ACK", ["send offer", "receive answer"], "agreed"],
  ["the ACK of a late offer says nothing", ["send offer", "withdrawn"], "none"],
  ["re-INVITE refused", ["receive offer", "send answer", "receive offer", "withdrawn"], "agreed"],
  ["two offers meet", ["send offer", "receive answer", "send offer", "receive offer"], 491],
  ["a second offer before the answer to the first", ["receive offer", "receive offer"], 500],
  ["ours while theirs is open", ["receive offer", "send offer"], "not now"],
  ["the 2xx repeats what the reliable 18x said", ["receive offer", "send answer", "send answer"], "ignore"],
];

t.test("offer and answer, one exchange at a time", (t) => {
  for (const [what, inputs, ends] of runs) {
    const side = { exchange: "none" as const } as Parameters<typeof exchange>[0];
    let last: unknown;
    for (const input of inputs) last = exchange(side, input);
    t.equal(last, ends, what);
  }
  t.equal(isAgreed({ exchange: "offered anew" }), true);
  t.equal(isAgreed({ exchange: "first asked" }), false);
  t.end();
});
