import t from "tap";
import {
  TRANSFER_MACHINE,
  type TransferInput,
  type TransferState,
} from "../../../ts/control/transfer/transfer-machine.js";

const STATES: readonly TransferState[] = ["trying", "ringing", "over"];
const INPUTS: readonly TransferInput[] = ["rung", "answered", "refused", "transferee-ended", "too-long"];

t.test("every state has a row for every input", (t) => {
  t.strictSame(Object.keys(TRANSFER_MACHINE).sort(), [...STATES].sort());
  for (const state of STATES) t.strictSame(Object.keys(TRANSFER_MACHINE[state]).sort(), [...INPUTS].sort());
  t.end();
});

t.test("the transferor is told one last time, whatever happens, and nothing after that", (t) => {
  for (const state of ["trying", "ringing"] as const) {
    for (const input of INPUTS.filter((each) => each !== "rung")) {
      const row = TRANSFER_MACHINE[state][input];
      if (row === "ignore") throw new Error(`${state} ignores ${input}`);
      t.equal(row.state, "over");
      t.equal(row.effects.filter((effect) => effect.startsWith("tell-")).length, 1, `${state}, ${input}`);
    }
  }
  for (const input of INPUTS) t.equal(TRANSFER_MACHINE.over[input], "ignore");
  t.end();
});

t.test("in the end either the transferor's leg is ended or the transferee is given back, never both", (t) => {
  for (const input of INPUTS.filter((each) => each !== "rung")) {
    const row = TRANSFER_MACHINE.ringing[input];
    if (row === "ignore") throw new Error(`ringing ignores ${input}`);
    const ways = row.effects.filter((effect) => effect === "end-transferor" || effect === "give-back");
    t.equal(ways.length, 1, input);
  }
  t.end();
});
