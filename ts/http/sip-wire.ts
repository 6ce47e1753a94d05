import { z } from "zod";
import type { CallInfo, DialogCause } from "../sip/sip-service.js";
import { controlField, name, read, sdpField, write } from "./wire.js";

/** Bodies and replies of the sip component, and the callbacks it sends to control. */

const directoryUser = z.object({ username: name, secret: z.string().min(1) });

/** `PUT /dir/<domain>` */
export const directoryPutBody = z.object({
  control: controlField.exactOptional(),
  algorithms: z
    .array(z.enum(["MD5", "SHA-256"]))
    .readonly()
    .exactOptional(),
  users: z.array(directoryUser).readonly(),
});

/** `PATCH /dir/<domain>` */
export const directoryPatchBody = z.object({
  control: controlField.exactOptional(),
  users: z.array(directoryUser).readonly().default([]),
});

/** `PUT`, `PATCH /dir/<domain>/<user>` */
export const userBody = z.object({ secret: z.string().min(1), control: controlField.exactOptional() });

export const createdReply = z.object({ created: z.boolean() });

export const directoryReply = z.object({
  users: z.array(z.string()).exactOptional(),
  domains: z.array(z.string()).exactOptional(),
  control: z.string().exactOptional(),
});

const remote = z.object({ host: z.string(), port: z.int() });

const userRegistration = z.discriminatedUnion("registered", [
  z.object({ registered: z.literal(false) }),
  z.object({
    registered: z.literal(true),
    outstandingping: z.int(),
    remote: remote.extend({ agent: z.string().exactOptional() }),
    epochs: z.object({ registered: z.int() }),
    bindings: z
      .array(z.object({ contact: z.string(), host: z.string(), port: z.int(), expires: z.int() }))
      .default([]),
  }),
]);

/** `GET /reg/<domain>` */
export const registrationsReply = z.object({
  domain: z.string(),
  count: z.int(),
  registered: z.int(),
  users: z.record(z.string(), userRegistration),
});

/** `GET /dialog` */
export const dialogCountReply = z.object({ count: z.int(), counter: z.int() });

const callerId = z.object({ number: z.string(), name: z.string(), private: z.boolean().exactOptional() });

/** `POST /dialog/invite`, `POST /invite`, in the nested shape; `normaliseInvite` makes it of the others. */
export const inviteBody = z.object({
  callid: name.exactOptional(),
  from: z.object({ user: z.string(), domain: name, authsecret: z.string().exactOptional() }),
  to: z.object({ user: name, domain: name.exactOptional() }),
  maxforwards: z.int().exactOptional(),
  cid: callerId.exactOptional(),
  control: controlField.exactOptional(),
  sdp: sdpField.exactOptional(),
});

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isEmpty = (value: unknown): boolean => isFields(value) && Object.keys(value).length === 0;

/** `sip:1003@domain`, `1003@domain` or `1003`. */
function party(text: string, domain: unknown): Fields {
  const [user = "", host] = text.replace(/^sips?:/i, "").split("@", 2);
  const at = host ?? domain;
  return at === undefined ? { user } : { user, domain: at };
}

/**
 * The seed shows an array of one call, `from` and `to` as strings beside a common `domain`, and `callerid`;
 * the original read one object with nested `from` and `to`, and `cid`. Either becomes the latter.
 */
export function normaliseInvite(body: unknown): unknown {
  const call = withoutEmptySdp(Array.isArray(body) && body.length === 1 ? body[0] : body);
  if (!isFields(call)) return call;
  const { domain, callerid, from, to, ...rest } = call;
  return {
    ...rest,
    ...(callerid === undefined || "cid" in rest ? {} : { cid: callerid }),
    from:
      typeof from === "string"
        ? party(from, domain)
        : isFields(from) && domain !== undefined
          ? { domain, ...from }
          : from,
    to: typeof to === "string" ? party(to, undefined) : to,
  };
}

export const callidReply = z.object({ callid: name });

