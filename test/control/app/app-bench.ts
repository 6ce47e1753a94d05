/** The whole switch but sockets, with the modern face: SIP, control and a fake engine, in virtual time. */
import type { Test } from "tap";
import type { ActiveCall } from "../../../ts/control/app/active-call.js";
import { App } from "../../../ts/control/app/app.js";
import { Controller } from "../../../ts/control/controller.js";
import { ProjectControl } from "../../../ts/control/projectcontrol.js";
import { ms } from "../../../ts/core/brand.js";
import type { Log } from "../../../ts/core/log.js";
import { isHold } from "../../../ts/sdp/direction.js";
import { isSdpRefusal, parseSdp } from "../../../ts/sdp/parse.js";
import { FakeMediaService } from "../../support/fake-media-service.js";
import type { LadderRow } from "../../support/ladder.js";
import { ALICE_SDP } from "../../support/pbx-bench.js";
import type { ScriptedParty } from "../../support/scripted-party.js";
import { ALICE, BOB, DOMAIN, SipBench, type SipBenchOptions } from "../../support/sip-bench.js";

export interface LogLine {
  readonly level: keyof Log;
  readonly text: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export type Oncall = (call: ActiveCall, bench: AppBench) => unknown;

export class AppBench {
  readonly bench: SipBench;
  readonly media = new FakeMediaService();
  readonly control: ProjectControl;
  readonly app: App;
  readonly lines: LogLine[] = [];
  /** The calls that `oncall` was given, in order. */
  readonly calls: ActiveCall[] = [];
  #controller: Controller | undefined;

  constructor(oncall: Oncall | undefined, options: Omit<SipBenchOptions, "control"> = {}) {
    this.bench = new SipBench({
      isHold: (text) => {
        const description = parseSdp(text);
        return !isSdpRefusal(description) && isHold(description);
      },
      ...options,
    });
    const { sip, clock, random } = this.bench;
    const write =
      (level: keyof Log) =>
      (fields: LogLine["fields"], text: string): void => {
        this.lines.push({ level, text, fields });
      };
    const log = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
    this.control = new ProjectControl({
      log,
      connect: () => {
        const controller = new Controller({ sip, media: this.media, clock, random, log });
        this.#controller = controller;
        return Promise.resolve({ controller, close: () => Promise.resolve() });
      },
    });
    this.app = new App({ control: this.control });
    if (oncall === undefined) return;
    this.app.oncall((call) => {
      this.calls.push(call);
      return oncall(call, this);
    });
  }

  /** With these phones registered; bob's unless given. */
  static async started(
    oncall?: Oncall,
    phones: (bench: SipBench) => readonly ScriptedParty[] = ({ bob }) => [bob],
  ): Promise<AppBench> {
    const bench = new AppBench(oncall);
    void bench.app.directory(DOMAIN, [ALICE, BOB]);
    await bench.app.run();
    await bench.bench.registered(...phones(bench.bench));
    return bench;
  }

  get controller(): Controller {
    if (this.#controller === undefined) throw new Error("it is not running yet");
    return this.#controller;
  }

  get errors(): LogLine[] {
    return this.lines.filter(({ level }) => level === "error");
  }

  /** The first call that came in. */
  get call(): ActiveCall {
    const [call] = this.calls;
    if (call === undefined) throw new Error("no call came in yet");
    return call;
  }

  /** Alice's channel, or whose else. */
  channelOf(call: ActiveCall = this.call): string {
    const uuid = call.line.call.leg.channel?.uuid;
    if (uuid === undefined) throw new Error("the call has no channel");
    return uuid;
  }

  /** @param acts what happens at which millisecond of the flow, besides the ladder. */
  async flow(
    t: Test,
    rows: readonly LadderRow[],
    acts: readonly (readonly [at: number, act: () => unknown])[] = [],
  ): Promise<void> {
    await this.bench.flow(
      t,
      rows,
      acts.map(([at, act]) => [at, async () => act()]),
    );
  }

  /** Alice presses these keys, one every 100 ms from `at` on. */
  keys(at: number, keys: string): readonly (readonly [at: number, act: () => unknown])[] {
    return Array.from(keys).map((key, index) => [at + index * 100, () => this.press(key)]);
  }

  /** Nothing happens once the channel is closed. */
  async press(key: string): Promise<void> {
    const uuid = this.call.line.call.leg.channel?.uuid;
    if (uuid === undefined) return;
    await this.media.emit({ type: "telephone-event", uuid, event: key });
    await this.media.emit({ type: "telephone-event-end", uuid, event: key, durationMillis: 80 });
  }

  /** What is played to the call comes to its end. */
  playEnds(call: ActiveCall = this.call): void {
    this.media.channels.get(this.channelOf(call))?.endPlay("completed");
  }

  after(millis: number): Promise<void> {
    return this.bench.clock.advance(ms(millis));
  }

  async endsClean(t: Test): Promise<void> {
    await this.bench.leavesNothing(t);
    t.equal(this.media.channels.size, 0, "no channel is open");
    t.strictSame(Object.keys(this.control.calls), [], "no call is left");
  }
}

/** Alice calls; whatever becomes of that is for the rows that follow. */
export const calling: readonly LadderRow[] = [
  [0, "alice", "switch", "INVITE", { sdp: ALICE_SDP }],
  [0, "switch", "alice", "100 Trying"],
];

/** … and is answered at once. */
export const answered: readonly LadderRow[] = [
  ...calling,
  [0, "switch", "alice", "200 OK"],
  [10, "alice", "switch", "ACK"],
];

export const weEnd = (at: number): readonly LadderRow[] => [
  [at, "switch", "alice", "BYE"],
  [at + 10, "alice", "switch", "200 OK", { to: "BYE" }],
];

export const aliceEnds = (at: number): readonly LadderRow[] => [
  [at, "alice", "switch", "BYE"],
  [at, "switch", "alice", "200 OK"],
];
