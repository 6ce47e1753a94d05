import { ms, seconds, type Millis } from "../../core/brand.js";
import type { Clock, Timer } from "../../core/clock.js";
import { silentLog, type Log } from "../../core/log.js";
import { hexToken, type Random } from "../../core/random.js";
import { binaryToText } from "../message/binary.js";
import type { Headers, NameAddr, SipRequest, SipResponse } from "../message/message.js";
import { makeResponse } from "../message/response.js";
import { parseUri } from "../message/uri.js";
import type { DeregistrationReason, DomainRegistrations, UserRegistration } from "../sip-service.js";
import type { Flow } from "../transport/transport.js";
import { BindingTable, connectionOf, type BindingEntry } from "./binding-table.js";
import { updateBindings, type Binding, type BindingLimits } from "./bindings.js";
import type { Directory } from "./directory.js";
import { domainName } from "./domain-name.js";
import { isInstance, publicGruu } from "./gruu.js";
import { InternedTexts } from "./interned-texts.js";
import { REGISTER_EXTENSIONS, supports } from "./outbound.js";
import { PingSchedule } from "./ping-schedule.js";
import { REGISTRAR_SETTINGS, type RegistrarOptions, type RegistrationEvent } from "./registrar-options.js";
import { sipDate } from "./sip-date.js";

export type { RegistrarOptions, RegistrationEvent } from "./registrar-options.js";

/** Keeps AOR → bindings (RFC 3261 §10.3). Requests come authenticated; answers are results, changes are events. */
export class Registrar {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #directory: Directory;
  readonly #log: Log;
  readonly #limits: BindingLimits;
  readonly #events: (event: RegistrationEvent) => void;
  readonly #changed: () => void;
  readonly #unwatch: () => void;
  readonly #table: BindingTable;
  readonly #pings: PingSchedule;
  readonly #agents = new InternedTexts();
  #tellingGone: Timer | undefined;

