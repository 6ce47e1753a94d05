import type { CodecName } from "../../ts/sdp/payload-types.js";
import type { Direction } from "../../ts/sdp/session-description.js";
import type { Log } from "../../ts/core/log.js";
import { Controller } from "../../ts/control/controller.js";
import { ProjectControl } from "../../ts/control/projectcontrol.js";
import { makeAnswer, makeOffer } from "../../ts/sdp/offer-answer.js";
import { isSdpRefusal, parseSdp } from "../../ts/sdp/parse.js";
import { serializeSdp } from "../../ts/sdp/serialize.js";
import type { SessionDescription } from "../../ts/sdp/session-description.js";
import { FakeMediaService } from "../support/fake-media-service.js";
import { FakeSipService } from "../support/fake-sip-service.js";
import { ManualClock } from "../support/manual-clock.js";
import { SeededRandom } from "../support/seeded-random.js";

export interface LogLine {
  readonly level: keyof Log;
  readonly text: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Call control between a SIP side and a media engine that a test plays. */
export class Exchange {
  readonly sip = new FakeSipService();
  readonly media = new FakeMediaService();
  readonly clock = new ManualClock();
  readonly lines: LogLine[] = [];
  readonly log: Log = {
    debug: (fields, text) => this.lines.push({ level: "debug", text, fields }),
    info: (fields, text) => this.lines.push({ level: "info", text, fields }),
    warn: (fields, text) => this.lines.push({ level: "warn", text, fields }),
    error: (fields, text) => this.lines.push({ level: "error", text, fields }),
  };
  readonly controller: Controller;
  readonly projectcontrol: ProjectControl;
  closed = 0;

  private constructor(seed: number) {
    const { sip, media, clock, log } = this;
    this.controller = new Controller({ sip, media, clock, log, random: new SeededRandom(seed) });
    this.projectcontrol = new ProjectControl({
      log,
      connect: () =>
        Promise.resolve({
          controller: this.controller,
          close: () => {
            this.closed += 1;
            return Promise.resolve();
          },
        }),
    });
  }

  static async open(seed = 1): Promise<Exchange> {
    const exchange = new Exchange(seed);
    await exchange.projectcontrol.run();
    return exchange;
  }

  /** Lets everything that was started come to its end. */
  settle(): Promise<void> {
    return this.clock.settle();
  }

  get errors(): LogLine[] {
    return this.lines.filter(({ level }) => level === "error");
  }

  /** What has to be 0 once all calls are over. */
  get left(): object {
    const { calls, channels } = this.controller.health();
    return {
      calls,
      channels,
      openInEngine: this.media.channels.size,
      liveInSip: this.sip.live.length,
      timers: this.clock.pendingTimers,
    };
  }
}

export const NOTHING_LEFT = { calls: 0, channels: 0, openInEngine: 0, liveInSip: 0, timers: 0 };

export interface PhoneSdp {
  readonly address?: string;
  readonly port?: number;
  readonly codecs?: readonly CodecName[];
  readonly direction?: Direction;
  readonly version?: number;
}

const phone = ({
  address = "192.0.2.1",
  port = 4000,
  codecs = ["pcmu"],
  direction,
  version = 1,
}: PhoneSdp) => ({
  address,
  port,
  codecs,
  sessionId: "77",
  sessionVersion: version,
  ...(direction !== undefined && { direction }),
});

/** A phone's offer. */
export const offerOf = (sdp: PhoneSdp = {}): string => serializeSdp(makeOffer(phone(sdp)));

/** A phone's answer to our offer. */
export function answerTo(offer: string | undefined, sdp: PhoneSdp = {}): string {
  const result = makeAnswer(read(offer), phone(sdp));
  if (result.kind === "refused") throw new Error(result.message);
  return serializeSdp(result.answer);
}

export function read(text: string | undefined): SessionDescription {
  const result = parseSdp(text ?? "");
  if (isSdpRefusal(result)) throw new Error(result.message);
  return result;
}
