import t from "tap";
import {
  CAUSES,
  causeName,
  hangupStatus,
  isQ850,
  q850OfStatus,
  reasonPhrase,
  statusOfQ850,
} from "../../ts/control/causes.js";

t.test("no reason and `normal` leave the status to the SIP side", (t) => {
  t.same(hangupStatus(undefined), {});
  t.same(hangupStatus("normal"), {});
  t.end();
});

t.test("the seed's words and the reasons of its successors", (t) => {
  const codes = {
    busy: 486,
    notfound: 404,
    paymentrequired: 402,
    OUTGOING_CALL_BARRED: 403,
    USER_GONE: 410,
    USER_BUSY: 486,
    LOSE_RACE: 487,
    BUSY_EVERYWHERE: 600,
    REJECTED: 608,
  };
  for (const [name, code] of Object.entries(codes)) t.equal(hangupStatus(name)?.code, code, name);
  t.end();
});

t.test("a status of one's own has to be a refusal", (t) => {
  t.same(hangupStatus({ code: 486, reason: "Not now" }), { code: 486, reason: "Not now" });
  t.same(hangupStatus({ reason: "Not now" }), { reason: "Not now" });
  for (const code of [0, 180, 200, 299, 700, 486.5, Number.NaN]) t.equal(hangupStatus({ code }), undefined);
  t.end();
});

t.test("a name that is none is told", (t) => {
  t.equal(hangupStatus("bussy"), undefined);
  t.equal(hangupStatus("toString"), undefined);
  t.end();
});

t.test("C029: what comes in is called by the last name of its code", (t) => {
  t.equal(causeName(403), "INCOMING_CALL_BARRED");
  t.equal(causeName(404), "UNALLOCATED_NUMBER");
  t.equal(causeName(486), "USER_BUSY");
  t.equal(causeName(487), "REQUEST_TERMINATED");
  t.equal(causeName(499), "REQUEST_TERMINATED", "unknown");
  t.end();
});

t.test("phrases", (t) => {
  t.equal(reasonPhrase(483), "Too Many Hops");
  t.equal(reasonPhrase(499), undefined);
  t.end();
});

t.test("every name has a status and a Q.850 value, and says where that comes from", (t) => {
  for (const { name, code, reason, q850, source } of CAUSES) {
    t.ok(source.length > 0, name);
    if (name === "normal") continue;
    t.ok(code !== undefined && code >= 300 && code <= 699 && reason !== undefined, name);
    t.ok(q850 !== undefined && isQ850(q850), name);
  }
  t.end();
});

t.test("RFC 3398 §8.2.6.1: status to Q.850", (t) => {
  const values = {
    400: 41,
    404: 1,
    408: 102,
    410: 22,
    480: 18,
    482: 25,
    484: 28,
    486: 17,
    501: 79,
    502: 38,
    503: 41,
  };
  for (const [code, value] of Object.entries(values)) t.equal(q850OfStatus(Number(code)), value, code);
  t.equal(q850OfStatus(499), 127, "no row");
  t.end();
});

t.test("RFC 3398 §7.2.4.1: Q.850 to status", (t) => {
  const codes = {
    1: 404,
    17: 486,
    18: 408,
    19: 480,
    21: 403,
    27: 502,
    28: 484,
    34: 503,
    79: 501,
    88: 503,
    102: 504,
  };
  for (const [value, code] of Object.entries(codes)) t.equal(statusOfQ850(Number(value)), code, value);
  t.equal(statusOfQ850(16), undefined, "a normal end is no failure");
  t.equal(statusOfQ850(99), 500, "no row");
  t.end();
});

t.test("a name that says more than its status brings its Q.850 value along", (t) => {
  t.same(hangupStatus("LOSE_RACE"), { name: "LOSE_RACE", code: 487, reason: "Request Terminated", q850: 26 });
  t.same(hangupStatus("USER_BUSY"), { name: "USER_BUSY", code: 486, reason: "Busy Here" });
  t.equal(hangupStatus({ q850: 0 }), undefined);
  t.equal(hangupStatus({ q850: 128 }), undefined);
  t.same(hangupStatus({ code: 503, q850: 34 }), { code: 503, q850: 34 });
  t.end();
});
