import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import t from "tap";
import { binaryToOctets } from "../../../ts/sip/message/binary.js";
import { Cursor } from "../../../ts/sip/message/cursor.js";
import { parseMessage } from "../../../ts/sip/message/parse.js";
import { makeRefusalResponse } from "../../../ts/sip/message/response.js";
import { serializeMessage } from "../../../ts/sip/message/serialize.js";
import { optionsWith, wire } from "./messages.js";

const MESSAGES = 10_000;

/** Deterministic 32-bit generator (xorshift); the same seed gives the same datagrams. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const corpus: readonly Uint8Array[] = ["rfc4475", "rfc5118"].flatMap((folder) => {
  const path = fileURLToPath(new URL(`../../torture/data/${folder}/`, import.meta.url));
  return readdirSync(path).map((file) => new Uint8Array(readFileSync(path + file)));
});

/** Octets that change what the ones around them mean. */
const TELLING = Array.from('\r\n \t:;,=<>"\\/@?%[]*\0\x7f\x80\xff09azSIP', (character) =>
  character.charCodeAt(0),
);

/** One to six changes: an octet replaced, put in or taken out, a piece doubled, a run put in, or the end cut off. */
function mutate(original: Uint8Array, below: (bound: number) => number): Uint8Array {
  let octets = Array.from(original);
  for (let changes = 1 + below(6); changes > 0; changes -= 1) {
    const at = below(octets.length + 1);
    const kind = below(30);
    const telling = TELLING[below(TELLING.length)] ?? 0;
    if (kind < 6) octets[at] = below(256);
    else if (kind < 15) octets.splice(at, 0, telling);
    else if (kind < 21) octets.splice(at, 1 + below(8));
    else if (kind < 25) octets.splice(at, 0, ...octets.slice(at, at + below(64)));
    else if (kind < 29) octets.splice(at, 0, ...new Array<number>(below(32)).fill(telling));
    else octets = octets.slice(0, at);
  }
  return Uint8Array.from(octets);
}

t.test(
  "10,000 damaged messages: each gives a message that can be printed, or a refusal that can be answered",
  (t) => {
    const below = generator(20_260_101);
    const outcomes = new Map<string, number>();
    for (let round = 0; round < MESSAGES; round += 1) {
      const octets = mutate(corpus[below(corpus.length)] ?? new Uint8Array(), below);
      const result = parseMessage(octets);
      const outcome = result.kind === "refusal" ? result.reason : result.kind;
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      if (result.kind === "refusal") {
        if (result.offset < 0 || result.offset > octets.length) t.fail(`offset ${String(result.offset)}`);
        const response = makeRefusalResponse(result);
        if ((response === undefined) !== (result.status === 0))
          t.fail(`${result.reason} and its answer differ`);
        if (response === undefined) continue;
        const answer = parseMessage(serializeMessage(response));
        if (answer.kind !== "response") t.fail(`unreadable answer to ${JSON.stringify(result)}`);
      } else if (parseMessage(serializeMessage(result)).kind !== result.kind) {
        t.fail(`printed, it is no ${result.kind}: ${JSON.stringify(result)}`);
      }
    }
    t.comment([...outcomes].map(([outcome, count]) => `${outcome} ${String(count)}`).join(", "));
    t.ok((outcomes.get("request") ?? 0) > MESSAGES / 20, "many are still requests");
    t.ok(outcomes.size > 12, "many rules were broken");
    t.end();
  },
);

t.test("random octets", (t) => {
  const below = generator(7);
  for (let round = 0; round < 1000; round += 1) {
    const octets = Uint8Array.from({ length: below(400) }, () => below(256));
    if (parseMessage(octets).kind !== "refusal") t.fail("random octets were accepted");
  }
  t.pass("1000 datagrams");
  t.end();
});

/** Characters looked at while `run` reads, counted where every reader takes them from. */
function stepsOf(run: () => void): number {
  const original = Cursor.prototype.peek;
  let steps = 0;
  Cursor.prototype.peek = function (this: Cursor) {
    steps += 1;
    return original.call(this);
  };
  try {
    run();
  } finally {
    Cursor.prototype.peek = original;
  }
  return steps;
}

/** Header values that make readers which search or go back take quadratic time, `size` octets long. */
const PATHOLOGICAL: Readonly<Record<string, (size: number) => string>> = {
  "spaces after an address": (size) => `To: <sip:a@b>${" ".repeat(size)}x`,
  "a semicolon, then spaces": (size) => `From: ;${" ".repeat(size)}x`,
  "spaces before each parameter": (size) => `From: <sip:a@b>${`${" ".repeat(size / 50)};a`.repeat(50)}`,
  "one long token as credentials": (size) => `Authorization: ${"a".repeat(size)}`,
  "a long parameter name as credentials": (size) => `Authorization: Digest ${"a".repeat(size)}`,
  "words without <": (size) => `From: ${"a ".repeat(size / 2)}`,
  "backslashes in quotes": (size) => `From: "${"\\".repeat(size)}`,
  "open brackets": (size) => `Via: SIP/2.0/UDP ${"[".repeat(size)}`,
  "colons in an address": (size) => `Via: SIP/2.0/UDP [${":".repeat(size)}]`,
  commas: (size) => `Contact: ${",".repeat(size)}`,
  folds: (size) => `Contact: <sip:a@b>${"\r\n ".repeat(size / 3)}x`,
  digits: (size) => `Max-Forwards: ${"9".repeat(size)}`,
  "at signs": (size) => `Contact: <sip:${"@".repeat(size)}>`,
  "semicolons in a URI": (size) => `Contact: <sip:h${";".repeat(size)}>`,
};

t.test("pathological headers: characters looked at grow with the length and no faster", (t) => {
  const size = 60_000;
  for (const [what, header] of Object.entries(PATHOLOGICAL)) {
    const steps = (length: number): number => {
      const datagram = wire(optionsWith(header(length)));
      return stepsOf(() => parseMessage(datagram));
    };
    t.ok(steps(size) < 5 * size, `${what}: ${String(steps(size))} steps`);
  }
  t.end();
});

t.test("many short messages or headers in one datagram", (t) => {
  const readers = [
    "a\r\n\r\n".repeat(13_000),
    "\r\n".repeat(32_000),
    " ".repeat(65_000),
    "a:\r\n".repeat(16_000),
    "\0".repeat(65_000),
  ];
  for (const text of readers) t.equal(parseMessage(binaryToOctets(text)).kind, "refusal");
  t.end();
});
