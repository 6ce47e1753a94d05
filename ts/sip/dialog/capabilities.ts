import type { OtherHeaders } from "../message/message.js";
import { RELIABLE } from "./reliable-provisionals.js";
import { TIMER } from "./session-timer.js";

/** Option tags of what is understood within a call: RFC 3262, RFC 4028, RFC 3891, RFC 4488. */
export const CALL_EXTENSIONS: readonly string[] = [RELIABLE, TIMER, "replaces", "norefersub"];

/** What an OPTIONS is told besides Allow and Supported (RFC 3261 §11.2). */
export const SIP_ACCEPT: Readonly<OtherHeaders> = {
  Accept: "application/sdp",
  "Accept-Encoding": "identity",
  "Accept-Language": "en",
};
