/** Each layer rule of .dependency-cruiser.cjs is shown to fire on a planted fault. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import t, { type Test } from "tap";

const root = fileURLToPath(new URL("../..", import.meta.url));
const tool = join(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");

type Report = { readonly summary: { readonly violations: readonly Violation[] } };
type Violation = { readonly from: string; readonly to: string; readonly rule: { readonly name: string } };

/** Lays the files out beside a copy of the rules, and names what is broken as `rule: importing → imported`. */
function broken(t: Test, files: ReadonlyMap<string, string>): readonly string[] {
  const folder = t.testdir({});
  for (const name of [".dependency-cruiser.cjs", "tsconfig.json", "package.json"]) {
    cpSync(join(root, name), join(folder, name));
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  for (const [name, text] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const options = ["--config", ".dependency-cruiser.cjs", "--output-type", "json", "ts"];
  const run = spawnSync(process.execPath, [tool, ...options], { cwd: folder, encoding: "utf8" });
  const { summary } = JSON.parse(run.stdout) as Report;
  const packageOf = (path: string): string => /node_modules\/([^/]+)/.exec(path)?.[1] ?? path;
  return summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${packageOf(to)}`).sort();
}

type Import = readonly [importing: string, imported: string];

/** A tree in which each file imports what is listed for it, for its types or for its values. */
function tree(kind: "import" | "import type", imports: readonly Import[]): Map<string, string> {
  const files = new Map<string, string>();
  for (const [importing, imported] of imports) {
    const local = imported.endsWith(".ts");
    const relative = posix.relative(posix.dirname(importing), imported).replace(/\.ts$/, ".js");
    const path = local ? (relative.startsWith(".") ? relative : `./${relative}`) : imported;
    const alias = `value${files.size}${imported.replace(/\W/g, "")}`;
    const line = local
      ? `${kind} { value as ${alias} } from "${path}";\nexport { ${alias} };\n`
      : `import ${alias} from "${path}";\nexport { ${alias} };\n`;
    files.set(importing, (files.get(importing) ?? "export const value = 1;\n") + line);
    if (local && !files.has(imported)) files.set(imported, "export const value = 1;\n");
  }
  return files;
}

const SOUND: readonly Import[] = [
  ["ts/sip/sip-service.ts", "ts/core/service.ts"],
  ["ts/rtp/media-service.ts", "ts/core/service.ts"],
  ["ts/sdp/parse.ts", "ts/core/errors.ts"],
  ["ts/control/controller.ts", "ts/core/errors.ts"],
  ["ts/control/controller.ts", "ts/sdp/parse.ts"],
  ["ts/control/controller.ts", "ts/sip/sip-service.ts"],
  ["ts/control/controller.ts", "ts/rtp/media-service.ts"],
  ["ts/http/sip-routes.ts", "ts/sip/sip-service.ts"],
  ["ts/http/sip-routes.ts", "express"],
  ["ts/cli/check-phone.ts", "sip"],
  ["ts/mediaswitch.ts", "ts/sip/local-sip-service.ts"],
  ["ts/mediaswitch.ts", "ts/rtp/native-media-service.ts"],
];

const FAULTS: readonly (readonly [rule: string, ...Import])[] = [
  ["core-stays-in-its-layer", "ts/core/clock.ts", "ts/sdp/parse.ts"],
  ["sdp-stays-in-its-layer", "ts/sdp/answer.ts", "ts/sip/message/parse.ts"],
  ["sip-stays-in-its-layer", "ts/sip/transaction/layer.ts", "ts/rtp/media-service.ts"],
  ["sip-stays-in-its-layer", "ts/sip/dialog/session.ts", "ts/sdp/parse.ts"],
  ["rtp-stays-in-its-layer", "ts/rtp/native.ts", "ts/control/leg.ts"],
  ["control-stays-in-its-layer", "ts/control/controller.ts", "ts/rtp/native-media-service.ts"],
  ["control-stays-in-its-layer", "ts/control/controller.ts", "ts/sip/local-sip-service.ts"],
  ["control-stays-in-its-layer", "ts/control/controller.ts", "ts/http/server.ts"],
  ["http-stays-in-its-layer", "ts/http/sip-routes.ts", "ts/sip/local-sip-service.ts"],
  ["only-composition-roots-know-concrete-classes", "ts/index.ts", "ts/sip/local-sip-service.ts"],
  ["ts-never-imports-tests", "ts/core/random.ts", "test/support/seeded-random.ts"],
  ["the-testing-kit-is-for-tests", "ts/cli/demo.ts", "ts/testing/phone.ts"],
];

void t.test("what the layers allow is not reported", async (t) => {
  t.same(broken(t, tree("import", SOUND)), []);
});

const expected = FAULTS.map(([rule, importing, imported]) => `${rule}: ${importing} → ${imported}`).sort();
const imports = FAULTS.map(([, importing, imported]): Import => [importing, imported]);

void t.test("a step out of its layer is reported, and nothing else", async (t) => {
  t.same(broken(t, tree("import", imports)), expected);
});

void t.test("an import of types alone counts too", async (t) => {
  t.same(broken(t, tree("import type", imports)), expected);
});

void t.test("cycles, missing files and packages out of their place are reported", async (t) => {
  const files = tree("import", [
    ["ts/core/a.ts", "ts/core/b.ts"],
    ["ts/core/b.ts", "ts/core/a.ts"],
    ["ts/sip/message/parse.ts", "sip"],
    ["ts/control/controller.ts", "express"],
  ]);
  files.set("ts/sdp/parse.ts", `export { value } from "./nowhere.js";\n`);
  t.same(broken(t, files), [
    "no-cycles: ts/core/a.ts → ts/core/b.ts",
    "no-missing-files: ts/sdp/parse.ts → ./nowhere.js",
    "package-express-has-one-home: ts/control/controller.ts → express",
    "package-sip-has-one-home: ts/sip/message/parse.ts → sip",
  ]);
});
