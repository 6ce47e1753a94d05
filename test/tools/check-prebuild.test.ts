import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";

const root = fileURLToPath(new URL("../..", import.meta.url));
const tool = join(root, "tools", "check-prebuild.mjs");
const prebuilt = join(root, "prebuilds", `linux-${process.arch}`, "mediaswitch.glibc.node");

function check(file: string): { status: number | null; told: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [tool, file], { encoding: "utf8" });
  return { status, told: stdout + stderr };
}

const compiles =
  spawnSync("cc", ["--version"]).status === 0 && spawnSync("readelf", ["--version"]).status === 0;
const skip = compiles ? {} : { skip: "needs cc and readelf" };

/** A shared object of these lines of C. */
function sharedObject(folder: string, source: string, ...flags: readonly string[]): string {
  const file = join(folder, "made.node");
  const { status, stderr } = spawnSync("cc", ["-shared", "-fPIC", "-xc", "-", "-o", file, ...flags], {
    encoding: "utf8",
    input: source,
  });
  if (status !== 0) throw new Error(stderr);
  return file;
}

const ENTRIES =
  "int napi_register_module_v1(void) { return 0; } int node_api_module_get_api_version_v1(void) { return 8; }";

await t.test("an addon that needs no more than it may passes", skip, (t) => {
  const { status, told } = check(sharedObject(t.testdir({}), ENTRIES));
  t.equal(status, 0, told);
  t.end();
});

await t.test("each fault is told: a library, an export, no entry point, no addon at all", skip, (t) => {
  const folder = t.testdir({ "text.node": "text" });
  const dl = check(sharedObject(folder, ENTRIES, "-Wl,--no-as-needed", "-lstdc++"));
  t.equal(dl.status, 1);
  t.match(dl.told, /needs the library libstdc\+\+\.so\.6/);
  t.match(check(sharedObject(folder, `${ENTRIES} int other;`)).told, /exports other/);
  t.match(check(sharedObject(folder, "int x;")).told, /does not export napi_register_module_v1/);
  const newer = `${ENTRIES} int arc4random(void); int call(void) { return arc4random(); }`;
  t.match(check(sharedObject(folder, newer)).told, /needs glibc 2\.36; 2\.34 is the newest/);
  t.equal(check(join(folder, "text.node")).status, 1);
  t.equal(check(join(folder, "none.node")).status, 1);
  t.end();
});

await t.test("the addon of the package passes", { skip: !existsSync(prebuilt) }, (t) => {
  const { status, told } = check(prebuilt);
  t.equal(status, 0, told);
  t.end();
});
