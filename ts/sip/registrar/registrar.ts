import { ms, seconds, type Millis } from "../../core/brand.js";
import type { Clock, Timer } from "../../core/clock.js";
import { silentLog, type Log } from "../../core/log.js";
import { hexToken, type Random } from "../../core/random.js";
import { binaryToText } from "../message/binary.js";
import type { Headers, NameAddr, SipRequest, SipResponse } from "../message/message.js";
import { makeResponse } from "../message/response.js";
import { parseUri } from "../message/uri.js";
import type { DomainRegistrations, SipEvent, UserRegistration } from "../sip-service.js";
import type { Flow } from "../transport/transport.js";
import { updateBindings, BINDING_LIMITS, type Binding, type BindingLimits } from "./bindings.js";
import type { Directory } from "./directory.js";
import { domainName } from "./domain-name.js";
import { sipDate } from "./sip-date.js";

export type RegistrationEvent = Extract<SipEvent, { type: "registered" } | { type: "deregistered" }>;

export interface RegistrarOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly directory: Directory;
  readonly log?: Log;
  readonly limits?: Partial<BindingLimits>;
  /** `registered` after every REGISTER with Contacts that leaves its AOR bound; `deregistered` when its last binding goes. */
  readonly events: (event: RegistrationEvent) => void;
}

/** Between two passes over all bindings; between them, one that ran out is no longer given out, but not yet reported. */
const SWEEP_GAP = seconds(1);

/** Keeps AOR → bindings (RFC 3261 §10.3). Requests come authenticated; answers are results, changes are events. */
export class Registrar {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #directory: Directory;
  readonly #log: Log;
  readonly #limits: BindingLimits;
  readonly #events: (event: RegistrationEvent) => void;
  readonly #unwatch: () => void;
  /** Domain → user → bindings, last registered first, at least one each. */
  readonly #domains = new Map<string, Map<string, readonly Binding[]>>();
  /** The one timer: due no later than the first binding runs out. */
  #wake: { readonly due: Millis; readonly timer: Timer } | undefined;

