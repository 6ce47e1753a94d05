/** Every place where the code departs from an RFC has its row in docs/rfc-coverage.md, and every row its place. */
import { readFileSync, readdirSync } from "node:fs";
import t from "tap";

const root = new URL("..", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");

const sources = ["ts", "native"].flatMap((folder) =>
  readdirSync(new URL(folder, root), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(ts|cpp|hpp)$/.test(name))
    .map((name) => `${folder}/${name}`),
);

/** `RFC 3261 §25.1 path`, as the code has it. */
const inCode = sources.flatMap((path) =>
  [...read(path).matchAll(/DEPARTURE (RFC \d+ \S+?)[:\s]/g)].map(([, section]) => `${section ?? ""} ${path}`),
);

const table = read("docs/rfc-coverage.md").split("## Departures")[1] ?? "";
const inTable = [...table.matchAll(/^\| (RFC \d+ \S+)[^|]*\| `([^`]+)`/gm)].map(
  ([, section, path]) => `${section ?? ""} ${path ?? ""}`,
);

t.test("departures and their rows", (t) => {
  t.ok(inCode.length > 0 && inTable.length > 0);
  t.strictSame([...inTable].sort(), [...new Set(inCode)].sort());
  t.end();
});

t.test("each is written so that it can be found", (t) => {
  for (const path of sources) {
    const written = read(path).match(/DEPARTURE/g)?.length ?? 0;
    t.equal(inCode.filter((place) => place.endsWith(` ${path}`)).length, written, path);
  }
  t.end();
});
