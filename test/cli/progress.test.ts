import t from "tap";
import { Progress } from "../../ts/cli/progress.js";

const drawn = (isTTY: boolean, columns = 80): string => {
  let text = "";
  const progress = new Progress(4, { isTTY, columns, write: (more: string) => (text += more) });
  progress.begin("one");
  progress.step();
  progress.begin("two");
  progress.end();
  return text;
};

await t.test("a terminal sees a bar that is written over, and nothing else does", (t) => {
  const [, first, second, last] = drawn(true).split("\r\u001b[K");
  t.equal(first, `${"░".repeat(20)} 1/4: one`);
  t.equal(second, `${"█".repeat(5)}${"░".repeat(15)} 2/4: two`);
  t.equal(last, "", "and the line is clean at the end");
  t.equal(drawn(true, 10).split("\r\u001b[K")[1]?.length, 9, "never longer than the terminal is wide");
  t.equal(drawn(false), "");
  t.end();
});
