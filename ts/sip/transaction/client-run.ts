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
  readonly timers: TimerValues;
  send(octets: Uint8Array, to: Flow): void;
  /** Sends a CANCEL in a transaction of its own. */
  sendCancel(cancel: SipRequest, to: Flow): void;
  /** Calls the user; what it throws is its own affair. */
  tell(what: string, call: () => void): void;
  ended(run: ClientRun): void;
}

/** One client transaction: performs what its table says. */
export class ClientRun implements ClientTransaction {
  /** See `clientKey`. */
  readonly key: string;
  readonly request: SipRequest;
  readonly to: Flow;
  readonly #user: ClientTransactionUser;
  readonly #context: ClientRunContext;
  readonly #octets: Uint8Array;
  readonly #machine: ReturnType<typeof machineFor>;
  #lastSent: Uint8Array;
  /** The response whose effects are performed now. */
  #response: SipResponse | undefined;
  #cancel: "not wanted" | "wanted" | "asked for" = "not wanted";
  #cancelReason: string | undefined;

  /** @param request with our Via on top. */
  constructor(request: SipRequest, to: Flow, user: ClientTransactionUser, context: ClientRunContext) {
    this.key = clientKey(request);
    this.request = request;
    this.to = to;
    this.#user = user;
    this.#context = context;
    this.#octets = serializeMessage(request);
    this.#lastSent = this.#octets;
    this.#machine = machineFor(request.method, {
      clock: context.clock,
      timers: context.timers,
      perform: (effect) => {
        this.#perform(effect);
      },
      ended: () => {
        context.ended(this);
      },
    });
  }

  start(): void {
    this.#machine.run.input("request");
  }

  receive(response: SipResponse): void {
    this.#response = response;
    const { status } = response;
    if (this.#machine.kind === "INVITE") this.#machine.run.input(inviteClientInput(status));
    else this.#machine.run.input(nonInviteClientInput(status));
    this.#response = undefined;
    this.#cancelIfPossible();
  }

  /** Has the INVITE cancelled, now or as soon as it has had a provisional response (RFC 3261 §9.1). */
  cancel(reason: string | undefined): void {
    if (this.#cancel !== "not wanted") return;
    this.#cancel = "wanted";
    this.#cancelReason = reason;
    this.#cancelIfPossible();
  }

  transportError(): void {
    this.#machine.run.input("transport error");
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
        this.#send(this.#octets);
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
            this.#user.response(response);
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
    this.#context.send(octets, this.to);
  }

  #tellFailed(why: "timeout" | "transport"): void {
    this.#context.tell("failed", () => {
      this.#user.failed(why);
    });
  }
}

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
