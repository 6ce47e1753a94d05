/** The audio that a session description names, read leniently: for people who look for what went wrong with it. */
import type { Direction } from "../sdp/session-description.js";

export interface OfferedAudio {
  /** Where it is to be sent to. */
  readonly address: string;
  readonly port: number;
  /** `PCMU/8000`, in the order of preference; telephone-events and comfort noise are not among them. */
  readonly codecs: readonly string[];
  /** Payload type of telephone-events. */
  readonly telephoneEvent?: number;
  /** It takes comfort noise packets (RFC 3389), and so may send nothing while nobody speaks. */
  readonly comfortNoise?: true;
  readonly direction: Direction;
}

/** Payload types that need no rtpmap (RFC 3551 table 4). */
const STATIC: Readonly<Record<string, string>> = {
  0: "PCMU/8000",
  3: "GSM/8000",
  4: "G723/8000",
  8: "PCMA/8000",
  9: "G722/8000",
  13: "CN/8000",
  15: "G728/8000",
  18: "G729/8000",
};

const NO_CODEC = /^(telephone-event|CN)\b/i;

/** Undefined where there is no audio in it, or no description at all. */
export function offeredAudio(body: string): OfferedAudio | undefined {
  const lines = body.split(/\r?\n/);
  const at = lines.findIndex((line) => line.startsWith("m=audio "));
  if (at < 0) return undefined;
  const [, port = "0", , ...types] = (lines[at] ?? "").trim().split(/\s+/);
  const next = lines.findIndex((line, index) => index > at && line.startsWith("m="));
  const own = lines.slice(at, next < 0 ? undefined : next);
  const session = lines.slice(
    0,
    lines.findIndex((line) => line.startsWith("m=")),
  );
  const names = new Map(
    own.flatMap((line): [string, string][] => {
      const [, type = "", name = ""] = /^a=rtpmap:(\d+)\s+(\S+)/i.exec(line) ?? [];
      return type === "" ? [] : [[type, name]];
    }),
  );
  const nameOf = (type: string): string => names.get(type) ?? STATIC[type] ?? `payload type ${type}`;
  const address =
    [...own, ...session]
      .map((line) => /^c=IN IP[46] ([^\s/]+)/i.exec(line)?.[1])
      .find((each) => each !== undefined) ?? "";
  const keys = types.find((type) => /^telephone-event\b/i.test(nameOf(type)));
  return {
    address,
    port: Number(port),
    codecs: types.map(nameOf).filter((name) => !NO_CODEC.test(name)),
    ...(keys !== undefined && { telephoneEvent: Number(keys) }),
    ...(types.some((type) => /^CN\b/i.test(nameOf(type))) && { comfortNoise: true as const }),
    direction: directionOf(own) ?? directionOf(session) ?? "sendrecv",
  };
}

const directionOf = (lines: readonly string[]): Direction | undefined =>
  lines
    .map((line) => /^a=(sendrecv|sendonly|recvonly|inactive)\s*$/i.exec(line)?.[1]?.toLowerCase())
    .find((direction): direction is Direction => direction !== undefined);
