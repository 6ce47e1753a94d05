import t from "tap";
import { held, sipStorm } from "../support/sip-storm.js";

t.test(
  "10,000 messages, most of them broken: nothing throws, OPTIONS is answered, nothing is left",
  async (t) => {
    const outcome = await sipStorm(2026, 10_000);
    t.same(outcome.troubles, [], "no error is logged, no command fails unexpectedly");
    t.equal(
      outcome.probesAnswered,
      outcome.probes,
      `each of ${String(outcome.probes)} OPTIONS is answered with 200`,
    );
    t.strictSame(held(outcome.after), held(outcome.before), "what is held is what was held before");
    const statuses = [...outcome.statuses].sort(([a], [b]) => a - b);
    t.comment(
      `answers: ${statuses.map(([status, count]) => `${String(status)} × ${String(count)}`).join(", ")}`,
    );
    t.comment(`refused: ${JSON.stringify(outcome.refused)}`);
    // The storm reaches what it is to reach: calls that are answered, registrations, every kind of refusal.
    for (const status of [100, 180, 200, 202, 400, 401, 404, 415, 420, 481, 486, 487, 489, 500, 501, 505]) {
      t.ok((outcome.statuses.get(status) ?? 0) > 0, `${String(status)} is among the answers`);
    }
  },
);
