import t from "tap";
import { originate } from "../../ts/control/originate.js";
import { Exchange, NOTHING_LEFT, answerTo } from "./exchange.js";

const REQUEST = { from: { user: "1000", domain: "example.net" }, to: { user: "1001" } };

async function answered(exchange: Exchange, callid: string): Promise<void> {
  await exchange.sip.answers(callid, answerTo(exchange.sip.dialog(callid).info.sdp.us));
  await exchange.settle();
}

t.test("H083: calls one, and when he answers the script calls the other for him", async (t) => {
  const exchange = await Exchange.open();
  const seen: string[] = [];
  exchange.projectcontrol.onnewcall = (call) => {
    seen.push(call.destination);
    call.newcall({ to: { user: call.destination } });
  };
  const first = await originate(exchange.controller, REQUEST);
  await exchange.settle();
  t.match(exchange.sip.commandsOf("dialog.invite"), [
    {
      request: {
        to: { user: "1000", domain: "example.net" },
        from: { user: "1001" },
        cid: { number: "1001" },
      },
    },
  ]);
  t.same(seen, [], "the script is not asked before he answers");
  await exchange.sip.rings(first.callid);
  await answered(exchange, first.callid);
  t.same(seen, ["1001"]);
  const [, second] = exchange.sip.commandsOf("dialog.invite");
  t.match(second?.request, {
    to: { user: "1001", domain: "example.net" },
    from: { user: "1000" },
    cid: { number: "1000" },
  });
  await answered(exchange, second?.request.callid ?? "");
  t.match(exchange.media.commandsOf("mix"), [{ other: first.leg.channel?.uuid }]);
  await exchange.sip.ends(first.callid);
  await exchange.settle();
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("the caller id given is what the second sees", async (t) => {
  const exchange = await Exchange.open();
  exchange.projectcontrol.onnewcall = (call) => call.newcall({ to: { user: call.destination } });
  const cid = { number: "0800", name: "Desk", private: true };
  const { callid } = await originate(exchange.controller, { ...REQUEST, cid });
  await answered(exchange, callid);
  t.same(
    exchange.sip.commandsOf("dialog.invite").map(({ request }) => request.cid?.number),
    ["1001", "0800"],
  );
});

t.test("the script may also answer with an application: callbacks run, nothing is sent again", async (t) => {
  const exchange = await Exchange.open();
  const seen: string[] = [];
  exchange.projectcontrol.onnewcall = (call) => {
    call.onanswer = () => {
      seen.push("answered");
      return call.play({ files: [{ wav: "welcome.wav" }] });
    };
    void call.answer();
  };
  const { callid } = await originate(exchange.controller, REQUEST);
  await answered(exchange, callid);
  t.same(seen, ["answered"]);
  t.equal(exchange.media.commandsOf("play").length, 1);
  t.equal(exchange.sip.commandsOf("dialog.answer").length, 0);
});

t.test("one who can't be called is an error, and nothing is left", async (t) => {
  for (const code of ["USER_UNKNOWN", "USER_NOT_REGISTERED"] as const) {
    const exchange = await Exchange.open();
    exchange.sip.failNext("dialog.invite", code);
    await t.rejects(originate(exchange.controller, REQUEST), { code });
    await exchange.settle();
    t.same(exchange.left, NOTHING_LEFT);
  }
  const exchange = await Exchange.open();
  exchange.media.failNext("open", "MEDIA_OUT_OF_PORTS");
  await t.rejects(originate(exchange.controller, REQUEST), { code: "MEDIA_UNAVAILABLE" });
});

t.test("without a script that takes calls he is hung up when he answers", async (t) => {
  const exchange = await Exchange.open();
  const { callid } = await originate(exchange.controller, REQUEST);
  await answered(exchange, callid);
  t.match(exchange.sip.dialog(callid).hungup, { code: 480 });
  t.same(exchange.left, NOTHING_LEFT);
});
