import { MediaswitchError } from "../../core/errors.js";
import type { Caller } from "../caller.js";
import type { Binding } from "../registrar/bindings.js";
import type { Locator } from "../locate/locator.js";
import { domainName } from "../registrar/domain-name.js";
import type {
  CallInfo,
  EventCounts,
  EventName,
  Mailbox,
  MessageOutcome,
  MessageRequest,
  PresenceSetting,
  SipEvent,
} from "../sip-service.js";
import type { ServerTransaction } from "../transaction/transaction.js";
import type { Flow } from "../transport/transport.js";
import { DialogPackage, type DialogTags } from "./dialog-package.js";
import { answer, type EventContext } from "./event-context.js";
import { EVENT_LIMITS, type EventLimits } from "./event-limits.js";
import { EventStateCompositor } from "./event-state-compositor.js";
import { MessageSummaryPackage } from "./message-summary-package.js";
import { Notifier, type SubscriptionPolicy } from "./notifier.js";
import { PagerMessages } from "./pager-messages.js";
import { PIDF_TYPE } from "./pidf.js";
import { PresencePackage } from "./presence-package.js";
import { resourceKey, type Resource } from "./resource.js";

export interface EventServerOptions extends Omit<EventContext, "limits"> {
  readonly limits?: Partial<EventLimits> | undefined;
  readonly policy?: SubscriptionPolicy | undefined;
  /** Finds the servers of other domains; without it no message goes there. */
  readonly locator?: Locator | undefined;
  /** Where a user's phones are. */
  readonly bindings: (domain: string, user: string) => readonly Binding[];
  /** Passes an event on, in order with others of its key; rejected when it was not taken. */
  readonly tell: (key: string, event: SipEvent) => Promise<void>;
}

/** Methods that `handle` answers. */
export const EVENT_METHODS: readonly string[] = ["SUBSCRIBE", "PUBLISH", "MESSAGE"];

/** Packages that can be subscribed to: Allow-Events. */
export const EVENT_PACKAGES: readonly EventName[] = ["presence", "dialog", "message-summary"];

/** Subscriptions, publications and messages of the server's users, and what is told of each. */
export class EventServer {
  readonly #options: EventServerOptions;
  readonly #context: EventContext;
  readonly #notifier: Notifier;
  readonly #compositor: EventStateCompositor;
  readonly #presence: PresencePackage;
  readonly #dialogs: DialogPackage;
  readonly #mailboxes: MessageSummaryPackage;
  readonly #messages: PagerMessages;
  readonly #unwatch: () => void;
  /** Seconds; set while the server takes nothing new. */
  #draining: number | undefined;

