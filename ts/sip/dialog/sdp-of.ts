import type { Headers } from "../message/message.js";
import { SDP_TYPE } from "./uas-invite.js";

/** The body, where it is a session description. */
export function sdpOf(message: {
  readonly headers: Pick<Headers, "content-type">;
  readonly content: string;
}): string | undefined {
  const type = message.headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
  return message.content !== "" && type === SDP_TYPE ? message.content : undefined;
}
