/** A registration as octets, through the parser and the printer, with credentials as sipp writes them. */
import t from "tap";
import { Authenticator } from "../../../ts/sip/auth/authenticator.js";
import { digestResponse } from "../../../ts/sip/auth/digest.js";
import type { SipRequest, SipResponse } from "../../../ts/sip/message/message.js";
import { parseMessage } from "../../../ts/sip/message/parse.js";
import { makeResponse } from "../../../ts/sip/message/response.js";
import { serializeMessage } from "../../../ts/sip/message/serialize.js";
import { Directory } from "../../../ts/sip/registrar/directory.js";
import { Registrar } from "../../../ts/sip/registrar/registrar.js";
import { ManualClock } from "../../support/manual-clock.js";
import { SeededRandom } from "../../support/seeded-random.js";
import { flowFrom } from "./bench.js";

function register(cseq: number, ...more: string[]): SipRequest {
  const lines = [
    "REGISTER sip:bling.babblevoice.com SIP/2.0",
    "Via: SIP/2.0/UDP 127.0.0.1:5061;branch=z9hG4bK-1-1-0",
    "Max-Forwards: 70",
    'From: "sipp" <sip:1000@bling.babblevoice.com>;tag=1',
    'To: "sipp" <sip:1000@bling.babblevoice.com>',
    "Call-ID: reg///1-1@127.0.0.1",
    `CSeq: ${cseq} REGISTER`,
    'Contact: <sip:1000@127.0.0.1:5061>;+sip.instance="<urn:uuid:1>"',
    "Expires: 3600",
    ...more,
    "Content-Length: 0",
  ];
  const message = parseMessage(new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`));
  if (message.kind !== "request") throw new Error(JSON.stringify(message));
  return message;
}

const linesOf = (response: SipResponse): string[] =>
  new TextDecoder().decode(serializeMessage(response)).split("\r\n");

t.test("challenge, credentials for our address, 200", (t) => {
  const clock = new ManualClock();
  const random = new SeededRandom(1);
  const directory = new Directory();
  const users = [{ username: "1000", secret: "mysecret" }];
  directory.put("bling.babblevoice.com", { algorithms: ["SHA-256", "MD5"], users });
  const authenticator = new Authenticator({ clock, random, directory, ownHosts: ["127.0.0.1"] });
  const registrar = new Registrar({ clock, random, directory, events: () => undefined });
  const check = (request: SipRequest): ReturnType<Authenticator["check"]> =>
    authenticator.check(request, "bling.babblevoice.com", "127.0.0.1");

  const asked = register(7);
  const challenged = check(asked);
  if (challenged.kind !== "challenge") throw new Error(challenged.kind);
  const printed = linesOf(
    makeResponse(asked, 401, { headers: { "www-authenticate": challenged.challenges } }),
  ).filter((line) => line.toLowerCase().startsWith("www-authenticate"));
  const nonce = challenged.challenges[0]?.["nonce"] ?? "";
  const form = (algorithm: string): RegExp =>
    new RegExp(
      `^WWW-Authenticate: Digest realm="bling.babblevoice.com", *nonce="${nonce}", *qop="auth", *algorithm=${algorithm}$`,
    );
  t.equal(printed.length, 2);
  t.match(printed[0], form("SHA-256"));
  t.match(printed[1], form("MD5"));

  const uri = "sip:127.0.0.1:5060";
  const response = digestResponse({
    algorithm: "MD5",
    username: "1000",
    realm: "bling.babblevoice.com",
    secret: "mysecret",
    method: "REGISTER",
    uri,
    nonce,
    auth: { cnonce: "6b8b4567", nc: "00000001" },
  });
  const answered = register(
    8,
    'Authorization: Digest username="1000",realm="bling.babblevoice.com",cnonce="6b8b4567",nc=00000001,qop=auth,' +
      `uri="${uri}",nonce="${nonce}",response="${response}",algorithm=MD5`,
  );
  const outcome = check(answered);
  t.strictSame(outcome, { kind: "accepted", username: "1000", domain: "bling.babblevoice.com" });
  if (outcome.kind !== "accepted") return;

  const registered = linesOf(registrar.handle(answered, flowFrom("127.0.0.1", 5061), outcome));
  t.equal(registered[0], "SIP/2.0 200 OK");
  t.match(
    registered.find((line) => line.startsWith("Contact:")),
    /^Contact: *<sip:1000@127\.0\.0\.1:5061>;expires=3600;\+sip\.instance="<urn:uuid:1>"$/,
  );
  t.ok(registered.includes("Date: Mon, 01 Jan 2024 00:00:00 GMT"));
  t.match(
    registered.find((line) => line.startsWith("To:")),
    /;tag=[0-9a-f]{16}$/,
  );
  t.end();
});
