/** A queue under random agents, callers, refusals, pauses and hang-ups: nobody is lost, nobody is connected twice. */
import t from "tap";
import fc from "fast-check";
import { ms } from "../../../ts/core/brand.js";
import { silentLog } from "../../../ts/core/log.js";
import { Agent } from "../../../ts/control/services/queue/agent.js";
import {
  CallQueue,
  type CallerEnd,
  type QueueCaller,
  type QueueTicket,
  type Talk,
} from "../../../ts/control/services/queue/call-queue.js";
import type { QueueStrategy } from "../../../ts/control/services/queue/queue-options.js";
import { ManualClock } from "../../../ts/testing/manual-clock.js";

const AGENTS = 4;
const RUNS = 150;

/** What happens at one moment; `who` picks a caller or an agent. */
interface Step {
  readonly after: number;
  readonly act: "call" | "hangup" | "login" | "logout" | "pause" | "unpause" | "agent-hangup";
  readonly who: number;
  /** How the phones of agents treat the next call: answer after so long, refuse, or not at all. */
  readonly phone: { readonly kind: "answers" | "refuses" | "rings"; readonly after: number };
  readonly priority: number;
}

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    after: fc.integer({ min: 0, max: 4000 }),
    act: fc.constantFrom(
      "call",
      "call",
      "call",
      "hangup",
      "login",
      "login",
      "logout",
      "pause",
      "unpause",
      "agent-hangup",
    ),
    who: fc.nat(20),
    phone: fc.record({
      kind: fc.constantFrom("answers", "answers", "refuses", "rings"),
      after: fc.integer({ min: 0, max: 6000 }),
    }),
    priority: fc.integer({ min: 0, max: 2 }),
  }),
  { minLength: 5, maxLength: 60 },
);

const strategies: readonly QueueStrategy[] = [
  "ring-all",
  "round-robin",
  "longest-idle",
  "fewest-calls",
  "in-order",
];

class World {
  readonly clock = new ManualClock();
  readonly queue = new CallQueue("q", this.clock, silentLog);
  readonly agents: Agent[] = [];
  readonly callers: TestCaller[] = [];
  /** Calls that each agent has at this moment, ringing or talking. */
  readonly busy = new Map<Agent, number>();
  readonly wrongs: string[] = [];
  phone: Step["phone"] = { kind: "answers", after: 0 };

  constructor(strategy: QueueStrategy) {
    this.queue.set({ strategy, ringTimeout: 5000, rest: 1000, wrapUp: 500, maxWaiting: 5, maxWait: 20_000 });
    for (let number = 1; number <= AGENTS; number += 1) {
      const settings = {
        name: `a${String(number)}`,
        target: { user: "x" },
        skills: [],
        order: number,
        ringTimeout: undefined,
        wrapUp: undefined,
      };
      const agent = new Agent(number, settings, this.clock, (error) => this.wrongs.push(String(error)));
      this.agents.push(agent);
      this.queue.add(agent);
    }
  }

  take({ act, who, phone, priority }: Step): void {
    this.phone = phone;
    const agent = this.agents[who % AGENTS];
    const caller = this.callers[who % Math.max(1, this.callers.length)];
    switch (act) {
      case "call":
        this.callers.push(new TestCaller(this, this.callers.length, priority));
        return;
      case "hangup":
        caller?.hangup();
        return;
      case "agent-hangup":
        caller?.endTalk("agent");
        return;
      case "login":
      case "logout":
      case "pause":
      case "unpause":
        agent?.[act]();
        return;
    }
  }

  /** Nobody waits who could ring at somebody who is free. */
  checkNobodyForgotten(strategy: QueueStrategy): void {
    const { waiting } = this.queue.statistics();
    const ringing = strategy === "ring-all" ? 0 : this.callers.filter((each) => each.isRinging).length;
    if (waiting - ringing <= 0) return;
    for (const { isFree, name } of this.agents)
      if (isFree) this.wrongs.push(`${name} is free while somebody waits`);
  }

  calls(agent: Agent, change: number): void {
    const count = (this.busy.get(agent) ?? 0) + change;
    this.busy.set(agent, count);
    if (count > 1) this.wrongs.push(`${agent.name} has ${String(count)} calls`);
  }
}

class TestCaller implements QueueCaller {
  readonly callid: string;
  readonly skills = [];
  readonly maxWait = undefined;
  readonly priority: number;
  readonly ends: CallerEnd[] = [];
  talks = 0;
  /** Phones that ring for it. */
  rings = 0;
  hasHungUp = false;
  endTalk: (who: "caller" | "agent") => void = () => undefined;
  readonly #world: World;
  readonly #ticket: QueueTicket;

