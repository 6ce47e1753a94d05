/** SIP, control and its records over a network and media in memory, with traces of it all. */
import { epochMillis } from "../../../ts/core/brand.js";
import type { Call } from "../../../ts/control/call.js";
import { Controller } from "../../../ts/control/controller.js";
import { ProjectControl } from "../../../ts/control/projectcontrol.js";
import { CallRecorder } from "../../../ts/control/record/call-recorder.js";
import { silentLog } from "../../../ts/core/log.js";
import type { ChannelStatistics, MediaEvent, MediaService } from "../../../ts/rtp/media-service.js";
import { isHold } from "../../../ts/sdp/direction.js";
import { isSdpRefusal, parseSdp } from "../../../ts/sdp/parse.js";
import { NO_PACKETS } from "../../../ts/testing/fake-media-channel.js";
import type { CallTrace } from "../../../ts/trace/call-trace.js";
import { ChannelLogs } from "../../../ts/trace/channel-logs.js";
import { MessageStore } from "../../../ts/trace/message-store.js";
import { Traces } from "../../../ts/trace/traces.js";
import { FakeMediaService } from "../../support/fake-media-service.js";
import { ALICE, BOB, DOMAIN, SipBench, type SipBenchOptions } from "../../support/sip-bench.js";

export interface TracedBenchOptions extends Omit<SipBenchOptions, "control"> {
  /** Unless given, whoever was dialled is called. */
  readonly script?: (call: Call) => unknown;
  /** Packets that have come to each channel, in the order they were opened; none unless given. */
  readonly packets?: readonly number[];
  /** In place of `packets`: all figures of a channel, by its place in the order they were opened. */
  readonly figures?: (index: number) => ChannelStatistics;
  /** Calls kept. */
  readonly calls?: number;
  readonly store?: MessageStore;
}

const counted = (packets: number): ChannelStatistics => ({
  ...NO_PACKETS,
  datagrams: packets,
  forwarded: packets,
  received: { ...NO_PACKETS.received, packets },
});

export class TracedBench {
  readonly bench: SipBench;
  readonly media = new FakeMediaService();
  readonly controller: Controller;
  readonly recorder: CallRecorder;
  readonly store: MessageStore;
  readonly channels: ChannelLogs;
  readonly traces: Traces;
  readonly #control: ProjectControl;
  readonly #figures: (index: number) => ChannelStatistics;
  readonly #opened: string[] = [];

  constructor(options: TracedBenchOptions = {}) {
    const { script, packets = [], figures, calls = 100, store = new MessageStore(), ...rest } = options;
    this.#figures = figures ?? ((index) => counted(packets[index] ?? 0));
    this.store = store;
    this.bench = new SipBench({
      isHold: (text) => {
        const description = parseSdp(text);
        return !isSdpRefusal(description) && isHold(description);
      },
      ...rest,
    });
    const { clock, random, network, sip, address } = this.bench;
    network.observe(({ octets, from, to }) => {
      const direction = to.address === address.address ? "in" : "out";
      store.take({ octets, from, to, protocol: "UDP", at: epochMillis(clock.epoch()) }, direction);
      return "pass";
    });
    this.channels = new ChannelLogs(clock);
    const media = this.channels.watch(this.#counting());
    const control = { sip, media, clock, random, log: silentLog };
    this.controller = new Controller(control);
    this.recorder = new CallRecorder({ controller: this.controller, clock, random, log: silentLog });
    this.traces = new Traces({
      controller: this.controller,
      recorder: this.recorder,
      channels: this.channels,
      clock,
      log: silentLog,
      messagesOf: (callid) => Promise.resolve(store.messagesOf(callid)),
      calls,
    });
    const { controller } = this;
    const connect = () => Promise.resolve({ controller, close: () => Promise.resolve() });
    this.#control = new ProjectControl({ log: silentLog, connect });
    this.#control.onnewcall = script ?? ((call) => call.newcall({ to: { user: call.destination } }));
  }

  async started({ bob = true }: { readonly bob?: boolean } = {}): Promise<this> {
    void this.#control.directory(DOMAIN, [ALICE, BOB]);
    await this.#control.run();
    await this.bench.registered(...(bob ? [this.bench.bob] : []));
    return this;
  }

  /** The trace of the one call there is or was. */
  async trace(): Promise<CallTrace> {
    const [newest] = this.traces.list().calls;
    if (newest === undefined) throw new Error("no call is remembered");
    return this.traces.trace(newest.id);
  }

  /** Rules that found something. */
  async rules(): Promise<string[]> {
    return (await this.trace()).findings.map(({ rule }) => rule);
  }

  #counting(): MediaService {
    const { media } = this;
    const statistics = (uuid: string): ChannelStatistics => this.#figures(this.#opened.indexOf(uuid));
    const measured = (event: MediaEvent): MediaEvent =>
      event.type === "closed" ? { ...event, statistics: statistics(event.uuid) } : event;
    return {
      attach: (sink) => {
        media.attach((event) => sink(measured(event)));
      },
      execute: async (command, signal) => {
        const result = await media.execute(command, signal);
        if (command.type === "open") this.#opened.push((result as { uuid: string }).uuid);
        return command.type === "statistics"
          ? statistics((command as { readonly uuid?: string }).uuid ?? "")
          : result;
      },
    };
  }
}
