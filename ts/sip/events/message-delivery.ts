import type { Clock, Timer } from "../../core/clock.js";
import { seconds } from "../../core/brand.js";
import type { SipRequest } from "../message/message.js";
import { serializeMessage } from "../message/serialize.js";
import type { Binding } from "../registrar/bindings.js";
import type { TransactionLayer } from "../transaction/transaction.js";

export interface DeliveryOutcome {
  readonly status: number;
  /** Absent: the registered phrase. */
  readonly reason?: string;
}

/**
 * A phone that says nothing so long is taken for unreachable: five tries over UDP. RFC 4320 §4.1 has no 408 for
 * anything but INVITE, as it could only come too late; silence is told as 480, in time.
 */
const DELIVERY_LIMIT = seconds(8);

/** RFC 3428 §8: what may be split on its way goes over a transport that minds congestion. Octets. */
const LONGEST_OVER_UDP = 1300;

/** One MESSAGE on its way to all bindings of a user, at once; the first 2xx counts (RFC 3261 §16.7). */
export class MessageDelivery {
  readonly #layer: TransactionLayer;
  readonly #done: (outcome: DeliveryOutcome) => void;
  readonly #limit: Timer;
  readonly #refusals: DeliveryOutcome[] = [];
  #open = 0;
  #isOver = false;

  /** @param done called once. */
  constructor(
    { layer, clock }: { readonly layer: TransactionLayer; readonly clock: Clock },
    done: (outcome: DeliveryOutcome) => void,
  ) {
    this.#layer = layer;
    this.#done = done;
    this.#limit = clock.after(DELIVERY_LIMIT, () => {
      this.#finish(best(this.#refusals));
    });
  }

  /** @param bindings at least one. */
  start(message: SipRequest, bindings: readonly Binding[]): void {
    this.#open = bindings.length;
    for (const { contact: uri, flow, path } of bindings) {
      const route = path === undefined || path.length === 0 ? {} : { route: [...path] };
      const request: SipRequest = { ...message, uri, headers: { ...message.headers, ...route } };
      if (flow.protocol === "UDP" && serializeMessage(request).length > LONGEST_OVER_UDP) {
        this.#refused({ status: 513 });
        continue;
      }
      this.#layer.request(request, flow, {
        response: ({ status, reason }) => {
          if (status < 200) return;
          if (status < 300) this.#finish({ status: 200 });
          else this.#refused(status === 401 || status === 407 ? SILENCE : { status, reason });
        },
        failed: () => {
          this.#refused(SILENCE);
        },
      });
    }
  }

  /** Ends it without a word. */
  abandon(): void {
    this.#isOver = true;
    this.#limit.cancel();
  }

  #refused(refusal: DeliveryOutcome): void {
    this.#refusals.push(refusal.status === 408 ? SILENCE : refusal);
    this.#open -= 1;
    if (this.#open === 0) this.#finish(best(this.#refusals));
  }

  #finish(outcome: DeliveryOutcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#limit.cancel();
    this.#done(outcome);
  }
}

const SILENCE: DeliveryOutcome = { status: 480 };

/** §16.7 step 6: a 6xx decides; else the lowest. */
function best(refusals: readonly DeliveryOutcome[]): DeliveryOutcome {
  const rank = ({ status }: DeliveryOutcome): number => (status >= 600 ? 0 : status);
  const [first] = [...refusals].sort((a, b) => rank(a) - rank(b));
  return first ?? SILENCE;
}
