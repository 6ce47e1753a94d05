import type { CallHappening } from "../../ts/control/call-event.js";
import { EVENT_DATA } from "../../ts/http/v1/event-schema.js";
import type { MediaEvent } from "../../ts/rtp/media-service.js";
import { code, MADE, table, type Page } from "./page.js";

const CALL: Readonly<Record<CallHappening["type"], string>> = {
  new: "It is in the books: an INVITE came, or goes out.",
  rung: "Our 180 went out.",
  ringing: "The far end rings.",
  early: "The far end is heard before it has answered (183).",
  answered: "Both sides have agreed: the ACK of our 2xx came, or their 2xx.",
  hold: "The far end put us on hold.",
  unhold: "The far end took us back.",
  modified: "The far end accepted our re-INVITE.",
  unmodified: "It refused it; `refused` has status and phrase.",
  key: "A key was pressed: `key`, and by which way in `source`.",
  "key-end": "A key of RFC 4733 was let go, `durationMillis` later.",
  message: "MESSAGE or INFO within the call.",
  refer: "The far end asks for a transfer (REFER).",
  referred: "A transfer took this leg: it is a new call to `to`, on behalf of `by`.",
  partner: "Another leg, `callid`, is at the other end from now on.",
  replaced: "The leg `by` has this one's place; this one is ended.",
  channel: "The media channel tells something: the next table.",
  note: "A line of the history.",
  ended: "The last one, always told.",
};

const MEDIA: Readonly<Record<MediaEvent["type"], string>> = {
  closed: "The channel is closed: `reason`, and all its `statistics`.",
  "source-rejected": "Packets come from somewhere else than the agreed address; told once a source.",
  "telephone-event": "First packet of a key press (RFC 4733), or a sure in-band one.",
  "telephone-event-end": "The key was let go, or its packets stopped.",
  play: "`start`, `paused`, `resumed`, or `end` with its reason.",
  record:
    "`recording`, `recording.abovepower`, `paused`, `resumed`, `slow-disk`, or `finished` with reason and sizes.",
  mix: "The channel joined a mix (`start`) or left it (`finished`).",
};

const rowsOf = (texts: Readonly<Record<string, string>>): readonly (readonly string[])[] =>
  Object.entries(texts).map(([name, text]) => [code(name), text]);

function feedRows(): readonly (readonly string[])[] {
  return Object.entries(EVENT_DATA).map(([type, schema]) => [
    code(type),
    schema.description ?? "As the event of the call.",
    Object.keys(schema.shape).map(code).join(" "),
  ]);
}

export function eventsPage(): Page {
  const text = `# Events

${MADE}

## Of a call

What \`for await (const event of call.events())\` gives, in order, each with \`type\` and \`at\` (milliseconds since 1970).

${table(["type", "when"], rowsOf(CALL))}

## Of its media channel

In \`channel\` events as \`event\`; key presses come as \`key\` and \`key-end\` above.

${table(["type", "when"], rowsOf(MEDIA))}

## Over /v1: server-sent events, WebSocket, webhooks

Each with \`number\`, \`type\`, \`at\` and \`data\`; [v1.md](v1.md) says how to go on after a break.

${table(["type", "when", "in its data"], feedRows())}
`;
  return { file: "events.md", text };
}
