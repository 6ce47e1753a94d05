import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import t, { type Test } from "tap";
import { seconds } from "../../ts/core/brand.js";
import { SipBench } from "../support/sip-bench.js";
import { readSip } from "../support/sip-text.js";
import { ANSWERS, type Answer } from "./answers.js";
import { TORTURE } from "./manifest.js";

const STRANGER = { address: "203.0.113.77", port: 5060 };

/** Sends the message to a server of its own; gives the final status that goes out, wherever to. */
async function answerTo(t: Test, file: string, trusted: boolean): Promise<Answer> {
  const bench = await new SipBench({ trusted: () => trusted }).ready();
  const health = await bench.sip.execute({ type: "health" });
  const octets = readFileSync(fileURLToPath(new URL(`data/${file}`, import.meta.url)));
  bench.network.transport(STRANGER).send(octets, { protocol: "UDP", remote: bench.address });
  await bench.clock.advance(seconds(300));
  t.strictSame(
    { ...(await bench.sip.execute({ type: "health" })), refused: {} },
    { ...health, refused: {} },
    `${file} leaves nothing`,
  );
  const finals = bench.network.log
    .filter(({ from }) => from.address === bench.address.address)
    .map(({ octets: sent }) => Number(readSip(sent).firstLine.split(" ")[1]))
    .filter((status) => status >= 200);
  const [status] = finals;
  t.ok(new Set(finals).size <= 1, `${file} has one answer`);
  return status ?? "none";
}

const allows = (allowed: readonly Answer[], answer: Answer): boolean =>
  allowed.includes(answer) ||
  (typeof answer === "number" && allowed.includes(`${String(Math.floor(answer / 100))}xx` as Answer));

t.test("every torture message, end to end: the answer is ours, and one that the RFC allows", async (t) => {
  t.same(
    ANSWERS.map(({ file }) => file),
    TORTURE.map(({ file }) => file),
  );
  for (const { file, allowed, stranger, trusted } of ANSWERS) {
    for (const [who, expected] of [
      ["stranger", stranger],
      ["trusted", trusted],
    ] as const) {
      const answer = await answerTo(t, file, who === "trusted");
      t.equal(answer, expected, `${file}, ${who}`);
      t.ok(allows(allowed, answer), `${file}: ${String(answer)} is allowed`);
    }
  }
});
