import t from "tap";
import { binaryToOctets } from "../../../ts/sip/message/binary.js";
import { parseMessage } from "../../../ts/sip/message/parse.js";
import { makeRefusalResponse } from "../../../ts/sip/message/response.js";
import { serializeMessage } from "../../../ts/sip/message/serialize.js";
import { below, SeededRandom } from "../../support/seeded-random.js";
import { mutate, tortureMessages } from "../../support/sip-mutator.js";
import { optionsWith, wire } from "./messages.js";

const MESSAGES = 10_000;

t.test(
  "10,000 damaged messages: each gives a message that can be printed, or a refusal that can be answered",
  (t) => {
    const random = new SeededRandom(20_260_101);
    const corpus = tortureMessages();
    const outcomes = new Map<string, number>();
    for (let round = 0; round < MESSAGES; round += 1) {
      const octets = mutate(corpus[below(random, corpus.length)] ?? new Uint8Array(), random);
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
  const random = new SeededRandom(7);
  for (let round = 0; round < 1000; round += 1) {
    const octets = random.bytes(below(random, 400));
    if (parseMessage(octets).kind !== "refusal") t.fail("random octets were accepted");
  }
  t.pass("1000 datagrams");
  t.end();
});

/** `octets`, and how often one of them was looked at. */
function watched(octets: Uint8Array): { octets: Uint8Array; looks: () => number } {
  let looks = 0;
  const proxy = new Proxy(octets, {
    get(target, key) {
      if (typeof key === "string" && /^\d/.test(key)) looks += 1;
      const found: unknown = Reflect.get(target, key, target);
      return typeof found === "function" ? (found.bind(target) as unknown) : found;
    },
  });
  return { octets: proxy, looks: () => looks };
}

/** Header values that make readers which search or go back take quadratic time, `size` octets long. */
const PATHOLOGICAL: Readonly<Record<string, (size: number) => string>> = {
  "spaces after an address": (size) => `To: <sip:a@b>${" ".repeat(size)}x`,
  "a semicolon, then spaces": (size) => `From: ;${" ".repeat(size)}x`,
  "spaces before each parameter": (size) =>
    `From: <sip:a@b>${Array.from({ length: 50 }, (_, index) => `${" ".repeat(size / 50)};a${String(index)}`).join("")}`,
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

t.test("pathological headers: each octet is looked at a few times, however long they are", (t) => {
  const size = 20_000;
  for (const [what, header] of Object.entries(PATHOLOGICAL)) {
    const { octets, looks } = watched(wire(optionsWith(header(size))));
    parseMessage(octets);
    t.ok(looks() > 200 && looks() < 8 * size, `${what}: ${String(looks())} looks`);
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
