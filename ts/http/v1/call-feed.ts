import type { Call } from "../../control/call.js";
import type { CallEvent, ChannelEvent } from "../../control/call-event.js";
import type { Controller } from "../../control/controller.js";
import type { CallRegistry } from "./call-registry.js";
import type { EventLog } from "./event-log.js";
import type { Tidings } from "./event-schema.js";

/** Tells the event log of everything that happens to calls. @returns ends that. */
export function feedCalls(controller: Controller, registry: CallRegistry, log: EventLog): () => void {
  const of = (call: Call): { call: string; record: string } => ({
    call: registry.idOf(call),
    record: call.record,
  });
  const unwatch = [
    controller.watchers.add(({ call, event }) => {
      const tidings = tidingsOf(event, () => registry.resourceOf(call));
      if (tidings !== undefined) log.tell({ ...tidings, ...of(call) });
    }),
    controller.lastWatchers.add(({ call, event }) => {
      if (event.type === "telephone-event" || event.type === "telephone-event-end") return;
      log.tell({ type: "call.channel", ...of(call), data: shown(event) });
    }),
  ];
  return () => {
    for (const stop of unwatch) stop();
  };
}

function tidingsOf(
  event: CallEvent,
  resource: () => ReturnType<CallRegistry["resourceOf"]>,
): Tidings | undefined {
  switch (event.type) {
    case "new":
    case "rung":
    case "ringing":
    case "answered":
    case "ended": {
      const call = resource();
      return call && { type: `call.${event.type}`, data: { call } };
    }
    case "early":
    case "hold":
    case "unhold":
    case "modified":
      return { type: `call.${event.type}`, data: {} };
    case "unmodified":
      return {
        type: "call.unmodified",
        data: event.refused === undefined ? {} : { code: event.refused.code },
      };
    case "key":
      return { type: "call.key", data: { key: event.key, source: event.source } };
    case "key-end":
      return { type: "call.key-end", data: { key: event.key, durationMillis: event.durationMillis } };
    case "message":
      return { type: "call.message", data: { ...event.message } };
    case "refer": {
      const { to, domain, uri, replaces } = event.refer;
      return { type: "call.refer", data: { to, domain, uri, attended: replaces !== undefined } };
    }
    case "referred":
      return { type: "call.referred", data: { to: event.to, domain: event.domain, by: event.by } };
    case "partner":
      return { type: "call.partner", data: { callid: event.callid } };
    case "replaced":
      return { type: "call.replaced", data: { by: event.by } };
    case "channel":
      return { type: "call.channel", data: shown(event.event) };
    case "note":
      return { type: "call.note", data: { what: event.what } };
  }
}

/** Without the URL of this control. */
function shown({ control: _control, ...event }: ChannelEvent): ChannelEvent & Record<string, unknown> {
  return { ...event };
}
