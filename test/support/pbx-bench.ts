/** The whole switch but sockets: SIP, control with the seed's face and a fake engine, in virtual time. */
import type { Test } from "tap";
import type { Call } from "../../ts/control/call.js";
import { Controller } from "../../ts/control/controller.js";
import { ProjectControl } from "../../ts/control/projectcontrol.js";
import { silentLog } from "../../ts/core/log.js";
import { isHold } from "../../ts/sdp/direction.js";
import { isSdpRefusal, parseSdp } from "../../ts/sdp/parse.js";
import { FakeMediaService } from "./fake-media-service.js";
import type { LadderRow } from "./ladder.js";
import type { ScriptedParty } from "./scripted-party.js";
import { ALICE, BOB, DOMAIN, SipBench, sdp, type SipBenchOptions } from "./sip-bench.js";

/** PCMU from alice; bob's answers take PCMA only. */
export const ALICE_SDP = sdp("198.51.100.10");
export const BOB_SDP = sdp("198.51.100.20").replace("RTP/AVP 0", "RTP/AVP 8");

export interface PbxOptions extends Omit<SipBenchOptions, "control"> {
  /** What becomes of a call that comes in; unless given, whoever was dialled is called. */
  readonly script?: (call: Call) => unknown;
}

export class PbxBench {
  readonly bench: SipBench;
  readonly media = new FakeMediaService();
  readonly control: ProjectControl;

  constructor({ script, ...options }: PbxOptions = {}) {
    this.bench = new SipBench({
      isHold: (text) => {
        const description = parseSdp(text);
        return !isSdpRefusal(description) && isHold(description);
      },
      ...options,
    });
    this.control = new ProjectControl({
      log: silentLog,
      connect: () =>
        Promise.resolve({
          controller: new Controller({
            sip: this.bench.sip,
            media: this.media,
            clock: this.bench.clock,
            random: this.bench.random,
            log: silentLog,
          }),
          close: () => Promise.resolve(),
        }),
    });
    this.control.onnewcall = script ?? ((call) => call.newcall({ to: { user: call.destination } }));
  }

  /** With these phones registered. */
  async started(phones: (bench: SipBench) => readonly ScriptedParty[] = ({ bob }) => [bob]): Promise<this> {
    void this.control.directory(DOMAIN, [ALICE, BOB]);
    await this.control.run();
    await this.bench.registered(...phones(this.bench));
    return this;
  }

  async endsClean(t: Test): Promise<void> {
    await this.bench.leavesNothing(t);
    t.equal(this.media.channels.size, 0, "no channel is open");
    t.strictSame(Object.keys(this.control.calls), [], "no call is left");
  }
}

/** Alice calls bob, who rings. */
export const ringing: readonly LadderRow[] = [
  [0, "alice", "switch", "INVITE", { sdp: ALICE_SDP }],
  [0, "switch", "alice", "100 Trying"],
  [0, "switch", "bob", "INVITE"],
  [100, "bob", "switch", "180 Ringing"],
  [100, "switch", "alice", "180 Ringing"],
];

/** … and answers. */
export const talking: readonly LadderRow[] = [
  ...ringing,
  [3000, "bob", "switch", "200 OK", { sdp: BOB_SDP }],
  [3000, "switch", "bob", "ACK"],
  [3000, "switch", "alice", "200 OK"],
  [3010, "alice", "switch", "ACK"],
];

/** … and alice ends it. */
export const aliceEnds: readonly LadderRow[] = [
  [90_000, "alice", "switch", "BYE"],
  [90_000, "switch", "alice", "200 OK"],
  [90_000, "switch", "bob", "BYE"],
  [90_010, "bob", "switch", "200 OK", { to: "BYE" }],
];
