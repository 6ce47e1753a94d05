import t from "tap";
import type { SipRequest, Via } from "../../../ts/sip/message/message.js";
import { makeResponse } from "../../../ts/sip/message/response.js";
import { clientKey, hasToTagOf, serverKey } from "../../../ts/sip/transaction/matching.js";
import { callFlow } from "../../support/ladder.js";
import { requestTo, transactionRig } from "../../support/transaction-rig.js";

function request(method: string, change: (request: SipRequest) => void = () => undefined): SipRequest {
  const made = requestTo(method);
  made.headers.via = [via("z9hG4bKabc")];
  change(made);
  return made;
}

function via(branch: string | undefined, host = "phone.example.org", port?: number): Via {
  return {
    version: "2.0",
    protocol: "UDP",
    host,
    params: branch === undefined ? {} : { branch },
    ...(port === undefined ? {} : { port }),
  };
}

interface Case {
  readonly name: string;
  readonly a: SipRequest;
  readonly b: SipRequest;
  readonly same: boolean;
}

const old = (method: string, change: (request: SipRequest) => void = () => undefined): SipRequest =>
  request(method, (made) => {
    made.headers.via = [via(undefined)];
    change(made);
  });

const cases: readonly Case[] = [
  { name: "a copy", a: request("INVITE"), b: request("INVITE"), same: true },
  { name: "the ACK of an INVITE", a: request("INVITE"), b: request("ACK"), same: true },
  { name: "its CANCEL", a: request("INVITE"), b: request("CANCEL"), same: false },
  { name: "another method", a: request("INFO"), b: request("OPTIONS"), same: false },
  {
    name: "another branch",
    a: request("INVITE"),
    b: request("INVITE", ({ headers }) => (headers.via = [via("z9hG4bKabd")])),
    same: false,
  },
  {
    name: "the same branch from another client",
    a: request("INVITE"),
    b: request("INVITE", ({ headers }) => (headers.via = [via("z9hG4bKabc", "other.example.org")])),
    same: false,
  },
  {
    name: "another port of the same host",
    a: request("INVITE"),
    b: request("INVITE", ({ headers }) => (headers.via = [via("z9hG4bKabc", "phone.example.org", 5062)])),
    same: false,
  },
  {
    name: "sent-by in other letters, default port written out",
    a: request("INVITE"),
    b: request("INVITE", ({ headers }) => (headers.via = [via("z9hG4bKabc", "PHONE.Example.org", 5060)])),
    same: true,
  },
  {
    name: "the same branch, whatever Call-ID and CSeq say",
    a: request("INVITE"),
    b: request("INVITE", ({ headers }) => {
      headers["call-id"] = "other";
      headers.cseq.seq = 9;
    }),
    same: true,
  },
  { name: "RFC 2543: a copy", a: old("INVITE"), b: old("INVITE"), same: true },
  { name: "RFC 2543: ACK", a: old("INVITE"), b: old("ACK"), same: true },
  { name: "RFC 2543: another method", a: old("INFO"), b: old("OPTIONS"), same: false },
  {
    name: "RFC 2543: another Request-URI",
    a: old("INVITE"),
    b: old("INVITE", (made) => (made.uri = "sip:bob@192.0.2.10")),
    same: false,
  },
  {
    name: "RFC 2543: another From tag",
    a: old("INVITE"),
    b: old("INVITE", ({ headers }) => (headers.from.params = { tag: "other" })),
    same: false,
  },
  {
    name: "RFC 2543: another Call-ID",
    a: old("INVITE"),
    b: old("INVITE", ({ headers }) => (headers["call-id"] = "other")),
    same: false,
  },
  {
    name: "RFC 2543: another CSeq",
    a: old("INVITE"),
    b: old("INVITE", ({ headers }) => (headers.cseq.seq = 2)),
    same: false,
  },
  {
    name: "RFC 2543: another Via",
    a: old("INVITE"),
    b: old("INVITE", ({ headers }) => (headers.via = [via(undefined, "other.example.org")])),
    same: false,
  },
  {
    name: "RFC 2543: another branch without the cookie",
    a: old("INVITE", ({ headers }) => (headers.via = [via("1")])),
    b: old("INVITE", ({ headers }) => (headers.via = [via("2")])),
    same: false,
  },
  {
    name: "RFC 2543: another To tag",
    a: old("INVITE"),
    b: old("INVITE", ({ headers }) => (headers.to.params = { tag: "new" })),
    same: false,
  },
];

t.test("server transactions (RFC 3261 §17.2.3)", (t) => {
  for (const { name, a, b, same } of cases) {
    t.equal(
      serverKey(a) === serverKey(b) &&
        (b.method === "ACK" || hasToTagOf(b, { asked: a.headers.to.params["tag"], answered: undefined })),
      same,
      name,
    );
  }
  t.equal(serverKey(request("CANCEL"), "INVITE"), serverKey(request("INVITE")), "the INVITE of a CANCEL");
  t.equal(serverKey(old("CANCEL"), "INVITE"), serverKey(old("INVITE")), "RFC 2543: the INVITE of a CANCEL");
  t.end();
});

t.test("RFC 2543: an ACK has the To tag of the response it acknowledges", (t) => {
  const tags = { asked: undefined, answered: "right" };
  const ack = (tag: string): SipRequest => old("ACK", ({ headers }) => (headers.to.params = { tag }));
  t.equal(hasToTagOf(ack("right"), tags), true);
  t.equal(hasToTagOf(ack("wrong"), tags), false);
  t.end();
});

t.test("client transactions: branch and CSeq method (§17.1.3)", (t) => {
  const invite = request("INVITE");
  t.equal(clientKey(makeResponse(invite, 200)), clientKey(invite));
  t.not(clientKey(makeResponse(request("CANCEL"), 200)), clientKey(invite));
  t.not(
    clientKey(
      makeResponse(
        request("INVITE", ({ headers }) => (headers.via = [via("z9hG4bKx")])),
        200,
      ),
    ),
    clientKey(invite),
  );
  t.end();
});

t.test("a phone of RFC 2543 days: copies, CANCEL and ACK find their INVITE", async (t) => {
  const { flow, user, layer } = transactionRig();
  user.onCancel = (invite) => {
    invite.respond(makeResponse(invite.request, 487, { toTag: "switch-tag" }));
  };
  const again = { retransmission: true } as const;
  const headers = { Via: "SIP/2.0/UDP 192.0.2.10:5060" };
  await callFlow(t, flow, [
    [0, "phone", "switch", "INVITE", { headers }],
    [0, "switch", "phone", "100 Trying"],
    [500, "phone", "switch", "INVITE", again],
    [500, "switch", "phone", "100 Trying", again],
    [600, "phone", "switch", "CANCEL", { headers }],
    [600, "switch", "phone", "200 OK"],
    [600, "switch", "phone", "487 Request Terminated"],
    [610, "phone", "switch", "ACK", { headers }],
    [620, "phone", "switch", "ACK", again],
  ]);
  t.same(user.told, ["0 request INVITE", "600 cancel 1"]);
  t.equal(layer.size, 0);
});
