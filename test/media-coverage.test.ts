/** docs/media-coverage.md names files that are there, and leaves out no native test. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import t from "tap";

const root = new URL("..", import.meta.url);
const text = readFileSync(new URL("docs/media-coverage.md", root), "utf8");

/** Of each row: the files that do it, the files that show it. */
const rows = text
  .split("\n")
  .filter((line) => line.startsWith("|") && !/^\|[ -]+\|/.test(line))
  .map((line) => line.split("|").slice(1, -1))
  .filter(([what]) => what?.trim() !== "what")
  .map(([what = "", where = "", shownBy = ""]) => ({
    what: what.trim(),
    where: pathsIn(where),
    shownBy: pathsIn(shownBy),
  }));

function pathsIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, path = ""]) => path);
}

t.test("every row says where, and what shows it, by files that are there", (t) => {
  t.ok(rows.length > 40);
  for (const { what, where, shownBy } of rows) {
    t.ok(where.length > 0 && shownBy.length > 0, what);
    const missing = [...where, ...shownBy].filter((path) => !existsSync(new URL(path, root)));
    t.strictSame(missing, [], what);
  }
  t.end();
});

t.test("what shows it are tests, benches and their results", (t) => {
  const others = rows
    .flatMap(({ shownBy }) => shownBy)
    .filter((path) => !/^(test\/|bench\/|tools\/run-checks)/.test(path));
  t.strictSame(others, []);
  t.end();
});

t.test("every test of packets and audio shows something here", (t) => {
  const named = new Set(rows.flatMap(({ shownBy }) => shownBy));
  for (const folder of ["rtp", "codecs", "audio"]) {
    const tests = readdirSync(new URL(`test/native/${folder}`, root))
      .filter((name) => name.endsWith("_test.cpp"))
      .map((name) => `test/native/${folder}/${name}`);
    t.strictSame(
      tests.filter((path) => !named.has(path)),
      [],
      folder,
    );
  }
  t.end();
});
