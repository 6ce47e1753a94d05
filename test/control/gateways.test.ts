import t from "tap";
import type { CallListener } from "../../ts/control/call.js";
import { Exchange, NOTHING_LEFT, offerOf, read } from "./exchange.js";

const GW = {
  from: { user: "4412", domain: "trunk.example.net", authsecret: "s3cret" },
  to: { domain: "trunk.example.net" },
};

async function inbound(onnewcall: CallListener): Promise<Exchange> {
  const exchange = await Exchange.open();
  exchange.projectcontrol.onnewcall = onnewcall;
  exchange.projectcontrol.gw = GW;
  await exchange.sip.invited({ from: "1000", to: "0123456", sdp: offerOf() });
  await exchange.settle();
  return exchange;
}

t.test("J010: gateways are added, and the first one counts", async (t) => {
  const { projectcontrol } = await Exchange.open();
  t.equal(projectcontrol.gw, undefined);
  projectcontrol.gw = GW;
  projectcontrol.gw = { ...GW, to: { domain: "second.example.net" } };
  t.equal(projectcontrol.gw, GW);
  t.throws(() => (projectcontrol.gw = { from: { user: "" }, to: { domain: "d" } }), {
    code: "ARGUMENT_INVALID",
    field: "gw.from.user",
  });
  t.throws(() => (projectcontrol.gw = { from: { user: "u" } } as unknown as typeof GW), {
    code: "ARGUMENT_INVALID",
    field: "gw.to.domain",
  });
});

t.test("J077: forward puts the gateway's account and domain over the request", async (t) => {
  const exchange = await inbound((call) => call.newcall({ to: { user: call.destination }, forward: true }));
  t.match(exchange.sip.commandsOf("dialog.invite"), [
    {
      request: {
        from: GW.from,
        to: { user: "0123456", domain: "trunk.example.net" },
        cid: { number: "4412", name: "4412" },
      },
    },
  ]);
});

t.test("J077: number, name and privacy of the gateway each go where they belong", async (t) => {
  const exchange = await inbound((call) => {
    call.newcall({
      to: { user: call.destination, domain: "elsewhere" },
      cid: { name: "Anna", number: "1" },
      forward: true,
    });
  });
  exchange.projectcontrol.gw = GW;
  t.match(exchange.sip.commandsOf("dialog.invite").at(-1)?.request.cid, { number: "1", name: "Anna" });

  exchange.projectcontrol.newcall({ to: { user: "7" }, from: { user: "a", domain: "b" } });
  await exchange.settle();
  t.match(exchange.sip.commandsOf("dialog.invite").at(-1)?.request.cid, { number: "a" });

  const own = await Exchange.open();
  own.projectcontrol.gw = { ...GW, cid: { number: "0800", name: "Desk", private: true }, codecs: ["pcma"] };
  own.projectcontrol.newcall({ to: { user: "7" }, cid: { number: "1", name: "mine" }, forward: true });
  await own.settle();
  const [{ request } = { request: undefined }] = own.sip.commandsOf("dialog.invite");
  t.same(request?.cid, { number: "0800", name: "Desk", private: true });
  t.same(read(request?.sdp).m[0]?.payloads, ["8"], "the gateway's codecs");
});

t.test("a gateway without a domain of its own is that of where it is", async (t) => {
  const exchange = await Exchange.open();
  exchange.projectcontrol.gw = { from: { user: "u", authsecret: "x" }, to: { domain: "trunk" } };
  exchange.projectcontrol.newcall({ to: { user: "7" }, forward: true });
  await exchange.settle();
  t.match(exchange.sip.commandsOf("dialog.invite"), [
    {
      request: { from: { user: "u", domain: "trunk", authsecret: "x" }, to: { user: "7", domain: "trunk" } },
    },
  ]);
});

t.test("forward without a gateway is an error that names it, and ends the call", async (t) => {
  const exchange = await Exchange.open();
  exchange.projectcontrol.onnewcall = (call) => call.newcall({ to: { user: "1" }, forward: true });
  await exchange.sip.invited({ from: "1000", to: "1", sdp: offerOf() });
  await exchange.settle();
  t.match(exchange.errors, [{ fields: { err: { code: "ARGUMENT_INVALID", field: "forward" } } }]);
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("without forward the gateway changes nothing", async (t) => {
  const exchange = await inbound((call) => call.newcall({ to: { user: "1001" }, forward: false }));
  t.match(exchange.sip.commandsOf("dialog.invite"), [
    { request: { from: { user: "1000" }, to: { domain: "example.net" } } },
  ]);
});
