/** Traces of calls on the wire: `trace/call-trace.ts` says what each field means. */
import { z } from "zod";

const at = z.number().describe("milliseconds since 1970");
const direction = z.enum(["inbound", "outbound"]);

const cause = z.object({
  name: z.string(),
  sip: z.int().exactOptional(),
  q850: z.int(),
  side: z.enum(["us", "them"]).exactOptional(),
  text: z.string(),
});

const summary = z.object({
  id: z.string(),
  state: z.enum(["live", "ended"]),
  direction,
  from: z.string(),
  to: z.string(),
  domain: z.string(),
  callids: z.array(z.string()),
  start: at,
  answer: at.exactOptional(),
  end: at.exactOptional(),
  cause: cause.exactOptional(),
});

const quality = z.object({
  packets: z.int(),
  octets: z.int(),
  lost: z.int().nullable(),
  jitterMillis: z.number().nullable(),
  rFactor: z.number().nullable(),
  mos: z.number().nullable(),
});

const message = z.object({
  at,
  number: z.int().describe("the order of messages of one moment"),
  leg: z.int().exactOptional(),
  callid: z.string(),
  direction: z.enum(["in", "out"]),
  peer: z.string(),
  protocol: z.enum(["UDP", "TCP", "TLS", "WS", "WSS"]),
  firstLine: z.string(),
  name: z.string(),
  text: z.string(),
  size: z.int(),
  cut: z.literal(true).exactOptional(),
  retransmission: z.literal(true).exactOptional(),
});

const leg = z.object({
  callid: z.string(),
  direction,
  from: z.string(),
  to: z.string(),
  domain: z.string(),
  gateway: z.string().exactOptional(),
  remote: z.object({ host: z.string(), port: z.int() }),
  start: at,
  ring: at.exactOptional(),
  answer: at.exactOptional(),
  end: at.exactOptional(),
  cause: cause.exactOptional(),
  channel: z
    .object({
      uuid: z.string(),
      address: z.string(),
      port: z.int(),
      codec: z.string().exactOptional(),
      far: z.string().exactOptional(),
    })
    .exactOptional(),
  samples: z.array(
    z.object({
      at,
      received: quality,
      sent: quality,
      roundTripMillis: z.number().nullable(),
      dropped: z.record(z.string(), z.int()),
      refused: z.record(z.string(), z.int()).exactOptional(),
    }),
  ),
});

/** `GET /trace/:callid` of the sip component. */
export const tracedMessages = z.object({ messages: z.array(message), omitted: z.int() });

/** `GET /trace` of control. */
export const traceList = z.object({ calls: z.array(summary), omitted: z.int() });

export const traceQuery = z.object({
  search: z.string().max(200).exactOptional().describe("in a number, the domain, the id or a Call-ID"),
  state: z.enum(["live", "ended"]).exactOptional(),
  limit: z.coerce.number().int().min(1).max(1000).exactOptional(),
});

/** `GET /trace/:id` of control. */
export const callTrace = summary.extend({
  version: z.literal(1),
  state: z.enum(["live", "ended", "unknown"]),
  endedBy: z.object({ leg: z.string(), side: z.enum(["us", "them"]) }).exactOptional(),
  legs: z.array(leg),
  messages: z.array(message),
  messagesOmitted: z.int(),
  media: z.array(
    z.object({
      at,
      leg: z.int(),
      type: z.enum([
        "opened",
        "target",
        "first-packet",
        "source-learnt",
        "source-rejected",
        "gap",
        "joined",
        "parted",
        "direction",
        "play",
        "record",
        "closed",
      ]),
      text: z.string(),
      millis: z.number().exactOptional(),
    }),
  ),
  events: z.array(z.object({ at, leg: z.int(), type: z.string(), what: z.string().exactOptional() })),
  eventsOmitted: z.int(),
  findings: z.array(
    z.object({
      rule: z.string(),
      severity: z.enum(["failure", "warning", "note"]),
      leg: z.int().exactOptional(),
      text: z.string(),
      advice: z.string().exactOptional(),
    }),
  ),
});

export type TracedMessagesBody = z.output<typeof tracedMessages>;
export type TraceListBody = z.output<typeof traceList>;
export type CallTraceBody = z.output<typeof callTrace>;
