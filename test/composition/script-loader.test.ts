import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { app } from "../../ts/app.js";
import { loadScript, startScript } from "../../ts/composition/script-loader.js";
import type { Log } from "../../ts/core/log.js";
import { silentLog } from "../../ts/core/log.js";
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

const IMPORTING = (type: string): string => `
  import { app, projectcontrol, projectqueue } from "mediaswitch";
  const all${type} = [app, projectcontrol, projectqueue];
  (globalThis as { given?: unknown }).given = all;
`;
const plain = (text: string): string => text.replace("(globalThis as { given?: unknown })", "globalThis");

for (const [name, text] of [
  ["app.mts", IMPORTING(": unknown[]")],
  ["app.ts", IMPORTING(": unknown[]")],
  ["app.mjs", plain(IMPORTING(""))],
  ["app.js", plain(IMPORTING(""))],
] as const) {
  t.test(`${name} in a folder that does not say what it is gets the singletons`, async (t) => {
    const seen = (await loaded(t, name, text)) as unknown[];
    t.equal(seen[0], app);
    t.equal(seen[1], projectcontrol);
    t.equal(seen[2], projectqueue);
  });
}

t.test("an error while loading names the script", async (t) => {
  await t.rejects(loaded(t, "bad.cjs", `throw new Error("in the script");`), {
    code: "ARGUMENT_INVALID",
    message: /bad\.cjs failed while loading: Error: in the script/,
  });
  await t.rejects(loadScript("/nowhere/app.js"), { code: "ARGUMENT_INVALID", message: /there is no script/ });
});

t.test("a script that goes on at its top level has started when it is connected", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "script-"));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  const errors: string[] = [];
  let logged: () => void = () => undefined;
  const log: Log = {
    ...silentLog,
    error: (_fields, text) => {
      errors.push(text);
      logged();
    },
  };
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const waiting = file(
    "waits.mjs",
    `const later = new Promise((resolve) => { globalThis.given = resolve; });
     await later;
     throw new Error("too late");`,
  );
  await startScript(waiting, Promise.resolve(), log);
  t.same(errors, []);
  const heard = new Promise<void>((resolve) => (logged = resolve));
  (given.given as () => void)();
  await heard;
  t.same(errors, ["the script failed after it had started"]);

  const broken = file("broken.mjs", `await undefined; throw new Error("at once");`);
  await t.rejects(startScript(broken, Promise.resolve(), log), { message: /at once/ });
  const refused = file("refused.mjs", `await undefined; throw new Error("not connected");`);
  await t.rejects(startScript(refused, Promise.reject(new Error("no sip")), log), {
    message: /not connected/,
  });
});