  constructor(world: World, number: number, priority: number) {
    this.#world = world;
    this.callid = `c${String(number)}`;
    this.priority = priority;
    this.#ticket = world.queue.join(this);
  }

  get isRinging(): boolean {
    return this.rings > 0 && this.talks === 0 && this.ends.length === 0;
  }

  hangup(): void {
    this.hasHungUp = true;
    this.#ticket.leave();
    this.endTalk("caller");
  }

  async ring(agent: Agent, options: { signal: AbortSignal; timeout: number }): Promise<Talk | undefined> {
    this.rings += 1;
    try {
      return await this.#phone(agent, options);
    } finally {
      this.rings -= 1;
    }
  }

  #phone(
    agent: Agent,
    { signal, timeout }: { signal: AbortSignal; timeout: number },
  ): Promise<Talk | undefined> {
    const { clock, phone } = this.#world;
    this.#world.calls(agent, 1);
    return new Promise((resolve, reject) => {
      const over = (act: () => void): void => {
        timer.cancel();
        signal.removeEventListener("abort", abort);
        act();
      };
      // The phone's last word takes its time: it may still answer.
      const abort = (): void => {
        timer.cancel();
        clock.after(ms(phone.after % 3000), () => {
          if (phone.kind === "answers" && phone.after % 7 === 0) resolve(this.#talk(agent));
          else {
            this.#world.calls(agent, -1);
            reject(new Error("aborted"));
          }
        });
      };
      const after = phone.kind === "rings" ? timeout : Math.min(timeout, phone.after);
      const timer = clock.after(ms(after), () => {
        over(() => {
          if (phone.kind === "answers") resolve(this.#talk(agent));
          else {
            this.#world.calls(agent, -1);
            resolve(undefined);
          }
        });
      });
      signal.addEventListener("abort", abort, { once: true });
    });
  }

  #talk(agent: Agent): Talk {
    let end: (who: "caller" | "agent") => void = () => undefined;
    let isOver = false;
    const ended = new Promise<"caller" | "agent">((resolve) => {
      end = (who) => {
        if (isOver) return;
        isOver = true;
        this.#world.calls(agent, -1);
        resolve(who);
      };
    });
    return {
      ended,
      connect: () => {
        this.talks += 1;
        this.endTalk = end;
        return ended;
      },
      drop: () => {
        end("caller");
      },
    };
  }

  answered(): void {
    if (this.ends.length > 0) this.#world.wrongs.push(`${this.callid} is answered after its end`);
  }

  over(end: CallerEnd): void {
    this.ends.push(end);
  }
}

for (const strategy of strategies) {
  t.test(`${strategy}: ${String(RUNS)} random days`, async (t) => {
    await fc.assert(
      fc.asyncProperty(steps, async (day) => {
        const world = new World(strategy);
        for (const step of day) {
          await world.clock.advance(ms(step.after));
          world.take(step);
          await world.clock.settle();
          world.checkNobodyForgotten(strategy);
        }
        // Everybody comes to an end: talks are ended, who waits is timed out.
        await world.clock.advance(ms(60_000));
        for (const caller of world.callers) caller.endTalk("agent");
        await world.clock.advance(ms(60_000));
        for (const caller of world.callers) caller.endTalk("agent");
        await world.clock.advance(ms(60_000));
        const { callers, queue, agents, busy, wrongs, clock } = world;
        const statistics = queue.statistics();
        for (const { callid, ends, talks } of callers) {
          if (ends.length !== 1) wrongs.push(`${callid} came to ${String(ends.length)} ends`);
          if (talks > 1) wrongs.push(`${callid} talked ${String(talks)} times`);
          if ((ends[0]?.type === "answered") !== (talks === 1))
            wrongs.push(`${callid}: ${String(ends[0]?.type)}`);
        }
        const { answered, abandoned, overflowed, waiting, talking } = statistics;
        if (answered + abandoned + overflowed !== callers.length) wrongs.push("the statistics do not add up");
        if (waiting + talking !== 0) wrongs.push("somebody is left");
        for (const agent of agents) {
          if (busy.get(agent) ?? 0) wrongs.push(`${agent.name} still has a call`);
          if (["ringing", "talking", "pausing", "leaving"].includes(agent.state))
            wrongs.push(`${agent.name}: ${agent.state}`);
          agent.stop();
        }
        if (clock.pendingTimers !== 0) wrongs.push(`${String(clock.pendingTimers)} timers are left`);
        if (wrongs.length > 0) throw new Error(wrongs.join("; "));
      }),
      { numRuns: RUNS, seed: 4711 },
    );
    t.pass("nobody was lost, nobody talked twice, no agent had two calls");
  });
}
