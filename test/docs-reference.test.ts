/** The pages of docs/ that are made of the program's tables are those that the program has now. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import t from "tap";

t.test("npm run docs:reference would change nothing", async (t) => {
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--import=tsx", "tools/reference/make.ts", "--check"],
    { cwd: fileURLToPath(new URL("..", import.meta.url)), encoding: "utf8" },
  );
  t.equal(stderr, "");
  t.equal(status, 0);
});
