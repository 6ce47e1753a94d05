import type { Call } from "../../ts/control/call.js";
import type { FakeChannel } from "../support/fake-media-channel.js";
import { Exchange, answerTo, offerOf, type PhoneSdp } from "./exchange.js";

/** A caller and whoever he called, who hear each other. */
export interface Talking {
  readonly exchange: Exchange;
  readonly caller: Call;
  readonly callee: Call;
  readonly channelOf: (call: Call) => FakeChannel;
  readonly reinvites: (call: Call, sdp: PhoneSdp) => Promise<void>;
}

/** @param script what else the script does with the caller before it calls 1001. */
export async function talking(
  script: (call: Call, exchange: Exchange) => unknown = () => undefined,
): Promise<Talking> {
  const exchange = await Exchange.open();
  const calls: Call[] = [];
  exchange.projectcontrol.onnewcall = (call) => {
    script(call, exchange);
    calls.push(call, call.newcall({ to: { user: "1001" } }));
  };
  await exchange.sip.invited({ from: "1000", to: "1001", sdp: offerOf() });
  await exchange.settle();
  const [caller, callee] = calls;
  if (caller === undefined || callee === undefined) throw new Error("no two calls");
  await exchange.sip.rings(callee.callid);
  await exchange.sip.answers(callee.callid, answerTo(exchange.sip.dialog(callee.callid).info.sdp.us));
  await exchange.settle();
  await exchange.sip.acks(caller.callid);
  await exchange.settle();
  let version = 1;
  return {
    exchange,
    caller,
    callee,
    channelOf: (call) => {
      const channel = exchange.media.channels.get(call.leg.channel?.uuid ?? "");
      if (channel === undefined) throw new Error("no channel");
      return channel;
    },
    reinvites: async (call, sdp) => {
      version += 1;
      await exchange.sip.reinvites(call.callid, offerOf({ ...sdp, version }));
      await exchange.settle();
      const { pending, info } = exchange.sip.dialog(call.callid);
      if (pending === "ack" && !info.hangup) await exchange.sip.acks(call.callid);
    },
  };
}

export const what = (call: Call): string[] => call.history.map((line) => line.what);
