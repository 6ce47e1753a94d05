import t from "tap";
import { Outbox } from "../../ts/door/outbox.js";
import type { Port } from "../../ts/door/port.js";

function fakePort(sent: unknown[]): Port {
  return {
    postMessage: (message) => sent.push(structuredClone(message)),
    on: () => undefined,
    close: () => undefined,
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

t.test("what is said in one turn goes as one list, in order", async (t) => {
  const sent: unknown[] = [];
  const outbox = new Outbox<number>(fakePort(sent), () => t.fail("all is plain data"));
  outbox.say(1);
  await Promise.resolve();
  outbox.say(2);
  t.strictSame(sent, [], "nothing goes at once");
  await turn();
  outbox.say(3);
  await turn();
  t.strictSame(sent, [[1, 2], [3]]);
});

t.test("what is no plain data is told of, and keeps nothing else from being sent", async (t) => {
  const sent: unknown[] = [];
  const failed: unknown[] = [];
  const outbox = new Outbox<unknown>(fakePort(sent), (message, error) => {
    failed.push(message, (error as Error).name);
  });
  const odd = { run: () => undefined };
  for (const message of ["before", odd, "after"]) outbox.say(message);
  await turn();
  t.strictSame(sent, [["before"], ["after"]]);
  t.strictSame(failed, [odd, "DataCloneError"]);
});
