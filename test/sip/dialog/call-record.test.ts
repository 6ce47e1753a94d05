import t from "tap";
import { CallRecord } from "../../../ts/sip/dialog/call-record.js";
import type { CallInfo, CallNews } from "../../../ts/sip/sip-service.js";
import { ManualClock } from "../../support/manual-clock.js";

/** With all that may be known of a call. */
const FULL: Required<Omit<CallInfo, keyof CallNews>> = {
  callid: "a@b",
  domain: "example.org",
  to: "1001",
  gr: "urn:uuid:1",
  from: "1002",
  contact: "sip:1002@192.0.2.2",
  maxforwards: 69,
  gateway: "trunk",
  authenticated: true,
  originator: true,
  ring: true,
  answered: true,
  hold: false,
  hangup: false,
  error: { code: 302, status: "Moved Temporarily" },
  remote: { host: "192.0.2.2", port: 5060 },
  callerid: { number: "1002", name: "Bob" },
  headers: { "x-one": "1" },
  replaces: "c@d",
  redirect: ["sip:1003@example.org"],
  reason: { protocol: "Q.850", cause: 16, text: "" },
  sdp: { us: "v=0", them: "v=0" },
  epochs: { start: 1, ring: 2, answer: 3, end: 0 },
};

t.test("a fact that changes leaves all others as they are, and what was handed out before", (t) => {
  const record = CallRecord.resumed(new ManualClock(), FULL);
  const before = record.info();
  record.held(true);
  t.strictSame(record.info(), { ...FULL, hold: true });
  t.strictSame(before, FULL);
  t.equal(record.info(), record.info(), "without a change there is nothing to copy");
  t.end();
});

t.test("what is not known of a call is no field of it", (t) => {
  const { callid, domain, to, from, contact, maxforwards, authenticated, originator } = FULL;
  const first = { callid, domain, to, from, contact, maxforwards, authenticated, originator };
  const record = new CallRecord(new ManualClock(), first, { address: "192.0.2.2", port: 5060 });
  const before = record.info();
  record.ringing();
  for (const name of ["gr", "callerid", "headers", "replaces", "gateway", "redirect", "reason"]) {
    t.notOk(name in before || name in record.info(), name);
  }
  t.end();
});
