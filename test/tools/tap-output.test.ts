import t from "tap";
import { failuresOnly, readFileResult, readTotals, verdict } from "../../tools/tap-output.mjs";

/** As tap 21 prints it: one file that passes, one in which a subtest fails, one that crashes. */
const OUTPUT = `TAP version 14
# Subtest: good.test.ts
    # Subtest: one
        ok 1 - fine
        1..1
    ok 1 - one # time=1ms
    1..1
ok 1 - good.test.ts # time=2ms

# Subtest: bad.test.ts
    # Subtest: outer
        # Subtest: passes
            ok 1 - fine
            1..1
        ok 1 - passes # time=1ms
        # Subtest: fails
            ok 1 - fine
            not ok 2 - should be equal
              ---
              diff: |
                --- expected
                +++ actual
                -2
                +1
              ...
            # what the process said
            1..2
        not ok 2 - fails # time=1ms
        1..2
    not ok 1 - outer # time=3ms
    ok 2 - later # SKIP not here
    not ok 3 - known # TODO some day
    1..3
not ok 2 - bad.test.ts # time=5ms

not ok 3 - crash.test.ts
  ---
  exitCode: 3
  ...
1..3
# { total: 9, pass: 5, fail: 2, todo: 1, skip: 1 }
# time=2115.997ms`.split("\n");

void t.test("what passed is left out, what failed is shown with the way to it", async (t) => {
  const filter = failuresOnly();
  t.same(
    OUTPUT.flatMap((line) => filter(line)).map((line) => line.trim()),
    [
      "ok 1 - good.test.ts # time=2ms",
      "# Subtest: bad.test.ts",
      "# Subtest: outer",
      "# Subtest: fails",
      "not ok 2 - should be equal",
      "---",
      "diff: |",
      "--- expected",
      "+++ actual",
      "-2",
      "+1",
      "...",
      "# what the process said",
      "not ok 2 - fails # time=1ms",
      "not ok 1 - outer # time=3ms",
      "not ok 2 - bad.test.ts # time=5ms",
      "not ok 3 - crash.test.ts",
      "---",
      "exitCode: 3",
      "...",
    ],
  );
});

void t.test("output that is no TAP is shown", async (t) => {
  const filter = failuresOnly();
  t.same(filter("Error: it broke"), ["Error: it broke"]);
  t.same(filter("    at somewhere (file.ts:1:1)"), ["    at somewhere (file.ts:1:1)"]);
});

void t.test("totals", async (t) => {
  t.same(OUTPUT.map((line) => readTotals(line)).filter(Boolean), [{ passed: 5, failed: 2, skipped: 2 }]);
  t.same(readTotals("# { total: 27, pass: 27 }"), { passed: 27, failed: 0, skipped: 0 });
  t.equal(readTotals("# { answer: 42 }"), undefined);
});

void t.test("the closing line and the exit code agree", async (t) => {
  const good = { passed: 27, failed: 0, skipped: 1 };
  t.same(verdict(good, 0), { line: "27 passed, 0 failed, 1 skipped", exitCode: 0 });
  t.same(verdict({ ...good, failed: 2 }, 1), { line: "27 passed, 2 failed, 1 skipped", exitCode: 1 });
  t.same(verdict(good, 3), { line: "27 passed, 1 failed, 1 skipped", exitCode: 3 }, "a crash is a failure");
  t.same(verdict({ ...good, failed: 2 }, 0).exitCode, 1, "failures are never a success");
  t.same(
    verdict(undefined, 0),
    { line: "0 passed, 1 failed, 0 skipped", exitCode: 1 },
    "no totals, no success",
  );
});

void t.test("what became of each file", async (t) => {
  t.same(
    OUTPUT.map((line) => readFileResult(line)).filter((result) => result !== undefined),
    [
      { file: "good.test.ts", passed: true, seconds: 0.002 },
      { file: "bad.test.ts", passed: false, seconds: 0.005 },
      { file: "crash.test.ts", passed: false, seconds: 0 },
    ],
  );
});
