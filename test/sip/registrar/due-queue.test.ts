import fc from "fast-check";
import t from "tap";
import { ms } from "../../../ts/core/brand.js";
import { DueQueue, type Due } from "../../../ts/sip/registrar/due-queue.js";
import { ManualClock } from "../../support/manual-clock.js";

interface Item extends Due {
  readonly name: number;
}

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ set: fc.nat(20), at: fc.nat(1000) }) },
  { weight: 2, arbitrary: fc.record({ remove: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ wait: fc.nat(300) }) },
);

t.test(
  "every item is handled once at its instant, in order, whatever was moved or removed before",
  async (t) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const clock = new ManualClock();
        const handled: string[] = [];
        const queue = new DueQueue<Item>(clock, ({ name, due }) => {
          handled.push(`${name} ${due} ${clock.now()}`);
        });
        const items = Array.from({ length: 21 }, (_, name): Item => ({ name, due: ms(0), place: -1 }));
        const model = new Map<number, number>();
        for (const one of steps) {
          if ("set" in one) {
            const at = clock.now() + one.at;
            queue.set(items[one.set]!, ms(at));
            model.set(one.set, at);
          } else if ("remove" in one) {
            queue.remove(items[one.remove]!);
            model.delete(one.remove);
          } else {
            const until = clock.now() + one.wait;
            await clock.advance(ms(one.wait));
            const due = [...model].filter(([, at]) => at <= until);
            const wanted = due.map(([name, at]) => `${name} ${at} ${at}`);
            if (handled.splice(0).sort().join() !== wanted.sort().join()) return false;
            for (const [name] of due) model.delete(name);
          }
          if (queue.size !== model.size || clock.pendingTimers !== (model.size > 0 ? 1 : 0)) return false;
        }
        return true;
      }),
      { numRuns: 300 },
    );
    t.pass();
  },
);

t.test("clear empties it, and an item can be set again", async (t) => {
  const clock = new ManualClock();
  let handled = 0;
  const queue = new DueQueue<Due>(clock, () => (handled += 1));
  const item = { due: ms(0), place: -1 };
  queue.set(item, ms(10));
  queue.clear();
  await clock.advance(ms(20));
  t.equal(handled, 0);
  queue.set(item, ms(30));
  await clock.advance(ms(10));
  t.equal(handled, 1);
  t.equal(clock.pendingTimers, 0);
});
