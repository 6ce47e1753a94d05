// Checks the addon that goes into the package: it may need libc, libm and libgcc_s alone, no newer glibc than that of
// the oldest system it is for, and may export nothing but Node-API's entry points. Needs readelf (binutils).
//
//   node tools/check-prebuild.mjs [file.node …]     default: every addon below prebuilds/
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const prebuilds = join(root, "prebuilds");

/** Node itself has loaded every one of these. */
const ALLOWED_LIBRARIES = /^(libc\.so\.6|libm\.so\.6|libgcc_s\.so\.1|ld-linux-[\w-]+\.so\.\d)$/;
const ENTRY_POINTS = ["napi_register_module_v1", "node_api_module_get_api_version_v1"];
/** RHEL 9's; Ubuntu 22.04 and Debian 12 have newer ones. */
const NEWEST_GLIBC = "2.34";
const MACHINES = { "linux-x64": "Advanced Micro Devices X86-64", "linux-arm64": "AArch64" };

const isNewer = (version, than) => version.localeCompare(than, "en", { numeric: true }) > 0;

function readelf(...args) {
  const { status, stdout, stderr, error } = spawnSync("readelf", args, {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C" },
  });
  if (error !== undefined)
    throw new Error(`readelf can't be run (${error.message}): apt-get install binutils`);
  if (status !== 0 || /Error:/.test(stderr)) throw new Error(`readelf: ${stderr.trim()}`);
  return stdout;
}

const allOf = (text, pattern) => [...new Set([...text.matchAll(pattern)].map(([, found]) => found))];

/** What is wrong with an addon, a line each; and what it asks for. */
function examine(file) {
  const libraries = allOf(readelf("-dW", file), /\(NEEDED\).*\[(.+?)\]/g);
  const glibc = allOf(readelf("-VW", file), /\bGLIBC_([\d.]+)/g).sort((a, b) => (isNewer(a, b) ? 1 : -1));
  const exported = allOf(
    readelf("--dyn-syms", "-W", file),
    /^\s*\d+: [\da-f]+\s+\d+ \w+\s+(?:GLOBAL|WEAK|UNIQUE)\s+DEFAULT\s+(?!UND)\w+ (\S+)/gm,
  );
  const machine = /Machine:\s*(.+)/.exec(readelf("-hW", file))?.[1];
  const wanted = Object.entries(MACHINES).find(([folder]) => file.split(/[\\/]/).includes(folder))?.[1];

  const faults = [
    ...libraries.filter((name) => !ALLOWED_LIBRARIES.test(name)).map((name) => `needs the library ${name}`),
    ...glibc
      .filter((version) => isNewer(version, NEWEST_GLIBC))
      .map((version) => `needs glibc ${version}; ${NEWEST_GLIBC} is the newest that may be asked for`),
    ...exported.filter((name) => !ENTRY_POINTS.includes(name)).map((name) => `exports ${name}`),
    ...ENTRY_POINTS.filter((name) => !exported.includes(name)).map((name) => `does not export ${name}`),
    ...(wanted !== undefined && machine !== wanted ? [`is for ${machine}, its folder for ${wanted}`] : []),
  ];
  return { faults, told: `needs ${libraries.join(" ")}; glibc ${glibc.at(-1)}` };
}

const named = process.argv.slice(2);
const found = existsSync(prebuilds)
  ? readdirSync(prebuilds, { recursive: true })
      .filter((name) => name.endsWith(".node"))
      .map((name) => join(prebuilds, name))
  : [];
const files = named.length > 0 ? named : found;

if (files.length === 0) {
  console.error("check-prebuild: there is none; run: npm run make:prebuild");
  process.exitCode = 1;
}
for (const file of files) {
  try {
    const { faults, told } = examine(file);
    for (const fault of faults) console.error(`${file} ${fault}`);
    if (faults.length > 0) process.exitCode = 1;
    else console.log(`${file}: ${told}; exports ${ENTRY_POINTS.length} entry points`);
  } catch (error) {
    console.error(`${file}: ${error.message}`);
    process.exitCode = 1;
  }
}
