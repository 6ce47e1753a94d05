import assert from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import { binaryToOctets } from "../../../ts/sip/message/binary.js";
import type { Headers, SipRequest } from "../../../ts/sip/message/message.js";
import { parseMessage } from "../../../ts/sip/message/parse.js";
import { serializeMessage } from "../../../ts/sip/message/serialize.js";
import { requests } from "./grammar.js";

/** Without the null prototypes, which deepEqual would tell apart from literals. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;

function readRequest(wire: string | Uint8Array): SipRequest {
  const octets = typeof wire === "string" ? binaryToOctets(wire) : wire;
  const message = parseMessage(octets);
  assert.equal(message.kind, "request", JSON.stringify(message));
  return message;
}

t.test("every message of the grammar is read as what it was made of", (t) => {
  const names = new Set<string>();
  fc.assert(
    fc.property(requests, (made) => {
      for (const name of Object.keys(made.headers)) names.add(name);
      const { method, uri, headers, other, content } = readRequest(made.wire);
      assert.deepEqual(
        { method, uri, content },
        { method: made.method, uri: made.uri, content: made.content },
      );
      const { "content-length": length, ...rest }: Headers = headers;
      assert.ok(length === undefined || length === content.length);
      assert.deepEqual(plain({ ...rest, ...other }), plain(made.headers));
    }),
    { seed: 4475, numRuns: 300 },
  );
  t.ok(names.size > 50, `300 messages with ${String(names.size)} kinds of headers`);
  t.end();
});

t.test("printing and reading again gives the same message", (t) => {
  fc.assert(
    fc.property(requests, (made) => {
      // The printer strips NUL, quoted or not.
      fc.pre(!JSON.stringify(made.headers).includes("\\u0000"));
      const first = readRequest(made.wire);
      const before = JSON.stringify(first);
      const second = readRequest(serializeMessage(first));
      assert.equal(JSON.stringify(first), before, "the argument was changed");
      const fields = ({ content: _content, headers, ...rest }: SipRequest): unknown =>
        plain({ ...rest, headers: { ...headers, "content-length": undefined } });
      assert.deepEqual(fields(second), fields(first));
      assert.equal(second.content, first.content);
    }),
    { seed: 5118, numRuns: 150 },
  );
  t.pass("150 messages");
  t.end();
});
