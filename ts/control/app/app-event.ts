import type { GatewayNews, MessageInfo, Registration, SubscriptionInfo } from "../../sip/sip-service.js";
import type { Deregistration } from "../script.js";
import type { ActiveCall } from "./active-call.js";
import type { CallEnding } from "./call-ended.js";

export type AppHappening =
  | { readonly type: "call-started"; readonly call: ActiveCall }
  | { readonly type: "call-ended"; readonly call: ActiveCall; readonly ending: CallEnding }
  /** Each successful REGISTER, refreshes included. */
  | { readonly type: "registered"; readonly registration: Registration }
  | { readonly type: "deregistered"; readonly registration: Deregistration }
  /** Our registration at a gateway succeeded after none, failed, or was taken back. */
  | { readonly type: "gateway"; readonly gateway: GatewayNews }
  /** A phone begins to watch a user, or stops. */
  | { readonly type: "subscribed"; readonly subscription: SubscriptionInfo }
  /** To somebody who has no phone to take it; only where `app.onmessage` takes them. */
  | { readonly type: "message"; readonly message: MessageInfo }
  /** So many were not read in time, just before the next one. */
  | { readonly type: "lost"; readonly count: number };

/** What happens to the switch, as far as a script hears of it; `at`: milliseconds since 1970. */
export type AppEvent = AppHappening & { readonly at: number };
