import { z } from "zod";
import { MediaswitchError } from "../core/errors.js";
import { fromJson, toJson } from "../sdp/json.js";
import { isSdpRefusal, parseSdp } from "../sdp/parse.js";
import { serializeSdp } from "../sdp/serialize.js";

/**
 * Reads a body: everything we accept becomes the one shape we use inside.
 * @throws {MediaswitchError} ARGUMENT_INVALID with the field and what was expected there.
 */
export function read<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  return checked(schema.safeParse(body));
}

/**
 * Writes a body in the one shape we emit; what has no place in it (a command's `type`) stays out.
 * @throws {MediaswitchError} ARGUMENT_INVALID, as the far end would have said.
 */
export function write<Schema extends z.ZodType>(
  schema: Schema,
  value: z.output<Schema>,
): z.input<Schema> & object {
  return checked(z.safeEncode(schema, withFieldsOf(schema, value))) as z.input<Schema> & object;
}

/** Leaves out what the schema has no field for: what is read strictly has to be written so. */
function withFieldsOf<Schema extends z.ZodType>(schema: Schema, value: z.output<Schema>): z.output<Schema> {
  const inner: unknown = schema instanceof z.ZodDefault ? schema.unwrap() : schema;
  if (!(inner instanceof z.ZodObject)) return value;
  const fields = Object.entries(value as object).filter(([key]) => Object.hasOwn(inner.shape, key));
  return Object.fromEntries(fields) as z.output<Schema>;
}

function checked<T>(result: z.ZodSafeParseResult<T>): T {
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const unknown = issue?.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
  const field = fieldPath([...(issue?.path ?? []), ...unknown]);
  const what = issue?.message ?? "not valid";
  throw new MediaswitchError(
    "ARGUMENT_INVALID",
    field === "" ? `body: ${what}` : `${field}: ${what}`,
    field === "" ? undefined : field,
  );
}

/** `["users", 0, "secret"]` → `users[0].secret`. */
function fieldPath(path: readonly PropertyKey[]): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${String(step)}]`;
    else text += text === "" ? String(step) : `.${String(step)}`;
  }
  return text;
}

const httpUrl = z.string().refine((text) => /^https?:\/\/[^/?#\s]+/i.test(text) && URL.canParse(text), {
  error: 'expected an http URL ("http://127.0.0.1:9001") or {"host","port"}',
});

const hostAndPort = z.strictObject({ host: z.string().min(1), port: z.int().min(1).max(65535).default(80) });

const oneControl = z.union([httpUrl, hostAndPort], {
  error: 'expected an http URL ("http://127.0.0.1:9001") or {"host","port"}',
});

/** Where events go. Accepted: a URL, `{host,port}`, or an array whose first entry is either; inside a URL. */
export const controlField = z.codec(z.union([oneControl, z.array(oneControl).min(1)]), z.string(), {
  decode: (given) => {
    const one = Array.isArray(given) ? given[0] : given;
    if (one === undefined) return "";
    if (typeof one === "string") return one;
    const host = one.host.includes(":") && !one.host.startsWith("[") ? `[${one.host}]` : one.host;
    return `http://${host}:${String(one.port)}`;
  },
  encode: (url) => url,
});

/** The seed's JSON form of a session description; `ts/sdp/json-schema.ts` says what is in it. */
export const sdpJson = z.record(z.string(), z.unknown());

/** A session description: the seed's JSON on the wire (origin of the shape: RFC 4566), text inside. */
export const sdpField = z.codec(sdpJson, z.string(), {
  decode: (json, context) => {
    const description = fromJson(json);
    if (isSdpRefusal(description)) {
      context.issues.push({ code: "custom", message: description.message, input: json });
      return z.NEVER;
    }
    return serializeSdp(description);
  },
  encode: (text) => {
    const description = parseSdp(text);
    if (isSdpRefusal(description)) throw new MediaswitchError("SDP_INVALID", description.message, "sdp");
    return { ...toJson(description) };
  },
});

/** Text that becomes part of a line of SIP: no line ends, no other control characters. */
export const oneLine = z
  .string()
  .max(4096)
  .regex(/^\P{Cc}*$/u, "expected text on one line");

/** A name that is part of a path, and the callid in a body. */
export const name = oneLine.min(1);

/** Where there is nothing to say, `{}` may be said. */
export const noFields = z.strictObject({}).optional();

export const countReply = z.object({ count: z.int() });
