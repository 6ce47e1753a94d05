import t from "tap";
import { Sequence } from "../../ts/control/sequence.js";

t.test("tasks run one after another; one that fails stops nothing", async (t) => {
  const sequence = new Sequence();
  const heard: string[] = [];
  let open = (): void => undefined;
  const first = sequence.run(async () => {
    await new Promise<void>((resolve) => (open = resolve));
    heard.push("first");
    throw new Error("first fails");
  });
  const second = sequence.run(() => {
    heard.push("second");
    return 2;
  });

  await Promise.resolve();
  await Promise.resolve();
  t.same(heard, []);
  open();
  await t.rejects(first, { message: "first fails" });
  t.equal(await second, 2);
  t.same(heard, ["first", "second"]);
});
