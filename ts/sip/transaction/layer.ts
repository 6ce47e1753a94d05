import type { Clock } from "../../core/clock.js";
import { silentLog, type Log } from "../../core/log.js";
import { hexToken, type Random } from "../../core/random.js";
import type { Refusal, SipRequest, SipResponse } from "../message/message.js";
import { parseMessage } from "../message/parse.js";
import { makeRefusalResponse, makeResponse } from "../message/response.js";
import { serializeMessage } from "../message/serialize.js";
import { isReliable, type Flow, type Transport } from "../transport/transport.js";
import { responsePath, stampReceived, stampVia } from "../transport/via-response.js";
import { atMost, overloadResponse, type Admission, type Verdict } from "./admission.js";
import { ClientRun, type Attempt, type ClientRunContext } from "./client-run.js";
import { LARGEST_DATAGRAM, largeRequestFlow } from "./large-request.js";
import { clientKey, hasToTagOf, MAGIC_COOKIE, serverKey } from "./matching.js";
import { isOwnVia, ownVia } from "./own-via.js";
import { RunsByConnection } from "./runs-by-connection.js";
import { ServerRun, type ServerRunContext } from "./server-run.js";
import { timerValues, type TimerOptions, type TimerValues } from "./timers.js";
import type {
  ClientTransaction,
  ClientTransactionUser,
  ServerTransaction,
  TransactionLayer,
  TransactionUser,
} from "./transaction.js";

export interface TransactionLayerOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log?: Log;
  readonly timers?: TimerOptions;
  /** Beyond it a request is answered 503 and gets no transaction. */
  readonly maxTransactions?: number;
  /** Asked first. */
  readonly admit?: Admission;
  /** Whether a message that can't be read may be answered; always, unless given. */
  readonly answersUnreadable?: (flow: Flow) => boolean;
  /** Octets of the largest request that goes by UDP where TCP is possible; 1300 unless the path MTU is known (§18.1.1). */
  readonly largestDatagram?: number;
}

/** Some hundred megabytes of transactions. */
const MAX_TRANSACTIONS = 200_000;

/** For a CANCEL: nobody waits for its outcome, the INVITE's own final response tells. */
const NO_USER: ClientTransactionUser = { response: () => undefined, failed: () => undefined };

/** Matches messages to transactions, makes the transactions, and stands between them, the transport and the user. */
export class SipTransactionLayer implements TransactionLayer {
  readonly #transport: Transport;
  readonly #random: Random;
  readonly #log: Log;
  readonly #user: TransactionUser;
  readonly #clients = new Map<string, ClientRun>();
  readonly #servers = new Map<string, ServerRun>();
  readonly #clientContext: ClientRunContext;
  readonly #serverContext: ServerRunContext;
  readonly #byConnection = new RunsByConnection<ClientRun | ServerRun>();
  readonly #refused = new Map<string, number>();
  readonly #admissions: readonly Admission[];
  readonly #answersUnreadable: (flow: Flow) => boolean;
  readonly #largestDatagram: number;
  #isClosed = false;

