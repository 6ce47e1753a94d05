/** The README's table of flags says what `--help` says: it is the table of ts/cli/flags.ts. */
import { readFileSync } from "node:fs";
import t from "tap";
import { program } from "../../ts/cli.js";
import { COMMAND_FLAGS, type Flag } from "../../ts/cli/flags.js";

t.setTimeout(120_000);

const COMMANDS = Object.entries(COMMAND_FLAGS) as [string, readonly Flag[]][];

/** flag → default, text, commands */
function expectedRows(): Map<string, string[]> {
  const rows = new Map<string, string[]>();
  for (const { flags, text, byDefault = "" } of COMMANDS.flatMap(([, flags]) => flags)) {
    const of = COMMANDS.filter(([, others]) => others.some((other) => other.flags === flags)).map(
      ([name]) => name,
    );
    rows.set(flags, [byDefault, text, of.length === COMMANDS.length ? "all" : of.join(" ")]);
  }
  return rows;
}

function readmeRows(): Map<string, string[]> {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const rows = [...readme.matchAll(/^\| `(--[^`]+)` *\|([^|]*)\|([^|]*)\|([^|]*)\|$/gm)];
  return new Map(rows.map(([, flags = "", ...cells]) => [flags, cells.map((cell) => cell.trim())]));
}

t.test("the README tells of every flag, its default and its commands, and of no other", (t) => {
  const readme = readmeRows();
  const expected = expectedRows();
  t.same([...readme.keys()].sort(), [...expected.keys()].sort());
  for (const [flags, cells] of expected) t.same(readme.get(flags), cells, flags);
  t.end();
});

t.test("--help tells of every flag, with its default and its variable", (t) => {
  for (const [name, flags] of COMMANDS) {
    const command = program().commands.find((one) => one.name() === name);
    const help = command?.helpInformation().replaceAll(/\s+/g, " ") ?? "";
    for (const { flags: flag, text, byDefault } of flags) {
      t.ok(help.includes(`${flag} ${text}`), `${name} ${flag}`);
      if (byDefault !== undefined) t.match(help, `default: ${byDefault}`);
      const variable = `MEDIASWITCH_${/^--([a-z\d-]+)/.exec(flag)?.[1]?.replaceAll("-", "_").toUpperCase() ?? ""}`;
      t.equal(
        help.includes(`env: ${variable})`) || help.includes(`env: ${variable},`),
        flag.includes("<"),
        variable,
      );
    }
  }
  t.end();
});
