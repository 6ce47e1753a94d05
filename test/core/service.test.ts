import t from "tap";
import { dispatch, type Command, type Handlers } from "../../ts/core/service.js";

type Commands = {
  double: { input: { value: number }; result: { value: number } };
  fail: { input: object; result: object };
};

const handlers: Handlers<Commands> = {
  double: ({ value }) => ({ value: value * 2 }),
  fail: () => {
    throw new Error("failed");
  },
};

t.test("a command finds its handler", async (t) => {
  t.strictSame(await dispatch(handlers, { type: "double", value: 21 }), { value: 42 });
});

t.test("what a handler throws, the promise rejects with", async (t) => {
  await t.rejects(dispatch(handlers, { type: "fail" }), { message: "failed" });
});

t.test("names that are no commands are refused, those of every object too", async (t) => {
  for (const type of ["triple", "constructor", "__proto__", "toString"]) {
    const command = { type } as unknown as Command<Commands, "fail">;
    await t.rejects(dispatch(handlers, command), { code: "ARGUMENT_INVALID", field: "type" });
  }
});

t.test("an aborted command is not begun", async (t) => {
  await t.rejects(dispatch(handlers, { type: "fail" }, AbortSignal.abort()), { code: "ABORTED" });
});
