import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";
// @ts-expect-error: a tool, in plain JavaScript
import { contentFaults } from "../../tools/package-content.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const faultsOf = contentFaults as (
  paths: readonly string[],
  about: { recipe: string; manifest: object },
) => readonly string[];

const about = {
  recipe: "include(boost)\nadd_library(core OBJECT\n  native/rtp/packet.cpp)\n",
  manifest: { exports: { ".": { default: "./dist/index.js" } }, bin: { mediaswitch: "dist/cli.js" } },
};
const missing = faultsOf([], about);
const complete = missing.map((fault) => fault.replace(/ is missing$/, ""));

await t.test("all that the source build and the manifest name has to be there", (t) => {
  for (const path of ["native/rtp/packet.cpp", "cmake/boost.cmake", "dist/index.js", "LICENSE"]) {
    t.ok(missing.includes(`${path} is missing`), path);
  }
  t.same(faultsOf(complete, about), []);
  t.end();
});

await t.test("tests, secrets and whatever nobody meant to pack are told", (t) => {
  for (const path of [
    "test/a.test.ts",
    ".npmrc",
    "native/deps/libilbc/my.key",
    "dist/x.js.map",
    "notes.txt",
  ]) {
    t.same(faultsOf([...complete, path], about), [`${path} does not belong there`]);
  }
  t.end();
});

await t.test("the list of third parties is that of the lock file", (t) => {
  const tool = join(root, "tools", "third-party-notices.mjs");
  const { status, stderr } = spawnSync(process.execPath, [tool, "--check"], { encoding: "utf8" });
  t.equal(status, 0, stderr);
  t.match(readFileSync(join(root, "THIRD_PARTY_NOTICES.md"), "utf8"), /node-gyp-build \d/);
  t.end();
});
