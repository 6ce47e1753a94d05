import { failureOf, type FlowFailure } from "../locate/flow-failure.js";
import type { NameAddr, SipRequest, SipResponse } from "../message/message.js";
import type { ClientTransaction, TransactionLayer } from "../transaction/transaction.js";
import type { Flow } from "../transport/transport.js";
import { ackRequest, dialogAsUac, nextRequest, updateAsUac, type Dialog } from "./dialog.js";
import { noRetries, retryOf, type Authorize, type Retries } from "./invite-retry.js";
import { takeReliable, type Reliability } from "./reliable-reception.js";

export type { Authorize } from "./invite-retry.js";

/** One place a call is sent to. */
export interface InviteTarget {
  /** Request-URI: the Contact of a binding, or the destination itself. */
  readonly uri: string;
  readonly to: Flow;
  /** Where it is sent next, in this order, when `to` does not answer, answers 503 or can't be reached (RFC 3263 §4.3). */
  readonly alternates?: readonly Flow[];
  /** Told of each flow that failed so. */
  readonly failed?: (to: Flow, failure: FlowFailure) => void;
  readonly route: readonly NameAddr[];
}

/** Our Contact for who is called at `target`, by `to`. */
export type ContactFor = (target: InviteTarget, to: Flow) => NameAddr;

/** What became of a call that nobody took: the best response (§16.7), or a status made up here. */
export interface Refused {
  readonly status: number;
  readonly reason: string;
  readonly response?: SipResponse;
}

/** Where redirections lead (RFC 3261 §8.1.3.4). */
export type Redirect = (contacts: readonly NameAddr[]) => Promise<readonly InviteTarget[]>;

export interface UacInviteUser {
  /** A 1xx of any branch; a response with a To tag belongs to an early dialog. */
  provisional(response: SipResponse, dialog: Dialog | undefined, reliability: Reliability): void;
  /** The winning 2xx, and each repetition of it; `dialog` is the one it confirms. */
  accepted(response: SipResponse, dialog: Dialog): void;
  /** Every branch ended without a 2xx. */
  refused(refused: Refused): void;
  /** Where a 3xx leads to; without it, or if it leads nowhere, the 3xx is a refusal. */
  readonly redirected?: Redirect;
}

const NOBODY: UacInviteUser = {
  provisional: () => undefined,
  accepted: () => undefined,
  refused: () => undefined,
};

/** Early dialogs of one call: a proxy may fork it further than that, and those are not looked at. */
const MAX_EARLY = 16;
/** All places that one call is sent to, redirections included. */
const MAX_BRANCHES = 32;
/** Redirections of one call, one after the other. */
const MAX_REDIRECTIONS = 5;

/** Told to the branches that lost (RFC 3326 §3.1): they need not show a missed call. */
const ELSEWHERE = 'SIP;cause=200;text="Call completed elsewhere"';

interface Branch {
  readonly target: InviteTarget;
  transaction: ClientTransaction;
  /** Flows not tried yet. */
  alternates: readonly Flow[];
  state: "trying" | "proceeding" | "finished";
  retries: Retries;
  cancelled: boolean;
}

/**
 * The calling side of an INVITE, forked to several targets (RFC 3261 §16.6–16.7 as for a proxy). The first 2xx wins:
 * the other branches get CANCEL, and each further 2xx is acknowledged and ended (§13.2.2.4).
 */
export class UacInvite {
  /** One for each To tag that was seen. */
  readonly early: Dialog[] = [];
  readonly #layer: TransactionLayer;
  readonly #contact: ContactFor;
  readonly #authorize: Authorize;
  #user: UacInviteUser;
  readonly #branches: Branch[] = [];
  readonly #outcomes: Refused[] = [];
  /** Tags of dialogs that came second and have had their BYE. */
  readonly #ended = new Set<string>();
  #invite: SipRequest | undefined;
  #redirections = 0;
  /** Redirections whose targets are being looked for. */
  #redirecting = 0;
  #winner: Dialog | undefined;
  #unwanted: { readonly reason: string | undefined } | undefined;

  constructor(layer: TransactionLayer, contact: ContactFor, authorize: Authorize, user: UacInviteUser) {
    this.#layer = layer;
    this.#contact = contact;
    this.#authorize = authorize;
    this.#user = user;
  }

  start(invite: SipRequest, targets: readonly InviteTarget[]): void {
    this.#invite = invite;
    for (const target of targets) this.#add(invite, target);
  }

