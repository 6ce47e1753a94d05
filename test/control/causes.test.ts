import t from "tap";
import { causeName, hangupStatus, reasonPhrase } from "../../ts/control/causes.js";

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
