import type { Clock } from "../core/clock.js";
import type { Log } from "../core/log.js";
import type { Random } from "../core/random.js";
import type { MediaService } from "../rtp/media-service.js";
import type { CodecName } from "../sdp/payload-types.js";
import type { CallInfo, InviteRequest, SipService } from "../sip/sip-service.js";
import type { CallInput } from "./call-machine.js";
import type { Call } from "./call.js";
import type { HangupStatus } from "./causes.js";
import type { Script } from "./script.js";

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
  /** Open channels: uuid → whose. */
  readonly channels: Map<string, Call>;

  /** Moves the call by one input. @returns settles when its effects are done; never rejects. */
  feed(call: Call, input: CallInput, details?: InputDetails): Promise<void>;
  /** Logs the error, keeps it on the call and hangs it up. */
  fail(call: Call, error: unknown): void;
  /** Enters an outbound call into the books before the SIP side hears of it. */
  enter(info: CallInfo): Call;
  /** Has the SIP side make the call; the call takes the id that it gets there. Rejects when it is refused. */
  invite(call: Call, request: InviteRequest): Promise<void>;
  /** Takes the call out of the books. */
  leave(call: Call): void;
}
