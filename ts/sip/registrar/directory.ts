import { MediaswitchError } from "../../core/errors.js";
import { DIGEST_ALGORITHMS } from "../auth/digest.js";
import { parseHost } from "../message/host.js";
import type { DigestAlgorithm, DirectoryUser } from "../sip-service.js";
import { domainName } from "./domain-name.js";

/** What is put for one domain. */
export interface DirectoryEntry {
  /** URL of the control that gets the domain's calls and registrations. */
  readonly control?: string;
  /** Digest algorithms to offer; MD5 alone unless given, as several phones stop at a SHA-256 challenge. */
  readonly algorithms?: readonly DigestAlgorithm[];
  readonly users: readonly DirectoryUser[];
}

export interface DirectoryWatcher {
  /** A user is no longer in the directory; `control` is what the domain had. */
  removed(domain: string, user: string, control: string | undefined): void;
  /** Something is not as it was. */
  changed(): void;
}

interface Domain {
  readonly name: string;
  control: string | undefined;
  /** Strongest first, at least one. */
  algorithms: readonly DigestAlgorithm[];
  readonly users: Map<string, DirectoryUser>;
}

/** All that is known of one domain, secrets included. */
export interface DirectoryDomain {
  readonly name: string;
  readonly control: string | undefined;
  readonly algorithms: readonly DigestAlgorithm[];
  readonly users: Iterable<DirectoryUser>;
}

/** Hexadecimal digits of a hash. */
const DIGITS: Readonly<Record<DigestAlgorithm, number>> = { MD5: 32, "SHA-256": 64 };

const DEFAULT_ALGORITHMS: readonly DigestAlgorithm[] = ["MD5"];

/**
 * Domains and their users, in memory: whoever runs the switch pushes them again after a restart, unless there is a
 * state file. Domain names are taken in any case and with or without a port; user names are case-sensitive (RFC 3261 §19.1.4). Everything that
 * comes in is checked before anything is changed.
 */
export class Directory {
  readonly #domains = new Map<string, Domain>();
  readonly #watchers = new Set<Partial<DirectoryWatcher>>();

  /**
   * Replaces a domain and its users, whole.
   * @throws {MediaswitchError} ARGUMENT_INVALID.
   */
  put(domain: string, entry: DirectoryEntry): { created: boolean } {
    const name = checkedDomain(domain);
    const next: Domain = {
      name,
      control: checkedControl(entry.control),
      algorithms: checkedAlgorithms(entry.algorithms),
      users: checkedUsers(entry.users),
    };
    checkCovered(next.users, next.algorithms);
    const previous = this.#domains.get(name);
    this.#domains.set(name, next);
    if (previous !== undefined) {
      for (const user of previous.users.keys()) {
        if (!next.users.has(user)) this.#removed(name, user, previous.control);
      }
    }
    this.#changed();
    return { created: previous === undefined };
  }

  /**
   * Adds or changes users of a known domain, and its control and algorithms if they are given; `created` tells
   * whether a user is new.
   * @throws {MediaswitchError} ARGUMENT_INVALID, DOMAIN_UNKNOWN.
   */
  patch(domain: string, entry: DirectoryEntry): { created: boolean } {
    const name = checkedDomain(domain);
    const control = checkedControl(entry.control);
    const algorithms = entry.algorithms === undefined ? undefined : checkedAlgorithms(entry.algorithms);
    const users = checkedUsers(entry.users);
    const known = this.#known(name);
    checkCovered(users, algorithms ?? known.algorithms);
    known.control = control ?? known.control;
    known.algorithms = algorithms ?? known.algorithms;
    const before = known.users.size;
    for (const [username, user] of users) known.users.set(username, user);
    this.#changed();
    return { created: known.users.size > before };
  }

  /**
   * Removes a domain, or one of its users; a user who isn't there is as good as removed.
   * @throws {MediaswitchError} DOMAIN_UNKNOWN.
   */
  delete(domain: string, user?: string): void {
    const name = domainName(domain);
    const known = this.#known(name);
    if (user === undefined) {
      this.#domains.delete(name);
      for (const gone of known.users.keys()) this.#removed(name, gone, known.control);
    } else if (known.users.delete(user)) {
      this.#removed(name, user, known.control);
    }
    this.#changed();
  }

