import t from "tap";
import { makeRefusalResponse, makeResponse } from "../../../ts/sip/message/response.js";
import { optionsWith, read, readRequest } from "./messages.js";

const invite = readRequest([
  "INVITE sip:bob@example.com SIP/2.0",
  "Via: SIP/2.0/UDP p;branch=z9hG4bK2, SIP/2.0/UDP u;branch=z9hG4bK1;rport",
  "From: Alice <sip:alice@example.com>;tag=a",
  "To: <sip:bob@example.com>",
  "Call-ID: c1",
  "CSeq: 4 INVITE",
  "Record-Route: <sip:p;lr>, <sip:q;lr>",
  "Timestamp: 54",
]);

t.test("what every response repeats (RFC 3261 §8.2.6.2)", (t) => {
  const response = makeResponse(invite, 486);
  t.same(response, {
    kind: "response",
    version: "2.0",
    status: 486,
    reason: "Busy Here",
    headers: {
      via: invite.headers.via,
      from: invite.headers.from,
      to: invite.headers.to,
      "call-id": "c1",
      cseq: { seq: 4, method: "INVITE" },
    },
    other: {},
    content: "",
  });
  t.end();
});

t.test("nothing is shared with the request", (t) => {
  const before = JSON.stringify(invite);
  const response = makeResponse(invite, 180, { toTag: "b" });
  response.headers.via[0]!.params["received"] = "192.0.2.1";
  response.headers.from.params["tag"] = "x";
  response.headers.cseq.seq = 9;
  response.headers["record-route"]![0]!.params["x"] = "y";
  t.equal(JSON.stringify(invite), before);
  t.end();
});

t.test("a To tag is added where there is none", (t) => {
  t.equal(makeResponse(invite, 180, { toTag: "b" }).headers.to.params["tag"], "b");
  t.equal(makeResponse(invite, 100).headers.to.params["tag"], undefined);
  const inDialog = readRequest(optionsWith("To: <sip:bob@example.com>;tag=theirs"));
  t.equal(makeResponse(inDialog, 200, { toTag: "b" }).headers.to.params["tag"], "theirs");
  t.end();
});

t.test("Record-Route goes into responses that create a dialog, and no others (RFC 3261 §12.1.1)", (t) => {
  const routes = (status: number): number =>
    makeResponse(invite, status).headers["record-route"]?.length ?? 0;
  t.same([100, 101, 180, 200, 299, 302, 404, 603].map(routes), [0, 2, 2, 2, 2, 0, 0, 0]);
  const options = readRequest(optionsWith("Record-Route: <sip:p;lr>"));
  t.equal(makeResponse(options, 200).headers["record-route"], undefined);
  t.end();
});

t.test("a 100 carries the Timestamp (RFC 3261 §8.2.6.1)", (t) => {
  t.equal(makeResponse(invite, 100).other["timestamp"], "54");
  t.equal(makeResponse(invite, 180).other["timestamp"], undefined);
  t.end();
});

t.test("options", (t) => {
  const response = makeResponse(invite, 200, {
    reason: "Fine",
    headers: { contact: [{ uri: "sip:b@h", params: {} }], allow: ["INVITE"] },
    other: { server: "x" },
    contentType: "application/sdp",
    content: "v=0",
  });
  t.match(response, {
    reason: "Fine",
    headers: {
      contact: [{ uri: "sip:b@h" }],
      allow: ["INVITE"],
      "content-type": "application/sdp",
      "call-id": "c1",
    },
    other: { server: "x" },
    content: "v=0",
  });
  t.end();
});

t.test("reason phrases: registered, and of the class", (t) => {
  const reason = (status: number): string => makeResponse(invite, status).reason;
  t.same([100, 200, 481, 487, 505, 603].map(reason), [
    "Trying",
    "OK",
    "Call/Transaction Does Not Exist",
    "Request Terminated",
    "Version Not Supported",
    "Decline",
  ]);
  t.same([150, 499, 699].map(reason), ["Provisional", "Client Error", "Global Failure"]);
  t.end();
});

t.test("a refused request is answered with what could be read of it", (t) => {
  const refusal = read(optionsWith('To: "open <sip:bob@example.com>', "Max-Forwards: 70"));
  if (refusal.kind !== "refusal") throw new Error("accepted");
  t.match(makeRefusalResponse(refusal), {
    kind: "response",
    status: 400,
    reason: "Bad Request",
    headers: {
      via: [{ host: "192.0.2.1", params: { branch: "z9hG4bKabc" } }],
      from: { uri: "sip:alice@example.com", params: { tag: "1" } },
      to: { uri: "sip:unreadable@invalid.invalid" },
      "call-id": "call@192.0.2.1",
      cseq: { seq: 7, method: "OPTIONS" },
    },
  });
  t.end();
});

t.test("a CSeq that can't be read is replaced by one with the request's method", (t) => {
  const refusal = read(optionsWith("CSeq: x"));
  if (refusal.kind !== "refusal") throw new Error("accepted");
  t.same(makeRefusalResponse(refusal)?.headers.cseq, { seq: 0, method: "OPTIONS" });
  t.end();
});
