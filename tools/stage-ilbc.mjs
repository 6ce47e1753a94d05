// Copies what libilbc is built from, out of the development dependency that carries it, to native/deps/libilbc, from
// where it goes into the package: whoever builds from a package has no development dependencies. npm runs it (prepare).
import { cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";

const root = fileURLToPath(new URL("..", import.meta.url));
const source = join(root, "node_modules", "@babblevoice", "projectrtp", "libilbc");
const target = join(root, "native", "deps", "libilbc");

const RECIPE = "CMakeLists.txt";
const ALSO = [RECIPE, "libilbc.pc.in", "AUTHORS", "COPYING", "PATENTS", "abseil-cpp/LICENSE"];
/** Where libilbc's files look for what they include. */
const INCLUDE_FOLDERS = ["", "abseil-cpp/"];

const textOf = (name) => readFileSync(join(source, name), "utf8");
const isThere = (name) => existsSync(join(source, name));

/** The sources that the recipe names, and what they include, directly or through each other: of abseil a few headers. */
function needed() {
  const found = new Set();
  const waiting = [...textOf(RECIPE).matchAll(/[\w/]+\.(?:cc|c|S)\b/g)].map(([name]) => name).filter(isThere);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    for (const [, header] of textOf(name).matchAll(/#\s*include\s+"([^"]+)"/g)) {
      waiting.push(...INCLUDE_FOLDERS.map((folder) => folder + header).filter(isThere));
    }
  }
  return [...found];
}

function stage() {
  rmSync(target, { recursive: true, force: true });
  for (const name of [...needed(), ...ALSO]) {
    cpSync(join(source, name), join(target, name), { preserveTimestamps: true });
  }
}

if (existsSync(source)) {
  stage();
} else if (!existsSync(target)) {
  console.error("mediaswitch: libilbc's sources are not here; run: npm install --include=dev");
  process.exitCode = 1;
}
