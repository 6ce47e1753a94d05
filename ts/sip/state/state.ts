/** The document that `--state` names: its shape, and how it is read. */
import { z } from "zod";
import { MediaswitchError } from "../../core/errors.js";
import { storedCall } from "./stored-call-schema.js";
import { address, flow, text } from "./stored-parts.js";

/** What is written. Earlier ones are read as well; a later one is refused, never guessed at. */
export const STATE_VERSION = 2;

const algorithm = z.enum(["MD5", "SHA-256"]);

const user = z.strictObject({
  username: text,
  /** Never the secret itself. */
  ha1: z.partialRecord(algorithm, text),
});

const domain = z.strictObject({
  name: text,
  control: text.exactOptional(),
  algorithms: z.array(algorithm).min(1),
  users: z.array(user),
});

const binding = z.strictObject({
  domain: text,
  user: text,
  contact: text,
  q: z.number().min(0).max(1),
  instance: text.exactOptional(),
  regId: z.int().min(1).exactOptional(),
  callId: text,
  cseq: z.int().min(0),
  flow,
  path: z.array(address).exactOptional(),
  agent: z.string().exactOptional(),
  /** Unix seconds. */
  registeredAt: z.int(),
  /** Unix milliseconds. */
  expires: z.number(),
});

const gateway = z.strictObject({
  name: text,
  from: z.strictObject({
    user: text,
    domain: text.exactOptional(),
    authuser: text.exactOptional(),
    /** In clear: which realm it is hashed with only the trunk's challenge tells. */
    authsecret: text.exactOptional(),
  }),
  to: z.strictObject({ domain: text }),
  proxy: text.exactOptional(),
  register: z.boolean().exactOptional(),
  expires: z.int().exactOptional(),
  cid: z
    .strictObject({ number: z.string(), name: z.string(), private: z.boolean().exactOptional() })
    .exactOptional(),
  domain: text.exactOptional(),
  control: text.exactOptional(),
  sources: z.array(text).exactOptional(),
});

const document = z.strictObject({
  version: z.union([z.literal(1), z.literal(STATE_VERSION)]),
  domains: z.array(domain),
  gateways: z.array(gateway).default([]),
  bindings: z.array(binding),
  /** Answered ones. */
  calls: z.array(storedCall).default([]),
});

export type SipState = z.output<typeof document>;

/** @throws {MediaswitchError} ARGUMENT_INVALID, with the path of the field that can't be read. */
export function readState(json: unknown): SipState {
  const result = document.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = fieldPath(issue?.path ?? []);
  throw new MediaswitchError("ARGUMENT_INVALID", `${field}: ${issue?.message ?? "not valid"}`, field);
}

/** `["bindings", 3, "flow"]` → `bindings[3].flow`. */
const fieldPath = (path: readonly PropertyKey[]): string =>
  path.length === 0
    ? "the document"
    : path
        .map((step) => (typeof step === "number" ? `[${String(step)}]` : `.${String(step)}`))
        .join("")
        .replace(/^\./, "");