/** Bodies of dialog actions: `"sdp": {}` says the same as no `sdp`. */
export function withoutEmptySdp(body: unknown): unknown {
  if (!isFields(body) || !isEmpty(body["sdp"])) return body;
  const { sdp: _none, ...rest } = body;
  return rest;
}

export const ringBody = z.object({ callid: name, alertinfo: z.string().exactOptional() });
export const sdpBody = z.object({ callid: name, sdp: sdpField.exactOptional() });
export const ackBody = z.object({ callid: name, sdp: sdpField });
export const hangupBody = z.object({
  callid: name,
  code: z.int().min(300).max(699).exactOptional(),
  reason: z.string().exactOptional(),
});

export const sipHealthReply = z.object({
  calls: z.int(),
  dialogs: z.int(),
  transactions: z.int(),
  timers: z.int(),
  sockets: z.int(),
  bindings: z.int(),
  refused: z.record(z.string(), z.int()),
});

/** `{}` on the wire while there is no description. */
const sdpSlot = z.codec(z.record(z.string(), z.unknown()).default({}), z.string().optional(), {
  decode: (json, context) => {
    if (isEmpty(json)) return undefined;
    const text = sdpField.safeDecode(json);
    if (text.success) return text.data;
    context.issues.push({ code: "custom", message: text.error.message, input: json });
    return z.NEVER;
  },
  encode: (text) => (text === undefined ? {} : write(sdpField, text)),
});

const CAUSES = ["new", "ringing", "answered", "offer", "reinvite", "ended"] as const satisfies DialogCause[];

/**
 * `PUT <control>/dialog/<callid>`: the seed's callinfo, whole, with our `number` and `cause`. Of an older
 * server everything but the callid may be absent.
 */
const callInfoBody = z.object({
  callid: name,
  domain: z.string().default(""),
  to: z.string().default(""),
  from: z.string().default(""),
  contact: z.string().default(""),
  maxforwards: z.int().default(70),
  authenticated: z.boolean().default(false),
  originator: z.boolean().default(false),
  ring: z.boolean().default(false),
  answered: z.boolean().default(false),
  hold: z.boolean().default(false),
  hangup: z.boolean().default(false),
  error: z.object({ code: z.int(), status: z.string() }).default({ code: 0, status: "" }),
  remote: remote.default({ host: "", port: 0 }),
  sdp: z.object({ them: sdpSlot, us: sdpSlot }).default({ them: undefined, us: undefined }),
  epochs: z
    .object({
      start: z.int().default(0),
      ring: z.int().default(0),
      answer: z.int().default(0),
      end: z.int().default(0),
    })
    .default({ start: 0, ring: 0, answer: 0, end: 0 }),
  number: z.int().min(1).exactOptional(),
  cause: z.enum(CAUSES).exactOptional(),
});

export interface DialogCallback {
  readonly info: CallInfo;
  /** Absent when an older SIP server sent it. */
  readonly number?: number;
  readonly cause?: DialogCause;
}

export function readCallInfo(body: unknown): DialogCallback {
  const { number, cause, sdp, ...rest } = read(callInfoBody, body);
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

export const writeCallInfo = (info: CallInfo, number: number, cause: DialogCause): object =>
  write(callInfoBody, {
    ...info,
    sdp: { them: info.sdp.them, us: info.sdp.us },
    number,
    cause,
  });

/**
 * `PUT <control>/reg/<domain>/<user>`. The seed sends `host`, `port`, `agent` and names the user in the path;
 * its curl example names domain and user in the body; the original put `user@domain` into `user`.
 */
export const registeredBody = z.object({
  domain: name.exactOptional(),
  user: name.exactOptional(),
  host: z.string().default(""),
  port: z.int().default(0),
  agent: z.string().exactOptional(),
});

/** `DELETE <control>/reg[/<domain>/<user>]`: with the path there need not be a body. */
export const deregisteredBody = z
  .object({ domain: name.exactOptional(), user: name.exactOptional() })
  .default({});
