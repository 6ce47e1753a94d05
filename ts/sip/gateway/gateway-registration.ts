import { ms, type Millis } from "../../core/brand.js";
import type { Clock, Timer } from "../../core/clock.js";
import { hexToken, uuid, type Random } from "../../core/random.js";
import type { DigestClient } from "../auth/digest-client.js";
import {
  LocatedRequest,
  type LocatedOutcome,
  type LocatedRequestContext,
} from "../locate/located-request.js";
import type { NameAddr, SipResponse } from "../message/message.js";
import type { Flow } from "../transport/transport.js";
import { backOff, refreshDelay } from "./back-off.js";
import { readGranted, type Granted } from "./granted.js";
import { registerRequest } from "./register-request.js";
import {
  registrationTable,
  type RegistrationAction,
  type RegistrationInput,
  type RegistrationState,
} from "./registration-table.js";

/** What is registered where. */
export interface RegistrationPlan {
  /** Request-URI of REGISTER. */
  readonly registrar: string;
  readonly aor: string;
  /** User part of our Contact. */
  readonly contactUser: string;
  readonly digest: DigestClient | undefined;
  readonly proxy: readonly NameAddr[];
  /** Seconds asked for. */
  readonly expires: number;
}

export interface RegistrationContext extends LocatedRequestContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly userAgent: string;
  /** Our Contact with this user part, as the far end of the flow reaches it. */
  readonly contact: (user: string, to: Flow) => NameAddr;
}

/** Told when a registration succeeds after none, fails (again in another way), or is over. */
export type RegistrationNews =
  | { readonly state: "registered"; readonly expires: number }
  | { readonly state: "failed"; readonly code: number; readonly status: string }
  | { readonly state: "unregistered" };

/** The longest Min-Expires that is given in to, and the longest Retry-After: a day, and half an hour. */
const LONGEST_MIN_EXPIRES = 86_400;
const LONGEST_RETRY_AFTER = 1800;

/** Keeps one AOR registered at one server: `registration-table.ts` decides, this file carries out. */
export class GatewayRegistration {
  readonly #plan: RegistrationPlan;
  readonly #context: RegistrationContext;
  readonly #tell: (news: RegistrationNews) => void;
  /** §10.2: one Call-ID for all, and ever higher CSeq numbers. */
  readonly #callId: string;
  readonly #fromTag: string;
  readonly #ended: Promise<void>;
  #markEnded: () => void = () => undefined;
  #state: RegistrationState = "unregistered";
  #seq = 0;
  /** Seconds asked for now: 423 raises it. */
  #expires: number;
  #granted: Granted | undefined;
  #expiresAt: Millis | undefined;
  #failures = 0;
  #failure: { readonly code: number; readonly status: string; readonly retryAfter?: number } | undefined;
  #told = "";
  #timer: Timer | undefined;
  #request: AbortController | undefined;

