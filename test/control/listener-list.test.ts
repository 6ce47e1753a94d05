import t from "tap";
import { ListenerList } from "../../ts/control/listener-list.js";

interface Subject {
  readonly name: string;
}

const subject: Subject = { name: "s" };
const unexpected = (error: unknown): never => {
  throw new Error(`unexpected: ${String(error)}`);
};

t.test("run keeps the listeners, drain takes them out", (t) => {
  const list = new ListenerList<Subject>();
  const heard: string[] = [];
  list.add(({ name }) => heard.push(name));
  list.run(subject, unexpected);
  list.run(subject, unexpected);
  list.drain(subject, unexpected);
  list.drain(subject, unexpected);
  t.equal(heard.length, 3);
  t.equal(list.size, 0);
  t.end();
});

t.test("one that is added meanwhile waits", (t) => {
  for (const way of ["run", "drain"] as const) {
    const list = new ListenerList<Subject>();
    const heard: string[] = [];
    list.add(() => {
      list.add(() => heard.push("late"));
    });
    list[way](subject, unexpected);
    t.same(heard, [], way);
    list[way](subject, unexpected);
    t.same(heard, ["late"], way);
  }
  t.end();
});

t.test("what fails is told, at once or later, and the others run", async (t) => {
  const list = new ListenerList<Subject>();
  const failures: unknown[] = [];
  let ran = false;
  list.add(() => {
    throw new Error("now");
  });
  list.add(() => Promise.reject(new Error("later")));
  list.add(() => {
    ran = true;
  });
  list.run(subject, (error) => failures.push(error));
  t.match(failures, [{ message: "now" }]);
  t.equal(ran, true);
  await Promise.resolve();
  await Promise.resolve();
  t.match(failures, [{ message: "now" }, { message: "later" }]);
});
