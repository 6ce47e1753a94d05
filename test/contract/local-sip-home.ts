import { ms, seconds } from "../../ts/core/brand.js";
import { textToBinary } from "../../ts/sip/message/binary.js";
import { SipBench } from "../support/sip-bench.js";
import { ScriptedParty } from "../support/scripted-party.js";
import { header, messageName, statusOf, type SipText } from "../support/sip-text.js";
import type { SipHome } from "./sip-service.contract.js";

/** The SIP server itself on a fake network; its far ends are scripted phones, one per user. */
export async function localSip(): Promise<SipHome> {
  const { sip, network, random, clock, address } = new SipBench();
  const phones = new Map<string, ScriptedParty>();
  const callers = new Map<string, ScriptedParty>();
  const phoneOf = (user: string, domain: string): ScriptedParty => {
    const known = phones.get(user);
    if (known !== undefined) return known;
    const local = { address: `203.0.113.${String(phones.size + 1)}`, port: 5060 };
    const phone = new ScriptedParty({ network, random, user, domain, local, switch: address });
    phones.set(user, phone);
    return phone;
  };
  const trunk = new ScriptedParty({
    network,
    random,
    user: "",
    domain: "trunk.example",
    local: { address: "203.0.113.250", port: 5060 },
    switch: address,
  });
  const calling = (callid: string): ScriptedParty => {
    const caller = callers.get(callid);
    if (caller === undefined) throw new Error(`nobody called under ${callid}`);
    return caller;
  };
  const answersTo = (callid: string): SipText[] =>
    calling(callid).received.filter((message) => header(message, "call-id") === callid);
  let passed = Promise.resolve();
  const pass = (): Promise<void> => {
    passed = passed.then(() => clock.advance(ms(10)));
    return passed;
  };
  return {
    service: sip,
    farEnd: {
      registers: async (domain, user) => {
        phoneOf(user, domain).send("REGISTER", { expires: 600 });
        await pass();
      },
      invites: async ({ from, to, domain, sdp }) => {
        const caller = phoneOf(from, domain);
        caller.send("INVITE", { sdp, uri: `sip:${to}@${domain}` });
        await pass();
        const callid = header(caller.received.at(-1) ?? noAnswer(), "call-id") ?? "";
        callers.set(callid, caller);
        return callid;
      },
      refusal: async (callid) => {
        const last = messageName(answersTo(callid).at(-1) ?? noAnswer());
        return /^[3-6]/.test(last) ? Number(last.slice(0, 3)) : undefined;
      },
      acks: async (callid) => {
        await pass();
        calling(callid).send("ACK");
        await pass();
      },
      subscribes: async (domain, user, subscriber) => {
        const headers = { Event: "dialog", Expires: "600" };
        const phone = phoneOf(subscriber, domain);
        phone.send("SUBSCRIBE", { uri: `sip:${user}@${domain}`, headers });
        await pass();
        phone.send("200 OK", { to: "NOTIFY" });
        await pass();
      },
      messages: async ({ from, to, domain, content }) => {
        const sender = phoneOf(from, domain);
        const sdp = textToBinary(content);
        sender.send("MESSAGE", {
          uri: `sip:${to}@${domain}`,
          sdp,
          headers: { "Content-Type": "text/plain", Contact: null },
        });
        await pass();
        return statusOf(sender.received.at(-1) ?? noAnswer()) ?? 0;
      },
      takesMessage: async (user) => {
        await pass();
        phones.get(user)?.send("200 OK", { to: "MESSAGE" });
        await pass();
      },
      gatewayAddress: trunk.address.address,
      takesRegistration: async () => {
        await pass();
        trunk.send("200 OK", { to: "REGISTER", headers: { Expires: "3600" } });
        await pass();
      },
      hangsUp: async (callid) => {
        await pass();
        calling(callid).send("BYE");
        await pass();
      },
    },
    close: async () => {
      const closed = sip.close();
      // Registrations at gateways are taken back, for which a moment is waited.
      await clock.advance(seconds(3));
      await closed;
    },
  };
}

function noAnswer(): never {
  throw new Error("the switch said nothing");
}
