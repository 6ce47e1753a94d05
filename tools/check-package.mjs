// Makes the npm package in a folder of its own and tries it there: what is in it, the prebuilt addon, and, installed without
// running any script, whether every entry loads, has its types, and a call is answered. It needs no network: the dependencies
// are copied from node_modules, those of the package alone. Nothing is compiled that is up to date.
//
//   node tools/check-package.mjs [--tarball file]     --tarball tries that one instead of making one
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { contentFaults } from "./package-content.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const { values } = parseArgs({ options: { tarball: { type: "string" } } });
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");

/** What the command printed on standard output; its complaints are shown when it fails. */
function run(command, args, cwd = root) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  if (status === 0) return stdout;
  throw new Error(
    `${[command, ...args].join(" ")} failed\n${stdout ?? ""}${stderr ?? ""}${error?.message ?? ""}`,
  );
}

const tool = (name, ...args) => run(process.execPath, [join(root, "tools", name), ...args]);
const mebibytes = (octets) => `${(octets / 2 ** 20).toFixed(1)} MiB`;

/** The newest change below these, in milliseconds. */
function newest(...names) {
  return Math.max(
    ...names.flatMap((name) => {
      const path = join(root, name);
      const below = statSync(path).isDirectory() ? readdirSync(path, { recursive: true }) : [];
      return [path, ...below.map((each) => join(path, each))].map((each) => statSync(each).mtimeMs);
    }),
  );
}

/** dist/ as it is where it is up to date; else made anew, and not in the clone, where others may use it now. */
function compile(stage) {
  const stamp = join(root, "dist", ".current");
  if (existsSync(stamp) && newest("ts", "web", "tsconfig.json") < statSync(stamp).mtimeMs) {
    cpSync(join(root, "dist"), join(stage, "dist"), { recursive: true });
    run(process.execPath, [join(stage, "tools", "clear-dist.mjs")], stage);
    return;
  }
  console.log("dist/ is older than its sources; they are compiled anew for the package");
  run(process.execPath, [tsc, "-p", "tsconfig.json", "--outDir", join(stage, "dist")]);
  tool("build-page.mjs", join(stage, "dist", "page"));
}

/** A tarball of what is here, made in `folder`. */
function pack(folder) {
  const stage = join(folder, "stage");
  mkdirSync(stage);
  tool("build-native.mjs", "--portable");
  tool("stage-ilbc.mjs");
  tool("third-party-notices.mjs", "--check");
  const named = manifest.files.filter((name) => !name.startsWith("!") && name !== "dist");
  for (const name of new Set([...named, "package.json", "README.md", "LICENSE", "tools", "ts"])) {
    cpSync(join(root, name), join(stage, name), { recursive: true });
  }
  compile(stage);
  run("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], stage);
  const [name] = readdirSync(folder).filter((each) => each.endsWith(".tgz"));
  return join(folder, name);
}

function checkContent(file) {
  const paths = run("tar", ["-tzf", file])
    .split("\n")
    .filter((path) => path !== "" && !path.endsWith("/"))
    .map((path) => path.replace(/^package\//, ""));
  console.log(`${basename(file)}: ${paths.length} files, ${mebibytes(statSync(file).size)}`);
  const faults = contentFaults(paths, {
    recipe: readFileSync(join(root, "CMakeLists.txt"), "utf8"),
    manifest,
  });
  if (faults.length > 0) throw new Error(faults.join("\n"));
}

/** A folder as a user's, where npm has installed the tarball: only what the package itself asks for is there beside it. */
function install(folder, file) {
  const user = join(folder, "user");
  mkdirSync(user);
  writeFileSync(join(user, "package.json"), '{ "private": true, "type": "module" }\n');
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const wanted = Object.entries(lock.packages).filter(
    ([path, { dev, devOptional }]) => path !== "" && dev !== true && devOptional !== true,
  );
  for (const [path] of wanted) {
    const from = join(root, path);
    if (!existsSync(from)) continue;
    const nested = join(from, "node_modules");
    cpSync(from, join(user, path), { recursive: true, filter: (source) => source !== nested });
  }
  run("npm", ["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", file], user);
  return user;
}

/** What a program imports from the package, an entry a line. */
const entries = () =>
  Object.entries(manifest.exports)
    .filter(([, target]) => typeof target === "object")
    .map(([path]) => path.replace(/^\./, manifest.name));

function checkEntries(user) {
  const script = `for (const name of ${JSON.stringify(entries())}) {
    if (Object.keys(await import(name)).length === 0) throw new Error(name + " exports nothing");
  }`;
  run(process.execPath, ["--input-type=module", "-e", script], user);

  // Node's own types are a TypeScript user's to install; others would be the package's to bring.
  for (const name of ["@types/node", "undici-types"]) {
    const [from, to] = [join(root, "node_modules", name), join(user, "node_modules", name)];
    if (!existsSync(from) || existsSync(to)) continue;
    mkdirSync(dirname(to), { recursive: true });
    cpSync(from, to, { recursive: true });
  }
  const imports = entries().map((name, index) => `import * as entry${index} from "${name}";`);
  const used = entries().map((_, index) => `export const used${index}: object = entry${index};`);
  writeFileSync(join(user, "every-entry.ts"), `${[...imports, ...used].join("\n")}\n`);
  writeFileSync(
    join(user, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: {
        target: "ES2022",
        module: "NodeNext",
        strict: true,
        noEmit: true,
        types: ["node"],
      },
      files: ["every-entry.ts"],
    }),
  );
  run(process.execPath, [tsc, "-p", user], user);
  console.log(`installed without scripts; ${entries().join(", ")}: each loads and has its types`);
}

function check(folder) {
  const file = values.tarball === undefined ? pack(folder) : resolve(values.tarball);
  checkContent(file);
  const user = install(folder, file);
  const installed = join(user, "node_modules", manifest.name);
  console.log(
    tool(
      "check-prebuild.mjs",
      join(installed, "prebuilds", `linux-${process.arch}`, "mediaswitch.glibc.node"),
    )
      .trim()
      .replace(`${installed}/`, ""),
  );
  checkEntries(user);
  const version = run("npx", ["--no-install", manifest.name, "--version"], user).trim();
  if (version !== manifest.version) throw new Error(`npx ${manifest.name} --version says ${version}`);
  console.log(`npx ${manifest.name} --version: ${version}`);
  console.log(tool("try-installed.mjs", user).trim());
}

const folder = mkdtempSync(join(tmpdir(), "mediaswitch-package-"));
try {
  check(folder);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
