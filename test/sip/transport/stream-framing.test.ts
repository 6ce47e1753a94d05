import fc from "fast-check";
import t from "tap";
import type { Framed } from "../../../ts/sip/transport/framing.js";
import { StreamFraming } from "../../../ts/sip/transport/stream-framing.js";

const octets = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));

/** `message:REGISTER 3` (its first word and the length of its body), `ping`, `fault:not-sip`. */
function told(framed: Framed): string {
  switch (framed.kind) {
    case "message": {
      const text = Buffer.from(framed.octets).toString("latin1");
      const body = text.length - text.indexOf("\r\n\r\n") - 4;
      return `message:${text.split(" ")[0]} ${body}`;
    }
    case "ping":
    case "pong":
      return framed.kind;
    case "fault":
      return `fault:${framed.reason}`;
  }
}

const LIMITS = { octets: 1000, headerOctets: 500 };

function cut(...pieces: readonly string[]): string[] {
  const framing = new StreamFraming(LIMITS);
  return pieces.flatMap((piece) => framing.push(octets(piece)).map(told));
}

const message = (method: string, body = "", extra = ""): string =>
  `${method} sip:a@b SIP/2.0\r\nVia: x\r\n${extra}Content-Length: ${body.length}\r\n\r\n${body}`;

t.test("messages one after the other, in one piece and octet by octet", (t) => {
  const stream = message("REGISTER") + message("INVITE", "v=0\r\n") + message("BYE", "\r\n\r\n");
  const expected = ["message:REGISTER 0", "message:INVITE 5", "message:BYE 4"];
  t.same(cut(stream), expected);
  t.same(cut(...stream.split("")), expected);
  t.end();
});

t.test("Content-Length in every way it can be written (RFC 3261 §7.3)", (t) => {
  for (const line of [
    "Content-Length: 3",
    "content-length:3",
    "CONTENT-LENGTH \t :  3  ",
    "l: 3",
    "L:3",
    "Content-Length:\r\n 3",
    "Content-Length: 3\r\n\t ",
    "Content-Length: 0003",
    "X: Content-Length: 7\r\nl: 3",
    "X: a\r\n Content-Length: 7\r\nl: 3",
    "Content-Length: 3\r\nl: 3",
    "Content-Lengthy: 9\r\nl: 3",
  ]) {
    t.same(cut(`SIP/2.0 200 OK\r\n${line}\r\nTo: x\r\n\r\nabc`), ["message:SIP/2.0 3"], line);
  }
  for (const line of ["-3", "3 3", "x", "", "3;a", "0x3", "9999999999", "3\r\nl: 4", "3\r\nl: x"]) {
    const stream = `SIP/2.0 200 OK\r\nContent-Length: ${line}\r\n\r\nabc`;
    t.same(cut(stream), ["fault:content-length-malformed"], JSON.stringify(line));
  }
  t.same(cut("SIP/2.0 200 OK\r\nTo: l: 3\r\n\r\n"), ["fault:content-length-missing"]);
  t.same(cut("OPTIONS sip:a SIP/2.0\r\n\r\n"), ["fault:content-length-missing"], "no header at all");
  t.end();
});

t.test("line ends between messages: a ping is two of them (RFC 5626 §3.5.1)", (t) => {
  t.same(cut("\r\n\r\n"), ["ping"]);
  t.same(cut("\r", "\n", "\r", "\n"), ["ping"]);
  t.same(cut("\r\n\r\n\r\n\r\n"), ["ping", "ping"]);
  t.same(cut("\r\n", message("BYE")), ["message:BYE 0"], "one before a message is nothing (§7.5)");
  t.same(cut(`\r\n${message("BYE")}\r\n${message("BYE")}`), ["message:BYE 0", "message:BYE 0"]);
  t.same(cut(`\r\n\r\n\r\n${message("BYE")}`), ["ping", "message:BYE 0"]);
  t.same(cut("\rX"), ["fault:not-sip"]);
  t.end();
});

t.test("after a ping of ours, one line end is its pong", (t) => {
  const framing = new StreamFraming();
  framing.expectPong();
  t.same(framing.push(octets("\r\n")).map(told), ["pong"]);
  t.same(framing.push(octets("\r\n")).map(told), []);
  t.same(framing.push(octets("\r\n")).map(told), ["ping"]);
  framing.expectPong();
  framing.forgetPong();
  t.same(framing.push(octets("\r\n\r\n")).map(told), ["ping"], "too late: a ping of theirs");
  t.end();
});

