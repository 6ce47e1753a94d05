// Removes from dist/ what no longer has a source in ts/, so that it does not get into the package; the operator's page in
// dist/page/ is made of web/ as a whole.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");

const names = existsSync(dist) ? readdirSync(dist, { recursive: true }) : [];
for (const name of names) {
  const compiled = /^(.*?)(?:\.d\.ts|\.js)(?:\.map)?$/.exec(name);
  if (name.startsWith(`page${sep}`)) continue;
  if (compiled !== null && !existsSync(join(root, "ts", `${compiled[1]}.ts`))) rmSync(join(dist, name));
}
