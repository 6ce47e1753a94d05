import type { Clock } from "../../core/clock.js";
import type { SipRequest, SipResponse } from "../message/message.js";
import { serializeMessage } from "../message/serialize.js";
import type { Flow } from "../transport/transport.js";
import { ackFor, cancelFor } from "./derived-requests.js";
import { inviteClient, inviteClientInput } from "./invite-client.js";
import type {
  InviteClientEffect,
  InviteClientInput,
  InviteClientState,
  InviteClientTimer,
} from "./invite-client.js";
import { nonInviteClient, nonInviteClientInput } from "./non-invite-client.js";
import type {
  NonInviteClientEffect,
  NonInviteClientInput,
  NonInviteClientState,
  NonInviteClientTimer,
} from "./non-invite-client.js";
import { clientKey } from "./matching.js";
import { RunningMachine, type MachineOwner } from "./running-machine.js";
import type { TimerValues } from "./timers.js";
import type { ClientTransaction, ClientTransactionUser } from "./transaction.js";

/** What a client transaction needs of the layer it lives in. */
export interface ClientRunContext {
  readonly clock: Clock;
  timersFor(to: Flow): TimerValues;
  /** @returns `to` with the connection and listener that were chosen. */
  send(octets: Uint8Array, to: Flow, run: ClientRun): Flow;
  /** Sends a CANCEL in a transaction of its own. */
  sendCancel(cancel: SipRequest, to: Flow): void;
  /** Calls the user; what it throws is its own affair. */
  tell(what: string, call: () => void): void;
  ended(run: ClientRun): void;
}

/** A request ready to be sent. */
export interface Attempt {
  /** With our Via on top. */
  readonly request: SipRequest;
  readonly octets: Uint8Array;
  readonly to: Flow;
}

/** One client transaction: performs what its table says. */
export class ClientRun implements ClientTransaction {
  /** See `clientKey`. */
  readonly key: string;
  /** Let go of as soon as it is told nothing any more: it may hold a whole call. */
  #user: ClientTransactionUser | undefined;
  readonly #context: ClientRunContext;
  #attempt: Attempt;
  /** What is tried when `#attempt` can't be sent at all. */
  #otherwise: Attempt | undefined;
  #to: Flow;
  #machine: Machine;
  #lastSent: Uint8Array;
  /** The response whose effects are performed now. */
  #response: SipResponse | undefined;
  #cancel: "not wanted" | "wanted" | "asked for" = "not wanted";
  #cancelReason: string | undefined;

  /** @param otherwise the same request by another transport, with the same branch. */
  constructor(
    attempt: Attempt,
    otherwise: Attempt | undefined,
    user: ClientTransactionUser,
    context: ClientRunContext,
  ) {
    this.key = clientKey(attempt.request);
    this.#user = user;
    this.#context = context;
    this.#attempt = attempt;
    this.#otherwise = otherwise;
    this.#to = attempt.to;
    this.#lastSent = attempt.octets;
    this.#machine = this.#newMachine();
  }

  get request(): SipRequest {
    return this.#attempt.request;
  }

  get to(): Flow {
    return this.#to;
  }

  start(): void {
    this.#machine.run.input("request");
  }

  receive(response: SipResponse): void {
    this.#response = response;
    this.#otherwise = undefined;
    const { status } = response;
    if (this.#machine.kind === "INVITE") this.#machine.run.input(inviteClientInput(status));
    else this.#machine.run.input(nonInviteClientInput(status));
    this.#response = undefined;
    if (this.#machine.kind !== "INVITE" && status >= 200) this.#user = undefined;
    this.#cancelIfPossible();
  }

  /** Has the INVITE cancelled, now or as soon as it has had a provisional response (RFC 3261 §9.1). */
  cancel(reason: string | undefined): void {
    if (this.#cancel !== "not wanted") return;
    this.#cancel = "wanted";
    this.#cancelReason = reason;
    this.#cancelIfPossible();
  }

  /** What was sent last, or the connection it went by, is lost. */
  transportError(): void {
    this.#machine.run.input("transport error");
  }

  /** What was sent last never left. */
  notSent(): void {
    const otherwise = this.#otherwise;
    if (otherwise === undefined) {
      this.transportError();
      return;
    }
    this.#machine.run.halt();
    this.#otherwise = undefined;
    this.#attempt = otherwise;
    this.#to = otherwise.to;
    this.#machine = this.#newMachine();
    this.start();
  }

  /** Whether these very octets (not equal ones) are what it sent last. */
  hasSent(octets: Uint8Array): boolean {
    return octets === this.#lastSent;
  }

  /** Stops for good, telling nobody. */
  halt(): void {
    this.#machine.run.halt();
  }

  #cancelIfPossible(): void {
    if (this.#cancel !== "wanted" || this.#machine.kind !== "INVITE") return;
    if (this.#machine.run.state !== "proceeding") return;
    this.#cancel = "asked for";
    this.#machine.run.input("cancel");
  }

  #perform(effect: InviteClientEffect): void {
    const response = this.#response;
    switch (effect) {
      case "send request":
        this.#send(this.#attempt.octets);
        return;
      case "send ACK":
        if (response !== undefined) this.#send(serializeMessage(ackFor(this.request, response)));
        return;
      case "send CANCEL":
        this.#cancel = "asked for";
        this.#context.sendCancel(cancelFor(this.request, this.#cancelReason), this.to);
        return;
      case "deliver":
        if (response !== undefined) {
          this.#context.tell("response", () => {
            this.#user?.response(response);
          });
        }
        return;
      case "fail: timeout":
        this.#tellFailed("timeout");
        return;
      case "fail: transport":
        this.#tellFailed("transport");
        return;
    }
  }

  #send(octets: Uint8Array): void {
    this.#lastSent = octets;
    this.#to = this.#context.send(octets, this.#to, this);
  }

  #newMachine(): Machine {
    return machineFor(this.#attempt.request.method, {
      clock: this.#context.clock,
      timers: this.#context.timersFor(this.#attempt.to),
      perform: (effect) => {
        this.#perform(effect);
      },
      ended: () => {
        this.#context.ended(this);
      },
    });
  }

  #tellFailed(why: "timeout" | "transport"): void {
    this.#context.tell("failed", () => {
      this.#user?.failed(why);
    });
  }
}

type Machine = ReturnType<typeof machineFor>;

/** The kind says which inputs the machine takes. */
function machineFor(method: string, owner: MachineOwner<InviteClientEffect>) {
  if (method === "INVITE") {
    const run = new RunningMachine<
      InviteClientState,
      InviteClientInput,
      InviteClientEffect,
      InviteClientTimer
    >(inviteClient, "idle", owner);
    return { kind: "INVITE" as const, run };
  }
  const run = new RunningMachine<
    NonInviteClientState,
    NonInviteClientInput,
    NonInviteClientEffect,
    NonInviteClientTimer
  >(nonInviteClient, "idle", owner);
  return { kind: "other" as const, run };
}