t.test("what is no SIP is found out at once", (t) => {
  for (const stream of [
    "\x16\x03\x01\x02",
    "GET / HTTP/1.1\r\n",
    " OPTIONS",
    "\0\0",
    "OPTIONS sip:a SIP/2.0\n",
    "OPTIONS sip:a SIP/2.0\r\nVia: x\n",
    "\n",
  ]) {
    t.same(cut(stream), ["fault:not-sip"], JSON.stringify(stream));
  }
  t.same(
    cut("OPTIONS sip:a SIP/7.0\r\nl:0\r\n\r\n"),
    ["message:OPTIONS 0"],
    "the parser answers it with 505",
  );
  t.same(cut("sip/2.0 200 OK\r\nl:0\r\n\r\n"), ["message:sip/2.0 0"]);
  t.end();
});

t.test("limits: header section and message", (t) => {
  const padded = (length: number): string => {
    const text = message("BYE", "", "X: \r\n");
    return text.replace("X: ", `X: ${"a".repeat(length - text.length)}`);
  };
  t.same(cut(padded(500)), ["message:BYE 0"]);
  t.same(cut(padded(501)), ["fault:headers-too-large"]);
  t.same(cut(`BYE ${"a".repeat(497)}`), ["fault:headers-too-large"], "no line end so far");
  const largest = 1000 - message("BYE", "x".repeat(100)).length + 100;
  t.same(cut(message("BYE", "x".repeat(largest))), [`message:BYE ${largest}`]);
  t.same(cut(message("BYE", "x".repeat(largest + 1))), ["fault:message-too-large"]);
  t.same(
    cut("BYE sip:a SIP/2.0\r\nl: 999999999\r\n\r\n"),
    ["fault:message-too-large"],
    "before the body comes",
  );
  t.end();
});

t.test("nothing comes after a fault", (t) => {
  t.same(cut(`${message("BYE")}x\r\n`, message("BYE")), ["message:BYE 0", "fault:not-sip"]);
  t.end();
});

t.test("in a message from its first octet to its last", (t) => {
  const framing = new StreamFraming();
  const states = Array.from(`\r\n${message("BYE", "xy")}`, (octet) => {
    framing.push(octets(octet));
    return framing.isInMessage ? "1" : "0";
  }).join("");
  t.match(states, /^001+0$/);
  t.end();
});

t.test("a message given away is not touched by what comes later", (t) => {
  const framing = new StreamFraming();
  const piece = octets(message("BYE") + message("OPT").slice(0, 10));
  const [first] = framing.push(piece);
  piece.fill(0);
  framing.push(octets(message("OPT").slice(10)));
  t.equal(first && told(first), "message:BYE 0");
  t.end();
});

const part = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constantFrom("INVITE", "BYE"), fc.string({ maxLength: 40 })) },
  { weight: 2, arbitrary: fc.constantFrom("\r\n", "\r\n\r\n") },
  { weight: 1, arbitrary: fc.constantFrom("\r", "\n", "GET / HTTP/1.1\r\n", "BYE x SIP/2.0\r\n\r\n", "\0") },
  { weight: 1, arbitrary: fc.nat(1200).map((length) => `BYE ${"x".repeat(length)} SIP/2.0\r\n`) },
);

t.test("however a stream is cut up, the same comes of it", (t) => {
  fc.assert(
    fc.property(
      fc.array(part, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 }),
      (parts, lengths) => {
        const stream = parts
          .map((one) =>
            typeof one === "string" ? one : message(one[0], Buffer.from(one[1]).toString("latin1")),
          )
          .join("");
        const pieces: string[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn += 1) {
          const length = lengths[turn % lengths.length] ?? 1;
          pieces.push(stream.slice(at, at + length));
          at += length;
        }
        return cut(...pieces).join() === cut(stream).join();
      },
    ),
    { numRuns: 1000 },
  );
  t.pass();
  t.end();
});

t.test("64 kB octet by octet: no more work than in one piece, give or take", (t) => {
  const stream = octets(message("INVITE", "x".repeat(60_000)));
  const framing = new StreamFraming();
  let messages = 0;
  for (let at = 0; at < stream.length; at += 1) messages += framing.push(stream.subarray(at, at + 1)).length;
  t.equal(messages, 1);
  t.end();
});
