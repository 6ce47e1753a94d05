/** With stand-ins for processes, in virtual time. */
import t from "tap";
import type { Component } from "../../../ts/cli/split/component-arguments.js";
import type { ComponentProcess, Ended } from "../../../ts/cli/split/component-process.js";
import { Supervisor } from "../../../ts/cli/split/supervisor.js";
import type { RunningJson } from "../../../ts/cli/summary-json.js";
import { ms } from "../../../ts/core/brand.js";
import { silentLog } from "../../../ts/core/log.js";
import { ManualClock } from "../../../ts/testing/manual-clock.js";

class FakeProcess implements ComponentProcess {
  readonly pid = 1;
  readonly up: Promise<RunningJson>;
  readonly ended: Promise<Ended>;
  readonly signals: NodeJS.Signals[] = [];
  end: (ended: Ended) => void = () => undefined;
  isStubborn = false;

  constructor(up: Promise<RunningJson>) {
    this.up = up;
    this.ended = new Promise((resolve) => (this.end = resolve));
  }

  kill(signal: NodeJS.Signals): void {
    this.signals.push(signal);
    if (!this.isStubborn || signal === "SIGKILL") this.end({ code: null, signal });
  }
}

const summary = (running: Component): RunningJson => ({
  running: "control",
  script: running,
  url: `http://127.0.0.1:${running.length}`,
});

interface Bench {
  readonly clock: ManualClock;
  readonly started: Component[];
  readonly last: Map<Component, FakeProcess>;
  readonly supervisor: Supervisor;
}

async function supervised(failing: readonly Component[] = []): Promise<Bench> {
  const clock = new ManualClock();
  const started: Component[] = [];
  const last = new Map<Component, FakeProcess>();
  const supervisor = await Supervisor.start({
    clock,
    log: silentLog,
    hasControl: true,
    start: (component) => {
      started.push(component);
      const isFailing = failing.includes(component);
      const up = isFailing
        ? Promise.reject(new Error(`${component} failed`))
        : Promise.resolve(summary(component));
      up.catch(() => undefined);
      const process = new FakeProcess(up);
      last.set(component, process);
      return process;
    },
  });
  return { clock, started, last, supervisor };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

await t.test(
  "sip and rtp are started, and then control; the one that dies alone is started again",
  async (t) => {
    const { clock, started, last, supervisor } = await supervised();
    t.same(started, ["sip", "rtp", "control"]);
    last.get("rtp")?.end({ code: null, signal: "SIGSEGV" });
    await settled();
    await clock.advance(ms(249));
    t.equal(started.length, 3, "not before its pause");
    await clock.advance(ms(1));
    t.same(started.slice(3), ["rtp"]);
    t.match(await supervisor.health(), { rtp: { restarts: 1 }, sip: { restarts: 0 } });
    await supervisor.close();
  },
);

await t.test("who dies again and again is given up", async (t) => {
  const { clock, started, last, supervisor } = await supervised();
  for (let death = 0; death < 8; death += 1) {
    last.get("sip")?.end({ code: 7, signal: null });
    await settled();
    await clock.advance(ms(10_000 - 1));
    await clock.advance(ms(1));
  }
  t.match((await supervisor.failed).message, /^sip ended again and again, the last time with exit code 7$/);
  t.equal(started.filter((component) => component === "sip").length, 8);
  await supervisor.close();
});

await t.test(
  "the end: sip may let calls finish, then control, then rtp; and nobody comes back",
  async (t) => {
    const { clock, started, last, supervisor } = await supervised();
    const order: Component[] = [];
    for (const [component, process] of last) void process.ended.then(() => order.push(component));
    await supervisor.drain();
    t.same(last.get("sip")?.signals, ["SIGTERM"]);
    t.same(last.get("control")?.signals, [], "control sees to the calls until they are over");
    await supervisor.close();
    t.same(order, ["sip", "control", "rtp"]);
    await clock.advance(ms(60_000));
    t.equal(started.length, 3);
  },
);

await t.test("who does not heed is killed after ten seconds", async (t) => {
  const { clock, last, supervisor } = await supervised();
  const control = last.get("control");
  if (control !== undefined) control.isStubborn = true;
  const closing = supervisor.close();
  await settled();
  await clock.advance(ms(10_000));
  await closing;
  t.same(control?.signals, ["SIGINT", "SIGKILL"]);
});

await t.test("a component that does not come up at first ends the others", async (t) => {
  await t.rejects(supervised(["control"]), { message: "control failed" });
});
