import { epochMillis } from "../../core/brand.js";
import { DIGEST_ALGORITHMS, digestHa1 } from "../auth/digest.js";
import type { Binding } from "../registrar/bindings.js";
import type { DirectoryDomain } from "../registrar/directory.js";
import type { DirectoryUser } from "../sip-service.js";
import type { StateParts } from "./restore-state.js";
import { STATE_VERSION } from "./state.js";

/** Writes the document. Remembers the hashes of users who were put with a secret, for as long as the directory has them. */
export class StateWriter {
  readonly #parts: StateParts;
  readonly #ha1 = new WeakMap<DirectoryUser, Readonly<Record<string, string>>>();

  constructor(parts: StateParts) {
    this.#parts = parts;
  }

  /** The document in pieces of a record each. Changes made between two pieces are in it or not. */
  *pieces(): Generator<string> {
    const { directory, registrar, clock, gateways, calls } = this.#parts;
    yield `{"version":${String(STATE_VERSION)},\n"domains":[`;
    let separator = "\n";
    for (const entry of directory.domains()) {
      yield separator;
      yield* this.#domain(entry);
      separator = ",\n";
    }
    yield `],\n"gateways":[`;
    yield* records(gateways.settings());
    yield `],\n"bindings":[`;
    separator = "\n";
    const sinceEpoch = clock.epoch() - clock.now();
    for (const { expiresAt, ...kept } of registrar.bindings()) {
      yield separator + JSON.stringify(storedBinding(kept, epochMillis(expiresAt + sinceEpoch)));
      separator = ",\n";
    }
    yield `],\n"calls":[`;
    yield* records(calls.stored());
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

function* records(all: Iterable<object>): Generator<string> {
  let separator = "\n";
  for (const one of all) {
    yield separator + JSON.stringify(one);
    separator = ",\n";
  }
}
