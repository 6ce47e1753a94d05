// Makes the operator's page of web/: one script, one style sheet and the document. Does nothing where they are newer than
// all of web/.
//
//   node tools/build-page.mjs [folder]     default: dist/page
import { copyFile, mkdir } from "node:fs/promises";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const web = join(root, "web");
const page = resolve(process.argv[2] ?? join(root, "dist", "page"));
const NAMES = ["index.html", "page.js", "page.css"];

/** What becomes part of the script; their licences ask for their texts to go with it. */
const LIBRARIES = ["preact", "htm", "uplot"];

function licenceOf(name) {
  const folder = join(root, "node_modules", name);
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return `/* ${name} ${version}\n${readFileSync(join(folder, "LICENSE"), "utf8").replaceAll("*/", "* /")}*/`;
}

const changed = (path) => statSync(path).mtimeMs;

function isCurrent() {
  const made = NAMES.map((name) => join(page, name));
  if (!made.every(existsSync)) return false;
  const oldest = Math.min(...made.map(changed));
  const sources = readdirSync(web, { recursive: true }).map((name) => join(web, name));
  return [fileURLToPath(import.meta.url), join(root, "package-lock.json"), ...sources].every(
    (path) => changed(path) < oldest,
  );
}

if (!isCurrent()) {
  await mkdir(page, { recursive: true });
  const common = { bundle: true, minify: true, target: "es2022", logLevel: "warning" };
  await build({
    ...common,
    entryPoints: [join(web, "page.ts")],
    format: "esm",
    legalComments: "none",
    footer: { js: LIBRARIES.map(licenceOf).join("\n") },
    outfile: join(page, "page.js"),
  });
  await build({
    ...common,
    stdin: {
      contents: '@import "uplot/dist/uPlot.min.css"; @import "./page.css";',
      resolveDir: web,
      loader: "css",
    },
    outfile: join(page, "page.css"),
  });
  await copyFile(join(web, "index.html"), join(page, "index.html"));
}
