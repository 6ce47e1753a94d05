// Puts test files that need no process of their own together, as files that import them, in build/test-groups. tap
// begins a process for each file, and most of what a small one costs is that beginning: reading tap and the sources
// anew.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join("build", "test-groups");

/** Folders whose tests leave nothing behind in their process: no setting, no listener, no open server. */
const TOGETHER = [
  "control",
  "core",
  "door",
  "flows",
  "http",
  "sdp",
  "sip",
  "support",
  "testing",
  "torture",
  "trace",
];
/** What a group may hold, so that several processors have something to do until the end. */
const MOST = 12;

/** Hooks of the whole file would be hooks of its group. */
const hasOwnHooks = (file) =>
  /^t\.(after|afterEach|before|beforeEach|jobs|plan|setTimeout|teardown)\b/m.test(
    readFileSync(join(root, file), "utf8"),
  );

const isGroupable = (file) => TOGETHER.includes(file.split(sep)[1]) && !hasOwnHooks(file);

function writeGroup(name, files) {
  const path = join(folder, `${name}.test.ts`);
  const lines = files.map((file) => `import ${JSON.stringify(relative(folder, file))};\n`);
  writeFileSync(join(root, path), lines.join(""));
  return path;
}

/** The files to give to tap for these: groups, and what stays by itself. Both sorted. */
export function groupTests(files) {
  rmSync(join(root, folder), { recursive: true, force: true });
  mkdirSync(join(root, folder), { recursive: true });
  const byFolder = new Map();
  for (const file of files.filter(isGroupable)) {
    const key = dirname(file);
    byFolder.set(key, [...(byFolder.get(key) ?? []), file]);
  }
  const groups = [];
  for (const [key, members] of byFolder) {
    const count = Math.ceil(members.length / MOST);
    const size = Math.ceil(members.length / count);
    for (let part = 0; part < count; part++) {
      const name = [...key.split(sep).slice(1), ...(count > 1 ? [String(part + 1)] : [])].join("-");
      groups.push(writeGroup(name, members.slice(part * size, (part + 1) * size)));
    }
  }
  return [...groups, ...files.filter((file) => !isGroupable(file))];
}