  constructor({ clock, random, directory, log, limits, events }: RegistrarOptions) {
    this.#clock = clock;
    this.#random = random;
    this.#directory = directory;
    this.#log = log ?? silentLog;
    this.#limits = { ...BINDING_LIMITS, ...limits };
    this.#events = events;
    this.#unwatch = directory.watch((domain, user, control) => {
      this.#set(domain, user, [], control);
    });
  }

  /**
   * Answers a REGISTER that is known to come from `user`. The AOR is To's (§10.3 step 5); the Request-URI says no
   * more than that it came here.
   */
  handle(request: SipRequest, flow: Flow, user: { username: string; domain: string }): SipResponse {
    const aor = parseUri(request.headers.to.uri);
    const domain = domainName(aor?.host ?? "");
    if (!this.#directory.has(domain)) return this.#answer(request, 404);
    const name = binaryToText(aor?.user ?? "");
    // §10.3 step 4. Third-party registration is nobody's right here.
    if (name !== user.username || domain !== domainName(user.domain)) return this.#answer(request, 403);
    if (this.#directory.find(domain, name) === undefined) return this.#answer(request, 404);

    const { contact } = request.headers;
    if (contact === undefined || contact.length === 0) return this.#ok(request, domain, name);
    const outcome = updateBindings(
      this.#live(domain, name),
      request,
      { domain, user: name, flow, now: this.#clock.now(), epoch: this.#clock.epoch() },
      this.#limits,
    );
    switch (outcome.kind) {
      case "refused": {
        const { status, reason, minExpires } = outcome;
        this.#log.warn({ domain, user: name, status, reason }, "REGISTER refused");
        return this.#answer(
          request,
          status,
          minExpires === undefined ? {} : { "min-expires": minExpires },
          reason,
        );
      }
      case "updated":
        this.#set(domain, name, outcome.bindings, this.#directory.control(domain));
        return this.#ok(request, domain, name);
    }
  }

  /** Live bindings, the preferred first: by q, then the one last registered. */
  lookup(domain: string, user: string): readonly Binding[] {
    return [...this.#live(domainName(domain), user)].sort((a, b) => b.q - a.q);
  }

  /** Live bindings of all domains. */
  get count(): number {
    const now = this.#clock.now();
    let count = 0;
    for (const users of this.#domains.values()) {
      for (const bindings of users.values())
        count += bindings.filter((binding) => isLive(binding, now)).length;
    }
    return count;
  }

  /**
   * The state of a domain's users, or of one: a user who is unknown leaves the list empty.
   * @throws {MediaswitchError} DOMAIN_UNKNOWN.
   */
  domain(domain: string, user?: string): DomainRegistrations {
    const name = domainName(domain);
    const all = this.#directory.users(name);
    const listed = user === undefined ? all : all.filter((one) => one === user);
    const users = listed.map((one): [string, UserRegistration] => [one, this.#registration(name, one)]);
    return {
      domain: name,
      count: all.length,
      registered: users.filter(([, { registered }]) => registered).length,
      users: Object.fromEntries(users),
    };
  }

  /** Ends without events. */
  close(): void {
    this.#unwatch();
    this.#domains.clear();
    this.#sleep();
  }

  #live(domain: string, user: string): readonly Binding[] {
    const now = this.#clock.now();
    return (this.#domains.get(domain)?.get(user) ?? []).filter((binding) => isLive(binding, now));
  }

  #registration(domain: string, user: string): UserRegistration {
    const bindings = this.#live(domain, user);
    const [newest] = bindings;
    if (newest === undefined) return { registered: false };
    const { address: host, port } = newest.flow.remote;
    return {
      registered: true,
      // No pings are sent to phones, so none is ever unanswered.
      outstandingping: 0,
      remote: { host, port, ...(newest.agent === undefined ? {} : { agent: newest.agent }) },
      epochs: { registered: Math.min(...bindings.map((binding) => binding.registeredAt)) },
      bindings: bindings.map((binding) => ({
        contact: binding.contact,
        host: binding.flow.remote.address,
        port: binding.flow.remote.port,
        expires: this.#secondsLeft(binding),
      })),
    };
  }

  /** Whole seconds, at least 1 while a binding lives. */
  #secondsLeft(binding: Binding): number {
    return Math.ceil((binding.expiresAt - this.#clock.now()) / 1000);
  }

  /** Stores what an AOR now has, and tells of it. */
  #set(domain: string, user: string, bindings: readonly Binding[], control: string | undefined): void {
    const [newest] = bindings;
    const users = this.#domains.get(domain) ?? new Map<string, readonly Binding[]>();
    const controlled = control === undefined ? {} : { control };
    if (newest === undefined) {
      if (!users.delete(user)) return;
      if (users.size === 0) this.#domains.delete(domain);
      if (this.#domains.size === 0) this.#sleep();
      this.#log.info({ domain, user }, "deregistered");
      this.#events({ type: "deregistered", ...controlled, domain, user });
      return;
    }
    users.set(user, bindings);
    this.#domains.set(domain, users);
    this.#wakeBy(firstDue(bindings));
    const { address: host, port } = newest.flow.remote;
    this.#log.debug({ domain, user, host, port, bindings: bindings.length }, "registered");
    const { agent } = newest;
    const registration = { domain, user, host, port, ...(agent === undefined ? {} : { agent }) };
    this.#events({ type: "registered", ...controlled, registration });
  }

  #wakeBy(due: Millis): void {
    if (this.#wake !== undefined && this.#wake.due <= due) return;
    this.#wake?.timer.cancel();
    const delay = ms(Math.max(0, due - this.#clock.now()));
    const timer = this.#clock.after(delay, () => {
      this.#wake = undefined;
      this.#sweep();
    });
    this.#wake = { due, timer };
  }

  #sleep(): void {
    this.#wake?.timer.cancel();
    this.#wake = undefined;
  }

  /** Takes out what ran out. A refresh moves no timer, so a pass may find nothing. */
  #sweep(): void {
    const now = this.#clock.now();
    let next = Infinity;
    const gone: [domain: string, user: string][] = [];
    for (const [domain, users] of this.#domains) {
      for (const [user, bindings] of users) {
        const live = bindings.filter((binding) => isLive(binding, now));
        if (live.length === 0) gone.push([domain, user]);
        else if (live.length < bindings.length) users.set(user, live);
        next = Math.min(next, firstDue(live));
      }
    }
    if (next < Infinity) this.#wakeBy(ms(Math.max(next, now + SWEEP_GAP)));
    for (const [domain, user] of gone) this.#set(domain, user, [], this.#directory.control(domain));
  }

  #ok(request: SipRequest, domain: string, user: string): SipResponse {
    const contact = this.#live(domain, user).map((binding): NameAddr => ({
      uri: binding.contact,
      params: {
        expires: String(this.#secondsLeft(binding)),
        ...(binding.q === 1 ? {} : { q: String(binding.q) }),
        ...(binding.instance === undefined ? {} : { "+sip.instance": binding.instance }),
      },
    }));
    const { path } = request.headers;
    return this.#answer(request, 200, {
      ...(contact.length === 0 ? {} : { contact }),
      // RFC 3327 §5.3: the Path that was stored is repeated.
      ...(path === undefined ? {} : { path }),
      date: sipDate(this.#clock.epoch()),
    });
  }

  #answer(request: SipRequest, status: number, headers: Partial<Headers> = {}, reason?: string): SipResponse {
    return makeResponse(request, status, {
      toTag: hexToken(this.#random, 8),
      headers,
      ...(reason === undefined ? {} : { reason }),
    });
  }
}

const isLive = (binding: Binding, now: Millis): boolean => binding.expiresAt > now;

/** Infinity for none. */
const firstDue = (bindings: readonly Binding[]): Millis =>
  ms(Math.min(...bindings.map((binding) => binding.expiresAt)));
