import { z } from "zod";
import { name } from "./wire.js";

/** What the rtp component tells control: statistics and the events of channels. */

const count = z.int().min(0);

const quality = z.object({
  packets: count,
  octets: count,
  lost: z.int().nullable(),
  jitterMillis: z.number().nullable(),
  rFactor: z.number().nullable(),
  mos: z.number().nullable(),
});

/** `GET /channel/<uuid>` */
export const statisticsReply = z.object({
  datagrams: count,
  forwarded: count,
  consumed: count,
  received: quality.extend({ lost: z.int(), jitterMillis: z.number() }),
  sent: quality,
  roundTripMillis: z.number().nullable(),
  dropped: z.record(z.string(), z.int()),
  refused: z.record(z.string(), z.int()).exactOptional(),
  tick: z.object({ count, meanUs: z.number(), maxUs: z.number() }),
  jitterBuffer: z
    .object({ delayMillis: z.number(), concealed: count, samplesRemoved: count, samplesInserted: count })
    .exactOptional(),
  heard: z
    .object({
      from: z.string(),
      firstAgoMillis: z.number(),
      lastAgoMillis: z.number(),
      longestGapMillis: z.number(),
      longestGapAgoMillis: z.number(),
    })
    .exactOptional(),
});

const played = z.discriminatedUnion("event", [
  z.object({ type: z.literal("play"), uuid: name, event: z.literal("start"), reason: z.literal("new") }),
  z.object({
    type: z.literal("play"),
    uuid: name,
    event: z.literal("end"),
    reason: z.enum([
      "completed",
      "replaced",
      "stopped",
      "telephone-event",
      "interrupted",
      "mix",
      "channelclosed",
      "error",
    ]),
  }),
  z.object({ type: z.literal("play"), uuid: name, event: z.enum(["paused", "resumed"]) }),
]);

const recorded = z.discriminatedUnion("event", [
  z.object({
    type: z.literal("record"),
    uuid: name,
    file: z.string(),
    event: z.enum(["recording", "recording.abovepower", "paused", "resumed", "slow-disk"]),
  }),
  z.object({
    type: z.literal("record"),
    uuid: name,
    file: z.string(),
    event: z.literal("finished"),
    reason: z.enum([
      "requested",
      "belowpower",
      "timeout",
      "channelclosed",
      "replaced",
      "open-failed",
      "disk-full",
      "write-failed",
    ]),
    filesize: count,
    durationMillis: z.number().min(0),
  }),
]);

const mediaEvent = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("closed"),
    uuid: name,
    reason: z.enum(["requested", "idle-timeout", "lease-expired", "shutdown", "error"]),
    statistics: statisticsReply,
  }),
  z.object({ type: z.literal("source-rejected"), uuid: name, address: z.string(), port: z.int() }),
  z.object({
    type: z.literal("telephone-event"),
    uuid: name,
    event: z.string(),
    inband: z.literal(true).exactOptional(),
  }),
  z.object({
    type: z.literal("telephone-event-end"),
    uuid: name,
    event: z.string(),
    durationMillis: z.number().min(0),
  }),
  played,
  recorded,
  z.object({ type: z.literal("mix"), uuid: name, event: z.enum(["start", "finished"]) }),
]);

/** `PUT <control>/channel/<uuid>`; `number` counts from 1 per channel, so that a repeated event is known. */
export const mediaEventBody = z.object({ number: z.int().min(1), event: mediaEvent });

export type MediaCallback = z.output<typeof mediaEventBody>;