  constructor(options: RegistrarOptions) {
    const { clock, random, directory, ping } = options;
    this.#clock = clock;
    this.#random = random;
    this.#directory = directory;
    this.#log = options.log ?? silentLog;
    this.#limits = { ...REGISTRAR_SETTINGS, ...options.limits };
    this.#events = options.events;
    this.#changed = options.changed ?? (() => undefined);
    this.#pings = new PingSchedule(
      { clock, random, ping, log: this.#log },
      { ...REGISTRAR_SETTINGS.ping, ...options.pingSettings },
    );
    this.#table = new BindingTable(clock, (entry) => {
      this.#due(entry);
    });
    this.#unwatch = directory.watch({
      removed: (domain, user, control) => {
        if (this.#table.entries(domain, user).length > 0) this.#release(domain, user, [], "removed", control);
      },
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
    // §10.3 step 4. Whoever has the AOR's secret may register it, whatever From says; nobody else may.
    if (name !== user.username || domain !== domainName(user.domain)) return this.#answer(request, 403);
    const known = this.#directory.find(domain, name);
    if (known === undefined) return this.#answer(request, 404);

    const { contact } = request.headers;
    if (contact === undefined || contact.length === 0) return this.#ok(request, domain, name);
    const agent = request.headers["user-agent"];
    const outcome = updateBindings(
      this.#live(domain, name),
      request,
      {
        domain: this.#directory.spelling(domain),
        user: known.username,
        flow,
        now: this.#clock.now(),
        epoch: this.#clock.epoch(),
        ...(agent === undefined ? {} : { agent: this.#agents.of(binaryToText(agent)) }),
      },
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
        this.#set(domain, known.username, outcome.bindings);
        return this.#ok(request, domain, name, outcome.outbound ? { require: ["outbound"] } : {});
    }
  }

  /** The connection of this flow has ended: nobody can be reached by it any more. */
  connectionClosed({ connection }: Flow): void {
    if (connection === undefined) return;
    for (const entry of this.#table.ofConnection(connection)) this.#drop(entry, "connection");
  }

  /**
   * Live bindings, the preferred first: by q, then the one last registered. Of an instance that keeps several flows
   * only the one last registered, as it would ring on each (RFC 5626 §7).
   * @param gr names an instance: only its bindings (RFC 5627 §5.2).
   */
  lookup(domain: string, user: string, gr?: string): readonly Binding[] {
    const seen = new Set<string>();
    return [...this.#live(domainName(domain), user)]
      .filter(({ instance, regId }) => {
        if (gr !== undefined && !isInstance(instance, gr)) return false;
        if (instance === undefined || regId === undefined) return true;
        const isFirst = !seen.has(instance);
        seen.add(instance);
        return isFirst;
      })
      .sort((a, b) => b.q - a.q);
  }

  /** Whether the user has a phone registered from this address. */
  isAtHome(address: string, domain: string, user: string): boolean {
    return this.#live(domainName(domain), user).some(({ flow }) => flow.remote.address === address);
  }

  /** Bindings of all domains. */
  get count(): number {
    return this.#table.count;
  }

  /**
   * The state of a domain's users, or of one: a user who is unknown leaves the list empty.
   * @throws {MediaswitchError} DOMAIN_UNKNOWN.
   */
  domain(domain: string, user?: string): DomainRegistrations {
    const name = domainName(domain);
    const count = this.#directory.count(name);
    const listed = this.#listed(name, user);
    const users = listed.map((one): [string, UserRegistration] => [one, this.#registration(name, one)]);
    return {
      domain: name,
      count,
      registered: users.filter(([, { registered }]) => registered).length,
      users: Object.fromEntries(users),
    };
  }

  /** All bindings, for the state file. */
  bindings(): Generator<Binding> {
    return this.#table.bindings();
  }

  /**
   * Puts back what an earlier process had, for users who are still in the directory. What has run out since, and what
   * came by a connection, is gone: control is told a second later, unless the phone has come back by then.
   */
  restore(bindings: readonly Binding[]): void {
    const now = this.#clock.now();
    const gone = new Map<string, Binding>();
    for (const binding of bindings) {
      const { domain, user } = binding;
      if (this.#directory.find(domain, user) === undefined) continue;
      if (connectionOf(binding) !== undefined || !isLive(binding, now)) {
        gone.set(`${user}@${domain}`, binding);
      } else {
        const before = this.#table.entries(domain, user).map((entry) => entry.binding);
        this.#table.set(domain, user, [...before, binding], (one) => this.#pings.first(one));
      }
    }
    if (gone.size === 0) return;
    this.#tellingGone = this.#clock.after(seconds(1), () => {
      this.#tellingGone = undefined;
      for (const binding of gone.values()) {
        const { domain, user } = binding;
        if (this.#table.entries(domain, user).length > 0) continue;
        const reason = connectionOf(binding) === undefined ? "expired" : "connection";
        this.#tellGone(domain, user, reason, this.#directory.control(domain));
      }
    });
  }

  /** Ends without events. */
  close(): void {
    this.#unwatch();
    this.#tellingGone?.cancel();
    this.#table.clear();
  }

  #live(domain: string, user: string): readonly Binding[] {
    const now = this.#clock.now();
    return this.#table
      .entries(domain, user)
      .map(({ binding }) => binding)
      .filter((binding) => isLive(binding, now));
  }

  #listed(domain: string, user: string | undefined): readonly string[] {
    if (user === undefined) return this.#directory.users(domain);
    return this.#directory.find(domain, user) === undefined ? [] : [user];
  }

  #registration(domain: string, user: string): UserRegistration {
    const bindings = this.#live(domain, user);
    const [newest] = bindings;
    if (newest === undefined) return { registered: false };
    const { address: host, port } = newest.flow.remote;
    const entry = this.#table.entries(domain, user).find(({ binding }) => binding === newest);
    return {
      registered: true,
      outstandingping: entry?.outstanding ?? 0,
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

  /** What a REGISTER left to an AOR. */
  #set(domain: string, user: string, bindings: readonly Binding[]): void {
    const [newest] = bindings;
    const control = this.#directory.control(domain);
    if (newest === undefined) {
      if (this.#table.entries(domain, user).length > 0) this.#release(domain, user, [], "removed", control);
      return;
    }
    const isRefresh = this.#table.entries(domain, user).length > 0;
    this.#table.set(domain, user, bindings, (binding) => this.#pings.first(binding));
    const { address: host, port } = newest.flow.remote;
    const facts = { domain, user, host, port, bindings: bindings.length };
    if (isRefresh) this.#log.debug(facts, "registered again");
    else this.#log.info(facts, "registered");
    const { agent } = newest;
    const registration = { domain, user, host, port, ...(agent === undefined ? {} : { agent }) };
    this.#events({ type: "registered", ...(control === undefined ? {} : { control }), registration });
    this.#changed();
  }

  #due(entry: BindingEntry): void {
    const now = this.#clock.now();
    if (!isLive(entry.binding, now)) {
      this.#drop(entry, "expired");
      return;
    }
    if (entry.nextPing <= now) {
      if (this.#pings.isLost(entry)) {
        this.#drop(entry, "ping");
        return;
      }
      this.#pings.turn(entry);
    }
    if (this.#table.has(entry)) this.#table.schedule(entry);
  }

  #drop(entry: BindingEntry, reason: DeregistrationReason): void {
    const { domain, user, entries } = entry.aor;
    const left = entries.filter((other) => other !== entry).map(({ binding }) => binding);
    this.#log.debug({ domain, user, contact: entry.binding.contact, reason }, "binding removed");
    this.#release(domain, user, left, reason, this.#directory.control(domain));
  }

  /** Takes bindings away; control hears of it when none is left. */
  #release(
    domain: string,
    user: string,
    left: readonly Binding[],
    reason: DeregistrationReason,
    control: string | undefined,
  ): void {
    this.#table.set(domain, user, left, () => ms(Infinity));
    if (left.length === 0) this.#tellGone(domain, user, reason, control);
    this.#changed();
  }

  #tellGone(domain: string, user: string, reason: DeregistrationReason, control: string | undefined): void {
    this.#log.info({ domain, user, reason }, "deregistered");
    this.#events({
      type: "deregistered",
      ...(control === undefined ? {} : { control }),
      domain,
      user,
      reason,
    });
  }

  #ok(request: SipRequest, domain: string, user: string, headers: Partial<Headers> = {}): SipResponse {
    const wantsGruu = supports(request, "gruu");
    const contact = this.#live(domain, user).map((binding) => this.#listedContact(binding, wantsGruu));
    const { path } = request.headers;
    return this.#answer(request, 200, {
      ...headers,
      ...(contact.length === 0 ? {} : { contact }),
      // RFC 3327 §5.3: the Path that was stored is repeated.
      ...(path === undefined ? {} : { path }),
      supported: [...REGISTER_EXTENSIONS],
      date: sipDate(this.#clock.epoch()),
    });
  }

  #listedContact(binding: Binding, wantsGruu: boolean): NameAddr {
    const { contact, q, instance, regId, domain, user } = binding;
    const gruu = wantsGruu && instance !== undefined ? publicGruu(domain, user, instance) : undefined;
    return {
      uri: contact,
      params: {
        expires: String(this.#secondsLeft(binding)),
        ...(q === 1 ? {} : { q: String(q) }),
        ...(instance === undefined ? {} : { "+sip.instance": instance }),
        ...(regId === undefined ? {} : { "reg-id": String(regId) }),
        ...(gruu === undefined ? {} : { "pub-gruu": `"${gruu}"` }),
      },
    };
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
