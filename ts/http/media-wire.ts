import { z } from "zod";
import type { AgreedFormat, AudioFormat, RemoteMedia } from "../rtp/media-service.js";
import { controlField, name } from "./wire.js";

/**
 * Bodies and replies about channels of the rtp component. What is asked of us is read strictly, but for the making of
 * a channel; what others tell us is not.
 */

const payloadType = z.int().min(0).max(127);

const audioFormats = [
  "PCMU",
  "PCMA",
  "G722",
  "iLBC/20",
  "iLBC/30",
  "L16/8000",
  "L16/16000",
] as const satisfies AudioFormat[];

/**
 * What bare payload types mean: the static ones of RFC 3551 table 4, and the dynamic one under which the original
 * sends iLBC.
 */
const BARE_FORMATS: Readonly<Record<number, AudioFormat>> = {
  0: "PCMU",
  8: "PCMA",
  9: "G722",
  97: "iLBC/20",
};

/** What the original's control offers for RFC 4733, hence what a bare 101 means. */
const TELEPHONE_EVENT = 101;

/** RFC 3389 §4: static at 8000 Hz. */
const COMFORT_NOISE = 13;

const agreedFormat = z.strictObject({
  payloadType,
  format: z.enum(audioFormats),
  receive: payloadType.exactOptional(),
});

const audio = z.strictObject({
  /** The seed's: payload types in order of preference. */
  payloads: z.array(payloadType).exactOptional(),
  /** What each of them is; without it `payloads` are read as `BARE_FORMATS`, 13 and 101 say. */
  formats: z.array(agreedFormat).min(1).exactOptional(),
  telephoneEvent: payloadType.exactOptional(),
  telephoneEventReceive: payloadType.exactOptional(),
  telephoneEventClock: z.int().min(1).exactOptional(),
  comfortNoise: payloadType.exactOptional(),
  rtcpMux: z.boolean().exactOptional(),
  rtcpPort: z.int().min(1).max(65535).exactOptional(),
  ptime: z.int().min(10).max(60).exactOptional(),
  direction: z.strictObject({ send: z.boolean(), recv: z.boolean() }).exactOptional(),
});

type Audio = z.output<typeof audio>;

const targetJson = z.strictObject({
  ip: z.string().min(1),
  port: z.int().min(1).max(65535),
  audio: audio.default({ payloads: [0, 8] }),
});

function formatsOf({ payloads, formats }: Audio): readonly AgreedFormat[] {
  if (formats !== undefined) return formats;
  return (payloads ?? [0, 8]).flatMap((type) => {
    const format = BARE_FORMATS[type];
    return format === undefined ? [] : [{ payloadType: type, format }];
  });
}

/** A payload type that the body names by `key`, or that stands in a bare list and means the same everywhere. */
function named(given: Audio, key: "telephoneEvent" | "comfortNoise", bare: number): number | undefined {
  const isBare = given.formats === undefined && given.payloads?.includes(bare) === true;
  return given[key] ?? (isBare ? bare : undefined);
}

const remoteMedia = z.custom<RemoteMedia>((value) => typeof value === "object" && value !== null);

type SameInBoth = Pick<
  RemoteMedia,
  "telephoneEventReceive" | "telephoneEventClock" | "rtcpMux" | "rtcpPort" | "ptime" | "direction"
>;

/** What is the same in a body and in `RemoteMedia`. */
const sameInBoth = (given: SameInBoth): SameInBoth => {
  const { telephoneEventReceive, telephoneEventClock, rtcpMux, rtcpPort, ptime, direction } = given;
  return {
    ...(telephoneEventReceive === undefined ? {} : { telephoneEventReceive }),
    ...(telephoneEventClock === undefined ? {} : { telephoneEventClock }),
    ...(rtcpMux === undefined ? {} : { rtcpMux }),
    ...(rtcpPort === undefined ? {} : { rtcpPort }),
    ...(ptime === undefined ? {} : { ptime }),
    ...(direction === undefined ? {} : { direction }),
  };
};

