/** What survives a restart of the SIP server: the directory and the bindings, as one JSON document. */
import { z } from "zod";
import { epochMillis, ms } from "../../core/brand.js";
import type { Clock } from "../../core/clock.js";
import { MediaswitchError } from "../../core/errors.js";
import { DIGEST_ALGORITHMS, digestHa1 } from "../auth/digest.js";
import { newParams } from "../message/params.js";
import type { DirectoryUser } from "../sip-service.js";
import type { Binding } from "./bindings.js";
import type { Directory, DirectoryDomain } from "./directory.js";
import type { Registrar } from "./registrar.js";

/** Of the document's shape. Another one is refused, never guessed at. */
const VERSION = 1;

const text = z.string().min(1);
const port = z.int().min(0).max(65535);
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

const flow = z.strictObject({
  protocol: z.enum(["UDP", "TCP", "TLS", "WS", "WSS"]),
  remote: z.strictObject({ address: text, port }),
  connection: z.int().exactOptional(),
  listener: text.exactOptional(),
  serverName: text.exactOptional(),
});

const address = z.strictObject({ uri: text, params: z.record(z.string(), z.string().nullable()) });

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

const document = z.strictObject({
  version: z.literal(VERSION),
  domains: z.array(domain),
  bindings: z.array(binding),
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

export interface StateParts {
  readonly directory: Directory;
  readonly registrar: Registrar;
  readonly clock: Clock;
}

/** Puts it back. @throws {MediaswitchError} ARGUMENT_INVALID where a domain or user is none. */
export function restoreState(state: SipState, { directory, registrar, clock }: StateParts): void {
  state.domains.forEach(({ name, ...entry }, index) => {
    try {
      directory.put(name, entry);
    } catch (error) {
      if (!(error instanceof MediaswitchError)) throw error;
      const field = `domains[${String(index)}].${error.field ?? "name"}`;
      throw new MediaswitchError("ARGUMENT_INVALID", `${field}: ${error.message}`, field);
    }
  });
  const sinceEpoch = clock.epoch() - clock.now();
  registrar.restore(
    state.bindings.map(({ expires, path, ...kept }) => ({
      ...kept,
      ...(path === undefined
        ? {}
        : { path: path.map(({ uri, params }) => ({ uri, params: newParams(params) })) }),
      expiresAt: ms(expires - sinceEpoch),
    })),
  );
}

/** Remembers the hashes of users who were put with a secret, for as long as the directory has them. */
export class StateWriter {
  readonly #parts: StateParts;
  readonly #ha1 = new WeakMap<DirectoryUser, Readonly<Record<string, string>>>();

  constructor(parts: StateParts) {
    this.#parts = parts;
  }

  /** The document in pieces of a record each. Changes made between two pieces are in it or not. */
  *pieces(): Generator<string> {
    const { directory, registrar, clock } = this.#parts;
    yield `{"version":${String(VERSION)},\n"domains":[`;
    let separator = "\n";
    for (const entry of directory.domains()) {
      yield separator;
      yield* this.#domain(entry);
      separator = ",\n";
    }
    yield `],\n"bindings":[`;
    separator = "\n";
    const sinceEpoch = clock.epoch() - clock.now();
    for (const { expiresAt, ...kept } of registrar.bindings()) {
      yield separator + JSON.stringify(storedBinding(kept, epochMillis(expiresAt + sinceEpoch)));
      separator = ",\n";
    }
    yield "]}\n";
  }

  *#domain({ name, control, algorithms, users }: DirectoryDomain): Generator<string> {
    const head = JSON.stringify({ name, ...(control === undefined ? {} : { control }), algorithms });
    yield `${head.slice(0, -1)},"users":[`;
    let separator = "\n";
    for (const one of users) {
      yield separator + JSON.stringify({ username: one.username, ha1: this.#ha1Of(name, one) });
      separator = ",\n";
    }
    yield "]}";
  }

  #ha1Of(realm: string, one: DirectoryUser): Readonly<Record<string, string>> {
    const { username, secret = "", ha1 } = one;
    if (ha1 !== undefined) return ha1;
    const known = this.#ha1.get(one);
    if (known !== undefined) return known;
    const computed = Object.fromEntries(
      DIGEST_ALGORITHMS.map((name) => [name, digestHa1({ algorithm: name, username, realm, secret })]),
    );
    this.#ha1.set(one, computed);
    return computed;
  }
}

const storedBinding = (kept: Omit<Binding, "expiresAt">, expires: number): object => ({
  ...kept,
  ...(kept.path === undefined ? {} : { path: kept.path.map(({ uri, params }) => ({ uri, params })) }),
  expires,
});
