import { readFileSync } from "node:fs";
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from "yaml";
import { flagName, takesValue, type Flag } from "./flags.js";
import { ValueExpected } from "./values.js";

/** Something wrong in a configuration file, and where. */
export interface Fault {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** What a file says, by flag names without their dashes; and all that is wrong with it. */
export interface Configuration {
  readonly values: ReadonlyMap<string, unknown>;
  readonly faults: readonly Fault[];
}

/** Of a map; there may be nothing after a name. */
interface Entry {
  readonly key: Node;
  readonly value: Node | null;
}

const MOST_OCTETS = 2 ** 20;

/** What a command takes from a file: its own flags; those of others are for whoever reads the same file. */
export interface Schema {
  readonly flags: readonly Flag[];
  readonly others: readonly Flag[];
}

/** @throws {ValueExpected} when it can't be read. */
export function readConfigFile(file: string, schema: Schema): Configuration {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new ValueExpected(`expected a file that can be read: ${(error as Error).message}`);
  }
  if (text.length > MOST_OCTETS) throw new ValueExpected("expected a file of at most 1 MiB");
  return readConfiguration(text, schema);
}

/** Reads YAML, of which JSON is a part: one map, from names of flags to their values. */
export function readConfiguration(text: string, schema: Schema): Configuration {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const values = new Map<string, unknown>();
  const faults: Fault[] = [];
  const blame = (offset: number, text: string): void => {
    const { line, col } = lines.linePos(offset);
    faults.push({ line, column: col, text });
  };
  for (const { pos, message } of [...document.errors, ...document.warnings]) {
    const { line } = lines.linePos(pos[0]);
    // One slip makes several complaints, of which the first is the one that helps.
    if (!faults.some((fault) => fault.line === line)) blame(pos[0], message.replace(/\s*\n[^]*$/, ""));
  }
  const { contents } = document;
  const isEmpty = contents === null || (isScalar(contents) && contents.value === null);
  if (faults.length > 0 || isEmpty) return { values, faults };
  if (!isMap(contents)) {
    blame(contents.range[0], "expected names of flags with their values, such as sip-port: 5060");
    return { values, faults };
  }
  for (const { key, value } of contents.items as readonly Entry[]) {
    const name = isScalar(key) ? String(key.value) : "";
    const at = key.range?.[0] ?? 0;
    const flag = schema.flags.find((one) => flagName(one) === name);
    if (flag === undefined || name === "config") {
      const isForOthers = schema.others.some((one) => flagName(one) === name) && name !== "config";
      if (!isForOthers) blame(at, `there is no setting ${JSON.stringify(name)}${nearest(name, schema)}`);
      continue;
    }
    try {
      const read = readValue(flag, document, value);
      if (read !== undefined) values.set(name, read);
    } catch (error) {
      if (!(error instanceof ValueExpected)) throw error;
      blame(value?.range?.[0] ?? at, `${name}: ${error.message}`);
    }
  }
  return { values, faults };
}

/** Undefined where there is a name and nothing after it, as with a variable that is set to nothing. */
function readValue(flag: Flag, document: Document, given: Node | null): unknown {
  const node = resolved(document, given);
  if (node === null || (isScalar(node) && node.value === null)) return undefined;
  if (!takesValue(flag)) {
    if (isScalar(node) && typeof node.value === "boolean") return node.value ? true : undefined;
    throw new ValueExpected("expected true or false");
  }
  const items = isSeq(node) ? node.items.map((item) => resolved(document, item as Node | null)) : [node];
  let value: unknown;
  for (const [index, item] of items.entries()) {
    value = readText(flag, textOf(item), value);
    if (index > 0 && !Array.isArray(value)) throw new ValueExpected("expected one value, not a list");
  }
  return value;
}

function resolved(document: Document, node: Node | null): Node | null {
  if (!isAlias(node)) return node;
  const anchored = node.resolve(document);
  if (anchored === undefined)
    throw new ValueExpected(`expected an anchor &${node.source} before *${node.source}`);
  return anchored;
}

/** As it stands in the file: 0012 stays what it is. */
function textOf(node: Node | null): string {
  if (isScalar(node)) {
    const { value, source } = node;
    if (typeof value === "string") return value;
    if (typeof value === "number" || typeof value === "boolean") return source ?? String(value);
  }
  throw new ValueExpected("expected a value, or a list of values");
}

function readText({ choices, parse }: Flag, text: string, before: unknown): unknown {
  if (choices !== undefined && !choices.includes(text)) {
    throw new ValueExpected(`expected one of ${choices.join(", ")}`);
  }
  return parse === undefined ? text : parse(text, before as never);
}

function nearest(name: string, { flags, others }: Schema): string {
  const plain = (text: string): string => text.replaceAll(/[^a-z\d]/gi, "").toLowerCase();
  const names = [...flags, ...others].map(flagName).filter((one) => one !== "config");
  const same = names.find((one) => plain(one) === plain(name));
  const close = same ?? names.find((one) => distance(plain(one), plain(name)) <= 2);
  return close === undefined ? "; settings are named as the flags in --help" : `; did you mean ${close}?`;
}

/** Letters that have to be put in, taken out or changed to make one of the other (Levenshtein). */
function distance(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > 2) return 3;
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let index = 0; index < one.length; index += 1) {
    const next = [index + 1];
    for (let column = 0; column < other.length; column += 1) {
      const changed = (row[column] ?? 0) + (one[index] === other[column] ? 0 : 1);
      next.push(Math.min(changed, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
