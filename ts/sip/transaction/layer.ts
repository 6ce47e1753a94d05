import type { Clock } from "../../core/clock.js";
import { silentLog, type Log } from "../../core/log.js";
import { hexToken, type Random } from "../../core/random.js";
import type { Refusal, SipRequest, SipResponse, Via } from "../message/message.js";
import { parseMessage } from "../message/parse.js";
import { makeRefusalResponse, makeResponse } from "../message/response.js";
import { serializeMessage } from "../message/serialize.js";
import type { Flow, Transport } from "../transport/transport.js";
import { responseTarget, stampReceived, stampVia } from "../transport/via-response.js";
import { ClientRun, type ClientRunContext } from "./client-run.js";
import { clientKey, hasToTagOf, MAGIC_COOKIE, sentBy, serverKey } from "./matching.js";
import { ServerRun, type ServerRunContext } from "./server-run.js";
import { timerValues, type TimerOptions } from "./timers.js";
import type {
  ClientTransaction,
  ClientTransactionUser,
  TransactionLayer,
  TransactionUser,
} from "./transaction.js";

export interface TransactionLayerOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log?: Log;
  readonly timers?: TimerOptions;
}

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
  readonly #refused = new Map<string, number>();
  #isClosed = false;

  /** Names itself the receiver of `options.transport`. */
  constructor(options: TransactionLayerOptions, user: TransactionUser) {
    this.#transport = options.transport;
    this.#random = options.random;
    this.#log = options.log ?? silentLog;
    this.#user = user;
    const common = {
      clock: options.clock,
      timers: timerValues(options.timers),
      send: (octets: Uint8Array, to: Flow): void => {
        this.#transport.send(octets, to);
      },
    };
    this.#clientContext = {
      ...common,
      sendCancel: (cancel, to) => {
        this.#startClient(cancel, to, NO_USER);
      },
      tell: (what, call) => {
        this.#tell(what, call);
      },
      ended: (run) => {
        this.#clients.delete(run.key);
      },
    };
    this.#serverContext = {
      ...common,
      deliver: (run) => {
        if (run.request.method === "CANCEL") this.#deliverCancel(run);
        else this.#tellAbout(run, "request", () => this.#user.request(run));
      },
      deliverAck: (ack, flow) => {
        this.#tell("ack", () => this.#user.ack(ack, flow));
      },
      failed: (run, why) => {
        this.#tell("failed", () => this.#user.failed(run, why));
      },
      ended: (run) => {
        this.#servers.delete(run.key);
      },
    };
    this.#transport.receive({
      octets: (octets, flow) => {
        this.#octets(octets, flow);
      },
      sendError: (to, error, octets) => {
        this.#sendError(to, error, octets);
      },
    });
  }

  get refused(): ReadonlyMap<string, number> {
    return this.#refused;
  }

  get size(): number {
    return this.#clients.size + this.#servers.size;
  }

  request(request: SipRequest, to: Flow, user: ClientTransactionUser): ClientTransaction {
    return this.#startClient(this.#withVia(request), to, user);
  }

  cancel(invite: ClientTransaction, reasonHeader?: string): void {
    // Not there any more when the INVITE has had its final response: then there is nothing to cancel (§9.1).
    this.#clients.get(clientKey(invite.request))?.cancel(reasonHeader);
  }

  sendAck(ack: SipRequest, to: Flow): void {
    if (!this.#isClosed) this.#transport.send(serializeMessage(this.#withVia(ack)), to);
  }

  /** Ends all transactions at once without telling anyone; what comes in or is asked for later is dropped. */
  close(): void {
    this.#isClosed = true;
    for (const run of this.#clients.values()) run.halt();
    for (const run of this.#servers.values()) run.halt();
    this.#clients.clear();
    this.#servers.clear();
  }

  #startClient(request: SipRequest, to: Flow, user: ClientTransactionUser): ClientRun {
    const run = new ClientRun(request, to, user, this.#clientContext);
    if (this.#isClosed) return run;
    this.#clients.set(run.key, run);
    run.start();
    return run;
  }

  /** A copy of `request` with our Via on top (§18.1.1), a branch of its own and rport (RFC 3581 §3). */
  #withVia(request: SipRequest): SipRequest {
    const branch = MAGIC_COOKIE + hexToken(this.#random, 10);
    const via: Via = { ...this.#sentBy(), params: { branch, rport: null } };
    return { ...request, headers: { ...request.headers, via: [via, ...request.headers.via] } };
  }

  #sentBy(): Omit<Via, "params"> {
    const { protocol, advertised } = this.#transport;
    const host = advertised.address.includes(":") ? `[${advertised.address}]` : advertised.address;
    return { version: "2.0", protocol, host, port: advertised.port };
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
        this.#receiveRequest(message, flow);
        return;
      case "response":
        this.#receiveResponse(message);
        return;
    }
  }

  #receiveResponse(response: SipResponse): void {
    const via = response.headers.via[0];
    // §18.1.2: a response whose top Via is not one of ours is dropped.
    const isOurs = via !== undefined && sentBy(via) === sentBy({ ...this.#sentBy(), params: {} });
    const run = isOurs ? this.#clients.get(clientKey(response)) : undefined;
    if (run === undefined) this.#count("unmatched-response");
    else run.receive(response);
  }

  #receiveRequest(request: SipRequest, flow: Flow): void {
    const key = serverKey(request);
    const match = this.#servers.get(key);
    const known =
      match !== undefined && hasToTagOf(request, match.request, match.lastResponse) ? match : undefined;
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
    const run = new ServerRun(key, request, flow, responseTarget(via, flow), this.#serverContext);
    this.#servers.set(key, run);
    run.receive();
  }

  /** Answers a CANCEL (§9.2): 200 if its INVITE is known, and the user is told unless that was answered already. */
  #deliverCancel(run: ServerRun): void {
    const cancel = run.request;
    const match = this.#servers.get(serverKey(cancel, "INVITE"));
    const invite = match !== undefined && hasToTagOf(cancel, match.request, undefined) ? match : undefined;
    if (invite === undefined) {
      run.respond(this.#answer(cancel, 481));
      return;
    }
    // Its To tag is that of the INVITE's responses, if they had one so far.
    run.respond(this.#answer(cancel, 200, invite.lastResponse?.headers.to.params["tag"]));
    if (invite.open) this.#tellAbout(invite, "cancel", () => this.#user.cancel(invite, cancel));
  }

  #refuse(refusal: Refusal, flow: Flow): void {
    this.#count(refusal.reason);
    const { reason, field, offset } = refusal;
    this.#log.debug({ reason, field, offset, from: flow.remote }, "refused a message");
    const response = makeRefusalResponse(refusal);
    const via = response?.headers.via[0];
    if (response === undefined || via === undefined) return;
    stampVia(via, flow.remote);
    this.#transport.send(serializeMessage(response), responseTarget(via, flow));
  }

  /** A response of the layer itself, with a To tag (§8.2.6.2). */
  #answer(request: SipRequest, status: number, tag?: string | null): SipResponse {
    return makeResponse(request, status, { toTag: tag ?? hexToken(this.#random, 8) });
  }

  #sendError(to: Flow, error: Error, octets: Uint8Array | undefined): void {
    this.#log.warn({ to: to.remote, error: error.message }, "could not send");
    const isAbout = (run: ClientRun | ServerRun): boolean =>
      octets === undefined ? isSameAddress(run.to, to) : run.hasSent(octets);
    for (const run of [...this.#clients.values(), ...this.#servers.values()]) {
      if (isAbout(run)) run.transportError();
    }
  }

  #count(reason: string): void {
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
  }

  /** Calls the user about one request; if that throws, the request is answered 500. */
  #tellAbout(run: ServerRun, what: string, call: () => void): void {
    const isTold = this.#tell(what, call);
    if (!isTold && run.open) run.respond(this.#answer(run.request, 500));
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
