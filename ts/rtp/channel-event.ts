import type { Channel } from "./channel-table.js";
import type { MediaEvent } from "./media-service.js";
import type { NativeChannelEvent } from "./native-event.js";

/** The addon's event as it is told: by the channel's name, and with whose it is. */
export function toldOf(channel: Channel, event: NativeChannelEvent): MediaEvent {
  const { uuid, control } = channel;
  switch (event.type) {
    // These two come with every call, so each is one literal.
    case "mix":
      return control === undefined
        ? { uuid, type: "mix", event: event.event }
        : { uuid, control, type: "mix", event: event.event };
    case "closed": {
      const { reason, statistics } = event;
      return control === undefined
        ? { uuid, type: "closed", reason, statistics }
        : { uuid, control, type: "closed", reason, statistics };
    }
    case "record":
    case "source-rejected":
    case "telephone-event":
    case "telephone-event-end":
    case "play": {
      const { channel: _number, ...rest } = event;
      const named = rest.type === "record" ? { ...rest, file: channel.recordingName(rest.file) } : rest;
      return control === undefined ? { uuid, ...named } : { uuid, control, ...named };
    }
  }
}
