import type { Clock } from "../core/clock.js";
import type { Log } from "../core/log.js";
import type { Random } from "../core/random.js";
import type { MediaEvent, MediaService } from "../rtp/media-service.js";
import type { CodecName } from "../sdp/payload-types.js";
import type { CallInfo, InviteRequest, SipService } from "../sip/sip-service.js";
import type { CallInput } from "./call-machine.js";
import type { Call } from "./call.js";
import type { ClosingChannels } from "./closing-channels.js";
import type { ChannelLease } from "./channel-lease.js";
import type { HangupStatus } from "./causes.js";
import type { Script } from "./script.js";
import type { Watchers } from "./watchers.js";

/** What comes with an input of the call machine, as far as its effects need it. */
export interface InputDetails {
  /** `ring` */
  readonly alertinfo?: string | undefined;
  /** `answer` */
  readonly codecs?: readonly CodecName[] | undefined;
  /** `hangup`, `failed` */
  readonly status?: HangupStatus;
  /** Events: the far end's session description as of that event. */
  readonly them?: string | undefined;
  /** `key` */
  readonly key?: { readonly key: string; readonly duration: number } | undefined;
}

/** What the verbs have to work with. The controller is one. */
export interface Desk {
  readonly sip: SipService;
  readonly media: MediaService;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** URL that events about our calls and channels are to go to; undefined in one process. */
  readonly controlUrl: string | undefined;
  readonly script: Script;
  /** Live calls by call-id. */
  readonly calls: ReadonlyMap<string, Call>;
  /** Under which channels are opened, where the media side may outlive us. */
  readonly lease?: ChannelLease | undefined;
  /** Open channels: uuid → whose. */
  readonly channels: Map<string, Call>;
  /** Open channels that belong to no call: uuid → who is told of their events. */
  readonly serviceChannels: Map<string, (event: MediaEvent) => void>;
  /** Channels that we have closed and that have not said their last word. */
  readonly closing: ClosingChannels<Call>;
  /** Told of what channels tell after their call has ended. */
  readonly lastWatchers: Pick<Watchers<{ readonly call: Call; readonly event: MediaEvent }>, "add">;

  /** Moves the call by one input. @returns settles when its effects are done; never rejects. */
  feed(call: Call, input: CallInput, details?: InputDetails): Promise<void>;
  /** Logs the error, keeps it on the call and hangs it up. */
  fail(call: Call, error: unknown): void;
  /** Enters an outbound call into the books before the SIP side hears of it. */
  enter(info: CallInfo, record?: string): Call;
  /** Has the SIP side make the call; the call takes the id that it gets there. Rejects when it is refused. */
  invite(call: Call, request: InviteRequest): Promise<void>;
  /** Runs what belongs to the call: an error that nobody catches, now or later, is the call's. */
  within<Result>(call: Call, run: () => Result): Result;
  /** Takes the call out of the books. */
  leave(call: Call): void;
}
