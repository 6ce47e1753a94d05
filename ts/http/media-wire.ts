import { z } from "zod";
import type { AudioFormat, RemoteMedia } from "../rtp/media-service.js";
import { controlField, name } from "./wire.js";

/** Bodies and replies of the rtp component, and the callbacks it sends to control. */

const payloadType = z.int().min(0).max(127);

const audioFormats = ["PCMU", "PCMA"] as const satisfies AudioFormat[];

/** Payload types that mean the same everywhere (RFC 3551 table 4): enough when a peer sends bare numbers. */
const STATIC_FORMATS: Readonly<Record<number, AudioFormat>> = { 0: "PCMU", 8: "PCMA" };

/** What the original's control offers for RFC 4733, hence what a bare 101 means. */
const TELEPHONE_EVENT = 101;

const audio = z.object({
  /** The seed's: payload types in order of preference. */
  payloads: z.array(payloadType).exactOptional(),
  /** What each of them is; without it the static types of RFC 3551 are read from `payloads`. */
  formats: z
    .array(z.object({ payloadType, format: z.enum(audioFormats) }))
    .min(1)
    .exactOptional(),
  telephoneEvent: payloadType.exactOptional(),
  ptime: z.int().min(10).max(60).exactOptional(),
  direction: z.object({ send: z.boolean(), recv: z.boolean() }).exactOptional(),
});

const targetJson = z.object({
  ip: z.string().min(1),
  port: z.int().min(1).max(65535),
  audio: audio.default({ payloads: [0, 8] }),
});

function formatsOf({ payloads, formats }: z.output<typeof audio>): RemoteMedia["formats"] {
  if (formats !== undefined) return formats;
  return (payloads ?? [0, 8]).flatMap((type) => {
    const format = STATIC_FORMATS[type];
    return format === undefined ? [] : [{ payloadType: type, format }];
  });
}

const remoteMedia = z.custom<RemoteMedia>((value) => typeof value === "object" && value !== null);

/** `PUT /channel/<uuid>`, `PUT /channel/target/<uuid>`, and `target` of a new channel. */
export const targetField = z.codec(targetJson, remoteMedia, {
  decode: ({ ip, port, audio: given }, context): RemoteMedia => {
    const formats = formatsOf(given);
    if (formats.length === 0) {
      context.issues.push({
        code: "custom",
        message: `expected at least one of the payload types ${Object.keys(STATIC_FORMATS).join(", ")}`,
        input: given,
        path: ["audio", "payloads"],
      });
      return z.NEVER;
    }
    const telephoneEvent =
      given.telephoneEvent ??
      (given.formats === undefined && given.payloads?.includes(TELEPHONE_EVENT) === true
        ? TELEPHONE_EVENT
        : undefined);
    return {
      address: ip,
      port,
      formats,
      ...(telephoneEvent === undefined ? {} : { telephoneEvent }),
      ...(given.ptime === undefined ? {} : { ptime: given.ptime }),
      ...(given.direction === undefined ? {} : { direction: given.direction }),
    };
  },
  encode: ({ address, port, formats, telephoneEvent, ptime, direction }) => ({
    ip: address,
    port,
    audio: {
      payloads: [
        ...formats.map((one) => one.payloadType),
        ...(telephoneEvent === undefined ? [] : [telephoneEvent]),
      ],
      formats: [...formats],
      ...(telephoneEvent === undefined ? {} : { telephoneEvent }),
      ...(ptime === undefined ? {} : { ptime }),
      ...(direction === undefined ? {} : { direction }),
    },
  }),
});

/** `POST /`, `POST /channel`: nothing, `{}`, or with where events go and the far end, if known by now. */
export const openBody = z
  .object({ control: controlField.exactOptional(), target: targetField.exactOptional() })
  .default({});

const load = z.object({ active: z.int(), available: z.int() });

/** `uuid` and `channel` are the same: the original's name and the seed's. */
export const openReply = z.object({
  uuid: name,
  channel: name.exactOptional(),
  ip: z.string(),
  port: z.int(),
  channels: load,
});

export const closeReply = z.object({ channels: load.default({ active: 0, available: 0 }) });

/** `GET /channel/<uuid>` */
export const statisticsReply = z.object({
  received: z.object({ packets: z.int(), octets: z.int(), lost: z.int(), jitterMillis: z.number() }),
  sent: z.object({ packets: z.int(), octets: z.int() }),
  dropped: z.record(z.string(), z.int()),
});

export const mediaHealthReply = z.object({
  channels: z.int(),
  sockets: z.int(),
  available: z.int(),
  eventsLost: z.int(),
});

const mediaEvent = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("closed"),
    uuid: name,
    reason: z.enum(["requested", "idle-timeout", "shutdown", "error"]),
    statistics: statisticsReply,
  }),
  z.object({ type: z.literal("source-rejected"), uuid: name, address: z.string(), port: z.int() }),
  z.object({ type: z.literal("telephone-event"), uuid: name, event: z.string() }),
]);

/** `PUT <control>/channel/<uuid>`; `number` counts from 1 per channel, so that a repeated event is known. */
export const mediaEventBody = z.object({ number: z.int().min(1), event: mediaEvent });

export type MediaCallback = z.output<typeof mediaEventBody>;
