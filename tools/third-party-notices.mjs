// Writes the list of npm packages in THIRD_PARTY_NOTICES.md, by what package-lock.json says of them.
//
//   node tools/third-party-notices.mjs [--check]     --check only looks whether the list is that of the lock file
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const file = join(root, "THIRD_PARTY_NOTICES.md");

const BEGIN = "<!-- npm packages: written by tools/third-party-notices.mjs -->";
const END = "<!-- end of npm packages -->";

/** Packages that say their licence elsewhere than in package.json, where npm reads it. */
const LICENCES = { sip: "MIT" };

/** Those that are part of the operator's page: nobody installs them beside it. */
const BUNDLED = ["htm", "preact", "uplot"].map((name) => `node_modules/${name}`);

const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
const installed = Object.entries(lock.packages).filter(
  ([path, { dev, devOptional }]) =>
    path !== "" && (BUNDLED.includes(path) || (dev !== true && devOptional !== true)),
);

/** Lines `licence: name version, …`, in the order of their names. */
function listed() {
  const byLicence = new Map();
  for (const [path, { version, license }] of installed) {
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    const licence = license ?? LICENCES[name];
    if (licence === undefined) throw new Error(`what is the licence of ${name}? Say so in LICENCES`);
    byLicence.set(licence, (byLicence.get(licence) ?? new Set()).add(`${name} ${version}`));
  }
  return [...byLicence]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([licence, names]) => `- **${licence}**: ${[...names].sort().join(", ")}`)
    .join("\n");
}

const before = readFileSync(file, "utf8");
const [begin, end] = [before.indexOf(BEGIN), before.indexOf(END)];
if (begin < 0 || end < begin) throw new Error(`${file} has lost the marks of the list`);
const after = `${before.slice(0, begin)}${BEGIN}\n\n${listed()}\n\n${before.slice(end)}`;

if (!process.argv.includes("--check")) {
  writeFileSync(file, after);
} else if (before !== after) {
  console.error("THIRD_PARTY_NOTICES.md is not what package-lock.json says; run: npm run notices");
  process.exitCode = 1;
}
