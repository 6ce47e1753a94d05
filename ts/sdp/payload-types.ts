import { parseCount } from "./fields.js";
import type { RtpMap } from "./session-description.js";

/**
 * Names of formats on the public surface: audio, `cn` for comfort noise (RFC 3389), and `2833` for telephone-events
 * (now RFC 4733).
 */
export const CODEC_NAMES = [
  "pcma",
  "pcmu",
  "722",
  "ilbc",
  "ilbc@20",
  "ilbc@30",
  "l16",
  "l16@16000",
  "cn",
  "2833",
] as const;
export type CodecName = (typeof CODEC_NAMES)[number];

/** Those that are heard by themselves. */
export const isAudio = (name: CodecName): boolean => name !== "cn" && name !== "2833";

export function isCodecName(text: string): text is CodecName {
  return (CODEC_NAMES as readonly string[]).includes(text);
}

export interface PayloadFormat {
  /** Registered encoding name; compared without case (RFC 8866 §6.6). */
  readonly encoding: string;
  /** RTP clock rate in Hz. */
  readonly clock: number;
  readonly channels: 1;
  /** Static, or the dynamic one that our offers use. */
  readonly payloadType: number;
  /** `static`: the number alone says the format. */
  readonly assignment: "static" | "dynamic";
  readonly fmtp?: string;
  /** Packets hold whole frames of so many milliseconds; 10 where samples may be cut anywhere. */
  readonly frameMillis: number;
}

const ILBC_20 = {
  encoding: "iLBC",
  clock: 8000,
  channels: 1,
  payloadType: 97,
  assignment: "dynamic",
  fmtp: "mode=20",
  frameMillis: 20,
} as const;

/** The formats we can name. `ilbc` leaves the mode to the far end and asks for 20 ms. */
export const PAYLOAD_FORMATS: Readonly<Record<CodecName, PayloadFormat>> = {
  // RFC 3551 §6, table 4
  pcmu: {
    encoding: "PCMU",
    clock: 8000,
    channels: 1,
    payloadType: 0,
    assignment: "static",
    frameMillis: 10,
  },
  pcma: {
    encoding: "PCMA",
    clock: 8000,
    channels: 1,
    payloadType: 8,
    assignment: "static",
    frameMillis: 10,
  },
  // RFC 3551 §4.5.2: sampled at 16 kHz, RTP clock 8 kHz by an old mistake that stays
  "722": {
    encoding: "G722",
    clock: 8000,
    channels: 1,
    payloadType: 9,
    assignment: "static",
    frameMillis: 10,
  },
  // RFC 3952 §4.1, §5
  ilbc: ILBC_20,
  "ilbc@20": ILBC_20,
  "ilbc@30": { ...ILBC_20, fmtp: "mode=30", frameMillis: 30 },
  // RFC 3551 §4.5.11: 16-bit samples, the high octet first
  l16: {
    encoding: "L16",
    clock: 8000,
    channels: 1,
    payloadType: 98,
    assignment: "dynamic",
    frameMillis: 10,
  },
  "l16@16000": {
    encoding: "L16",
    clock: 16_000,
    channels: 1,
    payloadType: 99,
    assignment: "dynamic",
    frameMillis: 10,
  },
  // RFC 3389 §4: static at 8000 Hz
  cn: {
    encoding: "CN",
    clock: 8000,
    channels: 1,
    payloadType: 13,
    assignment: "static",
    frameMillis: 10,
  },
  // RFC 4733 §2.4.1, §3.2: events 0–15 are the DTMF keys, 16 is flash
  "2833": {
    encoding: "telephone-event",
    clock: 8000,
    channels: 1,
    payloadType: 101,
    assignment: "dynamic",
    fmtp: "0-16",
    frameMillis: 10,
  },
};

/**
 * Clock rates that telephone-events come at, those of our audio, and the payload types that our offers use for them:
 * each rate is a format of its own (RFC 4733 §2.1: timestamps count as those of the audio do).
 */
export const EVENT_PAYLOAD_TYPES: Readonly<Record<number, number>> = { 8000: 101, 16_000: 102 };

const STATIC_MAPS: ReadonlyMap<number, RtpMap> = new Map(
  Object.values(PAYLOAD_FORMATS)
    .filter(({ assignment }) => assignment === "static")
    .map(({ payloadType, encoding, clock }) => [payloadType, { encoding, clock }]),
);

/** The format that a payload type stands for without rtpmap; undefined for dynamic and unknown ones. */
export const staticRtpMap = (payloadType: number): RtpMap | undefined => STATIC_MAPS.get(payloadType);

/** Encoding name in lower case → clock rate → the first codec of that name. */
const CODEC_BY_MAP = new Map<string, Map<number, CodecName>>();
for (const name of CODEC_NAMES) {
  const { encoding, clock } = PAYLOAD_FORMATS[name];
  const byClock = CODEC_BY_MAP.get(encoding.toLowerCase()) ?? new Map<number, CodecName>();
  CODEC_BY_MAP.set(encoding.toLowerCase(), byClock);
  if (!byClock.has(clock)) byClock.set(clock, name);
}

/** The name for what an rtpmap and its fmtp say; iLBC by its mode. Undefined: nothing we know. */
export function codecNameOf(map: RtpMap, fmtp: string | undefined): CodecName | undefined {
  if (map.params !== undefined && parseCount(map.params) !== 1) return undefined;
  const encoding = map.encoding.toLowerCase();
  if (encoding === PAYLOAD_FORMATS["2833"].encoding) {
    return Object.hasOwn(EVENT_PAYLOAD_TYPES, map.clock) ? "2833" : undefined;
  }
  const name = CODEC_BY_MAP.get(encoding)?.get(map.clock);
  return name === "ilbc" ? ilbcModeOf(fmtp) : name;
}

/** RFC 3952 §5: `mode` is 20 or 30 milliseconds, 30 where it is not said. */
function ilbcModeOf(fmtp: string | undefined): "ilbc@20" | "ilbc@30" {
  const parameters = (fmtp ?? "").split(";").map((parameter) => parameter.trim().toLowerCase());
  return parameters.includes("mode=20") ? "ilbc@20" : "ilbc@30";
}
