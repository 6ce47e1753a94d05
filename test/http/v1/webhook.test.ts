/** Webhooks in virtual time: order, repetition, giving up. */
import t from "tap";
import { ms, seconds } from "../../../ts/core/brand.js";
import { silentLog } from "../../../ts/core/log.js";
import { verifyWebhook } from "../../../ts/core/webhook-signature.js";
import { EventLog } from "../../../ts/http/v1/event-log.js";
import type { V1Event } from "../../../ts/http/v1/event-schema.js";
import { Webhook, type WebhookSettings } from "../../../ts/http/v1/webhook.js";
import { ManualClock } from "../../support/manual-clock.js";
import { SeededRandom } from "../../support/seeded-random.js";

const SECRET = "a secret of sixteen octets";

interface Attempt {
  readonly at: number;
  readonly number: number;
  readonly call: string | undefined;
  readonly url: string;
}

function bench(settings: Partial<WebhookSettings> = {}, seed = 1) {
  const clock = new ManualClock();
  const events = new EventLog({ clock, feed: "f1" });
  const attempts: Attempt[] = [];
  /** What the receiver answers; undefined: not at all. */
  let answer: (event: V1Event) => number | undefined = () => 200;
  const held: (() => void)[] = [];
  const control = { holds: false };
  const webhook = new Webhook({
    name: "mine",
    settings: { url: "http://127.0.0.1:1/hook", secrets: [SECRET], ...settings },
    events,
    clock,
    random: new SeededRandom(seed),
    log: silentLog,
    send: async (url, { headers, body }) => {
      const event = JSON.parse(body) as V1Event;
      const secrets = webhook.settings.secrets;
      const { number } = verifyWebhook({ headers: { ...headers }, body, secrets, now: clock.epoch() / 1000 });
      t.equal(number, event.number);
      attempts.push({ at: clock.now(), number, call: event.call, url });
      if (control.holds) await new Promise<void>((resolve) => held.push(resolve));
      const status = answer(event);
      if (status === undefined) throw new Error("no connection");
      return status;
    },
  });
  const note = (what: string, call?: string): void =>
    events.tell({ type: "call.note", ...(call !== undefined && { call }), data: { what } });
  const undelivered = (): unknown[] => {
    const found: unknown[] = [];
    for (let number = 1; number <= events.last; number++) {
      const event = JSON.parse(events.at(number)?.text ?? "{}") as V1Event;
      if (event.type === "webhook.undelivered") found.push(event.data);
    }
    return found;
  };
  return {
    clock,
    events,
    webhook,
    attempts,
    note,
    undelivered,
    held,
    control,
    answers: (given: typeof answer) => (answer = given),
  };
}

t.test("each event once, signed, in order", async (t) => {
  const { clock, webhook, attempts, note } = bench();
  for (const what of "abc") note(what, "c1");
  await clock.settle();
  t.same(
    attempts.map(({ number }) => number),
    [1, 2, 3],
  );
  t.match(webhook.state, { waiting: 0, delivered: 3, undelivered: 0, last: { status: 200 } });
});

t.test("repeated with growing pauses, half of them by chance, within their bounds", async (t) => {
  const { clock, attempts, note, answers } = bench();
  answers(() => 503);
  note("a", "c1");
  await clock.advance(seconds(120));
  const pauses = attempts.slice(1).map(({ at }, index) => at - attempts[index]!.at);
  t.ok(pauses.length >= 7, `${pauses.length} pauses`);
  pauses.forEach((pause, index) => {
    const whole = Math.min(60_000, 500 * 2 ** index);
    t.ok(pause >= whole / 2 && pause <= whole, `pause ${index}: ${pause} of ${whole}`);
  });
  t.not(pauses[0], 500, "chance has a hand in it");
});

t.test("a call whose event fails waits for it; other calls do not", async (t) => {
  const { clock, attempts, note, answers } = bench();
  let isDown = true;
  answers(({ call }) => (call === "c1" && isDown ? undefined : 200));
  note("a", "c1");
  note("b", "c2");
  note("c", "c1");
  note("d", "c2");
  await clock.advance(seconds(1));
  t.same(
    attempts.filter(({ call }) => call === "c2").map(({ number }) => number),
    [2, 4],
  );
  t.same(new Set(attempts.filter(({ call }) => call === "c1").map(({ number }) => number)), new Set([1]));
  isDown = false;
  await clock.advance(seconds(10));
  const ofFirst = attempts.filter(({ call }) => call === "c1").map(({ number }) => number);
  t.same(ofFirst.slice(-2), [1, 3]);
});

t.test("given up after ten minutes, which is told, but not to the same receiver", async (t) => {
  const { clock, webhook, attempts, note, answers, undelivered } = bench();
  answers(() => 500);
  note("a", "c1");
  await clock.advance(seconds(700));
  t.match(undelivered(), [{ webhook: "mine", number: 1, reason: "too old", status: 500 }]);
  t.ok(attempts.every(({ number }) => number === 1));
  t.match(webhook.state, { waiting: 0, undelivered: 1 });
  t.ok(attempts.at(-1)!.at <= 600_000);
  answers(() => 200);
  note("b", "c1");
  await clock.settle();
  t.equal(attempts.at(-1)?.number, 3, "the next one goes out at once");
  t.equal(clock.pendingTimers, 0);
});

t.test("410 says that the receiver wants no more of it", async (t) => {
  const { clock, attempts, note, answers, undelivered } = bench();
  answers(() => 410);
  note("a");
  await clock.advance(seconds(700));
  t.equal(attempts.length, 1);
  t.match(undelivered(), [{ reason: "refused", attempts: 1, status: 410 }]);
});

t.test("no more than 16 at once, no more than 10,000 waiting; the rest is told", async (t) => {
  const { clock, webhook, attempts, note, control, held, undelivered } = bench();
  control.holds = true;
  for (let i = 0; i < 10_003; i++) note("x", `c${i}`);
  await clock.settle();
  t.equal(attempts.length, 16);
  t.equal(webhook.state.waiting, 10_000);
  t.same(undelivered().length, 3);
  t.match(undelivered()[0], { number: 10_001, reason: "queue full", attempts: 0 });
  control.holds = false;
  for (const release of held) release();
  await clock.settle();
  t.equal(webhook.state.waiting, 0);
  t.equal(webhook.state.delivered, 10_000);
});

t.test("only what is asked for; new settings count from the next attempt on", async (t) => {
  const { clock, events, webhook, attempts, note, answers } = bench({ types: ["cdr"] });
  answers(() => 500);
  note("a");
  events.tell({ type: "cdr", data: { record: { version: 1, id: "r" } } });
  await clock.settle();
  t.same(
    attempts.map(({ number }) => number),
    [2],
  );
  webhook.settings = { url: "http://127.0.0.1:1/other", secrets: ["another secret, quite new", SECRET] };
  answers(() => 200);
  await clock.advance(ms(500));
  t.equal(attempts.at(-1)?.url, "http://127.0.0.1:1/other");
});

t.test("closing leaves nothing behind", async (t) => {
  const { clock, webhook, note, answers, attempts, events } = bench();
  answers(() => 500);
  note("a");
  await clock.settle();
  webhook.close();
  t.equal(clock.pendingTimers, 0);
  t.equal(events.readers, 0);
  const before = attempts.length;
  note("b");
  await clock.advance(seconds(700));
  t.equal(attempts.length, before);
});
