/** What can't be read is answered by the server where it may be, and counted by its reason in /health. */
import t from "tap";
import { ms } from "../../ts/core/brand.js";
import { DEFAULT_LIMITS } from "../../ts/sip/message/limits.js";
import { REFUSAL_STATUS, type RefusalReason } from "../../ts/sip/message/refusal-reasons.js";
import { SipBench } from "../support/sip-bench.js";
import { readSip } from "../support/sip-text.js";

const SENDER = { address: "203.0.113.77", port: 5060 };

const HEADERS = [
  "Via: SIP/2.0/UDP 203.0.113.77:5060;branch=z9hG4bKx",
  "From: <sip:a@example.com>;tag=1",
  "To: <sip:b@example.com>",
  "Call-ID: c",
  "CSeq: 1 OPTIONS",
];
const options = (...more: string[]): string =>
  ["OPTIONS sip:b@example.com SIP/2.0", ...HEADERS, ...more, "", ""].join("\r\n");
const without = (name: string): string =>
  options()
    .split("\r\n")
    .filter((line) => !line.startsWith(name))
    .join("\r\n");

const { headers, params, listItems, headerOctets } = DEFAULT_LIMITS;
const list = (count: number, item: (index: number) => string): string[] =>
  Array.from({ length: count }, (_, index) => item(index));

/** A message for each rule that one can break. */
const BROKEN: Readonly<Record<RefusalReason, string>> = {
  "keep-alive": "\r\n\r\n",
  "message-too-large": options("Content-Type: a/b") + "x".repeat(70_000),
  "headers-too-large": options(`X: ${"x".repeat(headerOctets)}`),
  "too-many-headers": options(...list(headers, (index) => `X-${String(index)}: x`)),
  "too-many-params": options(
    `Contact: <sip:a@b>${list(params + 1, (index) => `;p${String(index)}`).join("")}`,
  ),
  "too-many-items": options(`Allow: ${list(listItems + 1, () => "X").join(",")}`),
  "start-line-malformed": options().replace("SIP/2.0", ""),
  "version-unsupported": options().replace("SIP/2.0", "SIP/3.0"),
  "request-uri-malformed": options().replace("sip:b@", "sip:@"),
  "status-code-malformed": options().replace("OPTIONS sip:b@example.com SIP/2.0", "SIP/2.0 99 x"),
  "headers-unterminated": options().slice(0, -2),
  "line-end-malformed": options("Subject: a\nb"),
  "header-malformed": options("Subject"),
  "header-duplicate": options("Call-ID: d"),
  "header-missing": without("From"),
  "value-malformed": options("Max-Forwards: x"),
  "quote-unbalanced": options('Contact: "a <sip:a@b>'),
  "uri-malformed": options("Contact: <sip:@>"),
  "param-malformed": options("Contact: <sip:a@b>;=x"),
  "param-duplicate": options("Contact: <sip:a@b>;q=1;q=1"),
  "param-missing": options("Replaces: a;to-tag=1"),
  "number-out-of-range": options("Max-Forwards: 256"),
  "cseq-method-mismatch": options().replace("1 OPTIONS", "1 INVITE"),
  "body-too-short": options("Content-Length: 10"),
};

t.test("each reason to refuse: counted, and answered with its status", async (t) => {
  for (const [reason, text] of Object.entries(BROKEN) as [RefusalReason, string][]) {
    const bench = new SipBench();
    const sender = bench.network.transport(SENDER);
    sender.send(Buffer.from(text, "latin1"), { protocol: "UDP", remote: bench.address });
    await bench.clock.advance(ms(100));
    const { refused } = await bench.sip.execute({ type: "health" });
    if (reason !== "keep-alive") t.equal(refused[reason], 1, `${reason} is counted`);
    const answers = bench.network.log
      .filter(({ from }) => from.address === bench.address.address)
      .map(({ octets }) => Number(readSip(octets).firstLine.split(" ")[1]));
    // What is too large is not read, and no answer is due to what is no request.
    const isSilent = ["message-too-large", "status-code-malformed"].includes(reason);
    const status = isSilent ? 0 : REFUSAL_STATUS[reason];
    t.same(answers, status === 0 ? [] : [status], `${reason}: ${String(status)}`);
  }
});

t.test(
  "RFC 3261 §18.3: a body longer than Content-Length is cut, a shorter one refused, over UDP",
  async (t) => {
    const bench = new SipBench();
    const sender = bench.network.transport(SENDER);
    const second = options().replace("z9hG4bKx", "z9hG4bKy");
    for (const [text, status] of [
      [options("Content-Length: 0") + second, 200],
      [options("Content-Length: 2").replace("z9hG4bKx", "z9hG4bKz") + "x", 400],
    ] as const) {
      const before = bench.network.log.length;
      sender.send(Buffer.from(text, "latin1"), { protocol: "UDP", remote: bench.address });
      await bench.clock.advance(ms(100));
      const answers = bench.network.log
        .slice(before)
        .filter(({ from }) => from.address === bench.address.address)
        .map(({ octets }) => Number(readSip(octets).firstLine.split(" ")[1]));
      t.same(answers, [status], "one answer: what follows is no second message");
    }
  },
);

t.test("RFC 3966: a tel URI names a caller, and is no Request-URI that we serve (416)", async (t) => {
  const bench = new SipBench();
  const sender = bench.network.transport(SENDER);
  const statusOf = async (text: string): Promise<number> => {
    const before = bench.network.log.length;
    sender.send(Buffer.from(text, "latin1"), { protocol: "UDP", remote: bench.address });
    await bench.clock.advance(ms(100));
    const answer = bench.network.log.slice(before).find(({ from }) => from.address === bench.address.address);
    return answer === undefined ? 0 : Number(readSip(answer.octets).firstLine.split(" ")[1]);
  };
  const called = options().replace("sip:b@example.com SIP", "tel:+1-201-555-0123;phone-context=x SIP");
  t.equal(await statusOf(called), 416);
  const caller = options()
    .replace("<sip:a@example.com>", "<tel:+1-201-555-0123>")
    .replace("z9hG4bKx", "z9hG4bKy");
  t.equal(await statusOf(caller), 200);
});
