import t from "tap";
import type { SipEvent } from "../../ts/sip/sip-service.js";
import { FakeSipService } from "./fake-sip-service.js";

function listening(take: (event: SipEvent) => Promise<void> = () => Promise.resolve()): {
  readonly sip: FakeSipService;
  readonly events: SipEvent[];
} {
  const sip = new FakeSipService();
  const events: SipEvent[] = [];
  sip.attach((event) => {
    events.push(event);
    return take(event);
  });
  return { sip, events };
}

const from = { user: "1000", domain: "example.net" };

t.test("events of a call are numbered from 1 and come one at a time", async (t) => {
  let busy = 0;
  const { sip, events } = listening(async () => {
    busy += 1;
    t.equal(busy, 1);
    await Promise.resolve();
    busy -= 1;
  });
  const { callid } = await sip.execute({ type: "dialog.invite", request: { from, to: { user: "1001" } } });
  await Promise.all([sip.rings(callid), sip.answers(callid, "v=0"), sip.ends(callid)]);
  t.match(events, [
    { number: 1, cause: "ringing", info: { ring: true } },
    { number: 2, cause: "answered", info: { answered: true, sdp: { them: "v=0" } } },
    { number: 3, cause: "ended", info: { hangup: true } },
  ]);
});

t.test("a new call that is not taken gets 480", async (t) => {
  const { sip } = listening((event) =>
    event.type === "dialog" && event.cause === "new" ? Promise.reject(new Error("no")) : Promise.resolve(),
  );
  const callid = await sip.invited({ from: "1000", to: "1001" });
  t.match(sip.dialog(callid).info, { hangup: true, error: { code: 480 } });
});

t.test("calls that are not there, and calls that have ended", async (t) => {
  const { sip } = listening();
  const unknown = { code: "CALL_UNKNOWN" };
  await t.rejects(sip.execute({ type: "dialog.ring", callid: "x" }), unknown);
  await t.rejects(sip.execute({ type: "dialog.answer", callid: "x" }), unknown);
  await t.rejects(sip.execute({ type: "dialog.ok", callid: "x" }), unknown);
  await t.rejects(sip.execute({ type: "dialog.ack", callid: "x", sdp: "" }), unknown);
  await t.rejects(sip.execute({ type: "dialog.hangup", callid: "x" }), unknown);
  const callid = await sip.invited({ from: "1000", to: "1001" });
  await sip.execute({ type: "dialog.hangup", callid });
  await t.rejects(sip.execute({ type: "dialog.hangup", callid }), unknown);
  await t.rejects(sip.execute({ type: "dialog.ring", callid }), unknown);
});

t.test("commands at the wrong moment", async (t) => {
  const { sip } = listening();
  const callid = await sip.invited({ from: "1000", to: "1001" });
  await t.rejects(sip.execute({ type: "dialog.ok", callid }), { code: "CALL_STATE" });
  await t.rejects(sip.execute({ type: "dialog.ack", callid, sdp: "" }), { code: "CALL_STATE" });
  await t.rejects(sip.acks(callid), /no ACK/);
});

t.test("a callee of a domain that is known has to be known and registered", async (t) => {
  const { sip, events } = listening();
  const users = [{ username: "1001", secret: "s" }];
  t.same(await sip.execute({ type: "directory.put", domain: "example.net", users, control: "http://c" }), {
    created: true,
  });
  const invite = (user: string) => sip.execute({ type: "dialog.invite", request: { from, to: { user } } });
  await t.rejects(invite("1002"), { code: "USER_UNKNOWN" });
  await t.rejects(invite("1001"), { code: "USER_NOT_REGISTERED" });
  await sip.register("example.net", "1001");
  await t.resolves(invite("1001"));
  t.match(events, [{ type: "registered", control: "http://c", registration: { user: "1001" } }]);
  t.match(await sip.execute({ type: "registrations.domain", domain: "example.net" }), {
    count: 1,
    registered: 1,
    users: { "1001": { registered: true } },
  });
  await t.rejects(
    sip.execute({ type: "dialog.invite", request: { from, to: { user: "1001" }, maxforwards: 0 } }),
    { code: "MAX_FORWARDS_EXCEEDED" },
  );
});

t.test("directories", async (t) => {
  const { sip } = listening();
  const domain = "example.net";
  await t.rejects(sip.execute({ type: "directory.patch", domain, users: [] }), { code: "DOMAIN_UNKNOWN" });
  await t.rejects(sip.execute({ type: "directory.get", domain }), { code: "DOMAIN_UNKNOWN" });
  await sip.execute({ type: "directory.put", domain, users: [{ username: "a", secret: "s" }] });
  await sip.execute({ type: "directory.patch", domain, users: [{ username: "b", secret: "s" }] });
  t.same(await sip.execute({ type: "directory.get", domain }), { users: ["a", "b"] });
  await sip.execute({ type: "directory.delete", domain, user: "a" });
  await t.rejects(sip.execute({ type: "directory.delete", domain, user: "a" }), { code: "USER_UNKNOWN" });
  await sip.execute({ type: "directory.delete", domain });
  t.same(await sip.execute({ type: "directory.get" }), { domains: [] });
});