  /**
   * Names, never secrets: the users of a domain and the labels of the domains just below it; without a domain, all
   * domains. What is empty is left out.
   * @throws {MediaswitchError} DOMAIN_UNKNOWN where there is neither such a domain nor one below it, USER_UNKNOWN.
   */
  get(
    domain?: string,
    user?: string,
  ): { users?: readonly string[]; domains?: readonly string[]; control?: string } {
    if (domain === undefined) return { domains: [...this.#domains.keys()] };
    const name = domainName(domain);
    if (user !== undefined) {
      const { users, control } = this.#known(name);
      if (!users.has(user)) throw new MediaswitchError("USER_UNKNOWN", `${name} has no user ${user}`, "user");
      return { users: [user], ...(control === undefined ? {} : { control }) };
    }
    const entry = this.#domains.get(name);
    const domains = this.#labelsBelow(name);
    if (entry === undefined && domains.length === 0) throw unknownDomain(name);
    return {
      ...(entry === undefined || entry.users.size === 0 ? {} : { users: [...entry.users.keys()] }),
      ...(domains.length === 0 ? {} : { domains }),
      ...(entry?.control === undefined ? {} : { control: entry.control }),
    };
  }

  /** A user with the secret; for authentication only. */
  find(domain: string, user: string): DirectoryUser | undefined {
    return this.#domains.get(domainName(domain))?.users.get(user);
  }

  /** Everything, secrets included; for the state file only. */
  *domains(): Generator<DirectoryDomain> {
    for (const [name, { control, algorithms, users }] of this.#domains) {
      yield { name, control, algorithms, users: users.values() };
    }
  }

  /**
   * Users of a domain.
   * @throws {MediaswitchError} DOMAIN_UNKNOWN.
   */
  count(domain: string): number {
    return this.#known(domainName(domain)).users.size;
  }

  /** Our own copy of a domain's name, so that nobody keeps the message that named it. */
  spelling(domain: string): string {
    const name = domainName(domain);
    return this.#domains.get(name)?.name ?? name;
  }

  has(domain: string): boolean {
    return this.#domains.has(domainName(domain));
  }

  /**
   * User names of a domain.
   * @throws {MediaswitchError} DOMAIN_UNKNOWN.
   */
  users(domain: string): readonly string[] {
    return [...this.#known(domainName(domain)).users.keys()];
  }

  control(domain: string): string | undefined {
    return this.#domains.get(domainName(domain))?.control;
  }

  /** The control that all domains have in common; undefined where there are none or several. */
  commonControl(): string | undefined {
    const controls = new Set<string>();
    for (const { control } of this.#domains.values()) if (control !== undefined) controls.add(control);
    const [only] = controls;
    return controls.size === 1 ? only : undefined;
  }

  /** What to offer, strongest first; an unknown domain answers as one with the default. */
  algorithms(domain: string): readonly DigestAlgorithm[] {
    return this.#domains.get(domainName(domain))?.algorithms ?? DEFAULT_ALGORITHMS;
  }

  /** Tells of changes after they are made; the result ends that. */
  watch(watcher: Partial<DirectoryWatcher>): () => void {
    this.#watchers.add(watcher);
    return () => {
      this.#watchers.delete(watcher);
    };
  }

  #known(name: string): Domain {
    const entry = this.#domains.get(name);
    if (entry === undefined) throw unknownDomain(name);
    return entry;
  }

  #labelsBelow(name: string): string[] {
    const suffix = `.${name}`;
    const labels = new Set<string>();
    for (const other of this.#domains.keys()) {
      if (!other.endsWith(suffix)) continue;
      const above = other.slice(0, -suffix.length);
      labels.add(above.slice(above.lastIndexOf(".") + 1));
    }
    return [...labels];
  }

  #removed(domain: string, user: string, control: string | undefined): void {
    for (const watcher of this.#watchers) watcher.removed?.(domain, user, control);
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher.changed?.();
  }
}

const unknownDomain = (name: string): MediaswitchError =>
  new MediaswitchError("DOMAIN_UNKNOWN", `the directory has no domain ${name}`, "domain");

const invalid = (message: string, field: string): MediaswitchError =>
  new MediaswitchError("ARGUMENT_INVALID", message, field);

function checkedText(value: unknown, field: string): string {
  if (typeof value !== "string") throw invalid(`${field} must be text`, field);
  if (value === "") throw invalid(`${field} must not be empty`, field);
  if (/\p{Cc}/u.test(value)) throw invalid(`${field} must not have control characters`, field);
  return value;
}

function checkedDomain(domain: unknown): string {
  const name = domainName(checkedText(domain, "domain"));
  if (parseHost(name) === undefined) throw invalid("domain must be a host name or address", "domain");
  return name;
}

function checkedControl(control: unknown): string | undefined {
  if (control === undefined) return undefined;
  const url = checkedText(control, "control");
  if (!/^https?:\/\/[^/]/i.test(url)) throw invalid("control must be an http or https URL", "control");
  return url;
}

function checkedAlgorithms(algorithms: unknown): readonly DigestAlgorithm[] {
  if (algorithms === undefined) return DEFAULT_ALGORITHMS;
  if (!Array.isArray(algorithms) || algorithms.length === 0) {
    throw invalid("algorithms must be a list of at least one", "algorithms");
  }
  const names: readonly unknown[] = algorithms;
  names.forEach((name, index) => {
    if (!DIGEST_ALGORITHMS.some((known) => known === name)) {
      const field = `algorithms[${String(index)}]`;
      throw invalid(`${field} must be one of ${DIGEST_ALGORITHMS.join(", ")}`, field);
    }
  });
  return DIGEST_ALGORITHMS.filter((known) => names.includes(known));
}

function checkedUsers(users: unknown): Map<string, DirectoryUser> {
  if (!Array.isArray(users)) throw invalid("users must be a list", "users");
  const list: readonly unknown[] = users;
  const byName = new Map<string, DirectoryUser>();
  list.forEach((user, index) => {
    const field = `users[${String(index)}]`;
    if (typeof user !== "object" || user === null) throw invalid(`${field} must be an object`, field);
    const { username, secret, ha1 } = user as Partial<Record<keyof DirectoryUser, unknown>>;
    const name = checkedText(username, `${field}.username`);
    if (name.includes("@")) throw invalid(`${field}.username must not have an @`, `${field}.username`);
    if (byName.has(name)) throw invalid(`${field}.username is given twice`, `${field}.username`);
    if (secret !== undefined && ha1 !== undefined) {
      throw invalid(`${field} must have a secret or an ha1, not both`, `${field}.ha1`);
    }
    byName.set(
      name,
      ha1 === undefined
        ? { username: name, secret: checkedText(secret, `${field}.secret`) }
        : { username: name, ha1: checkedHa1(ha1, `${field}.ha1`) },
    );
  });
  return byName;
}

function checkedHa1(ha1: unknown, field: string): Readonly<Partial<Record<DigestAlgorithm, string>>> {
  if (typeof ha1 !== "object" || ha1 === null) throw invalid(`${field} must be an object`, field);
  const checked: Partial<Record<DigestAlgorithm, string>> = {};
  for (const [name, value] of Object.entries(ha1)) {
    const algorithm = DIGEST_ALGORITHMS.find((known) => known === name);
    const at = `${field}.${name}`;
    if (algorithm === undefined) throw invalid(`${at} is none of ${DIGEST_ALGORITHMS.join(", ")}`, at);
    const digits = DIGITS[algorithm];
    if (typeof value !== "string" || value.length !== digits || !/^[0-9a-f]+$/i.test(value)) {
      throw invalid(`${at} must be ${String(digits)} hexadecimal digits`, at);
    }
    checked[algorithm] = value.toLowerCase();
  }
  return checked;
}

/** A user whom no challenge of the domain could let in is a mistake. */
function checkCovered(
  users: ReadonlyMap<string, DirectoryUser>,
  algorithms: readonly DigestAlgorithm[],
): void {
  let index = 0;
  for (const { ha1 } of users.values()) {
    if (ha1 !== undefined && !algorithms.some((algorithm) => ha1[algorithm] !== undefined)) {
      const field = `users[${String(index)}].ha1`;
      throw invalid(`${field} must be of an algorithm the domain offers: ${algorithms.join(", ")}`, field);
    }
    index += 1;
  }
}
