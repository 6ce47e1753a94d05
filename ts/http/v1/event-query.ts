import { z } from "zod";
import { EVENT_TYPES, type EventType } from "./event-schema.js";
import type { EventFilter } from "./event-reader.js";

const MOST = 100;
const FAMILIES = new Set(EVENT_TYPES.map((type) => `${type.split(".")[0] ?? type}.*`));

export const isEventType = (text: string): boolean =>
  EVENT_TYPES.includes(text as EventType) || FAMILIES.has(text);

/** `a,b`, or the parameter more than once. */
const list = z
  .union([z.string(), z.array(z.string())])
  .transform((given) => (Array.isArray(given) ? given : [given]).flatMap((text) => text.split(",")))
  .pipe(z.array(z.string().min(1).max(4096)).min(1).max(MOST));

/** A type of event, or a family of them. */
export const eventType = z.string().refine(isEventType, {
  error: `expected a type of event, such as call.answered, or a family, such as call.*`,
});

export const eventQuery = z.strictObject({
  since: z
    .string()
    .max(100)
    .exactOptional()
    .describe("`feed.number` or the number of the last event that was read; 0 for all that are kept"),
  call: list.exactOptional().describe("ids of calls, separated by commas"),
  type: list
    .pipe(z.array(eventType))
    .exactOptional()
    .describe("types of events, or families such as call.*, separated by commas"),
});

export function filterOf({ call, type }: z.output<typeof eventQuery>): EventFilter {
  return {
    ...(call !== undefined && { calls: new Set(call) }),
    ...(type !== undefined && { types: type }),
  };
}
