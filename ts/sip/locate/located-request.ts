import { MediaswitchError } from "../../core/errors.js";
import type { DigestClient } from "../auth/digest-client.js";
import type { SipRequest, SipResponse } from "../message/message.js";
import type { TransactionLayer } from "../transaction/transaction.js";
import type { Flow } from "../transport/transport.js";
import { failureOf } from "./flow-failure.js";
import type { Locator } from "./locator.js";
import { routedUri } from "./next-hop.js";
import { TargetSet } from "./target-set.js";

export interface LocatedRequestContext {
  readonly layer: TransactionLayer;
  readonly locator: Locator;
}

export interface LocatedRequestOptions {
  /** Answers challenges; without it a 401 or 407 is an ordinary answer. */
  readonly digest?: DigestClient;
  /** Where to send, in this order, instead of looking it up: the flow of a binding or dialog. */
  readonly flows?: readonly Flow[];
  /** Aborting stops waiting and sends nothing more; it takes nothing back. */
  readonly signal?: AbortSignal;
  /** Told the CSeq number of each request before it goes out: a challenge answered is a new request (RFC 3261 §22.2). */
  readonly sent?: (seq: number) => void;
  /** Puts in what depends on where it goes: the Contact by which that server reaches us. */
  readonly prepare?: (request: SipRequest, to: Flow) => SipRequest;
}

export type LocatedOutcome =
  | { readonly kind: "answered"; readonly response: SipResponse; readonly to: Flow }
  | {
      readonly kind: "failed";
      readonly why: "not found" | "timeout" | "transport" | "aborted";
      /** The status that a UAC reports for it (RFC 3261 §8.1.3.1). */
      readonly status: number;
      readonly reason: string;
    };

type Reply =
  | { readonly kind: "response"; readonly response: SipResponse }
  | { readonly kind: "timeout" | "transport" }
  | { readonly kind: "aborted" };

/**
 * One request outside of INVITE, carried through: its server is located, the next server is tried where one fails
 * (RFC 3263 §4.3), challenges are answered.
 */
export class LocatedRequest {
  readonly #context: LocatedRequestContext;
  readonly #options: LocatedRequestOptions;
  readonly #signal: AbortSignal;
  #request: SipRequest;

  /** @param request without Via. */
  constructor(request: SipRequest, context: LocatedRequestContext, options: LocatedRequestOptions = {}) {
    this.#request = request;
    this.#context = context;
    this.#options = options;
    this.#signal = options.signal ?? new AbortController().signal;
  }

  /** Never rejects. Call it once. */
  async send(): Promise<LocatedOutcome> {
    let targets: TargetSet;
    try {
      targets = await this.#targets();
    } catch (error) {
      return this.#notFound(error);
    }
    const exchange = this.#options.digest?.begin();
    this.#request = exchange?.sign(this.#request) ?? this.#request;
    for (let to = targets.current; to !== undefined;) {
      const reply = await this.#once(to);
      if (reply.kind === "aborted") return this.#failed("aborted", 487, "Request Terminated");
      if (reply.kind !== "response") {
        to = targets.failed(reply);
        if (to !== undefined) continue;
        return reply.kind === "timeout"
          ? this.#failed("timeout", 408, "Request Timeout")
          : this.#failed("transport", 503, "Service Unavailable");
      }
      const { response } = reply;
      const failure = failureOf(response);
      const next = failure === undefined ? undefined : targets.failed(failure);
      if (next !== undefined) {
        to = next;
        continue;
      }
      if (!isChallenge(response) || exchange?.challenged(response) !== true) {
        return { kind: "answered", response, to };
      }
      // To the very server whose nonce it is.
      this.#request = exchange.sign(withNextSeq(this.#request));
    }
    return this.#failed("not found", 503, "Service Unavailable");
  }

  async #targets(): Promise<TargetSet> {
    const { locator } = this.#context;
    const { flows } = this.#options;
    if (flows !== undefined) return new TargetSet(flows, locator.unavailable);
    const { uri, headers } = this.#request;
    return locator.targets(routedUri({ uri, route: headers.route ?? [] }), this.#signal);
  }

  #once(to: Flow): Promise<Reply> {
    return new Promise((resolve) => {
      const abort = (): void => {
        resolve({ kind: "aborted" });
      };
      if (this.#signal.aborted) {
        abort();
        return;
      }
      this.#signal.addEventListener("abort", abort, { once: true });
      const settle = (reply: Reply): void => {
        this.#signal.removeEventListener("abort", abort);
        resolve(reply);
      };
      this.#options.sent?.(this.#request.headers.cseq.seq);
      const request = this.#options.prepare?.(this.#request, to) ?? this.#request;
      this.#context.layer.request(request, to, {
        response: (response) => {
          if (response.status >= 200) settle({ kind: "response", response });
        },
        failed: (why) => {
          settle({ kind: why });
        },
      });
    });
  }

  #notFound(error: unknown): LocatedOutcome {
    if (error instanceof MediaswitchError && error.code === "ABORTED") {
      return this.#failed("aborted", 487, "Request Terminated");
    }
    return this.#failed("not found", 503, error instanceof Error ? error.message : String(error));
  }

  #failed(
    why: Extract<LocatedOutcome, { kind: "failed" }>["why"],
    status: number,
    reason: string,
  ): LocatedOutcome {
    return { kind: "failed", why, status, reason };
  }
}

const isChallenge = ({ status }: SipResponse): boolean => status === 401 || status === 407;

function withNextSeq(request: SipRequest): SipRequest {
  const { cseq } = request.headers;
  return { ...request, headers: { ...request.headers, cseq: { ...cseq, seq: cseq.seq + 1 } } };
}
