import type { Mutable } from "../core/mutable.js";
import {
  parseAttribute,
  parseBandwidth,
  parseConnection,
  parseDirection,
  parseFmtp,
  parseKey,
  parseMediaLine,
  parseOrigin,
  parsePacketTime,
  parseRtpMap,
  parseTiming,
} from "./fields.js";
import type {
  Attribute,
  MediaDescription,
  RtpMap,
  SessionDescription,
  Timing,
} from "./session-description.js";

/** More than this is refused before it costs anything. */
export const SDP_LIMITS = { characters: 65_536, lines: 2_000, media: 32 } as const;

/** Why a text is no session description we take. */
export interface SdpRefusal {
  readonly kind: "refusal";
  /** Counted from 1; 0 = the text as a whole. */
  readonly line: number;
  readonly message: string;
}

export function isSdpRefusal(result: SessionDescription | SdpRefusal): result is SdpRefusal {
  return "kind" in result;
}

/** The order of lines (RFC 8866 §5); r= and z= belong to the t= above them. */
const SESSION_ORDER: Readonly<Record<string, number>> = {
  v: 0,
  o: 1,
  s: 2,
  i: 3,
  u: 4,
  e: 5,
  p: 6,
  c: 7,
  b: 8,
  t: 9,
  r: 9,
  z: 9,
  k: 10,
  a: 11,
};
const MEDIA_ORDER: Readonly<Record<string, number>> = { i: 0, c: 1, b: 2, k: 3, a: 4 };

type SessionDraft = Mutable<Omit<SessionDescription, "e" | "p" | "b" | "t" | "a" | "m" | "o" | "s">> & {
  o?: SessionDescription["o"];
  s?: string;
  e: string[];
  p: string[];
  b: SessionDescription["b"][number][];
  t: (Omit<Timing, "repeats"> & { repeats: string[] })[];
  a: Attribute[];
  m: MediaDraft[];
};
type MediaDraft = Mutable<Omit<MediaDescription, "b" | "rtpmap" | "fmtp" | "a">> & {
  b: MediaDescription["b"][number][];
  rtpmap: Map<string, RtpMap>;
  fmtp: Map<string, string>;
  a: Attribute[];
};

/**
 * Reads a session description. Total and linear: any text gives a description or a refusal.
 *
 * Lines stand in the order of RFC 8866 §5, as it demands, and unknown line types are refused. Attributes are
 * open: an unknown or malformed one is kept in `a` and harms nothing. LF alone ends a line too (§5 asks
 * readers for it).
 * DEPARTURE RFC 8866 §9: the last line may have no end, empty lines may follow it, s= may be empty and t= may
 * be missing; nothing depends on them.
 */
export function parseSdp(text: string): SessionDescription | SdpRefusal {
  if (text.length > SDP_LIMITS.characters) return refusal(0, "longer than 64 kB");
  const lines = text.split("\n", SDP_LIMITS.lines + 1);
  if (lines.length > SDP_LIMITS.lines) return refusal(0, `more than ${String(SDP_LIMITS.lines)} lines`);

  const session: SessionDraft = { v: 0, e: [], p: [], b: [], t: [], a: [], m: [] };
  let place = 0;
  let ended = 0;
  for (let index = 0; index < lines.length; index += 1) {
    const raw = lines[index] ?? "";
    const number = index + 1;
    const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    if (line === "") {
      ended = ended === 0 ? number : ended;
      continue;
    }
    if (ended !== 0) return refusal(ended, "an empty line in the middle");
    if (line.charAt(1) !== "=") return refusal(number, "not of the form <type>=<value>");
    if (line.includes("\r") || line.includes("\0"))
      return refusal(number, "a control character inside the line");

    const letter = line.charAt(0);
    if (number <= 3 && letter !== "vos".charAt(index)) {
      return refusal(number, `${"vos".charAt(index)}= has to be line ${String(number)}`);
    }
    const media = session.m.at(-1);
    const next = letter === "m" ? 0 : (media === undefined ? SESSION_ORDER : MEDIA_ORDER)[letter];
    if (next === undefined) return refusal(number, `${letter}= has no place here`);
    if (letter !== "m" && next < place) return refusal(number, `${letter}= stands too late`);
    place = next;

    const value = line.slice(2);
    const complaint =
      letter === "m" || media === undefined
        ? takeSessionLine(session, letter, value)
        : takeMediaLine(media, letter, value);
    if (complaint !== undefined) return refusal(number, complaint);
  }
  return isWhole(session) ? session : refusal(0, "ends before v=, o= and s= are complete");
}

function isWhole(draft: SessionDraft): draft is SessionDraft & Pick<SessionDescription, "o" | "s"> {
  return draft.o !== undefined && draft.s !== undefined;
}

