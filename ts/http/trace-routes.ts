import { NOTHING, part, route, type RouteTable } from "./route-table.js";
import { callTrace, traceList, traceQuery, tracedMessages } from "./trace-wire.js";

/** What the sip component keeps: `trace/message-store.ts`. */
export interface MessageSource {
  messagesOf(callid: string): object;
}

/** What control keeps: `trace/traces.ts`. */
export interface TraceSource {
  list(filter: { search?: string; state?: "live" | "ended"; limit?: number }): object;
  trace(id: string): Promise<object>;
}

/** The sip component's part: the messages of one Call-ID. */
export const messageTraceRoutes = (source: MessageSource): RouteTable => ({
  "/trace/:callid": {
    GET: route(
      {
        summary: "The messages of a Call-ID, as far as they are kept; none for one that is not known",
        body: NOTHING,
        reply: tracedMessages,
      },
      (input) => source.messagesOf(part(input, "callid")),
    ),
  },
});

/** Control's part: whole calls. */
export const traceRoutes = (source: TraceSource): RouteTable => ({
  "/trace": {
    GET: route(
      {
        summary: "The calls whose trace is kept, newest first",
        body: NOTHING,
        query: traceQuery,
        reply: traceList,
      },
      ({ query }) => source.list(query),
    ),
  },
  "/trace/:id": {
    GET: route(
      {
        summary: "All that is known of a call, by its id or a Call-ID, with what is wrong with it",
        body: NOTHING,
        reply: callTrace,
        refusals: ["CALL_UNKNOWN", "SIP_UNAVAILABLE"],
      },
      (input) => source.trace(part(input, "id")),
    ),
  },
});
