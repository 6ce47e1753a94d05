import t from "tap";
import {
  SERVER_MACHINE,
  transition,
  type ServerInput,
  type ServerState,
} from "../../../ts/rtp/media-pool/server-machine.js";

const STATES: ServerState[] = ["up", "suspect", "down", "draining"];
const INPUTS: ServerInput[] = ["open", "closing", "silent", "overdue"];

t.test("the table is complete", (t) => {
  t.same(Object.keys(SERVER_MACHINE).sort(), [...STATES].sort());
  for (const state of STATES) t.same(Object.keys(SERVER_MACHINE[state]).sort(), [...INPUTS].sort(), state);
  t.end();
});

t.test("an answer always says how it stands, whatever was before", (t) => {
  for (const state of STATES) {
    t.equal(transition(state, "open").state, "up");
    t.equal(transition(state, "closing").state, "draining");
  }
  t.end();
});

t.test("silence is waited for once, and the wait is ended by an answer or by its end", (t) => {
  for (const state of STATES) {
    const { state: after, effects } = transition(state, "silent");
    t.equal(effects.includes("await-answer"), after === "suspect" && state !== "suspect", state);
  }
  t.same(transition("suspect", "open").effects, ["answer-came"]);
  t.same(transition("suspect", "closing").effects, ["answer-came"]);
  t.same(transition("suspect", "overdue"), { state: "down", effects: ["lose-channels"] });
  for (const state of ["up", "draining", "down"] as const) {
    t.same(transition(state, "overdue"), { state, effects: [] }, "only where an answer is awaited");
  }
  t.end();
});

t.test("channels are given up once, and closed when the server is back", (t) => {
  t.same(transition("down", "silent"), { state: "down", effects: [] });
  t.same(transition("down", "open").effects, ["close-orphans"]);
  t.same(transition("down", "closing").effects, ["close-orphans"]);
  t.end();
});
