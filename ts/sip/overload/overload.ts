import type { Millis } from "../../core/brand.js";
import type { Clock } from "../../core/clock.js";
import { fraction, type Random } from "../../core/random.js";
import { sourceKey } from "../auth/source-key.js";
import type { SipRequest } from "../message/message.js";
import { parseUri } from "../message/uri.js";
import type { Admission, Verdict } from "../transaction/admission.js";
import type { Flow } from "../transport/transport.js";
import { keyedHash } from "./keyed-hash.js";
import { DEFAULT_LIMITS, type OverloadLimits } from "./limits.js";
import type { LoadShare } from "./load-share.js";
import { RateTable, type Rating } from "./rate-table.js";

export interface OverloadOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly limits?: Partial<OverloadLimits>;
  /** Fed with how busy the thread is; without it only rates and counts matter. */
  readonly load?: LoadShare;
  /** Whether requests from this address need no digest: trunks, and what else `--trust` names. */
  readonly trusted: (address: string) => boolean;
  /** Whether a request with a To tag belongs to a dialog that there is. */
  readonly knows: (request: SipRequest) => boolean;
  /** Whether an INVITE outside of dialogs goes on with a call that there is: it replaces one (RFC 3891). */
  readonly replaces: (request: SipRequest) => boolean;
  /** Calls there are. */
  readonly calls: () => number;
}

/** Why a request was refused at the door. */
export type OverloadReason =
  | "draining"
  | "source-rate"
  | "trunk-rate"
  | "aor-rate"
  | "dialog-rate"
  | "calls"
  | "load"
  /** Of all of these: not even answered. */
  | "unanswered";

/** Seconds: spread, so that those who were refused together do not come back together. */
const RETRY_AFTER = { least: 5, most: 15 } as const;
/** Another server is to be found meanwhile. */
const RETRY_AFTER_DRAIN = { least: 30, most: 60 } as const;

/**
 * Says who gets in, before anything is made or computed for a request: no transaction, no digest, no look into the
 * directory. What belongs to a dialog that there is goes before everything else, and a BYE always gets in.
 */
export class Overload {
  readonly #options: OverloadOptions;
  readonly #limits: OverloadLimits;
  readonly #sources: RateTable<string>;
  readonly #trunks: RateTable<string>;
  readonly #aors: RateTable<number>;
  readonly #dialogs: RateTable<number>;
  /** Rows of one. */
  readonly #emergency: RateTable<string>;
  readonly #refusals: RateTable<string>;
  readonly #emergencyNumbers: ReadonlySet<string>;
  readonly #hash: (text: string) => number;
  readonly #counts = new Map<OverloadReason, number>();
  #isDraining = false;

  constructor(options: OverloadOptions) {
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#options = options;
    this.#limits = limits;
    this.#sources = new RateTable(limits.source);
    this.#trunks = new RateTable(limits.trunk);
    this.#aors = new RateTable(limits.aor);
    this.#dialogs = new RateTable(limits.dialog);
    this.#emergency = new RateTable(limits.emergency, 1);
    this.#refusals = new RateTable(limits.refusals, 1);
    this.#emergencyNumbers = new Set(limits.emergencyNumbers);
    this.#hash = keyedHash(options.random);
  }

  /** While true, whatever is outside of dialogs is refused, but for what replaces one. */
  get draining(): boolean {
    return this.#isDraining;
  }

  set draining(isOn: boolean) {
    this.#isDraining = isOn;
  }

  /** The share of new work that the load lets in, 0–1. */
  get share(): number {
    return this.#options.load?.share ?? 1;
  }

  /** Refusals so far, by reason. */
  get counts(): ReadonlyMap<OverloadReason, number> {
    return this.#counts;
  }

  /** For the transaction layer. */
  readonly admission: Admission = (request, flow) =>
    request.headers.to.params["tag"] !== undefined && this.#options.knows(request)
      ? this.#inDialog(request)
      : this.#outside(request, flow);

  /** Whether an answer may be spent on something that could not even be read. */
  readonly answers = (flow: Flow): boolean => {
    const now = this.#options.clock.now();
    const mayAnswer = this.#rateOf(flow, now).rating === "within" && this.#mayRefuse(now);
    if (!mayAnswer) this.#count("unanswered");
    return mayAnswer;
  };

  #inDialog(request: SipRequest): Verdict {
    if (request.method === "BYE") return undefined;
    const now = this.#options.clock.now();
    const rating = this.#dialogs.take(this.#hash(request.headers["call-id"]), now);
    return rating === "within" ? undefined : this.#refuse("dialog-rate", rating, now);
  }

  #outside(request: SipRequest, flow: Flow): Verdict {
    const now = this.#options.clock.now();
    const { rating, reason } = this.#rateOf(flow, now);
    if (this.#isDraining && !this.#options.replaces(request))
      return this.#refuse("draining", rating === "within" ? "beyond" : rating, now);
    if (this.#isEmergency(request) && this.#emergency.take("", now) === "within") return undefined;
    if (rating !== "within") return this.#refuse(reason, rating, now);
    if (reason === "source-rate") {
      const rating = this.#aors.take(this.#hash(`${flow.remote.address} ${aorOf(request)}`), now);
      if (rating !== "within") return this.#refuse("aor-rate", rating, now);
    }
    if (request.method === "INVITE" && this.#options.calls() >= this.#limits.calls) {
      return this.#refuse("calls", "beyond", now);
    }
    if (this.#options.load?.admits() === false) return this.#refuse("load", "beyond", now);
    return undefined;
  }

  /** Programs on this machine are part of the installation: their datagrams can't be forged from outside. */
  #rateOf({ remote }: Flow, now: Millis): { rating: Rating; reason: "source-rate" | "trunk-rate" } {
    const { address } = remote;
    if (isOwnMachine(address)) return { rating: "within", reason: "trunk-rate" };
    const key = sourceKey(address);
    return this.#options.trusted(address)
      ? { rating: this.#trunks.take(key, now), reason: "trunk-rate" }
      : { rating: this.#sources.take(key, now), reason: "source-rate" };
  }

  #refuse(reason: OverloadReason, rating: Rating, now: Millis): Verdict {
    this.#count(reason);
    if (rating === "far beyond" || !this.#mayRefuse(now)) {
      this.#count("unanswered");
      return "drop";
    }
    const { least, most } = reason === "draining" ? RETRY_AFTER_DRAIN : RETRY_AFTER;
    return { retryAfter: least + Math.floor(fraction(this.#options.random) * (most - least + 1)) };
  }

  #mayRefuse(now: Millis): boolean {
    return this.#refusals.take("", now) === "within";
  }

  #isEmergency(request: SipRequest): boolean {
    if (this.#emergencyNumbers.size === 0 || request.method !== "INVITE") return false;
    return this.#emergencyNumbers.has(parseUri(request.uri)?.user ?? "");
  }

  #count(reason: OverloadReason): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
  }
}

/** Whose name the request is in, as it says itself. */
const aorOf = ({ method, headers }: SipRequest): string =>
  method === "REGISTER" ? headers.to.uri : headers.from.uri;

const isOwnMachine = (address: string): boolean => address.startsWith("127.") || address === "::1";
