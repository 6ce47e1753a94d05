import { spawnSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";

const tool = fileURLToPath(new URL("../../tools/build-native.mjs", import.meta.url));

function check(
  path: string,
  more: Readonly<Record<string, string>> = {},
): { status: number | null; lines: string[] } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [tool, "--check"], {
    encoding: "utf8",
    env: { PATH: path, ...more },
  });
  return { status, lines: (stdout + stderr).split("\n").filter((line) => line !== "") };
}

/** A folder to put on the path, with programs that only succeed. */
function programs(folder: string, ...names: readonly string[]): string {
  for (const name of names) {
    const file = join(folder, name);
    writeFileSync(file, "#!/bin/sh\nexit 0\n");
    chmodSync(file, 0o755);
  }
  return folder;
}

await t.test("where everything is there it has nothing to say", (t) => {
  const { status, lines } = check(process.env["PATH"] ?? "");
  t.equal(status, 0, lines.join("\n"));
  t.strictSame(lines, []);
  t.end();
});

await t.test("on a bare machine: one line with all that is missing and how to install it", (t) => {
  for (const [installer, command] of [
    ["apt-get", "sudo apt-get install -y cmake make g++ libboost-dev libspandsp-dev"],
    ["dnf", "sudo dnf install -y cmake make gcc-c++ boost-devel spandsp-devel"],
    ["brew", "brew install cmake ninja llvm boost spandsp"],
  ] as const) {
    const { status, lines } = check(programs(t.testdir({}), installer));
    t.equal(status, 1);
    t.equal(lines.length, 1, lines.join("\n"));
    t.match(lines[0], "without cmake, make or ninja, a C++20 compiler, the Boost.Asio headers, spandsp;");
    t.ok(lines[0]?.endsWith(`install with: ${command}`), lines[0] ?? "");
  }
  t.end();
});

await t.test("with no known installer all three commands are offered", (t) => {
  const [line] = check(t.testdir({})).lines;
  t.match(line, /apt-get install .* dnf install .* brew install/);
  t.end();
});

await t.test("only what is missing is named", (t) => {
  const folder = programs(t.testdir({}), "cmake", "ninja", "apt-get");
  const rest = [folder, "/usr/bin", "/bin"].join(delimiter);
  writeFileSync(
    join(folder, "no-boost"),
    '#!/bin/sh\nfor last; do :; done\n[ "$1" = --version ] && exit 0\n! grep -q boost "$last"\n',
  );
  chmodSync(join(folder, "no-boost"), 0o755);
  const { status, lines } = check(rest, { CXX: join(folder, "no-boost") });
  t.equal(status, 1);
  t.match(lines[0], /without the Boost\.Asio headers; install with: sudo apt-get install -y libboost-dev$/);
  t.end();
});
