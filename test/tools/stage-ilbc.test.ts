import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Project {
  readonly staged: string;
  run(): { status: number | null; told: string };
}

/** An empty project that has the tool, and the dependency if asked. */
function project(folder: string, dependency: "with dependency" | "without dependency"): Project {
  mkdirSync(join(folder, "tools"));
  const tool = join(folder, "tools", "stage-ilbc.mjs");
  copyFileSync(join(root, "tools", "stage-ilbc.mjs"), tool);
  if (dependency === "with dependency") {
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(
      join(root, "node_modules", "@babblevoice"),
      join(folder, "node_modules", "@babblevoice"),
      "dir",
    );
  }
  return {
    staged: join(folder, "native", "deps", "libilbc"),
    run: () => {
      const { status, stderr } = spawnSync(process.execPath, [tool], { encoding: "utf8" });
      return { status, told: stderr };
    },
  };
}

await t.test("what libilbc is built from is copied: sources, headers, licences, and little else", (t) => {
  const { staged, run } = project(t.testdir({}), "with dependency");
  t.same(run(), { status: 0, told: "" });
  const files = readdirSync(staged, { recursive: true }).map(String);
  for (const name of ["ilbc.h", "CMakeLists.txt", "COPYING", "PATENTS", "abseil-cpp/LICENSE"]) {
    t.ok(files.includes(name), name);
  }
  const recipe = readFileSync(join(staged, "CMakeLists.txt"), "utf8");
  const named = [...recipe.matchAll(/^ {4}((?:modules|common_audio|rtc_base)\/[\w/]+\.(?:c|cc))\b/gm)];
  t.ok(named.length > 90);
  for (const [, name] of named) t.ok(files.includes(name ?? ""), name ?? "");
  t.ok(files.filter((name) => name.startsWith("abseil-cpp")).length < 30, "not the whole of abseil");
  t.end();
});

await t.test("a copy that is there stays when the dependency is not, as in a package", (t) => {
  const folder = t.testdir({ native: { deps: { libilbc: { "ilbc.h": "" } } } });
  const { staged, run } = project(folder, "without dependency");
  t.same(run(), { status: 0, told: "" });
  t.ok(existsSync(join(staged, "ilbc.h")));
  t.end();
});

await t.test("with neither it says what to do", (t) => {
  const { status, told } = project(t.testdir({}), "without dependency").run();
  t.equal(status, 1);
  t.match(told, /npm install --include=dev/);
  t.end();
});
