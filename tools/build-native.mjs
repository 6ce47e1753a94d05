// Builds the native addon, build/Release/mediaswitch.node, with cmake-js. Needs no Python and downloads nothing.
// Does nothing when the addon is newer than every source. What is missing for a build is told in one line, with the
// command that installs it.
//
//   node tools/build-native.mjs [--check | --portable]
//
// --check only looks whether everything is there. --portable makes the addon that goes into the package instead, with
// spandsp and libstdc++ linked statically: prebuilds/linux-x64/mediaswitch.glibc.node. Both are linked of the same objects,
// so that the second one takes seconds.
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, tmpdir, totalmem } from "node:os";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const portable = process.argv.includes("--portable");

/** Where node-gyp-build looks for an addon that came with the package; the name tells which libc it is for. */
const prebuilds = join(root, "prebuilds", `${process.platform}-${process.arch}`);
const libc = process.report.getReport().header.glibcVersionRuntime === undefined ? "musl" : "glibc";
const prebuiltName = `mediaswitch.${libc}`;

const addon = portable
  ? join(prebuilds, `${prebuiltName}.node`)
  : join(root, "build", "Release", "mediaswitch.node");
const buildFolder = join(root, "build", "cmake");
/** All are told each time: the folder keeps those it was configured with before. */
const settings = Object.entries({
  MEDIASWITCH_PORTABLE: portable ? "ON" : "OFF",
  MEDIASWITCH_OUTPUT_DIR: portable ? prebuilds : join(root, "build", "Release"),
  MEDIASWITCH_OUTPUT_NAME: portable ? prebuiltName : "mediaswitch",
}).map(([name, value]) => `--CD${name}=${value}`);
/** Octets that a compiler may take of the memory; that limits how many run at a time. */
const COMPILER_MEMORY = 2 ** 30;
const compilers = Math.max(1, Math.min(availableParallelism(), Math.floor(totalmem() / COMPILER_MEMORY)));
const SOURCES = ["native", "cmake", "CMakeLists.txt", "package.json"];
/** Of native/: not sources of ours, but copied there from a dependency, each time npm is done. */
const STAGED = "deps";

const INSTALLERS = [
  { tool: "apt-get", command: "sudo apt-get install -y", column: "apt" },
  { tool: "dnf", command: "sudo dnf install -y", column: "dnf" },
  { tool: "brew", command: "brew install", column: "brew" },
];

const runs = (tool, ...args) => spawnSync(tool, args, { stdio: "ignore" }).status === 0;

/** The first compiler of those CMake would take. */
const compiler = [process.env.CXX, "c++", "g++", "clang++"].find(
  (name) => name !== undefined && name !== "" && runs(name, "--version"),
);

/** Whether the compiler takes a translation unit of just these lines. */
function compiles(...lines) {
  if (compiler === undefined) return false;
  const folder = mkdtempSync(join(tmpdir(), "mediaswitch-"));
  try {
    const file = join(folder, "probe.cpp");
    writeFileSync(file, `${lines.join("\n")}\n`);
    const boost = process.env.BOOST_ROOT;
    const includes = boost === undefined ? [] : [`-I${boost}`, `-I${join(boost, "include")}`];
    const brew = existsSync("/opt/homebrew/include") ? ["-I/opt/homebrew/include"] : [];
    return runs(compiler, "-std=c++20", "-fsyntax-only", ...includes, ...brew, file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const REQUIREMENTS = [
  { name: "cmake", isThere: () => runs("cmake", "--version"), apt: "cmake", dnf: "cmake", brew: "cmake" },
  {
    name: "make or ninja",
    isThere: () => runs("make", "--version") || runs("ninja", "--version"),
    apt: "make",
    dnf: "make",
    brew: "ninja",
  },
  {
    name: "a C++20 compiler",
    isThere: () => compiles("#include <bit>", "#include <span>", "static_assert(std::bit_width(4U) == 3);"),
    apt: "g++",
    dnf: "gcc-c++",
    brew: "llvm",
  },
  {
    name: "the Boost.Asio headers",
    // Only to be asked of a compiler that works; without one it is the compiler that is missing.
    isThere: () => compiles("#include <utility>", "#include <boost/asio/io_context.hpp>"),
    apt: "libboost-dev",
    dnf: "boost-devel",
    brew: "boost",
  },
  {
    name: "spandsp",
    isThere: () => compiles("#include <spandsp.h>"),
    apt: "libspandsp-dev",
    dnf: "spandsp-devel",
    brew: "spandsp",
  },
];

function complainOfMissing() {
  const missing = REQUIREMENTS.filter((each) => !each.isThere());
  if (missing.length === 0) return false;
  const installers = INSTALLERS.filter(({ tool }) => runs(tool, "--version"));
  const offered = installers.length > 0 ? installers.slice(0, 1) : INSTALLERS;
  const commands = offered.map(
    ({ command, column }) => `${command} ${missing.map((each) => each[column]).join(" ")}`,
  );
  console.error(
    `mediaswitch: the native addon can't be built without ${missing.map((each) => each.name).join(", ")}; ` +
      `install with: ${commands.join("  |  ")}`,
  );
  return true;
}

function newestSource() {
  const times = SOURCES.flatMap((name) => {
    const path = join(root, name);
    if (!statSync(path).isDirectory()) return [path];
    return readdirSync(path, { recursive: true })
      .filter((each) => each.split(sep)[0] !== STAGED)
      .map((each) => join(path, each));
  }).map((path) => statSync(path).mtimeMs);
  return Math.max(...times);
}

const isUpToDate = () => existsSync(addon) && statSync(addon).mtimeMs > newestSource();

/** CMake refuses a cache that was made for another place, as after a checkout has moved. */
function dropForeignCache() {
  const cache = join(buildFolder, "CMakeCache.txt");
  if (!existsSync(cache)) return;
  const home = /^CMAKE_HOME_DIRECTORY:INTERNAL=(.*)$/m.exec(readFileSync(cache, "utf8"))?.[1];
  if (home === undefined || join(home, "/") !== join(root, "/")) rmSync(buildFolder, { recursive: true });
}

function cmakeJs() {
  try {
    return createRequire(import.meta.url).resolve("cmake-js/bin/cmake-js");
  } catch {
    console.error("mediaswitch: cmake-js is not installed here; run: npm install");
    return undefined;
  }
}

function build() {
  if (isUpToDate()) {
    console.log("mediaswitch: the native addon is up to date");
    return 0;
  }
  if (complainOfMissing()) return 1;
  const script = cmakeJs();
  if (script === undefined) return 1;
  dropForeignCache();
  console.log("mediaswitch: building the native addon (one to two minutes on two cores)");
  const began = performance.now();
  const run = (command, ...more) =>
    spawnSync(
      process.execPath,
      [script, command, "-l", "warn", "-d", root, "-O", buildFolder, ...settings, ...more],
      { cwd: root, stdio: "inherit" },
    ).status === 0;
  if (!run("configure") || !run("build", "-p", String(compilers))) {
    console.error("mediaswitch: building the native addon failed; what the compiler said is above");
    return 1;
  }
  // The linker leaves it alone when nothing of substance changed; it is up to date all the same.
  utimesSync(addon, new Date(), new Date());
  console.log(`mediaswitch: built ${addon} in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  return 0;
}

process.exitCode = process.argv.includes("--check") ? Number(complainOfMissing()) : build();
