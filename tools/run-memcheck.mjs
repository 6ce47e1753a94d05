// Runs the addon in node under valgrind's memcheck, through a session that does everything a few times over. `npm run memcheck`
// Exit code 1 when memory was read or written wrongly, or definitely lost, by code of ours.
//
//   node tools/run-memcheck.mjs [--rounds 20] [--output <file>]
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { closingLine, root, underValgrind } from "./valgrind-session.mjs";

const { values: options } = parseArgs({
  options: { rounds: { type: "string", default: "20" }, output: { type: "string" } },
});

const ARGUMENTS = [
  "--leak-check=full",
  "--show-leak-kinds=definite",
  "--errors-for-leak-kinds=definite",
  "--num-callers=30",
  "--keep-debuginfo=yes",
  "--fullpath-after=",
];

/** Valgrind's accounts of single errors: what it is, then where, one function a line. */
function accounts(output) {
  const lines = output
    .split("\n")
    .map((line) => /^==\d+== ?(.*)$/.exec(line)?.[1])
    .filter((line) => line !== undefined);
  return lines
    .join("\n")
    .split(/\n\s*\n/)
    .filter((block) => /^\s+(at|by) 0x/m.test(block));
}

const isOurs = (account) => account.includes("mediaswitch.node") || account.includes(join(root, "native/"));

const { code, output } = await underValgrind(ARGUMENTS, Number(options.rounds));
const session = closingLine(output);
const all = accounts(output);
const ours = all.filter(isOurs);
const lost = /definitely lost: ([\d,]+ bytes in [\d,]+ blocks)/.exec(output)?.[1];
// Valgrind leaves this part out where nothing at all was lost.
const nothingLost = lost ?? "0 bytes in 0 blocks";

const text = [
  ...ours.slice(0, 20),
  session ?? "the session did not come to its end",
  `definitely lost, in all of the process: ${nothingLost}`,
  `${String(ours.length)} errors of ours, ${String(all.length - ours.length)} of others`,
].join("\n");
console.log(text);
if (session === undefined) console.log(output.slice(-4000));
if (options.output !== undefined) writeFileSync(options.output, `${text}\n`);
process.exitCode = session === undefined || code !== 0 || ours.length > 0 ? 1 : 0;
