import t from "tap";
import { Watchers } from "../../ts/control/watchers.js";

t.test("each is told in order, until it is taken out", async (t) => {
  const told: string[] = [];
  const watchers = new Watchers<string>();
  const stop = watchers.add((event) => told.push(`first ${event}`));
  watchers.add((event) => told.push(`second ${event}`));
  watchers.tell("a", t.error);
  stop();
  stop();
  watchers.tell("b", t.error);
  t.strictSame(told, ["first a", "second a", "second b"]);
  t.equal(watchers.size, 1);
});

t.test("one that fails keeps nobody from being told", async (t) => {
  const watchers = new Watchers<string>();
  const told: string[] = [];
  const failures: unknown[] = [];
  const wrong = new Error("wrong");
  watchers.add(() => {
    throw wrong;
  });
  watchers.add((event) => told.push(event));
  watchers.tell("a", (error) => failures.push(error));
  t.strictSame([told, failures], [["a"], [wrong]]);
});

t.test("one that is taken out while others are told is told no more", async (t) => {
  const watchers = new Watchers<string>();
  const told: string[] = [];
  watchers.add(() => {
    stop();
  });
  const stop = watchers.add((event) => told.push(event));
  watchers.tell("a", t.error);
  t.strictSame(told, []);
});
