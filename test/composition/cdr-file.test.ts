/** The file of call records. */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { CdrFile } from "../../ts/composition/cdr-file.js";
import type { CallDetailRecord } from "../../ts/control/record/call-detail-record.js";
import { silentLog } from "../../ts/core/log.js";

const record = (id: string): CallDetailRecord => ({
  version: 1,
  id,
  direction: "inbound",
  from: "1000",
  to: "1001",
  domain: "example.net",
  start: 1,
  end: 2,
  duration: 1,
  billed: 0,
  cause: { name: "normal", q850: 16, text: "" },
  endedBy: { leg: "a", side: "us" },
  legs: [],
  transfers: [],
  recordings: [],
  events: [],
});

const ids = (path: string): string[] =>
  readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as CallDetailRecord).id);

t.test("a line each, in order, readable by the owner only", async (t) => {
  const path = join(t.testdir(), "cdr.jsonl");
  const file = new CdrFile(path, silentLog);
  await Promise.all(["a", "b", "c"].map((id) => file.write(record(id))));
  await file.write(record("d"));
  t.same(ids(path), ["a", "b", "c", "d"]);
  t.equal(statSync(path).mode & 0o777, 0o600);
});

t.test("renamed by somebody, it begins anew; a second start appends", async (t) => {
  const folder = t.testdir();
  const path = join(folder, "cdr.jsonl");
  const file = new CdrFile(path, silentLog);
  await file.write(record("a"));
  renameSync(path, `${path}.1`);
  await file.write(record("b"));
  await new CdrFile(path, silentLog).write(record("c"));
  t.same(ids(`${path}.1`), ["a"]);
  t.same(ids(path), ["b", "c"]);
});

t.test("a disk that fails: the records go to the log, the call goes on", async (t) => {
  const folder = join(t.testdir(), "gone");
  const path = join(folder, "cdr.jsonl");
  mkdirSync(folder);
  const logged: Readonly<Record<string, unknown>>[] = [];
  const file = new CdrFile(path, { ...silentLog, error: (fields) => logged.push(fields) });
  rmSync(folder, { recursive: true });
  await file.write(record("a"));
  t.match(logged, [{ file: path, records: [/"id":"a"/] }]);
  t.equal(file.lost, 1);
  mkdirSync(folder);
  await file.write(record("b"));
  t.same(ids(path), ["b"]);
});

t.test("a folder that is not there is found out at the start", (t) => {
  t.throws(() => new CdrFile(join(t.testdir(), "no", "cdr.jsonl"), silentLog), {
    code: "ARGUMENT_INVALID",
    field: "cdr",
  });
  t.end();
});

t.test("no more than 10,000 wait", async (t) => {
  const path = join(t.testdir(), "cdr.jsonl");
  const file = new CdrFile(path, silentLog);
  const writing = Array.from({ length: 10_000 }, (_none, index) => file.write(record(String(index))));
  t.throws(() => file.write(record("one too many")), { code: "INTERNAL" });
  await Promise.all(writing);
  t.equal(ids(path).length, 10_000);
  t.equal(file.lost, 1);
});
