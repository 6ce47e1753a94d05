import assert from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import { fromJson, toJson } from "../../ts/sdp/json.js";
import { isHold } from "../../ts/sdp/direction.js";
import { makeAnswer, readAnswer, type LocalAudio } from "../../ts/sdp/offer-answer.js";
import { isSdpRefusal, parseSdp } from "../../ts/sdp/parse.js";
import { CODEC_NAMES } from "../../ts/sdp/payload-types.js";
import { serializeSdp } from "../../ts/sdp/serialize.js";
import { sessionDescription } from "./descriptions.js";
import { numeric, RFC_3264, RFC_4317 } from "./rfc-examples.js";

const us: LocalAudio = {
  address: "203.0.113.9",
  port: 10000,
  codecs: CODEC_NAMES,
  sessionId: "7",
  sessionVersion: 7,
};

void t.test("a description survives being written and read", (t) => {
  fc.assert(
    fc.property(sessionDescription, (description) => {
      assert.deepEqual(parseSdp(serializeSdp(description)), structuredClone(description));
    }),
    { seed: 1, numRuns: 1_000 },
  );
  t.pass("1,000 descriptions");
  t.end();
});

void t.test("lines stand in the order of RFC 8866 §5 and end with CRLF", (t) => {
  fc.assert(
    fc.property(sessionDescription, (description) => {
      const text = serializeSdp(description);
      const letters = text
        .split("\r\n")
        .map((line) => line.charAt(0))
        .join("");
      return /^vosi?u?e*p*c?b*(tr*)*z?k?a*(mi?c?b*k?a*)*$/.test(letters) && text.endsWith("\r\n");
    }),
    { seed: 2, numRuns: 300 },
  );
  t.pass("300 descriptions");
  t.end();
});

void t.test("no value can become a line", (t) => {
  const base = parseSdp("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns= \r\n");
  if (isSdpRefusal(base)) throw new Error(base.message);
  const text = serializeSdp({ ...base, s: "x\r\nm=audio 1 RTP/AVP 0", a: [{ name: "a\nb", value: "c\0d" }] });
  t.equal(text, "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=xm=audio 1 RTP/AVP 0\r\na=ab:cd\r\n");
  t.end();
});

/** Cuts, doubles, swaps, overwrites and inserts; deterministic in its random numbers. */
function mutate(text: string, random: () => number): string {
  let result = text;
  const rounds = 1 + (random() % 6);
  for (let round = 0; round < rounds; round += 1) {
    const at = random() % (result.length + 1);
    const length = random() % 12;
    const piece = result.slice(at, at + length);
    const junk = FRAGMENTS[random() % FRAGMENTS.length] ?? "";
    switch (random() % 4) {
      case 0:
        result = result.slice(0, at) + result.slice(at + length);
        break;
      case 1:
        result = result.slice(0, at) + piece + result.slice(at);
        break;
      case 2:
        result = result.slice(0, at) + junk + result.slice(at + length);
        break;
      case 3:
        result = result.slice(0, at) + String.fromCharCode(random() % 0x180) + result.slice(at + 1);
        break;
    }
  }
  return result;
}

const FRAGMENTS = [
  "\r\n",
  "\n",
  "\r",
  "\0",
  "=",
  ":",
  "/",
  " ",
  "m=audio 9 RTP/AVP 0\r\n",
  "a=rtpmap:0 ",
  "a=fmtp:97 mode=20\r\n",
  "0.0.0.0",
  "::",
  "%",
  "99999999999999999999",
  "-1",
  "__proto__",
  "constructor",
  "\ud800",
  "a=inactive\r\n",
];

void t.test("10,000 mutations: never a throw, and what is accepted is stable", (t) => {
  const texts = [...RFC_4317, ...RFC_3264].flatMap(({ offer, answer }) => [numeric(offer), numeric(answer)]);
  let state = 20260101;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
  let accepted = 0;
  let answered = 0;
  for (let index = 0; index < 10_000; index += 1) {
    const text = mutate(texts[index % texts.length] ?? "", random);
    const description = parseSdp(text);
    if (isSdpRefusal(description)) continue;
    accepted += 1;
    const again = serializeSdp(description);
    if (serializeSdp(parsedOrThrow(again)) !== again) t.fail("not stable", { text });
    isHold(description);
    const json = fromJson(JSON.parse(JSON.stringify(toJson(description))));
    if (isSdpRefusal(json)) t.fail("the JSON form is refused", { text, json });
    const result = makeAnswer(description, us);
    if (result.kind === "refused") continue;
    answered += 1;
    if (result.answer.m.length !== description.m.length) t.fail("sections lost", { text });
    if (readAnswer(description, result.answer).kind !== "answered" && result.answer.m[0]?.port !== 0) {
      t.fail("our own answer is not understood", { text });
    }
  }
  t.ok(accepted > 1_000, `${String(accepted)} accepted`);
  t.ok(accepted < 9_000, "and others refused");
  t.ok(answered > 500, `${String(answered)} answered`);
  t.end();
});

function parsedOrThrow(text: string): Exclude<ReturnType<typeof parseSdp>, { kind: "refusal" }> {
  const result = parseSdp(text);
  if (isSdpRefusal(result)) throw new Error(`${result.message} in ${JSON.stringify(text)}`);
  return result;
}

void t.test("time is linear in the length", (t) => {
  // Shapes that make careless patterns quadratic. At the size limit a quadratic pass takes minutes: the runner's time-out.
  const head = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n";
  for (const fill of [" ", "0", ":", "/", "a=", "0 ", "%", "\r", ";"]) {
    for (const start of [
      "a=rtpmap:97 ",
      "a=fmtp:97 ",
      "m=audio 9 RTP/AVP ",
      "c=IN IP4 ",
      "o=",
      "t=",
      "a=ptime:2",
    ]) {
      const text = `${head}m=audio 9 RTP/AVP 97\r\n${start}`.padEnd(65_536, fill);
      const result = parseSdp(text);
      if (!isSdpRefusal(result)) makeAnswer(result, us);
    }
  }
  t.pass("done");
  t.end();
});
