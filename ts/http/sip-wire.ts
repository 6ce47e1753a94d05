import { z } from "zod";
import { MediaswitchError } from "../core/errors.js";
import { controlField, name, oneLine, sdpField } from "./wire.js";

/**
 * Bodies and replies of the sip component; what it tells of calls is in `callinfo-wire.ts`. What is asked of us is read
 * strictly (a field that we don't know is refused, so that a misspelt one is found); what others tell us is not.
 */

const algorithmName = z.enum(["MD5", "SHA-256"]);

/** H(username:domain:secret) by algorithm, in hexadecimal. */
const ha1 = z.strictObject({
  MD5: z
    .string()
    .regex(/^[0-9a-f]{32}$/i, "expected 32 hexadecimal digits")
    .exactOptional(),
  "SHA-256": z
    .string()
    .regex(/^[0-9a-f]{64}$/i, "expected 64 hexadecimal digits")
    .exactOptional(),
});

/** Exactly one of the two is told. */
const secretOrHa1 = { secret: z.string().min(1).exactOptional(), ha1: ha1.exactOptional() };

const hasOneSecret = (user: { readonly secret?: string; readonly ha1?: object }): boolean =>
  (user.secret === undefined) !== (user.ha1 === undefined);

const oneSecretExpected = { error: "expected either a secret or its ha1", path: ["secret"] };

const directoryUser = z
  .strictObject({ username: name, ...secretOrHa1 })
  .refine(hasOneSecret, oneSecretExpected);

/** `PUT /dir/<domain>` */
export const directoryPutBody = z.strictObject({
  control: controlField.exactOptional(),
  algorithms: z.array(algorithmName).readonly().exactOptional(),
  users: z.array(directoryUser).readonly(),
});

/** `PATCH /dir/<domain>` */
export const directoryPatchBody = z.strictObject({
  control: controlField.exactOptional(),
  algorithms: z.array(algorithmName).readonly().exactOptional(),
  users: z.array(directoryUser).readonly().default([]),
});

/** `PUT`, `PATCH /dir/<domain>/<user>` */
export const userBody = z
  .strictObject({ ...secretOrHa1, control: controlField.exactOptional() })
  .refine(hasOneSecret, oneSecretExpected);

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

const callerId = z.strictObject({
  number: oneLine,
  name: oneLine,
  private: z.boolean().exactOptional(),
});

/** `POST /dialog/invite`, `POST /invite`, in the nested shape; `normaliseInvite` makes it of the others. */
export const inviteBody = z.strictObject({
  callid: name.exactOptional(),
  from: z.strictObject({ user: oneLine, domain: name, authsecret: z.string().exactOptional() }),
  to: z.strictObject({ user: name, domain: name.exactOptional(), gr: name.exactOptional() }),
  maxforwards: z.int().exactOptional(),
  cid: callerId.exactOptional(),
  gateway: name.exactOptional(),
  control: controlField.exactOptional(),
  sdp: sdpField.exactOptional(),
  headers: z.record(name, oneLine).exactOptional(),
  replaces: name.exactOptional(),
  parent: name.exactOptional(),
  maxduration: z.number().positive().exactOptional(),
});

/** The seed's shape of the same, which it shows in an array of one. */
export const flatInviteBody = z.strictObject({
  domain: name.exactOptional(),
  from: oneLine,
  to: name,
  maxforwards: z.int().exactOptional(),
  callerid: callerId.exactOptional(),
  control: controlField.exactOptional(),
});

/** One call, as an object or as an array of one. */
export function oneCall(body: unknown): unknown {
  if (Array.isArray(body) && body.length !== 1) {
    throw new MediaswitchError(
      "ARGUMENT_INVALID",
      `body: expected one call (an object, or an array of one), not ${String(body.length)}`,
    );
  }
  return normaliseInvite(body);
}

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

function caller(from: unknown, domain: unknown): unknown {
  if (typeof from === "string") return party(from, domain);
  return isFields(from) && domain !== undefined ? { domain, ...from } : from;
}

/**
 * The seed shows an array of one call, `from` and `to` as strings beside a common `domain`, and `callerid`;
 * the original read one object with nested `from` and `to`, and `cid`. Either becomes the latter. The original's
 * control also posts `codecs` and `forward`, which are its own business.
 */
