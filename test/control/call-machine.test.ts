import t from "tap";
import { CALL_MACHINE, transition, type CallInput, type CallState } from "../../ts/control/call-machine.js";

const states = Object.keys(CALL_MACHINE) as CallState[];
const inputs = Object.keys(CALL_MACHINE.offered) as CallInput[];

t.test("every state has a row for every input", (t) => {
  t.equal(states.length, 8);
  t.equal(inputs.length, 18);
  for (const state of states) t.same(Object.keys(CALL_MACHINE[state]).sort(), [...inputs].sort(), state);
  t.end();
});

t.test("a table that lacks a row does not compile", (t) => {
  const rows = CALL_MACHINE.offered;
  // @ts-expect-error the other states are missing
  const table: typeof CALL_MACHINE = { offered: rows };
  const { ring, ...others } = rows;
  // @ts-expect-error `ring` is missing
  const row: typeof rows = others;
  t.ok([table, row, ring]);
  t.end();
});

t.test("what is over stays over", (t) => {
  for (const input of inputs) t.same(transition("ended", input), { state: "ended", effects: [] }, input);
  for (const input of inputs) t.match(transition("ending", input).state, /^end/, input);
  t.end();
});

t.test("from every state the end is reached, and told exactly once", (t) => {
  for (const state of states.filter((name) => name !== "ended")) {
    for (const input of ["ended", "lost"] as const) {
      t.same(transition(state, input), { state: "ended", effects: ["finish"] }, `${state} ${input}`);
    }
  }
  t.end();
});

t.test("what fails is hung up once", (t) => {
  for (const state of states.filter((name) => !name.startsWith("end"))) {
    for (const input of ["failed", "hangup"] as const) {
      t.same(transition(state, input), { state: "ending", effects: ["send-hangup"] }, `${state} ${input}`);
    }
  }
  t.end();
});

t.test("only `finish` follows from anything once a hang-up is under way", (t) => {
  const effects = inputs.flatMap((input) => transition("ending", input).effects);
  t.same([...new Set(effects)], ["finish"]);
  t.end();
});

t.test("no outbound call rings or answers on the wire", (t) => {
  for (const state of ["dialling", "remote-ringing"] as const) {
    for (const input of ["ring", "answer"] as const) {
      t.notOk(transition(state, input).effects.some((effect) => effect.startsWith("send")));
    }
  }
  t.end();
});
