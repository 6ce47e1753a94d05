import t from "tap";
import { OrderedDelivery } from "../../ts/core/ordered-delivery.js";

/** A sink whose answers the test gives by hand. */
function heldSink(): {
  sink: (event: string) => Promise<void>;
  seen: string[];
  settle: (error?: Error) => void;
} {
  const seen: string[] = [];
  const waiting: ((error?: Error) => void)[] = [];
  return {
    seen,
    sink: (event) => {
      seen.push(event);
      return new Promise((resolve, reject) => {
        waiting.push((error) => {
          if (error === undefined) resolve();
          else reject(error);
        });
      });
    },
    settle: (error) => waiting.shift()?.(error),
  };
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

t.test("events of one key go one at a time, those of others side by side", async (t) => {
  const delivery = new OrderedDelivery<string>();
  const { sink, seen, settle } = heldSink();
  delivery.attach(sink);
  const sent = [delivery.send("a", "a1"), delivery.send("a", "a2"), delivery.send("b", "b1")];
  await turns();
  t.strictSame(seen, ["a1", "b1"]);
  settle();
  await turns();
  t.strictSame(seen, ["a1", "b1", "a2"]);
  settle();
  settle();
  await Promise.all(sent);
  await turns();
  t.equal(delivery.inFlight, 0, "nothing is kept for keys that are quiet");
});

t.test("a refused event rejects its own promise and no other; the next one still goes", async (t) => {
  const delivery = new OrderedDelivery<string>();
  const { sink, seen, settle } = heldSink();
  delivery.attach(sink);
  const first = delivery.send("a", "a1");
  const second = delivery.send("a", "a2");
  await turns();
  settle(new Error("not taken"));
  await t.rejects(first, { message: "not taken" });
  await turns();
  t.strictSame(seen, ["a1", "a2"]);
  settle();
  await t.resolves(second);
});

t.test("without a receiver, and with one that throws, the event is refused", async (t) => {
  const delivery = new OrderedDelivery<string>();
  await t.rejects(delivery.send("a", "a1"), /nobody is attached/);
  delivery.attach(() => {
    throw new Error("thrown");
  });
  await t.rejects(delivery.send("a", "a2"), { message: "thrown" });
});

t.test("too many wait: the newest is refused, but for the last of its key", async (t) => {
  const delivery = new OrderedDelivery<string>({ perKey: 2, inAll: 3 });
  const { sink, seen, settle } = heldSink();
  delivery.attach(sink);
  const sent = [delivery.send("a", "a1"), delivery.send("a", "a2")];
  await t.rejects(delivery.send("a", "a3"), /too many/);
  sent.push(delivery.send("b", "b1"));
  await t.rejects(delivery.send("c", "c1"), /too many/);
  sent.push(delivery.send("a", "a end", { isLast: true }));
  sent.push(delivery.send("b", "b end", { isLast: true }), delivery.send("c", "c end", { isLast: true }));
  await t.rejects(delivery.send("d", "d end", { isLast: true }), /too many/, "twice as many, and no more");
  t.equal(delivery.waiting, 6);
  t.equal(delivery.lost, 3);
  for (let n = 0; n < 6; n += 1) {
    await turns();
    settle();
  }
  await Promise.all(sent);
  await turns();
  t.strictSame(
    seen.filter((event) => event.startsWith("a")),
    ["a1", "a2", "a end"],
  );
  t.equal(delivery.waiting, 0);
  t.equal(delivery.inFlight, 0);
  await t.rejects(
    Promise.race([delivery.send("a", "x"), Promise.reject(new Error("not refused"))]),
    /not refused/,
  );
  settle();
});
