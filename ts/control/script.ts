import type { CodecName } from "../sdp/payload-types.js";
import type {
  DeregistrationReason,
  GatewayNews,
  MessageInfo,
  Registration,
  SubscriptionInfo,
} from "../sip/sip-service.js";
import type { ForwardGateway } from "./forward.js";
import type { Call } from "./call.js";
import { DEFAULT_CODECS } from "./codecs.js";
import type { CallDetailRecord } from "./record/call-detail-record.js";
import { ListenerList } from "./listener-list.js";
import type { MusicOnHold } from "./moh.js";
import type { TransferRule } from "./transfer/transfer-rule.js";

/** Somebody who has no phone registered any more. */
export interface Deregistration {
  readonly domain: string;
  readonly user: string;
  readonly reason?: DeregistrationReason;
}

/** What a script set for all its calls. */
export class Script {
  codecs: readonly CodecName[] = DEFAULT_CODECS;
  moh: MusicOnHold = {};
  /** `forward: true` takes the first. */
  readonly gateways: ForwardGateway[] = [];
  /** Whether a transfer may be; any that can, unless a face says otherwise. */
  mayTransfer: TransferRule = () => true;
  readonly newcall = new ListenerList<Call>();
  readonly ringing = new ListenerList<Call>();
  readonly answer = new ListenerList<Call>();
  readonly hold = new ListenerList<Call>();
  readonly offhold = new ListenerList<Call>();
  readonly hangup = new ListenerList<Call>();
  readonly reporting = new ListenerList<Call>();
  readonly reg = new ListenerList<Registration>();
  readonly dereg = new ListenerList<Deregistration>();
  readonly gateway = new ListenerList<GatewayNews>();
  readonly subscribe = new ListenerList<SubscriptionInfo>();
  readonly message = new ListenerList<MessageInfo>();
  readonly cdr = new ListenerList<CallDetailRecord>();
}
