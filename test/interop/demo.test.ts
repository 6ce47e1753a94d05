/** `mediaswitch demo` as whoever has just installed it runs it: the whole of it, as a process. */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";
import type { DemoReport } from "../../ts/phone/demo/demo-report.js";
import { temporaryFolder } from "./support/folder.js";

const documented = readFileSync(new URL("../../docs/demo.md", import.meta.url), "utf8");
const cli = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Without what the test runner has Node load. */
const run = (...args: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const env = { ...process.env };
    delete env["NODE_OPTIONS"];
    execFile(process.execPath, [cli, ...args], { env }, (error, out, err) => {
      resolve({ code: typeof error?.code === "number" ? error.code : error === null ? 0 : -1, out, err });
    });
  });

t.test("everything happens, is heard, and is told", async (t) => {
  const folder = temporaryFolder(t);
  const { code, out, err } = await run("demo", "--folder", folder, "--json");
  const report = JSON.parse(out) as DemoReport;
  t.equal(code, 0, err);
  t.ok(report.ok);
  t.ok(report.steps.every(({ ok }) => ok));
  const steps = [...documented.matchAll(/^ {2}ok {6}(.+) \(\d+\.\d s\)$/gm)].map(([, what = ""]) => what);
  const withoutPin = (what: string): string => what.replace(/PIN \d+/, "PIN");
  t.same(
    report.steps.map(({ what }) => withoutPin(what)),
    steps.map(withoutPin),
    "as docs/demo.md shows it",
  );
  t.same(
    report.legs.map(
      ({ conversation, phone, hears }) => `${conversation}: ${phone} hears ${hears.join(", ")}`,
    ),
    [
      "call: Anna hears Ben",
      "call: Ben hears Anna",
      "transferred: Anna hears Carla",
      "transferred: Carla hears Anna",
      "conference: Anna hears Ben, Carla",
      "conference: Ben hears Anna, Carla",
      "conference: Carla hears Anna, Ben",
    ],
  );
  t.same([...new Set(report.legs.map(({ codec }) => codec))].length, 3, "three codecs");
  for (const { packets, mos, delayMillis } of report.legs) {
    t.ok(packets > 0 && mos !== null && delayMillis !== null && delayMillis > 0);
  }
  t.equal(report.recordings.length, 9);
  for (const file of report.recordings) t.ok(file.startsWith(folder) && existsSync(file), file);
  t.ok(existsSync(join(folder, "switch-1000-to-1001.wav")), "what the switch has recorded");
  t.equal(new Set(report.phones.map(({ password }) => password)).size, 3, "passwords are random");
  t.match(err, /Anna {3}user 1000 {2}password [0-9a-f]{16}\n/);
  t.match(err, / {2}ok {6}Ben transfers Anna to Carla \(iLBC\), who answers \(\d+\.\d s\)\n/);
});

t.test("where the switch can't start, the step that failed is named, and the exit code is 1", async (t) => {
  const { code, out } = await run("demo", "--sip-address", "192.0.2.1");
  t.equal(code, 1);
  t.match(out, / {2}failed {2}The switch starts, with a call script of its own \(\d+\.\d s\): /);
  t.match(out, /Something went wrong/);
});
