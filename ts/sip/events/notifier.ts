import { ms } from "../../core/brand.js";
import { ownCopy } from "../../core/own-copy.js";
import { hexToken } from "../../core/random.js";
import type { Caller } from "../caller.js";
import { belongsTo, dialogAsUas } from "../dialog/dialog.js";
import type { Headers, SipRequest } from "../message/message.js";
import { domainName } from "../registrar/domain-name.js";
import type { EventName, SubscriptionInfo } from "../sip-service.js";
import type { ServerTransaction } from "../transaction/transaction.js";
import type { Flow } from "../transport/transport.js";
import { answer, type AnswerOptions, type EventContext } from "./event-context.js";
import { grantedExpires, RETRY_AFTER } from "./event-limits.js";
import type { EventPackage } from "./event-package.js";
import { refusalFor, resourceKey, resourceOf, type Resource } from "./resource.js";
import { SetMap } from "./set-map.js";
import { Subscription, type SubscriptionFacts, type Termination } from "./subscription.js";

/** Whether a subscriber may know the state of a resource; both are users of one domain. */
export type SubscriptionPolicy = (
  subscriber: Resource,
  resource: Resource,
  event: EventName,
) => "active" | "pending" | "rejected";

export interface NotifierOptions {
  readonly context: EventContext;
  readonly packages: readonly EventPackage[];
  /** Everybody of the domain may, unless given. */
  readonly policy?: SubscriptionPolicy | undefined;
  /** A subscription was made, approved or has ended. */
  readonly told: (subscription: SubscriptionInfo) => void;
}

interface Wish {
  readonly kind: "granted";
  readonly eventPackage: EventPackage;
  readonly resource: Resource;
  readonly subscriber: string;
  readonly standing: "active" | "pending";
  /** Seconds. */
  readonly expires: number;
}

interface Refused {
  readonly kind: "refused";
  readonly status: number;
  readonly options: AnswerOptions;
}

const refused = (status: number, options: AnswerOptions = {}): Refused => ({
  kind: "refused",
  status,
  options,
});

const ALLOWED_IN_DIALOG = ["SUBSCRIBE", "OPTIONS"];

/** Keeps the subscriptions of phones to what happens here (RFC 6665 §4.2). */
export class Notifier {
  readonly #context: EventContext;
  readonly #packages: ReadonlyMap<string, EventPackage>;
  readonly #policy: SubscriptionPolicy;
  readonly #told: (subscription: SubscriptionInfo) => void;
  /** By Call-ID and our tag. */
  readonly #dialogs = new Map<string, Subscription>();
  readonly #bySubscriber = new SetMap<string, Subscription>();
  /** By package and resource. */
  readonly #byResource = new SetMap<string, Subscription>();
  readonly #byConnection = new SetMap<number, Subscription>();

  constructor({ context, packages, policy, told }: NotifierOptions) {
    this.#context = context;
    this.#packages = new Map(packages.map((each) => [each.name, each]));
    this.#policy = policy ?? (() => "active");
    this.#told = told;
  }

  get count(): number {
    return this.#dialogs.size;
  }

