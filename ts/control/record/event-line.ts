import type { MediaEvent } from "../../rtp/media-service.js";
import type { CallEvent, ChannelEvent } from "../call-event.js";

/** What there is to say of an event besides its type, for people; keys and texts of messages stay out. */
export function whatOf(event: CallEvent): string | undefined {
  switch (event.type) {
    case "note":
      return event.what;
    case "channel":
      return channelLine(event.event);
    case "refer":
      return `to ${event.refer.uri}`;
    case "referred":
      return `to ${event.to}@${event.domain} by ${event.by}`;
    case "partner":
      return event.callid;
    case "replaced":
      return `by ${event.by}`;
    case "unmodified":
      return event.refused === undefined
        ? undefined
        : `${String(event.refused.code)} ${event.refused.status}`;
    case "message":
      return event.message.method;
    case "new":
    case "rung":
    case "ringing":
    case "early":
    case "answered":
    case "hold":
    case "unhold":
    case "modified":
    case "key":
    case "key-end":
    case "ended":
      return undefined;
  }
}

export function channelLine(event: ChannelEvent | MediaEvent): string {
  switch (event.type) {
    case "play":
      return event.event === "end" ? `play end ${event.reason}` : `play ${event.event}`;
    case "record":
      return `record ${event.event} ${event.file}`;
    case "mix":
      return `mix ${event.event}`;
    case "closed":
      return `closed ${event.reason}`;
    case "source-rejected":
      return `source rejected ${event.address}`;
    case "telephone-event":
    case "telephone-event-end":
      return event.type;
  }
}
