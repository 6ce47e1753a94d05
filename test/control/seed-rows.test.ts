/** docs/projectcontrol.md says where each behaviour of the original is tested: so it is. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import t from "tap";

const root = new URL("../../", import.meta.url);
const text = (path: string): string => readFileSync(fileURLToPath(new URL(path, root)), "utf8");

const between = (first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, n) => `J${String(first + n).padStart(3, "0")}`);

const ROWS = [
  ...between(1, 20),
  ...between(30, 42),
  ...between(50, 66),
  ...between(70, 78),
  ...between(80, 100),
  ...between(110, 115),
];

/** Row → files that test it, as the document says. */
const documented = new Map(
  [...text("docs/projectcontrol.md").matchAll(/^\| (J\d{3}) \|[^|]*\|([^|]*)\|$/gm)].map(
    ([, row = "", files = ""]) => [row, [...files.matchAll(/`([^`]+)`/g)].map(([, file = ""]) => file)],
  ),
);

const titles = (path: string): string =>
  [...text(path).matchAll(/t\.test\(\s*(["`])(.*?)\1/g)].map(([, , title = ""]) => title).join("\n");

t.test("each row has a test that is named by it", (t) => {
  t.same([...documented.keys()], ROWS);
  for (const [row, files] of documented) {
    t.ok(files.length > 0, `${row} has a test`);
    for (const file of files) t.ok(titles(file).includes(row), `${row}: ${file}`);
  }
  t.end();
});
