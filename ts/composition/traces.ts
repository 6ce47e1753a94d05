/** What is kept of calls for whoever looks into them later: messages at the SIP side, all the rest at control. */
import type { ComponentRequests } from "../control/component-requests.js";
import type { Controller } from "../control/controller.js";
import type { CallRecorder } from "../control/record/call-recorder.js";
import { MediaswitchError } from "../core/errors.js";
import { tracedMessages } from "../http/trace-wire.js";
import type { MessageSource, TraceSource } from "../http/trace-routes.js";
import type { TracedMessages } from "../trace/call-trace.js";
import type { ChannelLogs } from "../trace/channel-logs.js";
import { MessageStore } from "../trace/message-store.js";
import { Traces } from "../trace/traces.js";

export const DEFAULT_TRACED_CALLS = 1000;
/** Call-IDs that the SIP side keeps for each call that control keeps. */
const LEGS_OF_A_CALL = 2;

/** @param calls 0: nothing is kept. */
export const openMessageStore = (calls = DEFAULT_TRACED_CALLS): MessageStore | undefined =>
  calls === 0 ? undefined : new MessageStore({ calls: calls * LEGS_OF_A_CALL });

export const NOTHING_KEPT: MessageSource = { messagesOf: () => ({ messages: [], omitted: 0 }) };

export interface OpenTracesOptions {
  readonly controller: Controller;
  readonly recorder: CallRecorder;
  readonly channels: ChannelLogs;
  readonly calls: number;
  /** Asks the sip component, wherever it is. */
  readonly requests: ComponentRequests | undefined;
}

export interface OpenTraces extends TraceSource {
  health(): object;
  close(): void;
}

export function openTraces({
  controller,
  recorder,
  channels,
  calls,
  requests,
}: OpenTracesOptions): OpenTraces {
  if (calls === 0) return NO_TRACES;
  const { clock, log } = controller;
  const messagesOf = async (callid: string): Promise<TracedMessages> => {
    const nothing = { messages: [], omitted: 0 };
    if (requests === undefined) return nothing;
    const path = `/trace/${encodeURIComponent(callid)}`;
    const { code, message, json } = await requests("sip", { method: "GET", path });
    const read = tracedMessages.safeParse(json);
    if (code === 200 && read.success) return read.data;
    // An older server keeps none.
    if (code !== 404) log.warn({ callid, code, message }, "the messages of a call can't be had");
    return nothing;
  };
  return new Traces({ controller, recorder, channels, clock, log, messagesOf, calls });
}

const notKept = (): never => {
  throw new MediaswitchError("CALL_UNKNOWN", "no traces are kept: it was started with --trace 0");
};

const NO_TRACES: OpenTraces = {
  list: notKept,
  trace: () => Promise.resolve().then(notKept),
  health: () => ({}),
  close: () => undefined,
};
