/** Each rule of eslint.config.js that this project adds is shown to fire on a planted fault. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ESLint } from "eslint";
import t from "tap";

const root = fileURLToPath(new URL("../..", import.meta.url));
// Under CI typescript-eslint takes a file's types from the disk, once; here each text has to be read anew.
process.env["TSESTREE_SINGLE_RUN"] = "false";
const eslint = new ESLint({ cwd: root });

/** The text is checked as if it were in this file, which has to exist: type information comes from the project. */
async function rulesBroken(file: string, text: string): Promise<readonly string[]> {
  const [result] = await eslint.lintText(text, { filePath: join(root, file) });
  return (result?.messages ?? []).map(({ ruleId, message }) => ruleId ?? message);
}

function anyFileIn(folder: string): string {
  const name = readdirSync(join(root, folder)).find((entry) => entry.endsWith(".ts"));
  if (name === undefined) throw new Error(`no TypeScript file in ${folder}`);
  return `${folder}/${name}`;
}

const SHARED_FAULTS: readonly (readonly [rule: string, text: string])[] = [
  [
    "@typescript-eslint/switch-exhaustiveness-check",
    `export function side(of: "uac" | "uas"): number { switch (of) { case "uac": return 1; } return 0; }`,
  ],
  [
    "@typescript-eslint/no-floating-promises",
    `const later = (): Promise<number> => Promise.resolve(1);\nexport function go(): void { later(); }`,
  ],
  [
    "@typescript-eslint/consistent-type-imports",
    `import { Timer } from "../../ts/core/clock.js";\nexport const stop = (timer: Timer): void => timer.cancel();`,
  ],
  [
    "@typescript-eslint/strict-boolean-expressions",
    `export const isSet = (text: string | undefined): boolean => { if (text) return true; return false; };`,
  ],
  ["@typescript-eslint/no-explicit-any", `export const loose = (value: any): unknown => value;`],
  ["no-warning-comments", `// TODO the rest\nexport const one = 1;`],
  ["eqeqeq", `export const same = (a: unknown): boolean => a == 1;`],
];

const IO_FAULTS: readonly (readonly [rule: string, text: string])[] = [
  ["no-restricted-globals", `export const now = (): number => Date.now();`],
  ["no-restricted-globals", `export const later = (run: () => void): void => { setTimeout(run, 1); };`],
  ["no-restricted-globals", `export const often = (run: () => void): void => { setInterval(run, 1); };`],
  ["no-restricted-globals", `export const soon = (run: () => void): void => { setImmediate(run); };`],
  ["no-restricted-globals", `export const now = (): number => performance.now();`],
  ["no-restricted-globals", `export const pid = (): number => process.pid;`],
  ["no-restricted-globals", `export const get = (): Promise<Response> => fetch("http://192.0.2.1/");`],
  ["no-restricted-globals", `export const octets = (): Uint8Array => Buffer.from("a");`],
  ["no-restricted-globals", `export const now = (): number => globalThis.performance.now();`],
  ["no-restricted-properties", `export const chance = (): number => Math.random();`],
  ["no-restricted-imports", `import { readFileSync } from "node:fs";\nexport const read = readFileSync;`],
  ["no-restricted-imports", `import { createSocket } from "dgram";\nexport const open = createSocket;`],
  ["no-restricted-syntax", `export const load = (): Promise<unknown> => import("node:fs");`],
];

void t.test("a sound file breaks no rule", async (t) => {
  t.same(await rulesBroken("ts/core/clock.ts", "export const one = 1;\n"), []);
});

void t.test("rules for every TypeScript file", async (t) => {
  for (const [rule, text] of SHARED_FAULTS) {
    t.ok((await rulesBroken("ts/core/clock.ts", text)).includes(rule), `${rule} in ts`);
    t.ok((await rulesBroken("test/core/random.test.ts", text)).includes(rule), `${rule} in tests`);
  }
});

void t.test("protocol logic does no input or output", async (t) => {
  for (const folder of ["ts/core", "ts/sdp", "ts/sip/message", "ts/sip/transaction", "ts/control"]) {
    const file = folder === "ts/core" ? "ts/core/clock.ts" : anyFileIn(folder);
    for (const [rule, text] of IO_FAULTS) {
      t.ok((await rulesBroken(file, text)).includes(rule), `${folder}: ${text.split("\n")[0] ?? ""}`);
    }
  }
});

void t.test("the shells may do it", async (t) => {
  for (const file of ["ts/core/hash.ts", "ts/core/system-clock.ts", "ts/sip/transport/udp.ts"]) {
    t.same(
      await rulesBroken(file, `import { createHash } from "node:crypto";\nexport const hash = createHash;\n`),
      [],
    );
    t.same(await rulesBroken(file, `export const now = (): number => performance.now();\n`), []);
  }
});

void t.test("tests never really wait", async (t) => {
  const waiting = `export const later = (run: () => void): void => { setTimeout(run, 1); };\n`;
  const sleeping = `import { setTimeout as sleep } from "node:timers/promises";\nexport const nap = sleep;\n`;
  t.ok((await rulesBroken("test/core/random.test.ts", waiting)).includes("no-restricted-globals"));
  t.ok((await rulesBroken("test/core/random.test.ts", sleeping)).includes("no-restricted-imports"));
  t.same(
    await rulesBroken(anyFileIn("test/interop/support"), waiting),
    [],
    "but those of real processes may",
  );
});

void t.test("long files and long functions are warned about", async (t) => {
  const lines = (count: number): string =>
    Array.from({ length: count }, (_, n) => `export const v${n} = ${n};`).join("\n");
  t.ok((await rulesBroken("ts/core/clock.ts", lines(401))).includes("max-lines"));
  const body = Array.from({ length: 61 }, () => "run();").join("\n");
  const long = `export function long(run: () => void): void {\n${body}\n}\n`;
  t.ok((await rulesBroken("ts/core/clock.ts", long)).includes("max-lines-per-function"));
});