  constructor(options: EventServerOptions) {
    this.#options = options;
    const { directory, bindings } = options;
    const context = { ...options, limits: { ...EVENT_LIMITS, ...options.limits } };
    this.#context = context;
    const changed =
      (name: EventName) =>
      (resource: Resource): void => {
        this.#notifier.changed(name, resource);
      };
    this.#compositor = new EventStateCompositor({
      context,
      event: "presence",
      contentType: PIDF_TYPE,
      changed: changed("presence"),
    });
    this.#presence = new PresencePackage({
      published: this.#compositor.published,
      isRegistered: ({ domain, user }) => bindings(domain, user).length > 0,
      changed: changed("presence"),
    });
    this.#dialogs = new DialogPackage(directory, changed("dialog"));
    this.#mailboxes = new MessageSummaryPackage(changed("message-summary"));
    this.#notifier = new Notifier({
      context,
      packages: [this.#presence, this.#dialogs, this.#mailboxes],
      policy: options.policy,
      told: (subscription) => {
        this.#tell(subscription, { type: "subscribed", subscription });
      },
    });
    this.#messages = new PagerMessages({
      context,
      bindings: ({ domain, user }) => bindings(domain, user),
      locator: options.locator,
      offer: (message) =>
        options.tell(`message ${message.from}`, {
          type: "message",
          message,
          ...this.#control(message.domain),
        }),
    });
    this.#unwatch = directory.watch({
      removed: (domain, user) => {
        this.#removed({ domain, user });
      },
    });
  }

  // Requests. The caller has been identified, the request checked as far as that is the same for all methods.

  /** A SUBSCRIBE, PUBLISH or MESSAGE outside a dialog. */
  handle(transaction: ServerTransaction, caller: Caller): void {
    if (this.#draining !== undefined) {
      answer(this.#context, transaction, 503, { headers: { "retry-after": this.#draining } });
      return;
    }
    switch (transaction.request.method) {
      case "SUBSCRIBE":
        this.#notifier.subscribe(transaction, caller);
        return;
      case "PUBLISH":
        this.#compositor.publish(transaction, caller);
        return;
      case "MESSAGE":
        this.#messages.receive(transaction, caller);
        return;
      default:
        answer(this.#context, transaction, 481);
    }
  }

  /** Any request with a To tag. @returns false if it belongs to no subscription: it is not answered then. */
  inDialog(transaction: ServerTransaction): boolean {
    return this.#notifier.inDialog(transaction);
  }

  // What happens elsewhere.

  connectionClosed({ connection }: Flow): void {
    if (connection !== undefined) this.#notifier.connectionClosed(connection);
  }

  /**
   * @param party the user whose phone the call is with.
   * @param ids of the dialog with that phone, our tag first.
   */
  callChanged(info: CallInfo, party: Resource, ids: () => DialogTags | undefined = () => undefined): void {
    this.#dialogs.callChanged(info, { user: party.user, domain: domainName(party.domain) }, ids);
  }

  registrationChanged(domain: string, user: string): void {
    this.#notifier.changed("presence", { domain: domainName(domain), user });
  }

  /** Asks the policy again about a user's subscriptions and those to the user. */
  reviewPolicy(domain: string, user: string): void {
    this.#notifier.review({ domain: domainName(domain), user });
  }

  // Commands.

  /** @throws {MediaswitchError} ARGUMENT_INVALID, DOMAIN_UNKNOWN, USER_UNKNOWN. */
  setPresence({ domain, user, status, note }: PresenceSetting): void {
    const resource = this.#known(domain, user);
    if (status === undefined && note !== undefined) {
      throw new MediaswitchError("ARGUMENT_INVALID", "a note needs a status", "status");
    }
    if (note !== undefined && note.length > LONGEST_NOTE) {
      throw new MediaswitchError(
        "ARGUMENT_INVALID",
        `note must not be longer than ${String(LONGEST_NOTE)} characters`,
        "note",
      );
    }
    this.#presence.set(
      resource,
      status === undefined ? undefined : { status, ...(note === undefined ? {} : { note }) },
    );
  }

  /** @throws {MediaswitchError} ARGUMENT_INVALID, DOMAIN_UNKNOWN, USER_UNKNOWN. */
  setMailbox(domain: string, user: string, mailbox: Mailbox): void {
    const resource = this.#known(domain, user);
    for (const field of ["new", "old", "urgentNew", "urgentOld"] as const) {
      const count = mailbox[field] ?? 0;
      if (!Number.isSafeInteger(count) || count < 0) {
        throw new MediaswitchError("ARGUMENT_INVALID", `${field} must be a whole number from 0 on`, field);
      }
    }
    const { account = "" } = mailbox;
    if (account.length > LONGEST_NOTE || /[\p{Cc}\s]/u.test(account)) {
      throw new MediaswitchError("ARGUMENT_INVALID", "account must be a URI", "account");
    }
    this.#mailboxes.set(resource, mailbox);
  }

  /** See `PagerMessages.send`. */
  sendMessage(request: MessageRequest): Promise<MessageOutcome> {
    return this.#messages.send(request);
  }

  // The whole.

  get counts(): EventCounts {
    return {
      subscriptions: this.#notifier.count,
      publications: this.#compositor.count,
      messages: this.#messages.count,
    };
  }

  /** Takes nothing new, and sends every subscriber away to come back after `retryAfter` seconds at the earliest. */
  drain(retryAfter: number): void {
    this.#draining = retryAfter;
    this.#notifier.endAll({ reason: "probation", retryAfter });
  }

  /** Takes what comes again. */
  resume(): void {
    this.#draining = undefined;
  }

  /** Forgets everything without a word to anybody. */
  close(): void {
    this.#unwatch();
    this.#notifier.close();
    this.#compositor.close();
    this.#dialogs.close();
    this.#messages.close();
  }

  #known(domain: string, user: string): Resource {
    const { directory } = this.#options;
    if (!directory.has(domain)) {
      throw new MediaswitchError("DOMAIN_UNKNOWN", `the directory has no domain ${domain}`, "domain");
    }
    if (directory.find(domain, user) === undefined) {
      throw new MediaswitchError("USER_UNKNOWN", `the directory has no user ${user}@${domain}`, "user");
    }
    return { domain: domainName(domain), user };
  }

  #removed(user: Resource): void {
    this.#compositor.forget(user);
    for (const each of [this.#presence, this.#dialogs, this.#mailboxes]) each.forget(user);
    this.#notifier.removed(user);
  }

  #tell(about: Resource, event: SipEvent): void {
    this.#options
      .tell(resourceKey(about), { ...event, ...this.#control(about.domain) })
      .catch((error: unknown) => {
        this.#options.log.warn({ ...about, error: String(error) }, "control did not take a subscription");
      });
  }

  #control(domain: string): { control?: string } {
    const control = this.#options.directory.control(domain);
    return control === undefined ? {} : { control };
  }
}

/** Characters of a note or an account. */
const LONGEST_NOTE = 255;
