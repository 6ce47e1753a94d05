import type { NameAddr, SipRequest, SipResponse } from "../message/message.js";
import type { ClientTransaction, TransactionLayer } from "../transaction/transaction.js";
import type { Flow } from "../transport/transport.js";
import { ackRequest, dialogAsUac, nextRequest, type Dialog } from "./dialog.js";

/** One place a call is sent to. */
export interface InviteTarget {
  /** Request-URI: the Contact of a binding, or the destination itself. */
  readonly uri: string;
  readonly to: Flow;
  readonly route: readonly NameAddr[];
}

export interface UacInviteUser {
  /** A 1xx of any branch. */
  provisional(response: SipResponse): void;
  /** The winning 2xx, and each repetition of it; `dialog` is the one it confirms. */
  accepted(response: SipResponse, dialog: Dialog): void;
  /** Every branch ended without a 2xx: the best response of them (§16.7), or 408/503 made up here. */
  refused(status: number, reason: string): void;
}

/** Answers a challenge: the INVITE to send instead, or undefined where there is no secret for it. */
export type Authorize = (request: SipRequest, challenge: SipResponse) => SipRequest | undefined;

interface Branch {
  transaction: ClientTransaction;
  state: "trying" | "proceeding" | "finished";
  authorized: boolean;
  cancelled: boolean;
}

/**
 * The calling side of an INVITE, forked to several targets (RFC 3261 §16.6–16.7 as for a proxy). The first 2xx wins:
 * the other branches get CANCEL, and each further 2xx is acknowledged and ended (§13.2.2.4).
 */
export class UacInvite {
  readonly #layer: TransactionLayer;
  readonly #contact: NameAddr;
  readonly #authorize: Authorize;
  readonly #user: UacInviteUser;
  readonly #branches: Branch[] = [];
  readonly #outcomes: { status: number; reason: string }[] = [];
  #winner: Dialog | undefined;
  #unwanted = false;

  constructor(layer: TransactionLayer, contact: NameAddr, authorize: Authorize, user: UacInviteUser) {
    this.#layer = layer;
    this.#contact = contact;
    this.#authorize = authorize;
    this.#user = user;
  }

  start(invite: SipRequest, targets: readonly InviteTarget[]): void {
    for (const target of targets) {
      const route = target.route.length > 0 ? { route: [...target.route] } : {};
      const request = { ...invite, uri: target.uri, headers: { ...invite.headers, ...route } };
      const branch: Branch = {
        transaction: { request, to: target.to },
        state: "trying",
        authorized: false,
        cancelled: false,
      };
      this.#branches.push(branch);
      this.#send(branch, request);
    }
  }

  /** Gives up: CANCEL on each branch, as soon as it has had a provisional (§9.1). Repeatable. */
  cancel(): void {
    this.#unwanted = true;
    for (const branch of this.#branches) this.#cancelBranch(branch);
  }

  #send(branch: Branch, request: SipRequest): void {
    branch.transaction = this.#layer.request(request, branch.transaction.to, {
      response: (response) => {
        this.#response(branch, response);
      },
      failed: (why) => {
        this.#finish(
          branch,
          why === "timeout" ? 408 : 503,
          why === "timeout" ? "Request Timeout" : "Service Unavailable",
        );
      },
    });
  }

  #response(branch: Branch, response: SipResponse): void {
    if (response.status < 200) {
      if (branch.state === "trying") branch.state = "proceeding";
      if (this.#unwanted || this.#winner !== undefined) this.#cancelBranch(branch);
      this.#user.provisional(response);
    } else if (response.status < 300) {
      this.#accepted(branch, response);
    } else {
      const retry =
        (response.status === 401 || response.status === 407) && !branch.authorized && !this.#unwanted
          ? this.#authorize(branch.transaction.request, response)
          : undefined;
      if (retry === undefined) {
        this.#finish(branch, response.status, response.reason);
        return;
      }
      branch.authorized = true;
      branch.state = "trying";
      this.#send(branch, retry);
    }
  }

  #accepted(branch: Branch, response: SipResponse): void {
    branch.state = "finished";
    const { request, to } = branch.transaction;
    const tag = response.headers.to.params["tag"] ?? "";
    if (this.#winner === undefined) {
      this.#winner = dialogAsUac(request, response, to);
      for (const other of this.#branches) this.#cancelBranch(other);
    }
    if (this.#winner.remoteTag === tag) {
      this.#user.accepted(response, this.#winner);
      return;
    }
    const loser = dialogAsUac(request, response, to);
    this.#layer.sendAck(ackRequest(loser, request.headers.cseq.seq, this.#contact), to);
    this.#layer.request(nextRequest(loser, "BYE", this.#contact), to, {
      response: () => undefined,
      failed: () => undefined,
    });
  }

  #cancelBranch(branch: Branch): void {
    if (branch.state !== "proceeding" || branch.cancelled) return;
    branch.cancelled = true;
    this.#layer.cancel(branch.transaction);
  }

  #finish(branch: Branch, status: number, reason: string): void {
    branch.state = "finished";
    this.#outcomes.push({ status, reason });
    if (this.#winner !== undefined) return;
    if (this.#branches.some((other) => other.state !== "finished")) return;
    const best = bestOf(this.#outcomes);
    this.#user.refused(best.status, best.reason);
  }
}

/** §16.7 step 6: a 6xx decides; else the lowest class, and in it the lowest number. */
function bestOf(outcomes: readonly { status: number; reason: string }[]): { status: number; reason: string } {
  const rank = ({ status }: { status: number }): number => (status >= 600 ? 0 : status);
  const [best] = [...outcomes].sort((a, b) => rank(a) - rank(b));
  return best ?? { status: 480, reason: "Temporarily Unavailable" };
}