  constructor(plan: RegistrationPlan, context: RegistrationContext, tell: (news: RegistrationNews) => void) {
    this.#plan = plan;
    this.#context = context;
    this.#tell = tell;
    this.#callId = uuid(context.random);
    this.#fromTag = hexToken(context.random, 8);
    this.#expires = plan.expires;
    this.#ended = new Promise((resolve) => {
      this.#markEnded = resolve;
    });
  }

  get state(): RegistrationState {
    return this.#state;
  }

  /** Why the last try failed; undefined after one that succeeded. */
  get failure(): { readonly code: number; readonly status: string } | undefined {
    return this.#failure;
  }

  /** What the server granted; undefined while nothing is registered. */
  get granted(): Granted | undefined {
    return this.#isBound ? this.#granted : undefined;
  }

  /** Whole seconds that the binding lives on without a refresh. */
  get remaining(): number {
    if (!this.#isBound || this.#expiresAt === undefined) return 0;
    return Math.max(0, Math.floor((this.#expiresAt - this.#context.clock.now()) / 1000));
  }

  start(): void {
    this.#apply("start");
  }

  /** Takes the binding away. @returns when that is over, whatever came of it. */
  stop(): Promise<void> {
    this.#apply("stop");
    return this.#ended;
  }

  /** Ends at once without a word. */
  abandon(): void {
    this.#state = "ended";
    this.#timer?.cancel();
    this.#request?.abort();
    this.#markEnded();
  }

  get #isBound(): boolean {
    return this.#expiresAt !== undefined && this.#expiresAt > this.#context.clock.now();
  }

  #apply(input: RegistrationInput): void {
    const row = registrationTable[this.#state][input];
    if (row === "ignore") return;
    this.#state = row.next;
    for (const action of row.actions) this.#perform(action);
    if (row.next === "ended") this.#markEnded();
  }

  #perform(action: RegistrationAction): void {
    switch (action) {
      case "send REGISTER":
        this.#send(this.#expires);
        return;
      case "send un-REGISTER":
        this.#send(0);
        return;
      case "drop request":
        this.#request?.abort();
        return;
      case "await refresh":
        this.#await(refreshDelay(this.#granted?.expires ?? this.#expires, this.#context.random));
        return;
      case "await retry":
        this.#awaitRetry();
        return;
      case "stop waiting":
        this.#timer?.cancel();
        return;
      case "tell registered":
        this.#news({ state: "registered", expires: this.#granted?.expires ?? 0 }, "registered");
        return;
      case "tell failed": {
        const { code = 0, status = "" } = this.#failure ?? {};
        this.#news({ state: "failed", code, status }, `failed ${String(code)}`);
        return;
      }
      case "tell unregistered":
        this.#expiresAt = undefined;
        this.#news({ state: "unregistered" }, "unregistered");
        return;
    }
  }

  #news(news: RegistrationNews, key: string): void {
    if (this.#told === key) return;
    this.#told = key;
    this.#tell(news);
  }

  #await(delay: Millis): void {
    this.#timer = this.#context.clock.after(delay, () => {
      this.#apply("due");
    });
  }

  #awaitRetry(): void {
    this.#failures += 1;
    const asked = Math.min(this.#failure?.retryAfter ?? 0, LONGEST_RETRY_AFTER) * 1000;
    this.#await(ms(Math.max(asked, backOff(this.#failures, this.#context.random))));
  }

  #send(expires: number): void {
    const controller = new AbortController();
    this.#request = controller;
    this.#seq += 1;
    const request = registerRequest({
      registrar: this.#plan.registrar,
      aor: this.#plan.aor,
      callId: this.#callId,
      fromTag: this.#fromTag,
      seq: this.#seq,
      expires,
      route: this.#plan.proxy,
      userAgent: this.#context.userAgent,
    });
    const { digest, contactUser } = this.#plan;
    const located = new LocatedRequest(request, this.#context, {
      signal: controller.signal,
      ...(digest === undefined ? {} : { digest }),
      sent: (seq) => {
        this.#seq = Math.max(this.#seq, seq);
      },
      prepare: (unaddressed, to) => {
        const { uri, params } = this.#context.contact(contactUser, to);
        const contact: NameAddr = { uri, params: { ...params, expires: String(expires) } };
        return { ...unaddressed, headers: { ...unaddressed.headers, contact: [contact] } };
      },
    });
    void located.send().then((outcome) => {
      if (!controller.signal.aborted) this.#came(outcome, expires);
    });
  }

  #came(outcome: LocatedOutcome, asked: number): void {
    if (outcome.kind === "failed") {
      this.#failure = { code: outcome.status, status: outcome.reason };
      this.#apply("no answer");
      return;
    }
    const { response, to } = outcome;
    const contact = this.#context.contact(this.#plan.contactUser, to);
    if (response.status < 300) this.#accepted(readGranted(response, contact, asked), asked);
    else if (response.status === 423 && this.#raised(response)) this.#apply("too brief");
    else this.#refused(response);
  }

  #accepted(granted: Granted, asked: number): void {
    if (asked > 0 && granted.expires === 0) {
      this.#failure = { code: 200, status: "the server grants no time" };
      this.#apply("refused");
      return;
    }
    this.#failures = 0;
    this.#failure = undefined;
    this.#granted = granted;
    this.#expiresAt = ms(this.#context.clock.now() + granted.expires * 1000);
    this.#apply("accepted");
  }

  /** §10.2.8: ask for the least that the server takes, once for each such answer that raises it. */
  #raised({ headers }: SipResponse): boolean {
    const least = headers["min-expires"];
    if (least === undefined || least <= this.#expires || least > LONGEST_MIN_EXPIRES) return false;
    this.#expires = least;
    return true;
  }

  #refused({ status: code, reason: status, headers }: SipResponse): void {
    const retryAfter = headers["retry-after"];
    this.#failure = { code, status, ...(retryAfter === undefined ? {} : { retryAfter }) };
    this.#apply("refused");
  }
}