  /** Gives up: CANCEL on each branch, as soon as it has had a provisional (§9.1). Repeatable. */
  cancel(reason?: string): void {
    this.#unwanted ??= { reason };
    for (const branch of this.#branches) this.#cancelBranch(branch, this.#unwanted.reason);
  }

  /** The user, for whom the call is over, is told nothing any more: what may still come from forks is dealt with here. */
  release(): void {
    this.#user = NOBODY;
    this.#invite = undefined;
  }

  #add(invite: SipRequest, target: InviteTarget): void {
    if (this.#branches.length >= MAX_BRANCHES) return;
    const route = target.route.length > 0 ? { route: [...target.route] } : {};
    const contact = [this.#contact(target, target.to)];
    const request = { ...invite, uri: target.uri, headers: { ...invite.headers, ...route, contact } };
    const branch: Branch = {
      target,
      transaction: { request, to: target.to },
      alternates: target.alternates ?? [],
      state: "trying",
      retries: noRetries(),
      cancelled: false,
    };
    this.#branches.push(branch);
    this.#send(branch, request);
  }

  #send(branch: Branch, request: SipRequest): void {
    branch.transaction = this.#layer.request(request, branch.transaction.to, {
      response: (response) => {
        this.#response(branch, response);
      },
      failed: (why) => {
        if (this.#failedOver(branch, { kind: why })) return;
        this.#finish(
          branch,
          why === "timeout"
            ? { status: 408, reason: "Request Timeout" }
            : { status: 503, reason: "Service Unavailable" },
        );
      },
    });
  }

  #response(branch: Branch, response: SipResponse): void {
    if (response.status < 200) this.#provisional(branch, response);
    else if (response.status < 300) this.#accepted(branch, response);
    else this.#refused(branch, response);
  }

  #provisional(branch: Branch, response: SipResponse): void {
    if (branch.state === "trying") branch.state = "proceeding";
    if (this.#unwanted !== undefined) this.#cancelBranch(branch, this.#unwanted.reason);
    else if (this.#winner !== undefined) this.#cancelBranch(branch, ELSEWHERE);
    if (this.#winner !== undefined) return;
    const dialog = response.status > 100 ? this.#earlyDialog(branch, response) : undefined;
    const reliability = dialog === undefined ? "unreliable" : takeReliable(dialog, response);
    if (reliability !== "repeated") this.#user.provisional(response, dialog, reliability);
  }

  #refused(branch: Branch, response: SipResponse): void {
    const failure = failureOf(response);
    if (failure !== undefined && this.#failedOver(branch, failure)) return;
    const retry =
      this.#unwanted === undefined
        ? retryOf(branch.transaction.request, response, branch.retries, this.#authorize)
        : undefined;
    if (retry !== undefined) {
      branch.state = "trying";
      this.#send(branch, retry);
      return;
    }
    if (this.#redirected(branch, response)) return;
    if (response.status >= 600) this.#endOthers(branch, response.status);
    this.#finish(branch, { status: response.status, reason: response.reason, response });
  }

  /** RFC 3263 §4.3: the same request, Call-ID and CSeq included, to the next server, in a transaction of its own. */
  #failedOver(branch: Branch, failure: FlowFailure): boolean {
    const { request, to } = branch.transaction;
    // A callee that rang and was not answered in time is no server that is down.
    if (failure.kind === "timeout" && branch.state === "proceeding") return false;
    branch.target.failed?.(to, failure);
    const [next, ...others] = branch.alternates;
    if (next === undefined || this.#unwanted !== undefined || this.#winner !== undefined) return false;
    branch.alternates = others;
    branch.retries = noRetries();
    branch.state = "trying";
    const contact = [this.#contact(branch.target, next)];
    const again = { ...request, headers: { ...request.headers, via: [], contact } };
    branch.transaction = { request: again, to: next };
    this.#send(branch, again);
    return true;
  }

  /** §8.1.3.4: the branch goes on at its new targets. @returns false where the 3xx is a refusal. */
  #redirected(branch: Branch, response: SipResponse): boolean {
    const { contact } = response.headers;
    const invite = this.#invite;
    if (response.status >= 400 || this.#user.redirected === undefined || invite === undefined) return false;
    if (contact === undefined || contact === "*" || this.#isSettled) return false;
    if (this.#redirections >= MAX_REDIRECTIONS) return false;
    const tried = new Set(this.#branches.map(({ target }) => target.uri));
    const contacts = contact.filter(({ uri }) => !tried.has(uri));
    if (contacts.length === 0) return false;
    this.#redirections += 1;
    this.#redirecting += 1;
    branch.state = "finished";
    const outcome: Refused = { status: response.status, reason: response.reason, response };
    const goOn = (targets: readonly InviteTarget[]): void => {
      this.#redirecting -= 1;
      if (targets.length === 0 || this.#isSettled) this.#finish(branch, outcome);
      // The CSeq of what the branch sent last is used up.
      const { seq } = branch.transaction.request.headers.cseq;
      const next = { ...invite, headers: { ...invite.headers, cseq: { seq: seq + 1, method: "INVITE" } } };
      if (!this.#isSettled) for (const target of targets) this.#add(next, target);
    };
    this.#user.redirected(contacts).then(goOn, () => {
      goOn([]);
    });
    return true;
  }

  #accepted(branch: Branch, response: SipResponse): void {
    branch.state = "finished";
    const { request, to } = branch.transaction;
    const dialog = this.#dialogOf(branch, response);
    updateAsUac(dialog, response);
    if (this.#winner === undefined) {
      this.#winner = dialog;
      for (const other of this.#branches) this.#cancelBranch(other, this.#unwanted?.reason ?? ELSEWHERE);
    }
    if (this.#winner.remoteTag === dialog.remoteTag) {
      this.#user.accepted(response, this.#winner);
      return;
    }
    const contact = dialog.contact ?? this.#contact(branch.target, to);
    this.#layer.sendAck(ackRequest(dialog, request.headers.cseq.seq, contact), to);
    if (this.#ended.has(dialog.remoteTag)) return;
    this.#ended.add(dialog.remoteTag);
    this.#layer.request(nextRequest(dialog, "BYE", contact), to, {
      response: () => undefined,
      failed: () => undefined,
    });
  }

  get #isSettled(): boolean {
    return this.#unwanted !== undefined || this.#winner !== undefined;
  }

  #earlyDialog(branch: Branch, response: SipResponse): Dialog | undefined {
    const tag = response.headers.to.params["tag"];
    if (tag === undefined || tag === null) return undefined;
    const known = this.early.find(({ remoteTag }) => remoteTag === tag);
    if (known === undefined && this.early.length >= MAX_EARLY) return undefined;
    const dialog = this.#dialogOf(branch, response);
    updateAsUac(dialog, response);
    return dialog;
  }

  /** The dialog that a response belongs to, made with the first one of its To tag (§12.1.2). */
  #dialogOf(branch: Branch, response: SipResponse): Dialog {
    const tag = response.headers.to.params["tag"] ?? "";
    const known = this.early.find(({ remoteTag }) => remoteTag === tag);
    if (known !== undefined) return known;
    const { request, to } = branch.transaction;
    const dialog = dialogAsUac(request, response, to);
    if (request.content !== "") dialog.exchange = "first offered";
    if (this.early.length < MAX_EARLY) this.early.push(dialog);
    return dialog;
  }

  /** §16.7 step 5: after a 6xx nobody else is asked. */
  #endOthers(branch: Branch, status: number): void {
    for (const other of this.#branches) {
      if (other === branch) continue;
      other.alternates = [];
      this.#cancelBranch(other, `SIP;cause=${String(status)}`);
    }
  }

  #cancelBranch(branch: Branch, reason: string | undefined): void {
    if (branch.state !== "proceeding" || branch.cancelled) return;
    branch.cancelled = true;
    this.#layer.cancel(branch.transaction, reason);
  }

  #finish(branch: Branch, outcome: Refused): void {
    branch.state = "finished";
    this.#outcomes.push(outcome);
    if (this.#winner !== undefined || this.#redirecting > 0) return;
    if (this.#branches.some((other) => other.state !== "finished")) return;
    this.#user.refused(bestOf(this.#outcomes));
  }
}

/** §16.7 step 6: a 6xx decides; else the lowest class, and in it the lowest number. */
function bestOf(outcomes: readonly Refused[]): Refused {
  const rank = ({ status }: Refused): number => (status >= 600 ? 0 : status);
  const [best] = [...outcomes].sort((a, b) => rank(a) - rank(b));
  return best ?? { status: 480, reason: "Temporarily Unavailable" };
}
