/** Scripts that are modules: each test has the module, and the singletons it imports, for itself. */
import t from "tap";
import { testPbx } from "../../ts/testing/index.js";

const example = (name: string): URL => new URL(`../../examples/${name}`, import.meta.url);

t.test("an ES module that imports the singleton, with timers of its own", async (t) => {
  const pbx = await testPbx(example("answer.ts"));
  const alice = await pbx.phone("1000");
  alice.call("anything");
  await alice.talks();
  const before = pbx.now;
  const { endedBy } = await alice.ends();
  t.same([pbx.now - before, endedBy], [10, "switch"], "setTimeout follows the test's clock");
  await pbx.close();
});

t.test("two at once do not see each other", async (t) => {
  const [one, other] = await Promise.all([testPbx(example("answer.ts")), testPbx(example("answer.ts"))]);
  t.not(one.projectcontrol, other.projectcontrol);
  const alice = await one.phone("1000");
  alice.call("anything");
  await alice.talks();
  t.same([one.left.calls, other.left.calls], [1, 0]);
  await one.close();
  await other.close();
});

t.test("a module that throws while it is loaded says so", async (t) => {
  await t.rejects(testPbx("/nonexistent/script.js"), /nonexistent/);
});

t.test("a CommonJS script as the seed's users write them, loaded anew each time", async (t) => {
  const dir = t.testdir({
    "script.cjs": `
      const projectcontrol = require("mediaswitch/projectcontrol");
      const { MediaswitchError } = require("mediaswitch");
      const codes = require("./codes.cjs");
      projectcontrol.onnewcall = (call) => {
        codes.calls += 1;
        const name = MediaswitchError.name;
        setTimeout(() => call.hangup({ code: codes.refusal, reason: name + codes.calls }), 5000);
      };
      projectcontrol.run();
    `,
    "codes.cjs": "module.exports = { refusal: 503, calls: 0 };",
  });
  for (let time = 0; time < 2; time++) {
    const pbx = await testPbx(`${dir}/script.cjs`);
    const alice = await pbx.phone("1000");
    alice.call("anything");
    t.equal((await alice.ends()).status, 503);
    t.equal(pbx.now, 5, "its timers follow the test's clock");
    t.match(pbx.trace.join(), "503 MediaswitchError1\r\n", "its parts are new, too");
    await pbx.close();
  }
});

t.test("an ES module has its parts for itself, and its environment while it is loaded", async (t) => {
  const dir = t.testdir({
    "script.mjs": `
      import { app, MediaswitchError } from "mediaswitch";
      import { state } from "./state.mjs";
      const { SCRIPT_REASON } = process.env;
      app.oncall(async (call) => {
        state.calls += 1;
        await call.hangup({ code: 480, reason: SCRIPT_REASON + state.calls + MediaswitchError.name });
      });
      await app.run();
    `,
    "state.mjs": "export const state = { calls: 0 };",
  });
  for (let time = 0; time < 2; time++) {
    const pbx = await testPbx(`${dir}/script.mjs`, { environment: { SCRIPT_REASON: "because" } });
    const alice = await pbx.phone("1000");
    alice.call("anything");
    await alice.ends();
    t.match(pbx.trace.join(), "480 because1MediaswitchError\r\n");
    t.equal(process.env["SCRIPT_REASON"], undefined);
    await pbx.close();
  }
});

const SCRIPT = (type: string): string => `
  import { app, MediaswitchError } from "mediaswitch";
  import { state } from "./state.js";
  app.oncall(async (call) => {
    state.calls += 1;
    const reason${type} = MediaswitchError.name + state.calls;
    await call.hangup({ code: 480, reason });
  });
  void app.run();
`;
const REQUIRING = `
  const { app, MediaswitchError } = require("mediaswitch");
  const { state } = require("./state.js");
  app.oncall((call) => {
    state.calls += 1;
    return call.hangup({ code: 480, reason: MediaswitchError.name + state.calls });
  });
`;
const STATE = "export const state = { calls: 0 };";

/** A folder as `npm init` makes it says nothing; what its files are then, Node and tsx say by what is in them. */
const FOLDERS: Record<string, { script: string; files: Record<string, string> }> = {
  "TypeScript in a folder of modules": {
    script: "script.ts",
    files: { "package.json": '{ "type": "module" }', "script.ts": SCRIPT(": string"), "state.ts": STATE },
  },
  "TypeScript in a folder that says nothing": {
    script: "script.ts",
    files: { "package.json": "{}", "script.ts": SCRIPT(": string"), "state.ts": STATE },
  },
  "an ES module in a folder that says nothing": {
    script: "script.js",
    files: { "package.json": "{}", "script.js": SCRIPT(""), "state.js": STATE },
  },
  "CommonJS in a folder that says nothing": {
    script: "script.js",
    files: { "package.json": "{}", "script.js": REQUIRING, "state.js": "exports.state = { calls: 0 };" },
  },
};

for (const [name, { script, files }] of Object.entries(FOLDERS)) {
  t.test(`${name}: two at once, each with its own faces and parts`, async (t) => {
    const path = `${t.testdir(files)}/${script}`;
    for (const pbx of await Promise.all([testPbx(path), testPbx(path)])) {
      const alice = await pbx.phone("1000");
      alice.call("anything");
      await alice.ends();
      t.match(pbx.trace.join(), "480 MediaswitchError1\r\n");
      await pbx.close();
    }
  });
}

t.test("what is in the environment while one is loaded is not there for another", async (t) => {
  const dir = t.testdir({
    "script.mjs": `
      import { app } from "mediaswitch";
      const { ONE, OTHER } = process.env;
      app.oncall((call) => call.hangup({ code: 480, reason: [ONE, OTHER].join() + "." }));
    `,
  });
  const path = `${dir}/script.mjs`;
  const both = await Promise.all([
    testPbx(path, { environment: { ONE: "one" } }),
    testPbx(path, { environment: { OTHER: "other" } }),
  ]);
  const said: (string | undefined)[] = [];
  for (const pbx of both) {
    const alice = await pbx.phone("1000");
    alice.call("anything");
    await alice.ends();
    said.push(/480 (.*)\./.exec(pbx.trace.join())?.[1]);
    await pbx.close();
  }
  t.same(said, ["one,", ",other"]);
  t.same([process.env["ONE"], process.env["OTHER"]], [undefined, undefined]);
});
