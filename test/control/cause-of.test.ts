/** Why a call ended, by whatever the far end, the SIP side and the script had to say of it. */
import t from "tap";
import { seconds } from "../../ts/core/brand.js";
import type { Call } from "../../ts/control/call.js";
import { causeOf } from "../../ts/control/cause-of.js";
import type { CallCause, HangupReason } from "../../ts/control/causes.js";
import type { CallReason } from "../../ts/sip/sip-service.js";
import { Exchange, offerOf } from "./exchange.js";

interface End {
  readonly code?: number;
  readonly status?: string;
  readonly reason?: CallReason;
}

/** An inbound call, answered unless told, that ends over there. */
async function theirEnd({ code = 0, status = "", reason }: End): Promise<CallCause> {
  const exchange = await Exchange.open();
  const { sip, controller, clock, projectcontrol } = exchange;
  projectcontrol.onnewcall = (call) => call.ring();
  const callid = await sip.invited({ from: "1000", to: "1001", sdp: offerOf() });
  await exchange.settle();
  const call = controller.calls.get(callid)!;
  const dialog = sip.dialog(callid);
  if (reason !== undefined) dialog.info = { ...dialog.info, reason };
  await sip.ends(callid, code, status);
  await exchange.settle();
  await clock.advance(seconds(80));
  return causeOf(call);
}

async function ourEnd(reason?: HangupReason): Promise<{ cause: CallCause; hungup: object | undefined }> {
  const exchange = await Exchange.open();
  const { sip, clock, projectcontrol } = exchange;
  let call: Call | undefined;
  projectcontrol.onnewcall = (given) => {
    call = given;
    return given.hangup(reason);
  };
  const callid = await sip.invited({ from: "1000", to: "1001", sdp: offerOf() });
  await exchange.settle();
  await clock.advance(seconds(80));
  const [command] = sip.commandsOf("dialog.hangup");
  const { type: _type, callid: _callid, ...hungup } = command ?? {};
  t.equal(call?.callid, callid);
  return { cause: causeOf(call!), hungup };
}

t.test("what the far end says", async (t) => {
  t.same(await theirEnd({}), { name: "normal", q850: 16, text: "", side: "them" });
  t.match(await theirEnd({ code: 486, status: "Busy Here" }), {
    name: "USER_BUSY",
    sip: 486,
    q850: 17,
    side: "them",
    text: "Busy Here",
  });
  t.match(await theirEnd({ code: 487, status: "Request Terminated" }), {
    name: "ORIGINATOR_CANCEL",
    q850: 16,
  });
});

t.test("a Reason header counts (RFC 3326, RFC 6432)", async (t) => {
  const q850 = (cause: number): CallReason => ({ protocol: "Q.850", cause, text: "from the network" });
  t.match(await theirEnd({ reason: q850(16) }), { name: "normal", q850: 16 });
  t.match(await theirEnd({ reason: q850(17) }), {
    name: "USER_BUSY",
    sip: 486,
    q850: 17,
    text: "from the network",
  });
  t.match(await theirEnd({ code: 480, status: "Nobody", reason: q850(34) }), { sip: 480, q850: 34 });
  t.match(await theirEnd({ reason: q850(500) }), { name: "normal", q850: 16 }, "no value of Q.850");
  t.match(await theirEnd({ reason: { protocol: "SIP", cause: 503, text: "" } }), { sip: 503, q850: 41 });
  t.match(await theirEnd({ reason: { protocol: "SIP", cause: 200, text: "Call completed elsewhere" } }), {
    name: "LOSE_RACE",
    q850: 26,
    text: "Call completed elsewhere",
  });
});

t.test("what we hang up with is what we say later, and what the far end is told", async (t) => {
  const normal = await ourEnd();
  t.match(normal.cause, { name: "normal", q850: 16, side: "us" });
  t.same(normal.hungup, {});
  const busy = await ourEnd("busy");
  t.match(busy.cause, { name: "USER_BUSY", sip: 486, q850: 17, side: "us" });
  t.same(busy.hungup, { code: 486, reason: "Busy here" });
  const barred = await ourEnd("OUTGOING_CALL_BARRED");
  t.match(barred.cause, { name: "OUTGOING_CALL_BARRED", sip: 403, q850: 21 });
  const picked = await ourEnd("PICKED_OFF");
  t.match(picked.cause, { name: "PICKED_OFF", sip: 487, q850: 26 });
  t.same(picked.hungup, { code: 487, reason: "Request Terminated", q850: 26 });
  const own = await ourEnd({ code: 503, q850: 34, reason: "No line" });
  t.match(own.cause, { name: "SERVICE_UNAVAILABLE", sip: 503, q850: 34, text: "No line" });
  t.same(own.hungup, { code: 503, q850: 34, reason: "No line" });
});