function refusal(line: number, message: string): SdpRefusal {
  return { kind: "refusal", line, message };
}

/** Puts one line into the draft; gives what is wrong with it, or undefined. */
function takeSessionLine(draft: SessionDraft, letter: string, value: string): string | undefined {
  switch (letter) {
    case "v":
      return value.trimEnd() === "0" ? undefined : "only version 0 exists";
    case "o": {
      const origin = parseOrigin(value);
      const wrong = once("o", draft.o, origin);
      if (origin !== undefined) draft.o = origin;
      return wrong;
    }
    case "s":
    case "i":
    case "u":
    case "z": {
      const wrong = once(letter, draft[letter], value);
      draft[letter] = value;
      return wrong;
    }
    case "e":
      draft.e.push(value);
      return undefined;
    case "p":
      draft.p.push(value);
      return undefined;
    case "c": {
      const connection = parseConnection(value);
      const wrong = once("c", draft.c, connection);
      if (connection !== undefined) draft.c = connection;
      return wrong;
    }
    case "b":
      return push(draft.b, "b", parseBandwidth(value));
    case "t": {
      const timing = parseTiming(value);
      if (timing === undefined) return "malformed t=";
      draft.t.push({ start: timing.start, stop: timing.stop, repeats: [] });
      return undefined;
    }
    case "r": {
      const timing = draft.t.at(-1);
      if (timing === undefined) return "r= has no t= above it";
      timing.repeats.push(value);
      return undefined;
    }
    case "k": {
      const key = parseKey(value);
      const wrong = once("k", draft.k, key);
      if (key !== undefined) draft.k = key;
      return wrong;
    }
    case "a":
      draft.a.push(parseAttribute(value));
      return undefined;
    case "m":
      return takeMedia(draft, value);
    default:
      return `${letter}= has no place here`;
  }
}

function takeMedia(draft: SessionDraft, value: string): string | undefined {
  if (draft.m.length === SDP_LIMITS.media) return `more than ${String(SDP_LIMITS.media)} media sections`;
  const line = parseMediaLine(value);
  if (line === undefined) return "malformed m=";
  const { media, port, proto, payloads, numports } = line;
  const section: MediaDraft = {
    media,
    port,
    proto,
    payloads,
    b: [],
    rtpmap: new Map(),
    fmtp: new Map(),
    a: [],
  };
  if (numports !== undefined) section.numports = numports;
  draft.m.push(section);
  return undefined;
}

function takeMediaLine(draft: MediaDraft, letter: string, value: string): string | undefined {
  switch (letter) {
    case "i": {
      const wrong = once("i", draft.i, value);
      draft.i = value;
      return wrong;
    }
    case "c": {
      const connection = parseConnection(value);
      if (connection === undefined) return "malformed c=";
      draft.c ??= connection;
      return undefined;
    }
    case "b":
      return push(draft.b, "b", parseBandwidth(value));
    case "k": {
      const key = parseKey(value);
      const wrong = once("k", draft.k, key);
      if (key !== undefined) draft.k = key;
      return wrong;
    }
    case "a": {
      const attribute = parseAttribute(value);
      if (!takeKnownAttribute(draft, attribute)) draft.a.push(attribute);
      return undefined;
    }
    default:
      return `${letter}= has no place here`;
  }
}

/** False: not one that has a field of its own, malformed, or there already (the first one counts). */
function takeKnownAttribute(draft: MediaDraft, { name, value }: Attribute): boolean {
  if (value === undefined) {
    const direction = parseDirection(name);
    if (direction === undefined || draft.direction !== undefined) return false;
    draft.direction = direction;
    return true;
  }
  switch (name) {
    case "rtpmap": {
      const parsed = parseRtpMap(value);
      if (parsed === undefined || draft.rtpmap.has(parsed.key)) return false;
      draft.rtpmap.set(parsed.key, parsed.map);
      return true;
    }
    case "fmtp": {
      const parsed = parseFmtp(value);
      if (parsed === undefined || draft.fmtp.has(parsed.key)) return false;
      draft.fmtp.set(parsed.key, parsed.parameters);
      return true;
    }
    case "ptime":
    case "maxptime": {
      const millis = parsePacketTime(value);
      if (millis === undefined || draft[name] !== undefined) return false;
      draft[name] = millis;
      return true;
    }
    default:
      return false;
  }
}

/** A line that may stand once. @param found what was read; undefined where it is malformed. */
function once(letter: string, before: unknown, found: unknown): string | undefined {
  if (before !== undefined) return `a second ${letter}=`;
  return found === undefined ? `malformed ${letter}=` : undefined;
}

function push<T>(list: T[], letter: string, value: T | undefined): string | undefined {
  if (value === undefined) return `malformed ${letter}=`;
  list.push(value);
  return undefined;
}
