import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import t from "tap";
import type { SipMessage } from "../../ts/sip/message/message.js";
import { parseMessage } from "../../ts/sip/message/parse.js";
import { makeRefusalResponse } from "../../ts/sip/message/response.js";
import { serializeMessage } from "../../ts/sip/message/serialize.js";
import { TORTURE, type Outcome } from "./manifest.js";

const octetsOf = (file: string): Uint8Array =>
  readFileSync(fileURLToPath(new URL(`data/${file}`, import.meta.url)));

function accepted(file: string): SipMessage {
  const message = parseMessage(octetsOf(file));
  if (message.kind === "refusal") throw new Error(`${file}: ${message.reason} in ${message.field}`);
  return message;
}

const outcomeOf = (octets: Uint8Array): Outcome => {
  const result = parseMessage(octets);
  return result.kind === "refusal" ? { refused: result.status } : "accepted";
};

t.test("each message has its outcome", (t) => {
  const counts = { accepted: 0, refused: 0, free: 0 };
  for (const { file, section, tests, expect } of TORTURE) {
    const free = typeof expect === "object" && "either" in expect;
    const ours = free ? expect.ours : expect;
    t.same(outcomeOf(octetsOf(file)), ours, `${file} (${section}): ${tests}`);
    if (free)
      t.ok(
        expect.either.some((allowed) => JSON.stringify(allowed) === JSON.stringify(ours)),
        "allowed",
      );
    counts[free ? "free" : ours === "accepted" ? "accepted" : "refused"] += 1;
  }
  t.comment(
    `${String(TORTURE.length)} torture messages: ${String(counts.accepted)} must be accepted, ` +
      `${String(counts.refused)} must be refused, ${String(counts.free)} are left to the element`,
  );
  t.equal(TORTURE.length, 62);
  t.same(counts, { accepted: 37, refused: 15, free: 10 });
  t.end();
});

t.test("a refused request with a status can be answered, and the answer can be read", (t) => {
  for (const { file } of TORTURE) {
    const refusal = parseMessage(octetsOf(file));
    if (refusal.kind !== "refusal") continue;
    const response = makeRefusalResponse(refusal);
    if (refusal.status === 0) {
      t.equal(response, undefined, `${file}: no answer`);
      continue;
    }
    if (response === undefined) throw new Error(`${file} has no answer`);
    const read = parseMessage(serializeMessage(response));
    t.equal(read.kind, "response", file);
    t.match(read, { status: refusal.status, headers: { cseq: refusal.headers?.cseq } });
  }
  t.end();
});

t.test("what was accepted survives printing and reading again", (t) => {
  for (const { file, expect } of TORTURE) {
    const ours = typeof expect === "object" && "either" in expect ? expect.ours : expect;
    if (ours !== "accepted") continue;
    const message = accepted(file);
    // The printer strips NUL, which intmeth has, quoted, in its To: the display name loses it and nothing else.
    if (message.headers.to.name !== undefined)
      message.headers.to.name = message.headers.to.name.replace("\0", "");
    message.headers["content-length"] = message.content.length;
    t.same(parseMessage(serializeMessage(message)), message, file);
  }
  t.end();
});

t.test("wsinv: folds and white space", (t) => {
  const { headers, other, content } = accepted("rfc4475/wsinv.dat");
  t.same(headers.to, { uri: "sip:vivekg@chair-dnrc.example.com", params: { tag: "1918181833n" } });
  t.same(headers.from, {
    name: 'J Rosenberg \\"',
    uri: "sip:jdrosen@example.com",
    params: { tag: "98asjd8" },
  });
  t.equal(headers["max-forwards"], 68);
  t.same(headers.cseq, { seq: 9, method: "INVITE" });
  t.same(headers.via, [
    { version: "2.0", protocol: "UDP", host: "192.0.2.2", params: { branch: "390skdjuw" } },
    { version: "2.0", protocol: "TCP", host: "spindle.example.com", params: { branch: "z9hG4bK9ikj8" } },
    { version: "2.0", protocol: "UDP", host: "192.168.255.111", params: { branch: "z9hG4bK30239" } },
  ]);
  t.same(headers.route, [
    { uri: "sip:services.example.com;lr;unknownwith=value;unknown-no-value", params: {} },
  ]);
  t.same(headers.contact, [
    {
      name: 'Quoted string ""',
      uri: "sip:jdrosen@example.com",
      params: { newparam: "newvalue", secondparam: null, q: "0.33" },
    },
  ]);
  t.equal(other["subject"], "");
  t.equal(other["newfangledheader"], "newfangled value continued newfangled value");
  t.equal(other["unknownheaderwithunusualvalue"], ";;,,;;,;");
  t.equal(content.length, 150);
  t.end();
});

t.test("intmeth: all legal characters", (t) => {
  const message = accepted("rfc4475/intmeth.dat");
  t.match(message, { kind: "request", method: "!interesting-Method0123456789_*+`.%indeed'~" });
  t.equal(message.headers.to.name, "BEL:\x07 NUL:\0 DEL:\x7f");
  t.equal(message.headers.from.name, "token1~` token2'+_ token3*%!.-");
  t.equal(message.headers.from.params["tag"], "_token~1'+`*%!-.");
  t.equal(message.headers["call-id"], "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{");
  t.equal(message.headers["max-forwards"], 255);
  t.end();
});

t.test("other messages: the field each is about", (t) => {
  t.match(accepted("rfc4475/esc02.dat"), { method: "RE%47IST%45R" });
  t.equal(accepted("rfc4475/longreq.dat").headers.via.length, 34);
  t.equal(accepted("rfc4475/dblreq.dat").content, "");
  t.same(accepted("rfc4475/escnull.dat").headers.contact, [
    { uri: "sip:%00@host5.example.com", params: {} },
    { uri: "sip:%00%00@host5.example.com", params: {} },
  ]);
  t.same(
    accepted("rfc4475/transports.dat").headers.via.map((via) => via.protocol),
    ["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"],
  );
  t.equal(accepted("rfc4475/mpart01.dat").content.length, 553);
  t.match(accepted("rfc4475/noreason.dat"), { status: 100, reason: "" });
  t.same(accepted("rfc4475/bext01.dat").headers.require, [
    "nothingSupportsThis",
    "nothingSupportsThisEither",
  ]);
  t.same(accepted("rfc4475/regaut01.dat").headers.authorization, [
    { scheme: "NoOneKnowsThisScheme", "opaque-data": "here" },
  ]);
  t.same(accepted("rfc4475/cparam01.dat").headers.contact, [
    { uri: "sip:+19725552222@gw1.example.net", params: { unknownparam: null } },
  ]);
  t.same(accepted("rfc4475/cparam02.dat").headers.contact, [
    { uri: "sip:+19725552222@gw1.example.net;unknownparam", params: {} },
  ]);
  t.same(accepted("rfc5118/via-received-param-no-delim.dat").headers.via[0]?.params, {
    received: "2001:db8::9:255",
    branch: "z9hG4bKas3",
  });
  t.match(accepted("rfc5118/ipv4-mapped-ipv6.dat").headers.via[0], {
    host: "[::ffff:192.0.2.10]",
    port: 19823,
  });
  t.end();
});
