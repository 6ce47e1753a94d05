import { LOOPBACK } from "./ports.js";

/** The least that a phone with PCMU offers. Nothing listens there. */
export const BARE_SDP = [
  "v=0",
  `o=- 1 1 IN IP4 ${LOOPBACK}`,
  "s=-",
  `c=IN IP4 ${LOOPBACK}`,
  "t=0 0",
  "m=audio 40000 RTP/AVP 0",
  "",
].join("\r\n");