/** `PUT /channel/<uuid>`, `PUT /channel/target/<uuid>`, and `target` of a new channel. */
export const targetField = z.codec(targetJson, remoteMedia, {
  decode: ({ ip, port, audio: given }, context): RemoteMedia => {
    const formats = formatsOf(given);
    if (formats.length === 0) {
      context.issues.push({
        code: "custom",
        message: `expected at least one of the payload types ${Object.keys(BARE_FORMATS).join(", ")}`,
        input: given,
        path: ["audio", "payloads"],
      });
      return z.NEVER;
    }
    const telephoneEvent = named(given, "telephoneEvent", TELEPHONE_EVENT);
    const comfortNoise = named(given, "comfortNoise", COMFORT_NOISE);
    return {
      address: ip,
      port,
      formats,
      ...(telephoneEvent === undefined ? {} : { telephoneEvent }),
      ...(comfortNoise === undefined ? {} : { comfortNoise }),
      ...sameInBoth(given),
    };
  },
  encode: (remote) => {
    const { address, port, formats, telephoneEvent, comfortNoise } = remote;
    const payloads = [...formats.map(({ payloadType }) => payloadType), comfortNoise, telephoneEvent];
    return {
      ip: address,
      port,
      audio: {
        payloads: payloads.filter((type) => type !== undefined),
        formats: [...formats],
        ...(telephoneEvent === undefined ? {} : { telephoneEvent }),
        ...(comfortNoise === undefined ? {} : { comfortNoise }),
        ...sameInBoth(remote),
      },
    };
  },
});

const lease = z.strictObject({ holder: name, seconds: z.number().positive() });

/**
 * `POST /`, `POST /channel`: nothing, `{}`, or with where events go and the far end, if known by now. The original's
 * control posts a whole call here: of other fields nothing is made.
 */
export const openBody = z
  .object({
    control: controlField.exactOptional(),
    target: targetField.exactOptional(),
    lease: lease.exactOptional(),
    callid: z.string().max(4096).exactOptional().describe("Call-ID of the leg, for the log"),
  })
  .default({});

/** Servers of the seed tell the first two. */
const load = z.object({
  active: z.int(),
  available: z.int(),
  draining: z.boolean().default(false),
  load: z.number().exactOptional(),
});

/** `uuid` and `channel` are the same: the original's name and the seed's. */
export const openReply = z.object({
  uuid: name,
  channel: name.exactOptional(),
  ip: z.string(),
  port: z.int(),
  channels: load,
});

/** `DELETE /channel/<uuid>`, `PUT /drain` */
export const loadReply = z.object({
  channels: load.default({ active: 0, available: 0, draining: false }),
});

/** `PUT /lease/<holder>` */
export const renewReply = z.object({ channels: z.int() });

/** `PUT /drain`, `PUT /channel/<uuid>/echo`: without a body, on. */
export const switchBody = z.strictObject({ enabled: z.boolean().default(true) }).default({ enabled: true });

/** `PUT /channel/<uuid>/detect` */
export const detectBody = z.strictObject({ inband: z.boolean().default(true) }).default({ inband: true });

/** `PUT /channel/<uuid>/direction` */
export const directionBody = z
  .strictObject({ send: z.boolean().exactOptional(), recv: z.boolean().exactOptional() })
  .default({});

/** `PUT /channel/<uuid>/whisper` */
export const whisperBody = z.strictObject({ to: z.string().min(1).exactOptional() }).default({});

/** `PUT /channel/<uuid>/dtmf`. What digits and lengths are possible, the engine says. */
export const dtmfBody = z.strictObject({
  digits: z.string().min(1),
  duration: z.number().exactOptional(),
  pause: z.number().exactOptional(),
  volume: z.number().exactOptional(),
});

/** `GET /health`, `GET /stats` */
export const mediaHealthReply = z.object({
  channels: z.int(),
  sockets: z.int(),
  available: z.int(),
  eventsLost: z.int(),
  draining: z.boolean().default(false),
  load: z.number().exactOptional(),
  instance: z.string().exactOptional(),
});
