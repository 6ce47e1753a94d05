// Checks what each layer of native/ may include and do: binding → io → rtp → audio → codecs → core, and the inner
// ones without clocks, chance, locks, threads or waiting. Tells every breach as file:line; exit code 1 if there is one.
//
//   node tools/check-native-layers.mjs [folder]     default: this project's native/
import { readFileSync, readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** Layer → layers it may include besides itself. */
const LAYERS = {
  core: [],
  codecs: ["core"],
  audio: ["codecs", "core"],
  rtp: ["codecs", "audio", "core"],
  io: ["rtp", "codecs", "audio", "core"],
  binding: ["io", "rtp", "codecs", "audio", "core"],
};

/** Not a layer: sources of others, which npm puts there. */
const STAGED = "deps";

/** Headers of others that one layer alone may include. */
const RESERVED_HEADERS = [
  { header: /^boost\/asio/, layer: "io", name: "Boost.Asio" },
  { header: /^(napi|node_api|js_native_api|uv)\b/, layer: "binding", name: "Node-API" },
];

/** Layers that get time and chance as arguments, and whose packets wait for nobody. */
const PURE_LAYERS = ["core", "codecs", "audio", "rtp"];
const IMPURE = [
  { code: /::now\s*\(/, what: "reads a clock" },
  { code: /\b(?:steady|system|high_resolution)_clock\b/, what: "names a clock" },
  { code: /\b(?:clock_gettime|gettimeofday)\b/, what: "reads a clock" },
  { code: /\b(?:std::time|time)\s*\(\s*(?:NULL|nullptr|0)\s*\)/, what: "reads a clock" },
  { code: /\brandom_device\b/, what: "draws from the system's chance" },
  { code: /\bs?rand\s*\(/, what: "draws from a hidden generator" },
  { code: /\b(?:\w*_)?mutex\b/, what: "locks" },
  { code: /\bcondition_variable\w*/, what: "waits" },
  { code: /\bj?thread\b/, what: "starts or names a thread" },
  { code: /\b(?:sleep_for|sleep_until|u?sleep|nanosleep)\b/, what: "sleeps" },
];

/** The text with comments and the contents of literals blanked; lines and columns stay. */
function codeOnly(text) {
  const comment = /\/\/[^\n]*|\/\*[^]*?\*\//y;
  const literal = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])'/y;
  let out = "";
  for (let at = 0; at < text.length;) {
    const found = [comment, literal].map((pattern) => {
      pattern.lastIndex = at;
      return pattern.exec(text)?.[0];
    });
    const skipped = found[0] ?? found[1];
    out += skipped === undefined ? text.charAt(at) : skipped.replace(/[^\n]/g, " ");
    at += skipped?.length ?? 1;
  }
  return out;
}

function breachesOfInclude(layer, { quoted, angled }) {
  const breaches = [];
  const header = quoted ?? angled;
  const to = quoted?.split("/")[0];
  if (to !== undefined && to !== layer && !LAYERS[layer].includes(to)) {
    breaches.push(to in LAYERS ? `${layer} must not include ${to}` : `"${header}" belongs to no layer`);
  }
  for (const reserved of RESERVED_HEADERS) {
    if (reserved.header.test(header) && layer !== reserved.layer) {
      breaches.push(`only ${reserved.layer} may include ${reserved.name}`);
    }
  }
  return breaches;
}

function breachesOfFile(layer, text) {
  if (!(layer in LAYERS)) return [{ line: 1, what: `${layer} is no layer` }];
  const code = codeOnly(text).split("\n");
  return text.split("\n").flatMap((line, index) => {
    // A commented-out include is blank in `code`; the name of a real one is a literal, so it is read from the text.
    const isCode = /^\s*#\s*include\b/.test(code[index]);
    const include = isCode ? /^\s*#\s*include\s*(?:"(?<quoted>[^"]+)"|<(?<angled>[^>]+)>)/.exec(line) : null;
    const breaches = include === null ? [] : breachesOfInclude(layer, include.groups);
    if (PURE_LAYERS.includes(layer)) {
      breaches.push(
        ...IMPURE.filter((each) => each.code.test(code[index])).map(({ what }) => `${layer} ${what}`),
      );
    }
    return breaches.map((what) => ({ line: index + 1, what }));
  });
}

const root = process.cwd();
const folder = process.argv[2] ?? fileURLToPath(new URL("../native", import.meta.url));
const files = readdirSync(folder, { recursive: true })
  .filter((name) => /\.(?:cpp|cc|c|hpp|h)$/.test(name) && name.split(sep)[0] !== STAGED)
  .sort();
const breaches = files.flatMap((name) => {
  const path = join(folder, name);
  const layer = name.split(sep)[0];
  return breachesOfFile(layer, readFileSync(path, "utf8")).map(
    ({ line, what }) => `${relative(root, path)}:${line}: ${what}`,
  );
});
for (const breach of breaches) console.error(breach);
if (files.length === 0) console.error(`${folder}: no C++ file`);
console.log(`native layers: ${files.length} files, ${breaches.length} breaches`);
process.exitCode = breaches.length > 0 || files.length === 0 ? 1 : 0;
