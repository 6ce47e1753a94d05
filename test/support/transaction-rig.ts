import { ms } from "../../ts/core/brand.js";
import type { SocketAddress } from "../../ts/core/socket-address.js";
import type { SipRequest } from "../../ts/sip/message/message.js";
import { SipTransactionLayer, type TransactionLayerOptions } from "../../ts/sip/transaction/layer.js";
import type { TimerOptions } from "../../ts/sip/transaction/timers.js";
import type {
  ClientTransactionUser,
  ServerTransaction,
  TransactionUser,
} from "../../ts/sip/transaction/transaction.js";
import type { ConnectionLimits } from "../../ts/sip/transport/connection-limits.js";
import { TransportSet, type OpenListener } from "../../ts/sip/transport/transport-set.js";
import type { Flow, Protocol } from "../../ts/sip/transport/transport.js";
import { FakeNetwork, type Conditions } from "./fake-network.js";
import type { CallFlowOptions } from "./ladder.js";
import { ManualClock } from "./manual-clock.js";
import { ScriptedParty } from "./scripted-party.js";
import { SeededRandom } from "./seeded-random.js";

export const SWITCH: SocketAddress = { address: "192.0.2.1", port: 5060 };
export const PHONE: SocketAddress = { address: "192.0.2.10", port: 5060 };

/** A user of the transaction layer that notes what it is told, with the time, and answers as the test says. */
export class RecordingUser implements TransactionUser {
  /** `500 request INVITE`. */
  readonly told: string[] = [];
  /** Requests in the order in which they came. */
  readonly requests: ServerTransaction[] = [];
  onRequest: (transaction: ServerTransaction) => void = () => undefined;
  onCancel: (transaction: ServerTransaction) => void = () => undefined;
  readonly #clock: ManualClock;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  request(transaction: ServerTransaction): void {
    this.#note(`request ${transaction.request.method}`);
    this.requests.push(transaction);
    this.onRequest(transaction);
  }

  cancel(invite: ServerTransaction, cancel: SipRequest): void {
    this.#note(`cancel ${String(cancel.headers.cseq.seq)}`);
    this.onCancel(invite);
  }

  ack(request: SipRequest): void {
    this.#note(`ack ${String(request.headers.cseq.seq)}`);
  }

  flowClosed({ protocol }: Flow): void {
    this.#note(`closed ${protocol}`);
  }

  failed(transaction: ServerTransaction, why: "timeout" | "transport"): void {
    this.#note(`failed ${transaction.request.method} ${why}`);
  }

  /** The user of one client transaction; notes into the same list. */
  client(): ClientTransactionUser {
    return {
      response: (response) => {
        this.#note(`response ${String(response.status)}`);
      },
      failed: (why) => {
        this.#note(`failed ${why}`);
      },
    };
  }

  #note(text: string): void {
    this.told.push(`${String(this.#clock.now())} ${text}`);
  }
}

export interface RigOptions {
  readonly conditions?: Conditions;
  readonly timers?: TimerOptions;
  readonly seed?: number;
  readonly switch?: SocketAddress;
  readonly phone?: SocketAddress;
  /** The switch listens for connections of this protocol as well as for datagrams, and the phone uses it. */
  readonly protocol?: Exclude<Protocol, "UDP">;
  /** The switch listens for connections of this protocol, whatever the phone does. */
  readonly listens?: Exclude<Protocol, "UDP">;
  /** The phone takes connections of this protocol. */
  readonly accepts?: Exclude<Protocol, "UDP">;
  readonly limits?: Partial<ConnectionLimits>;
  readonly layer?: Pick<TransactionLayerOptions, "maxTransactions" | "admit" | "largestDatagram">;
}

/** A transaction layer on a fake network, its user, and one phone; `flow` goes into `callFlow`. */
export function transactionRig(options: RigOptions = {}) {
  const clock = new ManualClock();
  const random = new SeededRandom(options.seed ?? 1);
  const { conditions, timers } = options;
  const network = new FakeNetwork({
    clock,
    random: random.fork("network"),
    ...(conditions === undefined ? {} : { conditions }),
  });
  const address = options.switch ?? SWITCH;
  const user = new RecordingUser(clock);
  const connected = options.listens ?? options.protocol ?? options.accepts;
  const transport =
    connected === undefined
      ? network.transport(address)
      : transportSet(network, clock, address, ["UDP", connected], options.limits);
  const layer = new SipTransactionLayer(
    {
      transport,
      clock,
      random: random.fork("switch"),
      ...(timers === undefined ? {} : { timers }),
      ...options.layer,
    },
    user,
  );
  const phone = new ScriptedParty({
    network,
    random: random.fork("phone"),
    user: "alice",
    domain: "example.org",
    local: options.phone ?? PHONE,
    switch: address,
    calls: "sip:100@example.org",
    ...(options.protocol === undefined ? {} : { protocol: options.protocol }),
    ...(options.accepts === undefined ? {} : { accepts: options.accepts }),
  });
  const flow: CallFlowOptions = { clock, network, parties: { phone }, switch: address };
  /** Does something at an instant, counted from the start of the clock. */
  const at = (instant: number, run: () => void): void => {
    clock.after(ms(instant - clock.now()), run);
  };
  return { clock, network, transport, layer, user, phone, flow, at };
}

/** The transports of a switch on a fake network: one listener for each protocol, all at one address. */
export function transportSet(
  network: FakeNetwork,
  clock: ManualClock,
  address: SocketAddress,
  protocols: readonly [Protocol, ...Protocol[]],
  limits: Partial<ConnectionLimits> = {},
): TransportSet {
  const open = (protocol: Protocol): OpenListener =>
    protocol === "UDP"
      ? { kind: "datagrams", transport: network.transport(address) }
      : { kind: "connections", pipes: network.connections.listen(protocol, address) };
  const [first, ...others] = protocols;
  return new TransportSet({
    listeners: [open(first), ...others.map(open)],
    clock,
    dial: network.connections.dialFrom(address.address),
    limits,
  });
}

/** A request as the transaction user hands it to the layer: no Via yet. */
export function requestTo(method: string, callId = "call-1", seq = 1): SipRequest {
  return {
    kind: "request",
    version: "2.0",
    method,
    uri: "sip:alice@192.0.2.10",
    headers: {
      via: [],
      "max-forwards": 70,
      from: { uri: "sip:100@example.org", params: { tag: "switch-tag" } },
      to: { uri: "sip:alice@example.org", params: {} },
      "call-id": callId,
      cseq: { seq, method },
      contact: [{ uri: "sip:100@192.0.2.1:5060", params: {} }],
    },
    other: {},
    content: "",
  };
}
