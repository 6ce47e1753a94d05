import type { Clock } from "../../core/clock.js";
import type { SipRequest, SipResponse } from "../message/message.js";
import { makeResponse } from "../message/response.js";
import { serializeMessage } from "../message/serialize.js";
import type { Flow } from "../transport/transport.js";
import type { ResponsePath } from "../transport/via-response.js";
import { inviteServer, inviteServerInput } from "./invite-server.js";
import type {
  InviteServerEffect,
  InviteServerInput,
  InviteServerState,
  InviteServerTimer,
} from "./invite-server.js";
import { nonInviteServer, nonInviteServerInput } from "./non-invite-server.js";
import type {
  NonInviteServerEffect,
  NonInviteServerInput,
  NonInviteServerState,
  NonInviteServerTimer,
} from "./non-invite-server.js";
import { RunningMachine, type MachineOwner } from "./running-machine.js";
import type { TimerValues } from "./timers.js";
import type { ServerTransaction } from "./transaction.js";

/** What a server transaction needs of the layer it lives in, and whom it tells. */
export interface ServerRunContext {
  readonly clock: Clock;
  timersFor(flow: Flow): TimerValues;
  /** @returns `to` with the connection and listener that were chosen. */
  send(octets: Uint8Array, to: Flow, run: ServerRun): Flow;
  deliver(run: ServerRun): void;
  deliverAck(ack: SipRequest, flow: Flow): void;
  failed(run: ServerRun, why: "timeout" | "transport"): void;
  ended(run: ServerRun): void;
}

/** One server transaction: performs what its table says. */
export class ServerRun implements ServerTransaction {
  /** See `serverKey`. */
  readonly key: string;
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly #context: ServerRunContext;
  readonly #machine: ReturnType<typeof machineFor>;
  #to: Flow;
  #otherwise: Flow | undefined;
  #lastResponse: SipResponse | undefined;
  #lastSent: Uint8Array | undefined;
  /** What the effects performed now are about. */
  #given: { readonly response: SipResponse; readonly octets: Uint8Array } | undefined;
  #ack: { readonly request: SipRequest; readonly flow: Flow } | undefined;

  constructor(key: string, request: SipRequest, flow: Flow, path: ResponsePath, context: ServerRunContext) {
    this.key = key;
    this.request = request;
    this.flow = flow;
    this.#to = path.to;
    this.#otherwise = path.otherwise;
    this.#context = context;
    this.#machine = machineFor(request.method, {
      clock: context.clock,
      timers: context.timersFor(flow),
      perform: (effect) => {
        this.#perform(effect);
      },
      ended: () => {
        context.ended(this);
      },
    });
  }

  /** Where its responses go. */
  get to(): Flow {
    return this.#to;
  }

  get open(): boolean {
    const { state } = this.#machine.run;
    return state === "idle" || state === "trying" || state === "proceeding";
  }

  /** The response that a copy of the request gets, if there has been one. */
  get lastResponse(): SipResponse | undefined {
    return this.#lastResponse;
  }

  /** Takes in the request itself, or a copy of it. */
  receive(): void {
    this.#machine.run.input("request");
  }

  receiveAck(request: SipRequest, flow: Flow): void {
    if (this.#machine.kind !== "INVITE") return;
    this.#ack = { request, flow };
    this.#machine.run.input("ACK");
    this.#ack = undefined;
  }

  respond(response: SipResponse): void {
    this.#given = { response, octets: serializeMessage(response) };
    const { status } = response;
    if (this.#machine.kind === "INVITE") this.#machine.run.input(inviteServerInput(status));
    else this.#machine.run.input(nonInviteServerInput(status));
    this.#given = undefined;
  }

  /** What was sent last never left. */
  notSent(): void {
    this.#machine.run.input("transport error");
  }

  /** The connection by which its responses went has ended; the next one takes the other way, if there is one. */
  connectionClosed(): void {
    if (this.#otherwise === undefined) {
      this.#machine.run.input("transport error");
      return;
    }
    this.#to = this.#otherwise;
    this.#otherwise = undefined;
  }

  /** Whether these very octets (not equal ones) are what it sent last. */
  hasSent(octets: Uint8Array): boolean {
    return octets === this.#lastSent;
  }

  /** Stops for good, telling nobody. */
  halt(): void {
    this.#machine.run.halt();
  }

  #perform(effect: InviteServerEffect): void {
    switch (effect) {
      case "send 100":
        this.#send100();
        return;
      case "send response":
        if (this.#given !== undefined) this.#send(this.#given.response, this.#given.octets);
        return;
      case "repeat response":
        if (this.#lastSent !== undefined) this.#transmit(this.#lastSent);
        return;
      case "deliver":
        this.#context.deliver(this);
        return;
      case "deliver ACK":
        if (this.#ack !== undefined) this.#context.deliverAck(this.#ack.request, this.#ack.flow);
        return;
      case "fail: timeout":
        this.#context.failed(this, "timeout");
        return;
      case "fail: transport":
        this.#context.failed(this, "transport");
        return;
    }
  }

  #send100(): void {
    const trying = makeResponse(this.request, 100);
    this.#send(trying, serializeMessage(trying));
  }

  #send(response: SipResponse, octets: Uint8Array): void {
    this.#lastResponse = response;
    this.#lastSent = octets;
    this.#transmit(octets);
  }

  #transmit(octets: Uint8Array): void {
    this.#to = this.#context.send(octets, this.#to, this);
  }
}

/** The kind says which inputs the machine takes. */
function machineFor(method: string, owner: MachineOwner<InviteServerEffect>) {
  if (method === "INVITE") {
    const run = new RunningMachine<
      InviteServerState,
      InviteServerInput,
      InviteServerEffect,
      InviteServerTimer
    >(inviteServer, "idle", owner);
    return { kind: "INVITE" as const, run };
  }
  const run = new RunningMachine<
    NonInviteServerState,
    NonInviteServerInput,
    NonInviteServerEffect,
    NonInviteServerTimer
  >(nonInviteServer, "idle", owner);
  return { kind: "other" as const, run };
}