  /** Names itself the receiver of `options.transport`. */
  constructor(options: TransactionLayerOptions, user: TransactionUser) {
    this.#transport = options.transport;
    this.#random = options.random;
    this.#log = options.log ?? silentLog;
    this.#user = user;
    this.#largestDatagram = options.largestDatagram ?? LARGEST_DATAGRAM;
    const { admit, maxTransactions = MAX_TRANSACTIONS } = options;
    this.#answersUnreadable = options.answersUnreadable ?? (() => true);
    this.#admissions = [...(admit === undefined ? [] : [admit]), atMost(maxTransactions)];
    const common = this.#runContext(options);
    this.#clientContext = {
      ...common,
      sendCancel: (request, to) => {
        this.#startClient({ request, octets: serializeMessage(request), to }, undefined, NO_USER);
      },
      tell: (what, call) => {
        this.#tell(what, call);
      },
      ended: (run) => {
        this.#clients.delete(run.key);
        this.#byConnection.delete(run);
      },
    };
    this.#serverContext = {
      ...common,
      deliver: (transaction) => {
        if (transaction.request.method === "CANCEL") this.#deliverCancel(transaction);
        else this.#tellAbout(transaction, "request", () => this.#user.request(transaction));
      },
      deliverAck: (ack, flow) => {
        this.#tell("ack", () => this.#user.ack(ack, flow));
      },
      failed: (transaction, why) => {
        this.#tell("failed", () => this.#user.failed(transaction, why));
      },
      ended: (run) => {
        this.#servers.delete(run.key);
        this.#byConnection.delete(run);
      },
    };
    this.#transport.receive({
      octets: (octets, flow) => {
        this.#octets(octets, flow);
      },
      sendError: (to, error, octets) => {
        this.#sendError(to, error, octets);
      },
      closed: (flow) => {
        this.#closed(flow);
      },
    });
  }

  /** What transactions of both kinds need. */
  #runContext({ clock, timers }: TransactionLayerOptions) {
    const unreliable = timerValues(timers, "unreliable");
    const reliable = timerValues(timers, "reliable");
    return {
      clock,
      timersFor: ({ protocol }: Flow): TimerValues => (isReliable(protocol) ? reliable : unreliable),
      send: (octets: Uint8Array, to: Flow, run: ClientRun | ServerRun): Flow => {
        const by = this.#transport.send(octets, to);
        this.#byConnection.set(run, by.connection);
        return by;
      },
    };
  }

  get refused(): ReadonlyMap<string, number> {
    return this.#refused;
  }

  get size(): number {
    return this.#clients.size + this.#servers.size;
  }

  request(request: SipRequest, to: Flow, user: ClientTransactionUser): ClientTransaction {
    const branch = this.#branch();
    const asGiven = this.#attempt(request, to, branch);
    const large =
      asGiven.octets.length > this.#largestDatagram ? largeRequestFlow(this.#transport, to) : undefined;
    return large === undefined
      ? this.#startClient(asGiven, undefined, user)
      : this.#startClient(this.#attempt(request, large, branch), asGiven, user);
  }

  cancel(invite: ClientTransaction, reasonHeader?: string): void {
    // Not there any more when the INVITE has had its final response: then there is nothing to cancel (§9.1).
    this.#clients.get(clientKey(invite.request))?.cancel(reasonHeader);
  }

  sendAck(ack: SipRequest, to: Flow): void {
    if (!this.#isClosed) this.#transport.send(this.#attempt(ack, to, this.#branch()).octets, to);
  }

  /** Ends all transactions at once without telling anyone; what comes in or is asked for later is dropped. */
  close(): void {
    this.#isClosed = true;
    for (const run of this.#clients.values()) run.halt();
    for (const run of this.#servers.values()) run.halt();
    this.#clients.clear();
    this.#servers.clear();
    this.#byConnection.clear();
  }

  #startClient(attempt: Attempt, otherwise: Attempt | undefined, user: ClientTransactionUser): ClientRun {
    const run = new ClientRun(attempt, otherwise, user, this.#clientContext);
    if (this.#isClosed) return run;
    this.#clients.set(run.key, run);
    run.start();
    return run;
  }

  #branch(): string {
    return MAGIC_COOKIE + hexToken(this.#random, 10);
  }

  /** A copy of `request` with our Via on top (§18.1.1), printed. */
  #attempt(request: SipRequest, to: Flow, branch: string): Attempt {
    const via = ownVia(this.#transport, to, branch);
    const headers = { ...request.headers };
    headers.via = [via, ...request.headers.via];
    const stamped = { ...request };
    stamped.headers = headers;
    return { request: stamped, octets: serializeMessage(stamped), to };
  }

  #octets(octets: Uint8Array, flow: Flow): void {
    if (this.#isClosed || isKeepalive(octets)) return;
    try {
      this.#receive(octets, flow);
    } catch (error) {
      this.#count("internal-error");
      this.#log.error(
        { err: error, from: flow.remote },
        "a fault of the switch itself; the message is dropped",
      );
    }
  }

  #receive(octets: Uint8Array, flow: Flow): void {
    const message = parseMessage(octets);
    switch (message.kind) {
      case "refusal":
        this.#refuse(message, flow);
        return;
      case "request":
        stampReceived(message, flow.remote);
        this.#receiveRequest(message, flow, octets.length);
        return;
      case "response":
        this.#receiveResponse(message);
        return;
    }
  }

  #receiveResponse(response: SipResponse): void {
    const via = response.headers.via[0];
    const isOurs = via !== undefined && isOwnVia(this.#transport, via);
    const run = isOurs ? this.#clients.get(clientKey(response)) : undefined;
    if (run === undefined) this.#count("unmatched-response");
    else run.receive(response);
  }

  /** @param length of the request, in octets. */
  #receiveRequest(request: SipRequest, flow: Flow, length: number): void {
    const key = serverKey(request);
    const match = this.#servers.get(key);
    const known = match !== undefined && hasToTagOf(request, match.toTags) ? match : undefined;
    if (request.method === "ACK") {
      if (known === undefined) this.#tell("ack", () => this.#user.ack(request, flow));
      else known.receiveAck(request, flow);
      return;
    }
    if (known !== undefined) {
      known.receive();
      return;
    }
    const via = request.headers.via[0];
    if (via === undefined) return;
    const path = responsePath(via, flow);
    const verdict = this.#refusesForNow(request, flow);
    if (verdict !== undefined) {
      this.#count("overload");
      if (verdict === "drop") return;
      const response = serializeMessage(overloadResponse(request, key, verdict));
      // The source of a datagram may be forged: no more octets go there than came.
      if (response.length <= length || isReliable(path.to.protocol)) this.#transport.send(response, path.to);
      return;
    }
    const run = new ServerRun(key, request, flow, path, this.#serverContext);
    this.#servers.set(run.key, run);
    this.#byConnection.set(run, path.to.connection);
    run.receive();
  }

  #refusesForNow(request: SipRequest, flow: Flow): Verdict {
    if (request.method === "CANCEL" && this.#servers.has(serverKey(request, "INVITE"))) return undefined;
    for (const admit of this.#admissions) {
      const verdict = admit(request, flow, this.size);
      if (verdict !== undefined) return verdict;
    }
    return undefined;
  }

  /** Answers a CANCEL (§9.2): 200 if its INVITE is known, and the user is told unless that was answered already. */
  #deliverCancel(transaction: ServerTransaction): void {
    const cancel = transaction.request;
    const match = this.#servers.get(serverKey(cancel, "INVITE"));
    const isKnown = match !== undefined && hasToTagOf(cancel, match.toTags);
    if (!isKnown) {
      transaction.respond(this.#answer(cancel, 481));
      return;
    }
    // Its To tag is that of the INVITE's responses, if they had one so far.
    transaction.respond(this.#answer(cancel, 200, match.toTags.answered));
    const invite = match.transaction;
    if (invite?.open === true) this.#tellAbout(invite, "cancel", () => this.#user.cancel(invite, cancel));
  }

  #refuse(refusal: Refusal, flow: Flow): void {
    this.#count(refusal.reason);
    const { reason, field, offset } = refusal;
    this.#log.debug({ reason, field, offset, from: flow.remote }, "refused a message");
    const response = makeRefusalResponse(refusal);
    const via = response?.headers.via[0];
    if (response === undefined || via === undefined || !this.#answersUnreadable(flow)) return;
    stampVia(via, flow.remote);
    this.#transport.send(serializeMessage(response), responsePath(via, flow).to);
  }

  /** A response of the layer itself, with a To tag (§8.2.6.2). */
  #answer(request: SipRequest, status: number, tag?: string | null): SipResponse {
    return makeResponse(request, status, { toTag: tag ?? hexToken(this.#random, 8) });
  }

  #sendError(to: Flow, error: Error, octets: Uint8Array | undefined): void {
    this.#log.warn({ to: to.remote, error: error.message }, "could not send");
    for (const run of this.#runsOf(to)) {
      if (octets === undefined || run.hasSent(octets)) run.notSent();
    }
  }

  /** All that may have sent to this flow. */
  #runsOf(to: Flow): readonly (ClientRun | ServerRun)[] {
    if (to.connection !== undefined) return this.#byConnection.on(to.connection);
    return [...this.#clients.values(), ...this.#servers.values()].filter((run) => isSameAddress(run.to, to));
  }

  #closed(flow: Flow): void {
    if (this.#isClosed || flow.connection === undefined) return;
    const waiting = this.#byConnection.on(flow.connection);
    this.#tell("flow closed", () => this.#user.flowClosed(flow));
    for (const run of waiting) {
      if (run instanceof ClientRun) run.transportError();
      else run.connectionClosed();
    }
  }

  #count(reason: string): void {
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
  }

  /** Calls the user about one request; if that throws, the request is answered 500. */
  #tellAbout(transaction: ServerTransaction, what: string, call: () => void): void {
    const isTold = this.#tell(what, call);
    if (!isTold && transaction.open) transaction.respond(this.#answer(transaction.request, 500));
  }

  /** Calls the user. @returns false if it threw, which is logged and goes no further. */
  #tell(what: string, call: () => void): boolean {
    try {
      call();
      return true;
    } catch (error) {
      this.#log.error({ what, err: error }, "the transaction user threw");
      return false;
    }
  }
}

const isSameAddress = ({ remote: a }: Flow, { remote: b }: Flow): boolean =>
  a.address === b.address && a.port === b.port;

/** Line ends or zero octets that keep a NAT binding open (RFC 5626 §3.5.1 and common practice): no message at all. */
function isKeepalive(octets: Uint8Array): boolean {
  return octets.length <= 4 && octets.every((octet) => octet === 0 || octet === 0x0d || octet === 0x0a);
}
