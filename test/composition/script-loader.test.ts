import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { loadScript } from "../../ts/composition/script-loader.js";
import { projectcontrol } from "../../ts/projectcontrol.js";
import { projectqueue } from "../../ts/projectqueue.js";

const given = globalThis as unknown as { given?: unknown };

async function loaded(t: Test, name: string, text: string): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), "script-"));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, name);
  writeFileSync(file, text);
  delete given.given;
  await loadScript(file);
  return given.given;
}

t.test("a CommonJS script gets the singletons by their names", async (t) => {
  const seen = await loaded(
    t,
    "app.cjs",
    `globalThis.given = [
       require("mediaswitch/projectcontrol"), require("mediaswitch/projectqueue"),
       require("mediaswitch").projectcontrol, require("mediaswitch").projectqueue,
     ];`,
  );
  t.ok(Array.isArray(seen));
  const [control, queue, ofIndex, queueOfIndex] = seen as unknown[];
  t.equal(control, projectcontrol);
  t.equal(ofIndex, projectcontrol);
  t.equal(queue, projectqueue);
  t.equal(queueOfIndex, projectqueue);
});

t.test("an error while loading names the script", async (t) => {
  await t.rejects(loaded(t, "bad.cjs", `throw new Error("in the script");`), {
    code: "ARGUMENT_INVALID",
    message: /bad\.cjs failed while loading: Error: in the script/,
  });
  await t.rejects(loadScript("/nowhere/app.js"), { code: "ARGUMENT_INVALID", message: /there is no script/ });
});
