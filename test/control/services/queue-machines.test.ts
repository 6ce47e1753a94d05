import t from "tap";
import { Agent } from "../../../ts/control/services/queue/agent.js";
import { ManualClock } from "../../../ts/testing/manual-clock.js";
import {
  AGENT_MACHINE,
  agentTransition,
  type AgentInput,
  type AgentState,
} from "../../../ts/control/services/queue/agent-machine.js";
import {
  CALLER_MACHINE,
  callerTransition,
  type CallerInput,
  type CallerState,
} from "../../../ts/control/services/queue/caller-machine.js";

const agentStates = Object.keys(AGENT_MACHINE) as AgentState[];
const callerStates = Object.keys(CALLER_MACHINE) as CallerState[];

/** States after each input, beginning with the first. */
const walkAgent = (state: AgentState, ...inputs: AgentInput[]): AgentState[] =>
  inputs.map((input) => (state = agentTransition(state, input).state));
const walkCaller = (state: CallerState, ...inputs: CallerInput[]): CallerState[] =>
  inputs.map((input) => (state = callerTransition(state, input).state));

t.test("an agent: each state × each input has a row; what is ignored changes nothing", (t) => {
  for (const state of agentStates) {
    for (const [input, row] of Object.entries(AGENT_MACHINE[state])) {
      const { state: next, effects } = agentTransition(state, input as AgentInput);
      if (row === "ignore") t.same([next, effects], [state, []], `${state} ${input}`);
    }
  }
  t.end();
});

t.test("an agent is offered a caller only where it is free, and talks only after it was offered one", (t) => {
  for (const state of agentStates) {
    t.equal(AGENT_MACHINE[state].offer === "ignore", state !== "free", state);
    t.equal(AGENT_MACHINE[state].taken === "ignore", state !== "ringing", state);
  }
  t.end();
});

t.test("an agent's day", (t) => {
  t.same(
    walkAgent(
      "out",
      "login",
      "offer",
      "taken",
      "hungup",
      "rested",
      "offer",
      "refused",
      "rested",
      "pause",
      "unpause",
      "logout",
    ),
    ["free", "ringing", "talking", "wrapping", "free", "ringing", "resting", "free", "paused", "free", "out"],
  );
  t.same(walkAgent("talking", "pause", "unpause", "pause", "hungup"), [
    "pausing",
    "talking",
    "pausing",
    "paused",
  ]);
  t.same(walkAgent("talking", "logout", "login", "logout", "hungup"), [
    "leaving",
    "talking",
    "leaving",
    "out",
  ]);
  for (const state of ["wrapping", "resting"] as const) {
    t.same(agentTransition(state, "unpause"), { state: "free", effects: ["stop-timer", "look-for-caller"] });
  }
  for (const input of ["pause", "logout"] as const) {
    t.ok(agentTransition("ringing", input).effects.includes("stop-ringing"), input);
  }
  t.end();
});

t.test("a caller: whatever ends its waiting is told exactly once, and what rings for it stops", (t) => {
  const told = ["tell-abandoned", "tell-overflow", "tell-answered"];
  for (const state of callerStates) {
    for (const input of Object.keys(CALLER_MACHINE[state]) as CallerInput[]) {
      const { state: next, effects } = callerTransition(state, input);
      const isWaiting = state === "waiting" || state === "offered";
      const isWaitingStill = next === "waiting" || next === "offered";
      const count = effects.filter((effect) => told.includes(effect)).length;
      t.equal(count, isWaiting && !isWaitingStill ? 1 : 0, `${state} ${input}`);
      if (state === "offered" && !isWaitingStill) t.ok(effects.includes("stop-offers"), `${state} ${input}`);
    }
  }
  t.same(walkCaller("waiting", "offer", "refused", "offer", "taken", "leave", "talked", "leave"), [
    "offered",
    "waiting",
    "offered",
    "talking",
    "talking",
    "gone",
    "gone",
  ]);
  t.end();
});

t.test(
  "an agent who is free again while its phone still stops ringing is free when that has come to its end",
  (t) => {
    const settings = {
      name: "a",
      target: { user: "a" },
      skills: [],
      order: 0,
      ringTimeout: undefined,
      wrapUp: undefined,
    };
    const agent = new Agent(1, settings, new ManualClock(), (error) => t.fail(String(error)));
    const seen: boolean[] = [];
    agent.seekers.add(({ isFree }) => seen.push(isFree));
    agent.login();
    const offer = agent.offer({ wrapUp: 0, rest: 0 });
    agent.pause();
    agent.unpause();
    t.same([agent.state, agent.isFree, offer.signal.aborted], ["free", false, true]);
    agent.offerOver("lost");
    t.same(seen, [true, false, true]);
    t.end();
  },
);
