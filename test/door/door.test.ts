import { MessageChannel } from "node:worker_threads";
import t, { type Test } from "tap";
import { MediaswitchError } from "../../ts/core/errors.js";
import type { Service } from "../../ts/core/service.js";
import { connectService } from "../../ts/door/connect-service.js";
import { serveService } from "../../ts/door/serve-service.js";
import { recordingService, type RecordingService } from "../http/recording-service.js";

type Commands = {
  echo: { input: { text: string }; result: { text: string } };
  refuse: { input: object; result: object };
  wait: { input: object; result: object };
  odd: { input: object; result: { run: () => void } };
};
interface Event {
  readonly number: number;
}

interface Door {
  readonly served: RecordingService<Commands, Event>;
  readonly service: Service<Commands, Event>;
  readonly release: () => void;
  readonly closeServing: () => void;
  readonly closeHolding: () => void;
}

function door(t: Test): Door {
  let release: () => void = () => undefined;
  const released = new Promise<object>((resolve) => {
    release = () => {
      resolve({});
    };
  });
  const served = recordingService<Commands, Event>({
    echo: ({ text }) => ({ text }),
    refuse: () => {
      throw new MediaswitchError("CALL_STATE", "not now", "callid");
    },
    wait: () => released,
    odd: () => ({ run: () => undefined }),
  });
  const { port1, port2 } = new MessageChannel();
  serveService(port1, served);
  t.teardown(() => {
    port1.close();
  });
  return {
    served,
    service: connectService<Commands, Event>(port2),
    release,
    closeServing: () => {
      port1.close();
    },
    closeHolding: () => {
      port2.close();
    },
  };
}

/** Resolves once the other end has attached: attaching is a message like a command, and they come in order. */
const settled = (service: Service<Commands, Event>): Promise<object> =>
  service.execute({ type: "echo", text: "" });

t.test("results and refusals come back to the command they belong to", async (t) => {
  const { service, release } = door(t);
  const slow = service.execute({ type: "wait" });
  t.strictSame(
    await Promise.all([
      service.execute({ type: "echo", text: "one" }),
      service.execute({ type: "echo", text: "two" }),
    ]),
    [{ text: "one" }, { text: "two" }],
  );
  await t.rejects(service.execute({ type: "refuse" }), {
    name: "MediaswitchError",
    code: "CALL_STATE",
    message: "not now",
    field: "callid",
  });
  release();
  t.strictSame(await slow, {});
});

t.test("what can't cross is an error of the command, not of the door", async (t) => {
  const { service } = door(t);
  await t.rejects(service.execute({ type: "odd" }), { code: "INTERNAL" });
  const command = { type: "echo", text: (() => undefined) as unknown as string } as const;
  await t.rejects(service.execute(command), { name: "DataCloneError" });
  t.strictSame(await service.execute({ type: "echo", text: "still here" }), { text: "still here" });
});

t.test("aborting stops the wait and nothing else", async (t) => {
  const { service, served, release } = door(t);
  const abort = new AbortController();
  const waiting = service.execute({ type: "wait" }, abort.signal);
  await settled(service);
  abort.abort();
  await t.rejects(waiting, { code: "ABORTED" });
  release();
  t.strictSame(await service.execute({ type: "wait" }), {});
  const before = served.commands.length;
  await t.rejects(service.execute({ type: "wait" }, AbortSignal.abort()), { code: "ABORTED" });
  await settled(service);
  t.equal(served.commands.length, before + 1, "a command aborted before it began is not sent");
});

t.test("events wait to be taken; a refusal travels back", async (t) => {
  const { service, served } = door(t);
  const taken: number[] = [];
  let take: () => void = () => undefined;
  service.attach(async ({ number }) => {
    if (number === 2) throw new MediaswitchError("CONTROL_UNAVAILABLE", "not two");
    await new Promise<void>((resolve) => (take = resolve));
    taken.push(number);
  });
  await settled(service);
  let isSettled = false;
  const first = served.sink?.({ number: 1 }).then(() => (isSettled = true));
  await settled(service);
  t.equal(isSettled, false);
  take();
  await first;
  t.strictSame(taken, [1]);
  await t.rejects(served.sink?.({ number: 2 }) ?? Promise.resolve(), { code: "CONTROL_UNAVAILABLE" });
});

t.test("nobody is attached before the other end is", async (t) => {
  const { service, served } = door(t);
  await settled(service);
  t.equal(served.sink, undefined);
});

for (const end of ["closeServing", "closeHolding"] as const) {
  t.test(`${end}: everything that waits fails, and all that comes after`, async (t) => {
    const made = door(t);
    const { service, served } = made;
    service.attach(() => new Promise<void>(() => undefined));
    await settled(service);
    const waiting = t.rejects(service.execute({ type: "wait" }), { code: "NOT_CONNECTED" });
    const event = t.rejects(served.sink?.({ number: 1 }) ?? Promise.resolve(), { code: "NOT_CONNECTED" });
    made[end]();
    await Promise.all([waiting, event]);
    await t.rejects(service.execute({ type: "echo", text: "" }), { code: "NOT_CONNECTED" });
    await t.rejects(served.sink?.({ number: 2 }) ?? Promise.resolve(), { code: "NOT_CONNECTED" });
  });
}
