// Where does the main thread's time go, in a session that does everything a few times over? `npm run profile`
// Prints the functions with the longest time of their own, and leaves the profile for a browser's developer tools.
//
//   node tools/run-profile.mjs [--rounds 20] [--output build/profile]
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { hottest, profileText } from "./cpu-profile.mjs";
import { closingLine, root } from "./valgrind-session.mjs";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "20" },
    output: { type: "string", default: join(root, "build/profile") },
  },
});

rmSync(options.output, { recursive: true, force: true });
mkdirSync(options.output, { recursive: true });
console.error(`a session of ${options.rounds} rounds, some seconds each`);
const { status, stdout, stderr } = spawnSync(
  process.execPath,
  [
    ...["--cpu-prof", `--cpu-prof-dir=${options.output}`, "--import", "tsx"],
    ...["test/soak/session.ts", options.rounds],
  ],
  { cwd: root, encoding: "utf8", maxBuffer: 1 << 26 },
);
const session = closingLine(`${stdout}${stderr}`);
if (status !== 0 || session === undefined) {
  console.error(`${stdout}${stderr}`.slice(-4000));
  console.error("run-profile: the session did not come to its end");
  process.exit(1);
}
/** Of the main thread: it has more samples than those that only load modules. */
const [file, profile] = readdirSync(options.output)
  .filter((name) => name.endsWith(".cpuprofile"))
  .map((name) => [join(options.output, name), JSON.parse(readFileSync(join(options.output, name), "utf8"))])
  .sort(([, one], [, other]) => other.samples.length - one.samples.length)[0];
console.log(
  `${session}\n\n${profileText(hottest(profile))}\n\n${file}: open it in the Performance tab of Chromium's tools`,
);
