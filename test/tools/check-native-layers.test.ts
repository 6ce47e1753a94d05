import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";

const tool = fileURLToPath(new URL("../../tools/check-native-layers.mjs", import.meta.url));

function check(...args: readonly string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [tool, ...args], { encoding: "utf8" });
  return { status, output: stderr + stdout };
}

await t.test("this project's own native code keeps its layers", (t) => {
  const { status, output } = check();
  t.equal(status, 0, output);
  t.match(output, /^native layers: \d\d+ files, 0 breaches$/m);
  t.end();
});

interface Fault {
  readonly file: string;
  readonly text: string;
  /** Line and complaint; none: it is allowed. */
  readonly expected?: string;
}

const faults: readonly Fault[] = [
  { file: "core/a.hpp", text: '#include "rtp/packet.hpp"', expected: "1: core must not include rtp" },
  {
    file: "codecs/a.cpp",
    text: '\n#include "audio/frame.hpp"',
    expected: "2: codecs must not include audio",
  },
  { file: "rtp/a.cpp", text: '#include "io/shard.hpp"', expected: "1: rtp must not include io" },
  { file: "io/a.cpp", text: '#include "binding/values.hpp"', expected: "1: io must not include binding" },
  {
    file: "io/a.cpp",
    text: '#include "elsewhere/a.hpp"',
    expected: '1: "elsewhere/a.hpp" belongs to no layer',
  },
  { file: "misc/a.cpp", text: "int a;", expected: "1: misc is no layer" },
  {
    file: "rtp/a.cpp",
    text: "#include <boost/asio/buffer.hpp>",
    expected: "1: only io may include Boost.Asio",
  },
  { file: "binding/a.cpp", text: "#include <boost/asio.hpp>", expected: "1: only io may include Boost.Asio" },
  { file: "io/a.cpp", text: "# include <napi.h>", expected: "1: only binding may include Node-API" },
  { file: "rtp/a.cpp", text: "\n\nauto t = steady::now();", expected: "3: rtp reads a clock" },
  { file: "rtp/a.cpp", text: "using C = std::chrono::steady_clock;", expected: "1: rtp names a clock" },
  { file: "core/a.cpp", text: "std::random_device d;", expected: "1: core draws from the system's chance" },
  { file: "codecs/a.cpp", text: "int x = rand();", expected: "1: codecs draws from a hidden generator" },
  { file: "audio/a.cpp", text: "#include <mutex>", expected: "1: audio locks" },
  { file: "rtp/a.cpp", text: "std::shared_mutex m;", expected: "1: rtp locks" },
  { file: "core/a.cpp", text: "std::thread t;", expected: "1: core starts or names a thread" },
  { file: "core/a.cpp", text: "std::this_thread::sleep_for(1s);", expected: "1: core sleeps" },
  { file: "core/a.cpp", text: "usleep(1);", expected: "1: core sleeps" },
  {
    file: "io/a.cpp",
    text: '#include <thread>\n#include <boost/asio.hpp>\n#include "rtp/a.hpp"\nauto t = c::now();',
  },
  { file: "binding/a.cpp", text: '#include <napi.h>\n#include "io/engine.hpp"' },
  {
    file: "rtp/a.cpp",
    text: '// a mutex, a thread\n/* sleep\nrand() */ const char* s = "thread \\" mutex";',
  },
  { file: "rtp/a.cpp", text: '// #include "io/shard.hpp"' },
  { file: "rtp/a.cpp", text: "int operand(int); int x = operand(3); bool is_threaded;" },
];

await t.test("each planted fault is told with its file and line, what is allowed is not", (t) => {
  for (const { file, text, expected } of faults) {
    const folder = t.testdir({});
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
    const { status, output } = check(folder);
    const breaches = output.split("\n").slice(0, -2);
    if (expected === undefined) {
      t.strictSame(breaches, [], text);
      t.equal(status, 0);
    } else {
      t.equal(breaches.length, 1, `${text}\n${output}`);
      t.ok(breaches[0]?.endsWith(`${file}:${expected}`), output);
      t.equal(status, 1);
    }
  }
  t.end();
});

await t.test("an empty folder is no success", (t) => {
  t.equal(check(t.testdir({})).status, 1);
  t.end();
});