  /** Names of the packages there are: Allow-Events. */
  get packages(): string[] {
    return [...this.#packages.keys()];
  }

  /** A SUBSCRIBE outside a dialog, known to come from `caller`. */
  subscribe(transaction: ServerTransaction, caller: Caller): void {
    const { request, flow } = transaction;
    const { clock, random } = this.#context;
    const wish = this.#examine(request, caller);
    if (wish.kind === "refused") {
      answer(this.#context, transaction, wish.status, wish.options);
      return;
    }
    const { eventPackage, resource, subscriber, standing, expires } = wish;
    const facts: SubscriptionFacts = {
      dialog: ownData(dialogAsUas(request, hexToken(random, 8), flow)),
      resource,
      subscriber,
      eventId: request.headers.event?.params["id"] ?? undefined,
      standing,
      expiresAt: ms(clock.now()),
      told: { documents: 0, parts: [] },
    };
    const subscription = new Subscription(facts, eventPackage, this.#context, {
      ended: (ended) => {
        this.#remove(ended);
        if (expires > 0) this.#tell(ended, "terminated");
      },
    });
    this.#add(subscription);
    this.#accept(transaction, subscription, expires);
    if (expires > 0) this.#tell(subscription, standing);
  }

  /** A request with a To tag. @returns false if it belongs to no subscription. */
  inDialog(transaction: ServerTransaction): boolean {
    const { request, flow } = transaction;
    const tag = request.headers.to.params["tag"] ?? "";
    const subscription = this.#dialogs.get(dialogIndex(request.headers["call-id"], tag));
    if (subscription === undefined || !belongsTo(subscription.facts.dialog, request)) return false;
    const before = subscription.facts.dialog.nextHop.connection;
    if (!subscription.accepts(request, flow)) {
      answer(this.#context, transaction, 500, { reason: "CSeq out of order" });
      return true;
    }
    this.#reachedBy(subscription, before);
    switch (request.method) {
      case "SUBSCRIBE":
        this.#refresh(transaction, subscription);
        break;
      case "OPTIONS":
        this.#refuse(transaction, 200, { "allow-events": this.packages });
        break;
      default:
        this.#refuse(transaction, 405, { allow: ALLOWED_IN_DIALOG });
    }
    return true;
  }

  /** What `resource` is in a package has changed. */
  changed(name: EventName, resource: Resource): void {
    for (const subscription of this.#byResource.get(resourceIndex(name, resource))) subscription.news();
  }

  /** Asks the policy again about every subscription to or of a user. */
  review(user: Resource): void {
    for (const subscription of this.#about(user)) {
      const { resource, subscriber } = subscription.facts;
      const at = subscriber.lastIndexOf("@");
      const from = { user: subscriber.slice(0, at), domain: subscriber.slice(at + 1) };
      const standing = this.#policy(from, resource, subscription.package.name);
      if (standing === "rejected") subscription.end({ reason: "rejected" });
      else if (standing === "active" && subscription.facts.standing === "pending") {
        subscription.approve();
        this.#tell(subscription, "active");
      }
    }
  }

  /** A user is no more: who watches is told so, what the user watched is over. */
  removed(user: Resource): void {
    const key = resourceKey(user);
    for (const subscription of this.#about(user)) {
      const isResource = resourceKey(subscription.facts.resource) === key;
      subscription.end({ reason: isResource ? "noresource" : "rejected" });
    }
  }

  /** What can't be reached any more is over without a word (RFC 6665 has none for it). */
  connectionClosed(connection: number): void {
    for (const subscription of [...this.#byConnection.get(connection)]) subscription.unreachable();
  }

  /** Ends every subscription, telling each why. */
  endAll(termination: Termination): void {
    for (const subscription of [...this.#dialogs.values()]) subscription.end(termination);
  }

  /** Drops every subscription without a word. */
  close(): void {
    for (const subscription of this.#dialogs.values()) subscription.abandon();
    this.#dialogs.clear();
    this.#bySubscriber.clear();
    this.#byResource.clear();
    this.#byConnection.clear();
  }

  #refresh(transaction: ServerTransaction, subscription: Subscription): void {
    const { event } = transaction.request.headers;
    const { facts, package: eventPackage } = subscription;
    if (!this.#packages.has(event?.value ?? "")) {
      this.#refuse(transaction, 489, { "allow-events": this.packages });
      return;
    }
    // §4.5.2: one subscription to a dialog; a second one is refused.
    if (event?.value !== eventPackage.name || (event.params["id"] ?? undefined) !== facts.eventId) {
      this.#refuse(transaction, 403);
      return;
    }
    if (!subscription.isLive) {
      this.#refuse(transaction, 481);
      return;
    }
    const { limits } = this.#context;
    const expires = grantedExpires(
      transaction.request.headers.expires ?? eventPackage.defaultExpires,
      limits,
    );
    if (expires === undefined) this.#refuse(transaction, 423, { "min-expires": limits.minExpires });
    else this.#accept(transaction, subscription, expires);
  }

  /** May it be, and what is it? Changes nothing. */
  #examine(request: SipRequest, caller: Caller): Wish | Refused {
    const { directory, limits } = this.#context;
    const { event, contact } = request.headers;
    const eventPackage = this.#packages.get(event?.value ?? "");
    if (eventPackage === undefined) return refused(489, { headers: { "allow-events": this.packages } });
    if (contact === undefined || contact === "*" || contact.length === 0) {
      return refused(400, { reason: "Missing Contact" });
    }
    const resource = resourceOf(request.uri, caller, directory);
    const refusal = refusalFor(caller, resource, directory);
    if (refusal !== undefined) return refused(refusal);
    if (!accepts(request, eventPackage.contentType)) return refused(406);
    const expires = grantedExpires(request.headers.expires ?? eventPackage.defaultExpires, limits);
    if (expires === undefined) return refused(423, { headers: { "min-expires": limits.minExpires } });
    const from = { user: caller.username, domain: domainName(caller.domain) };
    const standing = this.#policy(from, resource, eventPackage.name);
    if (standing === "rejected") return refused(403);
    const subscriber = ownCopy(resourceKey(from));
    if (this.#bySubscriber.count(subscriber) >= limits.subscriptionsPerUser) {
      return refused(403, { reason: "Too Many Subscriptions" });
    }
    const watchers = this.#byResource.count(resourceIndex(eventPackage.name, resource));
    if (this.#dialogs.size >= limits.subscriptions || watchers >= limits.subscriptionsPerResource) {
      return refused(503, { headers: { "retry-after": RETRY_AFTER } });
    }
    return { kind: "granted", eventPackage, resource, subscriber, standing, expires };
  }

  /** 200, and the NOTIFY after it (§4.2.1.2). */
  #accept(transaction: ServerTransaction, subscription: Subscription, expires: number): void {
    const { dialog, resource } = subscription.facts;
    const recordRoute = transaction.request.headers["record-route"];
    answer(this.#context, transaction, 200, {
      tag: dialog.localTag,
      headers: {
        expires,
        contact: [this.#context.contact(resource.user, dialog.nextHop)],
        "allow-events": this.packages,
        ...(recordRoute === undefined ? {} : { "record-route": recordRoute }),
      },
    });
    subscription.granted(expires);
  }

  #refuse(transaction: ServerTransaction, status: number, headers: Partial<Headers> = {}): void {
    answer(this.#context, transaction, status, { headers });
  }

  /** Subscriptions to a user, and those of the user. */
  #about(user: Resource): Set<Subscription> {
    const found = new Set(this.#bySubscriber.get(resourceKey(user)));
    for (const name of this.#packages.keys()) {
      for (const subscription of this.#byResource.get(resourceIndex(name, user))) found.add(subscription);
    }
    return found;
  }

  #reachedBy(subscription: Subscription, before: Flow["connection"]): void {
    const { connection } = subscription.facts.dialog.nextHop;
    if (before !== undefined) this.#byConnection.delete(before, subscription);
    if (connection !== undefined) this.#byConnection.add(connection, subscription);
  }

  #add(subscription: Subscription): void {
    const { dialog, resource, subscriber } = subscription.facts;
    this.#dialogs.set(dialogIndex(dialog.callId, dialog.localTag), subscription);
    this.#bySubscriber.add(subscriber, subscription);
    this.#byResource.add(resourceIndex(subscription.package.name, resource), subscription);
    this.#reachedBy(subscription, undefined);
  }

  #remove(subscription: Subscription): void {
    const { dialog, resource, subscriber } = subscription.facts;
    this.#dialogs.delete(dialogIndex(dialog.callId, dialog.localTag));
    this.#bySubscriber.delete(subscriber, subscription);
    this.#byResource.delete(resourceIndex(subscription.package.name, resource), subscription);
    const { connection } = dialog.nextHop;
    if (connection !== undefined) this.#byConnection.delete(connection, subscription);
  }

  #tell({ facts, package: { name } }: Subscription, state: SubscriptionInfo["state"]): void {
    this.#told({ ...facts.resource, event: name, subscriber: facts.subscriber, state });
  }
}

/** Plain data whose texts keep no message in memory (`ownCopy`). */
const ownData = <Data>(data: Data): Data => JSON.parse(JSON.stringify(data)) as Data;

const dialogIndex = (callId: string, localTag: string): string => `${callId} ${localTag}`;

const resourceIndex = (name: string, resource: Resource): string => `${name} ${resourceKey(resource)}`;

/** Does the subscriber read `contentType`? Without Accept it reads the package's own (RFC 6665 §3.1.3). */
function accepts({ headers: { accept } }: SipRequest, contentType: string): boolean {
  if (accept === undefined || accept.length === 0) return true;
  const anySubtype = `${contentType.slice(0, contentType.indexOf("/"))}/*`;
  return accept.some(({ value }) => ["*/*", anySubtype, contentType].includes(value.toLowerCase()));
}
