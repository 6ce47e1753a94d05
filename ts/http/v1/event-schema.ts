/** Every event of the API, by its type: what stands in its `data`. */
import { z } from "zod";
import { callSchema } from "./call-schema.js";

const call = z.object({ call: callSchema });
const nothing = z.object({});
const record = z.looseObject({ version: z.int(), id: z.string() }).describe("the call's record; docs/v1.md");

export const EVENT_DATA = {
  "call.new": call.describe("an INVITE came, or goes out"),
  "call.rung": call.describe("our 180 went out"),
  "call.ringing": call.describe("the far end rings"),
  "call.early": nothing.describe("the far end is heard before it has answered"),
  "call.answered": call,
  "call.hold": nothing.describe("the far end put us on hold"),
  "call.unhold": nothing,
  "call.modified": nothing.describe("the far end accepted our re-INVITE"),
  "call.unmodified": z.object({ code: z.int().exactOptional() }).describe("it was refused"),
  "call.key": z.object({ key: z.string(), source: z.enum(["telephone-event", "inband", "info"]) }),
  "call.key-end": z.object({ key: z.string(), durationMillis: z.number() }),
  "call.message": z.object({ method: z.enum(["INFO", "MESSAGE"]), type: z.string(), body: z.string() }),
  "call.refer": z
    .object({ to: z.string(), domain: z.string(), uri: z.string(), attended: z.boolean() })
    .describe("the far end asks for a transfer"),
  "call.referred": z.object({ to: z.string(), domain: z.string(), by: z.string() }),
  "call.partner": z.object({ callid: z.string() }).describe("another leg is at the other end from now on"),
  "call.replaced": z.object({ by: z.string() }),
  "call.channel": z
    .looseObject({ type: z.enum(["play", "record", "mix", "source-rejected", "closed"]) })
    .describe("what the media channel tells: docs/http-api.md, what rtp tells control"),
  "call.note": z.object({ what: z.string() }),
  "call.action": z
    .object({
      action: z.enum(["play", "say", "gather", "record", "dial", "bridge", "transfer", "send-keys"]),
      result: z.looseObject({}).exactOptional(),
      error: z.object({ code: z.string(), message: z.string() }).exactOptional(),
    })
    .describe("how an action came to its end that takes a while"),
  "call.ended": call,
  cdr: z.object({ record }),
  "webhook.undelivered": z
    .object({
      webhook: z.string(),
      number: z.int().describe("of the event that was given up"),
      reason: z.enum(["refused", "too old", "queue full"]),
      attempts: z.int(),
      status: z.int().exactOptional(),
    })
    .describe("an event that a webhook never gets"),
} as const satisfies Record<string, z.ZodObject>;

export type EventType = keyof typeof EVENT_DATA;
export const EVENT_TYPES = Object.keys(EVENT_DATA) as [EventType, ...EventType[]];

/** What is told, before it has a number. */
export type Tidings = {
  [Type in EventType]: {
    readonly type: Type;
    /** Ids of the call and of its record; none where it is about no call. */
    readonly call?: string;
    readonly record?: string;
    readonly data: z.output<(typeof EVENT_DATA)[Type]>;
  };
}[EventType];

/** `number` counts from 1, in steps of 1, for as long as `feed` is the same: that is until control is restarted. */
export type V1Event = Tidings & {
  readonly feed: string;
  readonly number: number;
  readonly at: number;
};

/** Stands where events are missing: they were too long ago, or the feed has begun anew. */
export interface Gap {
  readonly type: "gap";
  readonly feed: string;
  /** Number of the last one that is missing: reading goes on behind it. */
  readonly number: number;
  readonly data: {
    readonly reason: "expired" | "restarted";
    /** How many; absent where that can't be known. */
    readonly lost?: number;
  };
}

const envelope = (type: EventType): z.ZodObject =>
  z.object({
    type: z.literal(type),
    feed: z.string(),
    number: z.int(),
    at: z.int(),
    call: z.string().exactOptional(),
    record: z.string().exactOptional(),
    data: EVENT_DATA[type],
  });

const gapSchema = z
  .object({
    type: z.literal("gap"),
    feed: z.string(),
    number: z.int(),
    data: z.object({ reason: z.enum(["expired", "restarted"]), lost: z.int().exactOptional() }),
  })
  .describe("events before this one are missing");

/** For the OpenAPI document. */
export const eventSchema = z.union([...EVENT_TYPES.map(envelope), gapSchema]);
