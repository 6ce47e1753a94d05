/** The documents tell the truth: what they name exists, and what they show works. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";
import ts from "typescript";
import { fromProblem } from "../ts/http/problem.js";
import type { Route } from "../ts/http/route-table.js";
import { componentTables, type Tables } from "./http/component-tables.js";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Not the changelog and not docs/decisions: those tell of their own day and are not edited when files move. */
const DOCUMENTS = [
  "README.md",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

/** What between backticks is meant as a path from the root: it begins with one of our folders, or is a file there. */
const OURS =
  /^(\.ci|bench|cmake|docs|examples|native|test|tools|ts)(\/[\w./*-]*)?$|^[\w.-]+\.(cjs|js|json|md|txt)$/;

/** A command line for our own tools names files of ours as well. */
const wordsOf = (code: string): readonly string[] =>
  code.split(/[\s,]+/).map((word) => word.replace(/\/$/, ""));

function codeSpans(text: string): readonly string[] {
  const withoutBlocks = text.replace(/^```[\s\S]*?^```/gm, "");
  return [...withoutBlocks.matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code);
}

function links(text: string): readonly string[] {
  return [...text.matchAll(/\]\(([^)#\s]+)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** Names that stand in the documents for no file of ours. */
const NOT_FILES = new Set(["kebab-case.ts", "my-script.ts"]);

function missing(document: string, text: string): readonly string[] {
  const named = codeSpans(text)
    .flatMap(wordsOf)
    .filter((word) => OURS.test(word) && !NOT_FILES.has(word))
    .filter((path) => !existsSync(join(root, path)));
  const linked = links(text).filter((target) => !existsSync(join(root, dirname(document), target)));
  return [...named, ...linked];
}

for (const document of DOCUMENTS) {
  void t.test(`${document}: every path it names is there`, async (t) => {
    t.same(missing(document, readFileSync(join(root, document), "utf8")), []);
  });
}

void t.test("a path that is not there is found out", async (t) => {
  const text =
    "See `ts/core/clock.ts`, `ts/core/sundial.ts`, [this](nowhere.md) and [that](https://example.org/).\n";
  t.same(missing("README.md", text), ["ts/core/sundial.ts", "nowhere.md"]);
});

/** Blocks of code of one language, as they would be typed. */
function codeBlocks(text: string, language: string): readonly string[] {
  const blocks = text.matchAll(new RegExp("^```" + language + "\\n([\\s\\S]*?)^```", "gm"));
  return [...blocks].map(([, block = ""]) => block);
}

/** Type-checks texts as files of examples/, under the project's own rules. */
function compile(texts: readonly string[]): readonly string[] {
  const { config } = ts.readConfigFile(join(root, "tsconfig.check.json"), (path) =>
    ts.sys.readFile(path),
  ) as {
    config: object;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const files = new Map(texts.map((text, n) => [join(root, "examples", `block-${n}.ts`), text]));
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists.call(host, name);
  host.readFile = (name) => files.get(name) ?? readFile.call(host, name);
  host.getSourceFile = (name, version, ...rest) => {
    const text = files.get(name);
    if (text === undefined) return getSourceFile.call(host, name, version, ...rest);
    return ts.createSourceFile(name, text, version);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files.keys()].flatMap((name) => {
    const source = program.getSourceFile(name);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
  });
}

void t.test("the scripts that the documents show compile", async (t) => {
  const blocks = DOCUMENTS.flatMap((name) => codeBlocks(readFileSync(join(root, name), "utf8"), "ts"));
  t.ok(blocks.length > 0);
  t.same(compile(blocks), []);
  const wrong = `import { projectcontrol } from "mediaswitch";\nprojectcontrol.onnewcall = (call) => call.fly();\n`;
  t.match(compile([wrong]), [/'fly' does not exist/], "one that does not compile is found out");
});

const HTTP_API = readFileSync(join(root, "docs/http-api.md"), "utf8");
const tables = componentTables(() => undefined);

void t.test("every example of docs/http-api.md is what its route takes", async (t) => {
  const examples = [...HTTP_API.matchAll(/^(?:<!-- (.*) -->\n\n)?```json\n([\s\S]*?)^```/gm)];
  t.ok(examples.length >= 6);
  for (const [, what = "nothing that says what it is", text = ""] of examples) {
    const [, component, method = "", path = ""] = /^body of (\w+) ([A-Z]+) (\S+)$/.exec(what) ?? [];
    const json = JSON.parse(text) as object;
    if (what === "a problem") {
      t.match(fromProblem(json), { code: "ARGUMENT_INVALID", field: "users[1].secret" });
      continue;
    }
    const methods = tables[component as keyof Tables][path] as Record<string, Route> | undefined;
    const body = methods?.[method]?.body;
    if (body === undefined || body === "nothing") t.fail(`${what}: there is no such body`);
    else t.match(body.safeParse(json), { success: true }, what);
  }
});

/** `/reg/<domain>[/<user>]` → `/reg/:`, `/reg/:/:`; names of parts don't matter. */
const expanded = (path: string): string[] =>
  (path.includes("[") ? [path.replace(/\[.*\]/, ""), path.replace(/[[\]]/g, "")] : [path]).map((one) =>
    one.replaceAll(/<\w+>/g, ":"),
  );

/** Paths in the first column of the tables under the heading of a component. */
function documentedPaths(component: string): ReadonlySet<string> {
  const [, section = ""] =
    new RegExp(`^## ${component} [\\s\\S]*?\\n([\\s\\S]*?)(?=^## |\\Z)`, "m").exec(`${HTTP_API}\n## end`) ??
    [];
  const cells = [...section.matchAll(/^\|([^|]*)\|/gm)].map(([, cell = ""]) => cell);
  return new Set(
    cells.flatMap((cell) => [...cell.matchAll(/(?<![\w>])\/[^\s`]*/g)].flatMap(([path]) => expanded(path))),
  );
}

for (const component of ["sip", "rtp", "control"] as const) {
  void t.test(`docs/http-api.md: every path of ${component}`, async (t) => {
    const documented = documentedPaths(component);
    const served = Object.keys(tables[component]).flatMap((pattern) =>
      expanded(pattern.replace("{", "[").replace("}", "]").replaceAll(/:\w+/g, "<x>")),
    );
    const common = new Set(["/health", "/metrics", "/openapi.json", "/ready"]);
    for (const path of served) t.ok(documented.has(path) || common.has(path), path);
  });
}

void t.test("the README shows a call script in its first screen", async (t) => {
  const firstScreen = readFileSync(join(root, "README.md"), "utf8").split("\n").slice(0, 30).join("\n");
  t.equal(codeBlocks(firstScreen, "ts").length, 1);
});

void t.test("the commands that the README shows are npm scripts", async (t) => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object };
  for (const document of DOCUMENTS) {
    const text = readFileSync(join(root, document), "utf8");
    for (const [, name = ""] of text.matchAll(/npm (?:run )?(start|test|format|lint|[a-z]+:[a-z]+)\b/g)) {
      t.ok(name in scripts, `${document}: npm run ${name}`);
    }
  }
});
