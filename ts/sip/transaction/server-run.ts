import type { Clock } from "../../core/clock.js";
import { ownCopy } from "../../core/own-copy.js";
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
import type { ToTags } from "./matching.js";
import { RunningMachine, type MachineOwner } from "./running-machine.js";
import type { TimerValues } from "./timers.js";
import type { ServerTransaction } from "./transaction.js";

/** What a server transaction needs of the layer it lives in, and whom it tells. */
export interface ServerRunContext {
  readonly clock: Clock;
  timersFor(flow: Flow): TimerValues;
  /** @returns `to` with the connection and listener that were chosen. */
  send(octets: Uint8Array, to: Flow, run: ServerRun): Flow;
  deliver(transaction: ServerTransaction): void;
  deliverAck(ack: SipRequest, flow: Flow): void;
  failed(transaction: ServerTransaction, why: "timeout" | "transport"): void;
  ended(run: ServerRun): void;
}

/** One server transaction: performs what its table says. */
export class ServerRun implements MachineOwner<InviteServerEffect> {
  /** See `serverKey`. */
  readonly key: string;
  readonly clock: Clock;
  readonly timers: TimerValues;
  readonly #context: ServerRunContext;
  readonly #machine: ReturnType<typeof machineFor>;
  /** Let go of as soon as nobody can ask for it any more: it outlives its answer by half a minute. */
  #transaction: RunTransaction | undefined;
  #to: Flow;
  #otherwise: Flow | undefined;
  #toTags: ToTags;
  #lastSent: Uint8Array | undefined;
  /** What the effects performed now are about. */
  #given: { readonly response: SipResponse; readonly octets: Uint8Array } | undefined;
  #ack: { readonly request: SipRequest; readonly flow: Flow } | undefined;

  constructor(key: string, request: SipRequest, flow: Flow, path: ResponsePath, context: ServerRunContext) {
    this.key = ownCopy(key);
    this.clock = context.clock;
    this.timers = context.timersFor(flow);
    this.#transaction = new RunTransaction(this, request, flow);
    this.#to = path.to;
    this.#otherwise = path.otherwise;
    const asked = request.headers.to.params["tag"];
    this.#toTags = { asked: typeof asked === "string" ? ownCopy(asked) : asked, answered: undefined };
    this.#context = context;
    this.#machine = machineFor(request.method, this);
  }

  /** What the user has of it; undefined once it is over for the user. */
  get transaction(): ServerTransaction | undefined {
    return this.#transaction;
  }

  /** Where its responses go. */
  get to(): Flow {
    return this.#to;
  }

  get open(): boolean {
    const { state } = this.#machine.run;
    return state === "idle" || state === "trying" || state === "proceeding";
  }

  /** The To tags of the request and of the last response to it. */
  get toTags(): ToTags {
    return this.#toTags;
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
    this.#forget();
  }

  respond(response: SipResponse): void {
    this.#given = { response, octets: serializeMessage(response) };
    const { status } = response;
    if (this.#machine.kind === "INVITE") this.#machine.run.input(inviteServerInput(status));
    else this.#machine.run.input(nonInviteServerInput(status));
    this.#given = undefined;
    if (this.#machine.kind !== "INVITE" && !this.open) this.#forget();
  }

  release(): void {
    if (!this.open) this.#forget();
  }

  #forget(): void {
    this.#transaction = undefined;
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

  ended(): void {
    this.#context.ended(this);
  }

  perform(effect: InviteServerEffect): void {
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
        if (this.#transaction !== undefined) this.#context.deliver(this.#transaction);
        return;
      case "deliver ACK":
        if (this.#ack !== undefined) this.#context.deliverAck(this.#ack.request, this.#ack.flow);
        return;
      case "fail: timeout":
        this.#failed("timeout");
        return;
      case "fail: transport":
        this.#failed("transport");
        return;
    }
  }

  #failed(why: "timeout" | "transport"): void {
    if (this.#transaction !== undefined) this.#context.failed(this.#transaction, why);
  }

  #send100(): void {
    if (this.#transaction === undefined || this.#lastSent !== undefined) return;
    const trying = makeResponse(this.#transaction.request, 100);
    this.#send(trying, serializeMessage(trying));
  }

  #send(response: SipResponse, octets: Uint8Array): void {
    this.#toTags = { asked: this.#toTags.asked, answered: response.headers.to.params["tag"] };
    this.#lastSent = octets;
    this.#transmit(octets);
  }

  #transmit(octets: Uint8Array): void {
    this.#to = this.#context.send(octets, this.#to, this);
  }
}

/** A server transaction as its user has it: keeps the request for as long as the user does. */
class RunTransaction implements ServerTransaction {
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly #run: ServerRun;

  constructor(run: ServerRun, request: SipRequest, flow: Flow) {
    this.#run = run;
    this.request = request;
    this.flow = flow;
  }

  get open(): boolean {
    return this.#run.open;
  }

  respond(response: SipResponse): void {
    this.#run.respond(response);
  }

  release(): void {
    this.#run.release();
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
