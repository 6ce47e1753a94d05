import t from "tap";
import { parseMessage } from "../../../ts/sip/message/parse.js";
import type { SipRequest, SipResponse } from "../../../ts/sip/message/message.js";
import { agreedTimer, answerTimer, askForTimer, isTooShort } from "../../../ts/sip/dialog/session-timer.js";

const POLICY = { interval: 1800, minimum: 90 };

function message(firstLine: string, headers: readonly string[]): SipRequest | SipResponse {
  const lines = [
    firstLine,
    "Via: SIP/2.0/UDP h;branch=z9hG4bK1",
    "Max-Forwards: 70",
    "From: <sip:a@b>;tag=1",
    "To: <sip:c@d>",
    "Call-ID: x",
    "CSeq: 1 INVITE",
    "Contact: <sip:a@h>",
    ...headers,
    "",
    "",
  ];
  const parsed = parseMessage(Buffer.from(lines.join("\r\n")));
  if (parsed.kind === "refusal") throw new Error(parsed.reason);
  return parsed;
}

const invite = (...headers: string[]): SipRequest => message("INVITE sip:c@d SIP/2.0", headers) as SipRequest;
const ok = (...headers: string[]): SipResponse => message("SIP/2.0 200 OK", headers) as SipResponse;

t.test("RFC 4028 §9, Table 2: who refreshes", (t) => {
  const table: readonly (readonly [
    headers: string[],
    refresher: string | undefined,
    us: string | undefined,
  ])[] = [
    [[], undefined, undefined],
    [["Session-Expires: 600"], "uas", "us"],
    [["Session-Expires: 600;refresher=uas"], "uas", "us"],
    [["Session-Expires: 600;refresher=uac"], "uas", "us"],
    [["Supported: timer"], "uac", "them"],
    [["Supported: timer", "Session-Expires: 600"], "uac", "them"],
    [["Supported: timer", "Session-Expires: 600;refresher=uas"], "uas", "us"],
    [["Supported: timer", "Session-Expires: 600;refresher=uac"], "uac", "them"],
  ];
  for (const [headers, refresher, us] of table) {
    const { headers: told, agreed } = answerTimer(invite(...headers), POLICY);
    t.equal(told["session-expires"]?.refresher, refresher, headers.join(", "));
    t.equal(agreed?.refresher, us);
    t.same(told.require, refresher === "uac" ? ["timer"] : undefined);
  }
  t.end();
});

t.test(
  "the interval: never longer than asked, never shorter than 90 s, at least Min-SE where we choose",
  (t) => {
    const interval = (...headers: string[]): number | undefined =>
      answerTimer(invite(...headers), POLICY).agreed?.interval;
    t.equal(interval("Supported: timer", "Session-Expires: 600"), 600);
    t.equal(interval("Session-Expires: 1"), 90);
    t.equal(interval("Supported: timer"), 1800);
    t.equal(interval("Supported: timer", "Min-SE: 3600"), 3600);
    t.end();
  },
);

t.test("422 only to whoever knows timers and asks for less than our least", (t) => {
  t.equal(isTooShort(invite("Supported: timer", "Session-Expires: 89"), POLICY), true);
  t.equal(isTooShort(invite("Supported: timer", "Session-Expires: 90"), POLICY), false);
  t.equal(isTooShort(invite("Session-Expires: 10"), POLICY), false);
  t.equal(isTooShort(invite("Supported: timer"), POLICY), false);
  t.end();
});

t.test("what our requests ask for, and what their 2xx agrees on", (t) => {
  t.same(askForTimer(POLICY), { "session-expires": { delta: 1800 } });
  t.same(askForTimer({ interval: 1800, minimum: 300 }), {
    "session-expires": { delta: 1800 },
    "min-se": 300,
  });
  t.same(askForTimer(POLICY, { interval: 400, refresher: "us" }), {
    "session-expires": { delta: 400, refresher: "uac" },
  });
  t.same(askForTimer(POLICY, { interval: 400, refresher: "them" }, 900), {
    "session-expires": { delta: 900, refresher: "uas" },
    "min-se": 900,
  });
  t.equal(agreedTimer(ok()), undefined);
  t.same(agreedTimer(ok("Session-Expires: 400;refresher=uas")), { interval: 400, refresher: "them" });
  t.same(agreedTimer(ok("Session-Expires: 400;refresher=uac")), { interval: 400, refresher: "us" });
  t.same(agreedTimer(ok("Session-Expires: 400")), { interval: 400, refresher: "us" });
  t.same(agreedTimer(ok("Session-Expires: 5;refresher=uac")), { interval: 90, refresher: "us" });
  t.end();
});
