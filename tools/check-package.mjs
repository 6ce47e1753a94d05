// Makes the npm package and tries it: what is in it, the prebuilt addon, and, installed in an empty folder without running
// any script, whether it loads and answers a call. Fetches the dependencies, so it needs the registry or npm's cache.
//
//   node tools/check-package.mjs [--tarball file]     --tarball tries that one instead of making one
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { contentFaults } from "./package-content.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values } = parseArgs({ options: { tarball: { type: "string" } } });

/** What the command printed on standard output; its complaints are shown when it fails. */
function run(command, args, cwd) {
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

const mebibytes = (octets) => `${(octets / 2 ** 20).toFixed(1)} MiB`;

/** Made in that folder, where none is given. */
function tarball(folder) {
  if (values.tarball !== undefined) return resolve(values.tarball);
  run("npm", ["pack", "--pack-destination", folder], root);
  const [name] = readdirSync(folder).filter((each) => each.endsWith(".tgz"));
  return join(folder, name);
}

function check(folder) {
  const file = tarball(folder);
  const paths = run("tar", ["-tzf", file], root)
    .split("\n")
    .filter((path) => path !== "" && !path.endsWith("/"))
    .map((path) => path.replace(/^package\//, ""));
  console.log(`${basename(file)}: ${paths.length} files, ${mebibytes(statSync(file).size)}`);
  const faults = contentFaults(paths, {
    recipe: readFileSync(join(root, "CMakeLists.txt"), "utf8"),
    manifest: JSON.parse(readFileSync(join(root, "package.json"), "utf8")),
  });
  if (faults.length > 0) throw new Error(faults.join("\n"));

  const user = join(folder, "user");
  mkdirSync(user);
  writeFileSync(join(user, "package.json"), '{ "private": true, "type": "module" }\n');
  run("npm", ["install", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", file], user);
  run(process.execPath, [join(root, "tools", "check-prebuild.mjs"), prebuilt(user)]);
  run(
    process.execPath,
    ["-e", 'import("mediaswitch").then(({ app }) => { if (!app) process.exit(1); })'],
    user,
  );
  console.log("installed with --ignore-scripts, and loads");
  console.log(run(process.execPath, [join(root, "tools", "try-installed.mjs"), user]).trim());
}

const prebuilt = (user) =>
  join(user, "node_modules", "mediaswitch", "prebuilds", "linux-x64", "mediaswitch.glibc.node");

const folder = mkdtempSync(join(tmpdir(), "mediaswitch-package-"));
try {
  check(folder);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
