import { ms, seconds, type Millis } from "../../core/brand.js";
import type { Timer } from "../../core/clock.js";
import { acceptRequest, nextRequest, type Dialog } from "../dialog/dialog.js";
import type { SipRequest, SipResponse, ValueWithParams } from "../message/message.js";
import { newParams } from "../message/params.js";
import type { Flow } from "../transport/transport.js";
import type { EventContext } from "./event-context.js";
import type { EventPackage, Told } from "./event-package.js";
import type { Resource } from "./resource.js";
import {
  isLive,
  subscriptionTable,
  type SubscriptionAction,
  type SubscriptionInput,
  type SubscriptionState,
} from "./subscription-table.js";

/** Why a subscription is over (RFC 6665 §4.1.3). `retryAfter` in seconds. */
export type Termination =
  | { readonly reason: "timeout" | "rejected" | "noresource" | "deactivated" }
  | { readonly reason: "probation"; readonly retryAfter: number };

/** What a subscription is, besides its timers: plain data. */
export interface SubscriptionFacts {
  readonly dialog: Dialog;
  readonly resource: Resource;
  /** AOR of the subscriber. */
  readonly subscriber: string;
  /** `id` of its Event header (§4.5.1: not used by anybody who follows this RFC, and repeated to those who do). */
  readonly eventId: string | undefined;
  /** Pending: accepted, and nothing may be told yet. */
  standing: "active" | "pending";
  expiresAt: Millis;
  told: Told;
}

export interface SubscriptionOwner {
  ended(subscription: Subscription): void;
}

/** Shortest pause after a NOTIFY that was refused for now. */
const SHORTEST_RETRY = 1;

/** One subscription: performs what its table says. */
export class Subscription {
  readonly facts: SubscriptionFacts;
  readonly package: EventPackage;
  readonly #context: EventContext;
  readonly #owner: SubscriptionOwner;
  #state: SubscriptionState = "idle";
  #pause: Timer | undefined;
  #expiry: Timer | undefined;
  /** Seconds, of the refusal at hand. */
  #retryAfter = 0;
  #termination: Termination = { reason: "timeout" };

  constructor(
    facts: SubscriptionFacts,
    eventPackage: EventPackage,
    context: EventContext,
    owner: SubscriptionOwner,
  ) {
    this.facts = facts;
    this.package = eventPackage;
    this.#context = context;
    this.#owner = owner;
  }

  get isLive(): boolean {
    return isLive(this.#state);
  }

  /** Seconds that are left, rounded up. */
  get expires(): number {
    return Math.max(0, Math.ceil((this.facts.expiresAt - this.#context.clock.now()) / 1000));
  }

  /**
   * Takes note of a request of the subscriber: its CSeq, where it came from, and its Contact (a SUBSCRIBE is a target
   * refresh request).
   * @returns false when the CSeq number is not above the last one; nothing is changed then.
   */
  accepts(request: SipRequest, flow: Flow): boolean {
    const { dialog } = this.facts;
    if (!acceptRequest(dialog, request, flow)) return false;
    const { contact } = request.headers;
    if (request.method === "SUBSCRIBE" && contact !== undefined && contact !== "*") {
      dialog.remoteTarget = contact[0]?.uri ?? dialog.remoteTarget;
    }
    return true;
  }

  /** Runs `seconds` from now, and tells the state at once; 0 tells it and ends. */
  granted(expires: number): void {
    this.facts.expiresAt = ms(this.#context.clock.now() + seconds(expires));
    this.#expiry?.cancel();
    this.#expiry = undefined;
    if (expires === 0) {
      this.end({ reason: "timeout" });
      return;
    }
    this.#expiry = this.#context.clock.after(seconds(expires), () => {
      this.end({ reason: "timeout" });
    });
    this.#input("subscribe");
  }

  news(): void {
    if (this.facts.standing === "active") this.#input("news");
  }

  /** From now on the state may be told, and is. */
  approve(): void {
    if (this.facts.standing === "active") return;
    this.facts.standing = "active";
    this.#input("news");
  }

  end(termination: Termination): void {
    if (!this.isLive) return;
    this.#termination = termination;
    this.#input("end");
  }

  /** The subscriber can't be reached any more. */
  unreachable(): void {
    this.#input("gone");
  }

  /** Drops it without a word; for shut-down. */
  abandon(): void {
    this.#state = "ended";
    this.#stop();
  }

  #input(input: SubscriptionInput): void {
    const row = subscriptionTable[this.#state][input];
    if (row === "ignore") return;
    this.#state = row.next;
    for (const action of row.actions) this.#perform(action);
  }

  #perform(action: SubscriptionAction): void {
    switch (action) {
      case "send NOTIFY":
        this.#notify(this.#currentState());
        return;
      case "send last NOTIFY":
        this.#notify(this.#lastState());
        return;
      case "rest":
        this.#startPause(this.package.minInterval);
        return;
      case "wait as told":
        this.#startPause(seconds(Math.max(SHORTEST_RETRY, this.#retryAfter)));
        return;
      case "stop pause":
        this.#pause?.cancel();
        this.#pause = undefined;
        return;
      case "tell ended":
        this.#stop();
        this.#owner.ended(this);
        return;
    }
  }

  #notify(state: ValueWithParams): void {
    const { facts, package: eventPackage } = this;
    const { dialog, resource } = facts;
    const { layer, contact, log } = this.#context;
    try {
      const request = nextRequest(dialog, "NOTIFY", contact(resource.user, dialog.nextHop));
      request.headers.event = {
        value: eventPackage.name,
        params: newParams(facts.eventId === undefined ? {} : { id: facts.eventId }),
      };
      request.headers["subscription-state"] = state;
      if (facts.standing === "active" && this.#hasState) {
        const { content, parts } = eventPackage.document(resource, facts.told);
        request.headers["content-type"] = eventPackage.contentType;
        request.content = content;
        facts.told = { documents: facts.told.documents + 1, parts };
      }
      layer.request(request, dialog.nextHop, {
        response: (response) => {
          this.#answered(response);
        },
        failed: () => {
          this.#input("gone");
        },
      });
    } catch (error) {
      log.error({ err: error, ...resource, event: eventPackage.name }, "a NOTIFY could not be made");
      this.#input("gone");
    }
  }

  /** What is taken away is not told once more; at its end by time the subscriber learns how things stand. */
  get #hasState(): boolean {
    return this.isLive || this.#termination.reason === "timeout";
  }

  #answered({ status, headers }: SipResponse): void {
    const retryAfter = headers["retry-after"];
    if (status < 200) return;
    if (status < 300) this.#input("delivered");
    else if (retryAfter === undefined) this.#input("gone");
    else {
      this.#retryAfter = retryAfter;
      this.#input("later");
    }
  }

  #currentState(): ValueWithParams {
    return { value: this.facts.standing, params: newParams({ expires: String(this.expires) }) };
  }

  #lastState(): ValueWithParams {
    const params = newParams({ reason: this.#termination.reason });
    if (this.#termination.reason === "probation") {
      params["retry-after"] = String(this.#termination.retryAfter);
    }
    return { value: "terminated", params };
  }

  #startPause(pause: Millis): void {
    this.#pause = this.#context.clock.after(pause, () => {
      this.#pause = undefined;
      this.#input("pause over");
    });
  }

  #stop(): void {
    this.#pause?.cancel();
    this.#expiry?.cancel();
  }
}