export function normaliseInvite(body: unknown): unknown {
  const call = withoutEmptySdp(Array.isArray(body) && body.length === 1 ? body[0] : body);
  if (!isFields(call)) return call;
  const { domain, callerid, from, to, codecs: _codecs, forward: _forward, ...rest } = call;
  return {
    ...rest,
    ...(callerid === undefined || "cid" in rest ? {} : { cid: callerid }),
    ...("from" in call ? { from: caller(from, domain) } : {}),
    ...("to" in call ? { to: typeof to === "string" ? party(to, undefined) : to } : {}),
  };
}

export const callidReply = z.object({ callid: name });

/** Bodies of dialog actions: `"sdp": {}` says the same as no `sdp`. */
export function withoutEmptySdp(body: unknown): unknown {
  if (!isFields(body) || !isEmpty(body["sdp"])) return body;
  const { sdp: _none, ...rest } = body;
  return rest;
}

export const ringBody = z.strictObject({
  callid: name,
  alertinfo: oneLine.exactOptional(),
  sdp: sdpField.exactOptional(),
});
export const sdpBody = z.strictObject({ callid: name, sdp: sdpField.exactOptional() });
export const ackBody = z.strictObject({ callid: name, sdp: sdpField });
export const hangupBody = z.strictObject({
  callid: name,
  code: z.union([z.literal(200), z.int().min(300).max(699)]).exactOptional(),
  reason: oneLine.exactOptional(),
  q850: z.int().min(1).max(127).exactOptional(),
});
/** `PUT /dialog/refuse` */
export const refuseBody = hangupBody
  .omit({ q850: true })
  .extend({ code: z.int().min(300).max(699).exactOptional() });

/** `PUT /dialog/notify`: 200 unless told. */
export const notifyBody = z.strictObject({
  callid: name,
  code: z.int().min(100).max(699).exactOptional(),
  reason: oneLine.exactOptional(),
});

/** `PUT /dialog/info`, `PUT /dialog/message` */
export const contentBody = z.strictObject({ callid: name, contenttype: oneLine.min(1), body: z.string() });

/** `PUT /dialog/invite`, `POST /dialog/invite`: one path for a new call and for a re-INVITE of one there is. */
export const inviteOrReinviteBody = z.preprocess(
  (body) => {
    const call = oneCall(body);
    return isFields(call) ? { ...call, isNew: "from" in call || "to" in call || !("callid" in call) } : call;
  },
  z.discriminatedUnion("isNew", [
    inviteBody.extend({ isNew: z.literal(true) }),
    sdpBody.extend({ isNew: z.literal(false) }),
  ]),
);

/** Reads `schema` where `"sdp": {}` may stand for none. */
export const maybeWithoutSdp = <Schema extends z.ZodType>(schema: Schema): z.ZodPreprocess<Schema> =>
  z.preprocess(withoutEmptySdp, schema);

export const sipHealthReply = z.object({
  calls: z.int(),
  dialogs: z.int(),
  transactions: z.int(),
  timers: z.int(),
  sockets: z.int(),
  connections: z.int().default(0),
  connectionTroubles: z.record(z.string(), z.int()).default({}),
  bindings: z.int(),
  subscriptions: z.int().default(0),
  publications: z.int().default(0),
  messages: z.int().default(0),
  // Of an older server absent: then it is never known to have been restarted.
  instance: z.string().default(""),
  started: z.int().default(0),
  draining: z.boolean().default(false),
  admits: z.number().default(1),
  eventsWaiting: z.int().default(0),
  eventsLost: z.int().default(0),
  refused: z.record(z.string(), z.int()),
});

/** `PUT /drain`: without a body, on and for as long as it takes. */
export const drainBody = z
  .strictObject({ enabled: z.boolean().default(true), seconds: z.number().min(0).exactOptional() })
  .default({ enabled: true });

export const drainReply = z.object({ draining: z.boolean(), calls: z.int() });

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
  .object({
    domain: name.exactOptional(),
    user: name.exactOptional(),
    reason: z.enum(["expired", "removed", "connection", "ping"]).exactOptional(),
  })
  .default({});
