/**
 * `npm run docs:reference`: writes the pages of docs/ that are made of the program's own tables.
 *
 *   tsx tools/reference/make.ts [--check]
 *
 * `--check` writes nothing, and fails where a page is out of date. Flows are not looked at then: they are drawn by running
 * their tests.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { format, resolveConfig } from "prettier";
import { componentTables } from "../../test/http/component-tables.js";
import { callFlowsPage } from "./call-flows.js";
import { errorsPage } from "./errors.js";
import { eventsPage } from "./events.js";
import { httpPage } from "./http.js";
import type { Page } from "./page.js";

const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
const pages: readonly Page[] = [
  errorsPage(),
  eventsPage(),
  httpPage({ ...componentTables(() => undefined) }),
  ...(values.check ? [] : [callFlowsPage()]),
];

let stale = 0;
for (const { file, text } of pages) {
  const path = fileURLToPath(new URL(`../../docs/${file}`, import.meta.url));
  const config = await resolveConfig(path);
  const formatted = await format(text, { ...config, parser: "markdown" });
  const before = existsSync(path) ? readFileSync(path, "utf8") : "";
  if (before === formatted) continue;
  if (values.check) {
    stale++;
    console.error(`docs/${file} is out of date: npm run docs:reference`);
  } else {
    writeFileSync(path, formatted);
    console.log(`docs/${file} written`);
  }
}
process.exitCode = stale > 0 ? 1 : 0;
