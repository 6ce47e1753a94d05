import type { CodecName } from "../sdp/payload-types.js";
import type { Registration } from "../sip/sip-service.js";
import type { Call } from "./call.js";
import { DEFAULT_CODECS } from "./codecs.js";
import { ListenerList } from "./listener-list.js";

/** What a script set for all its calls. */
export class Script {
  codecs: readonly CodecName[] = DEFAULT_CODECS;
  readonly newcall = new ListenerList<Call>();
  readonly ringing = new ListenerList<Call>();
  readonly answer = new ListenerList<Call>();
  readonly hangup = new ListenerList<Call>();
  readonly reporting = new ListenerList<Call>();
  readonly reg = new ListenerList<Registration>();
  readonly dereg = new ListenerList<{ readonly domain: string; readonly user: string }>();
}
