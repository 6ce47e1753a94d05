import type { Test } from "tap";
import { ms, seconds } from "../../../ts/core/brand.js";
import { silentLog } from "../../../ts/core/log.js";
import { EventServer, type EventServerOptions } from "../../../ts/sip/events/event-server.js";
import { parseUri } from "../../../ts/sip/message/uri.js";
import { makeResponse } from "../../../ts/sip/message/response.js";
import type { Binding } from "../../../ts/sip/registrar/bindings.js";
import { Directory } from "../../../ts/sip/registrar/directory.js";
import type { SipEvent } from "../../../ts/sip/sip-service.js";
import { SipTransactionLayer } from "../../../ts/sip/transaction/layer.js";
import type { Protocol } from "../../../ts/sip/transport/transport.js";
import { FakeNetwork } from "../../support/fake-network.js";
import { callFlow, type LadderRow, type TraceRow } from "../../support/ladder.js";
import { ManualClock } from "../../support/manual-clock.js";
import { ScriptedParty } from "../../support/scripted-party.js";
import { SeededRandom } from "../../support/seeded-random.js";
import { transportSet } from "../../support/transaction-rig.js";

export const DOMAIN = "example.org";
export const USERS = ["alice", "bob", "carol"] as const;
export const uriOf = (user: string): string => `sip:${user}@${DOMAIN}`;

export type EventBenchOptions = Pick<EventServerOptions, "limits" | "policy"> & {
  /** What control does with an event; a rejection is "not taken". */
  readonly control?: (event: SipEvent) => Promise<void>;
  /** By which alice is connected; UDP unless given. */
  readonly alice?: Protocol;
};

/** The event server alone on a fake network, with three phones of one domain that are believed whom they say. */
export class EventBench {
  readonly clock = new ManualClock();
  readonly random = new SeededRandom(6665);
  readonly network = new FakeNetwork({ clock: this.clock, random: this.random });
  readonly address = { address: "192.0.2.1", port: 5060 };
  readonly directory = new Directory();
  readonly layer: SipTransactionLayer;
  readonly events: EventServer;
  readonly told: SipEvent[] = [];
  readonly phones: Readonly<Record<(typeof USERS)[number], ScriptedParty>>;
  readonly #bindings = new Map<string, Binding[]>();

  constructor({ control, alice = "UDP", ...options }: EventBenchOptions = {}) {
    this.directory.put(DOMAIN, {
      users: USERS.map((username) => ({ username, secret: "secret" })),
      control: "http://control.example",
    });
    this.layer = new SipTransactionLayer(
      {
        transport:
          alice === "UDP"
            ? this.network.transport(this.address)
            : transportSet(this.network, this.clock, this.address, ["UDP", alice]),
        clock: this.clock,
        random: this.random,
        log: silentLog,
      },
      {
        request: (transaction) => {
          const { request } = transaction;
          if (request.headers.to.params["tag"] === undefined) {
            const from = parseUri(request.headers.from.uri);
            this.events.handle(transaction, { username: from?.user ?? "", domain: from?.host ?? "" });
          } else if (!this.events.inDialog(transaction)) transaction.respond(makeResponse(request, 481));
        },
        cancel: () => undefined,
        ack: () => undefined,
        failed: () => undefined,
        flowClosed: (flow) => {
          this.events.connectionClosed(flow);
        },
      },
    );
    this.events = new EventServer({
      layer: this.layer,
      clock: this.clock,
      random: this.random,
      log: silentLog,
      directory: this.directory,
      contact: (user) => ({ uri: `sip:${user}@192.0.2.1:5060`, params: {} }),
      other: {},
      bindings: (domain, user) => this.#bindings.get(`${user}@${domain}`) ?? [],
      tell: async (_key, event) => {
        this.told.push(event);
        await control?.(event);
      },
      ...options,
    });
    this.phones = {
      alice: this.#phone("alice", "198.51.100.10", alice),
      bob: this.#phone("bob", "198.51.100.20"),
      carol: this.#phone("carol", "198.51.100.30"),
    };
  }

  /** Gives a user a binding, at the phone's own address or another. */
  bind(user: (typeof USERS)[number], contact = `sip:${user}@${this.phones[user].address.address}`): void {
    const { address, port } = this.phones[user].address;
    const key = `${user}@${DOMAIN}`;
    const binding: Binding = {
      domain: DOMAIN,
      user,
      contact,
      q: 1,
      callId: contact,
      cseq: 1,
      flow: { protocol: "UDP", remote: { address, port } },
      registeredAt: 0,
      expiresAt: ms(Infinity),
    };
    this.#bindings.set(key, [...(this.#bindings.get(key) ?? []), binding]);
    this.events.registrationChanged(DOMAIN, user);
  }

  /** @param acts what happens on our side at which millisecond of the flow. */
  async flow(
    t: Test,
    rows: readonly LadderRow[],
    acts: readonly (readonly [at: number, act: () => void])[] = [],
  ): Promise<readonly TraceRow[]> {
    for (const [at, act] of acts) this.clock.after(ms(at), act);
    return callFlow(
      t,
      { clock: this.clock, network: this.network, switch: this.address, parties: { ...this.phones } },
      rows,
    );
  }

  /** States of subscriptions that control was told of. */
  get subscribed(): string[] {
    return this.told.flatMap((event) =>
      event.type === "subscribed"
        ? [`${event.subscription.subscriber} ${event.subscription.event} ${event.subscription.state}`]
        : [],
    );
  }

  async leavesNothing(t: Test): Promise<void> {
    await this.clock.advance(seconds(60));
    t.strictSame(this.events.counts, { subscriptions: 0, publications: 0, messages: 0 }, "no count is left");
    t.equal(this.layer.size, 0, "no transaction is left");
    t.equal(this.clock.pendingTimers, 0, "no timer is left");
  }

  #phone(user: string, address: string, protocol: Protocol = "UDP"): ScriptedParty {
    return new ScriptedParty({
      network: this.network,
      random: this.random,
      user,
      domain: DOMAIN,
      local: { address, port: 5060 },
      protocol,
      switch: this.address,
      calls: uriOf("bob"),
    });
  }
}
