/** docs/control-coverage.md and docs/sip-coverage.md name tests that are there, by words of their titles. */
import { existsSync, readFileSync } from "node:fs";
import t from "tap";

const root = new URL("..", import.meta.url);
const DOCUMENTS = ["docs/control-coverage.md", "docs/sip-coverage.md"];
const HOW = ["real", "virtual", "parts", "no"];

interface Row {
  readonly what: string;
  readonly how: string;
  readonly shownBy: string;
}

function rowsOf(document: string): Row[] {
  return readFileSync(new URL(document, root), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("|") && !/^\|[ -]+\|/.test(line))
    .map((line) => line.split("|").slice(1, -1))
    .filter(([what]) => what?.trim() !== "what")
    .map(([what = "", how = "", shownBy = ""]) => ({ what: what.trim(), how: how.trim(), shownBy }));
}

/** `path` “words of a title”, “of another” … */
function testsIn(cell: string): { readonly path: string; readonly titles: readonly string[] }[] {
  return [...cell.matchAll(/`([^`]+\.(?:test|contract)\.ts)`([^`]*)/g)].map(([, path = "", rest = ""]) => ({
    path,
    titles: [...rest.matchAll(/“([^”]+)”/g)].map(([, title = ""]) => title),
  }));
}

const texts = new Map<string, string>();

/** Whatever stands in quotes: titles may be made of parts, and stand in a table of cases. */
function quoted(path: string): string {
  const known = texts.get(path);
  if (known !== undefined) return known;
  const text = [...readFileSync(new URL(path, root), "utf8").matchAll(/(["'`])((?:\\.|(?!\1)[^\\\n])*)\1/g)]
    .map(([, , text = ""]) => text.replace(/\\(.)/g, "$1"))
    .join("\n");
  texts.set(path, text);
  return text;
}

for (const document of DOCUMENTS) {
  t.test(`${document}: every row has a test of that title, or a reason`, (t) => {
    const rows = rowsOf(document);
    t.ok(rows.length > 20);
    for (const { what, how, shownBy } of rows) {
      t.ok(HOW.includes(how), `${what}: how`);
      const tests = testsIn(shownBy);
      if (how === "no") t.ok(shownBy.trim().length > 20, `${what}: why not`);
      else t.ok(tests.length > 0, `${what}: a test`);
      for (const { path, titles } of tests) {
        if (!existsSync(new URL(path, root))) {
          t.fail(`${what}: there is no ${path}`);
          continue;
        }
        t.ok(titles.length > 0, `${what}: a title in ${path}`);
        const text = quoted(path);
        for (const title of titles) t.ok(text.includes(title), `${what}: “${title}” in ${path}`);
      }
    }
    t.end();
  });
}
