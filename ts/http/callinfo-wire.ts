import { z } from "zod";
import type { CallInfo, DialogCause } from "../sip/sip-service.js";
import { name, read, sdpField, write } from "./wire.js";

/** What the sip component tells of a call: `PUT <control>/dialog/<callid>`. */

const CAUSES = [
  "new",
  "ringing",
  "early",
  "early-offer",
  "answered",
  "offer",
  "reinvite",
  "modified",
  "unmodified",
  "refer",
  "key",
  "message",
  "ended",
] as const satisfies DialogCause[];

/** `{}` on the wire while there is no description. */
const sdpSlot = z.codec(z.record(z.string(), z.unknown()).default({}), z.string().optional(), {
  decode: (json, context) => {
    if (Object.keys(json).length === 0) return undefined;
    const text = sdpField.safeDecode(json);
    if (text.success) return text.data;
    context.issues.push({ code: "custom", message: text.error.message, input: json });
    return z.NEVER;
  },
  encode: (text) => (text === undefined ? {} : write(sdpField, text)),
});

const NEVER = { start: 0, ring: 0, answer: 0, end: 0 };

const status = z.object({ code: z.int(), status: z.string() });

/** What only one event tells. */
const news = {
  refer: z
    .object({
      to: z.string(),
      domain: z.string().default(""),
      uri: z.string().default(""),
      replaces: z.string().exactOptional(),
      totag: z.string().exactOptional(),
      fromtag: z.string().exactOptional(),
      referredby: z.string().exactOptional(),
    })
    .exactOptional(),
  refused: status.exactOptional(),
  key: z.object({ key: z.string(), duration: z.number() }).exactOptional(),
  message: z
    .object({ method: z.enum(["INFO", "MESSAGE"]), type: z.string(), body: z.string() })
    .exactOptional(),
};

/**
 * The seed's callinfo, whole, with our `number` and `cause`. Of an older server everything but the callid may be
 * absent.
 */
export const callInfoBody = z.object({
  callid: name,
  domain: z.string().default(""),
  to: z.string().default(""),
  from: z.string().default(""),
  gr: z.string().exactOptional(),
  contact: z.string().default(""),
  maxforwards: z.int().default(70),
  gateway: z.string().exactOptional(),
  authenticated: z.boolean().default(false),
  originator: z.boolean().default(false),
  ring: z.boolean().default(false),
  answered: z.boolean().default(false),
  hold: z.boolean().default(false),
  hangup: z.boolean().default(false),
  error: status.default({ code: 0, status: "" }),
  remote: z.object({ host: z.string(), port: z.int() }).default({ host: "", port: 0 }),
  callerid: z
    .object({ number: z.string(), name: z.string(), private: z.boolean().exactOptional() })
    .exactOptional(),
  headers: z.record(z.string(), z.string()).exactOptional(),
  replaces: z.string().exactOptional(),
  redirect: z.array(z.string()).readonly().exactOptional(),
  reason: z.object({ protocol: z.string(), cause: z.int(), text: z.string() }).exactOptional(),
  sdp: z.object({ them: sdpSlot, us: sdpSlot }).default({ them: undefined, us: undefined }),
  epochs: z
    .object({
      start: z.int().default(0),
      ring: z.int().default(0),
      answer: z.int().default(0),
      end: z.int().default(0),
    })
    .default(NEVER),
  ...news,
  number: z.int().min(1).exactOptional(),
  cause: z.enum(CAUSES).exactOptional(),
});

export interface DialogCallback {
  readonly info: CallInfo;
  /** Absent when an older SIP server sent it. */
  readonly number?: number;
  readonly cause?: DialogCause;
}

export const readCallInfo = (body: unknown): DialogCallback => toCallback(read(callInfoBody, body));

export function toCallback({ number, cause, sdp, ...rest }: z.output<typeof callInfoBody>): DialogCallback {
  return {
    info: {
      ...rest,
      sdp: {
        ...(sdp.them === undefined ? {} : { them: sdp.them }),
        ...(sdp.us === undefined ? {} : { us: sdp.us }),
      },
    },
    ...(number === undefined ? {} : { number }),
    ...(cause === undefined ? {} : { cause }),
  };
}

/** @param told which of the call's events tells it; nothing where somebody has asked. */
export const writeCallInfo = (
  info: CallInfo,
  told?: { readonly number: number; readonly cause: DialogCause },
): object =>
  write(callInfoBody, {
    ...info,
    sdp: { them: info.sdp.them, us: info.sdp.us },
    ...(told === undefined ? {} : { number: told.number, cause: told.cause }),
  });
