import t from "tap";
import { CallList, rowOfTrace, type CallRow } from "../../web/model/call-list.js";

const row = (record: string, more: Partial<CallRow> = {}): CallRow => ({
  ...{ record, from: "1000", to: "1001", domain: "example.net", state: "answered", created: 0, legs: [] },
  ...more,
});
const shown = (list: CallList, search = "", ended = false): string[] =>
  list.shown({ search, ended }).map(({ record }) => record);

t.test("calls come, change, end and go", async (t) => {
  const list = new CallList();
  list.take({ calls: [row("a", { created: 1 }), row("b", { created: 2, state: "new" })], gone: [] });
  t.same(shown(list), ["b", "a"], "the newest first");
  t.equal(list.live, 2);
  list.take({ calls: [row("b", { created: 2, state: "answered" })], gone: [] });
  t.equal(list.live, 2, "a change counts no call twice");
  list.take({ calls: [row("a", { created: 1, state: "ended", ended: 5 })], gone: [] });
  t.equal(list.live, 1);
  t.same(shown(list), ["b"]);
  t.same(shown(list, "", true), ["b", "a"]);
  list.take({ calls: [], gone: ["a", "b", "never"] });
  t.equal(list.live, 0);
  t.same(shown(list, "", true), []);
});

t.test("found by the number of either side, by a leg's, by Call-ID; case does not matter", async (t) => {
  const list = new CallList();
  const leg = { callid: "Abc@Host", direction: "outbound", from: "1000", to: "sales-7" } as const;
  const legs = [{ ...leg, state: "answered", held: false, muted: false } as const];
  list.take({ calls: [row("r-1", { legs }), row("r-2", { from: "Zoë", to: "4930123" })], gone: [] });
  t.same(shown(list, " abc@h"), ["r-1"]);
  t.same(shown(list, "SALES"), ["r-1"]);
  t.same(shown(list, "30123"), ["r-2"]);
  t.same(shown(list, "zoË"), ["r-2"]);
  t.same(shown(list, "r-"), ["r-1", "r-2"]);
  t.same(shown(list, "none"), []);
});

t.test("a call that only the traces know", async (t) => {
  const trace = { id: "r", direction: "inbound", from: "1", to: "2", domain: "d", callids: ["c"] } as const;
  const cause = { name: "normal", q850: 16, text: "" } as const;
  t.match(rowOfTrace({ ...trace, state: "ended", start: 1, answer: 2, end: 3, cause }), {
    ...{ record: "r", state: "ended", created: 1, answered: 2, ended: 3, cause: { name: "normal" } },
  });
  t.equal(rowOfTrace({ ...trace, state: "live", start: 1 }).state, "new");
});
