import type { Test } from "tap";
import { ms, seconds } from "../../ts/core/brand.js";
import { silentLog } from "../../ts/core/log.js";
import { LocalSipService, type LocalSipServiceOptions } from "../../ts/sip/local-sip-service.js";
import type { SipEvent, SipHealth } from "../../ts/sip/sip-service.js";
import type { Protocol } from "../../ts/sip/transport/transport.js";
import { FakeNetwork } from "./fake-network.js";
import { callFlow, type LadderRow, type TraceRow } from "./ladder.js";
import { ManualClock } from "./manual-clock.js";
import { ScriptedParty } from "./scripted-party.js";
import { SeededRandom } from "./seeded-random.js";
import { transportSet } from "./transaction-rig.js";

export const DOMAIN = "example.org";
export const ALICE = { username: "alice", secret: "wonderland" };
export const BOB = { username: "bob", secret: "builder" };

type DialogEvent = Extract<SipEvent, { type: "dialog" }>;

export interface SipBenchOptions extends Partial<LocalSipServiceOptions> {
  /** Sources that need no digest; all of them unless given. */
  readonly trusted?: (address: string) => boolean;
  /** What control does with each event; by default nothing. A rejection is "not taken". */
  readonly control?: (event: DialogEvent, sip: LocalSipService) => unknown;
  /** The switch listens for connections of this protocol as well, and bob's phone uses it. */
  readonly bobBy?: Exclude<Protocol, "UDP">;
  /** … and it can be connected to, where it says in its Contact. */
  readonly bobAccepts?: boolean;
}

/** The SIP server alone on a fake network, with scripted phones around it and a control of a few lines. */
export class SipBench {
  readonly clock = new ManualClock();
  readonly random = new SeededRandom(4317);
  readonly network = new FakeNetwork({ clock: this.clock, random: this.random });
  readonly address = { address: "192.0.2.1", port: 5060 };
  readonly sip: LocalSipService;
  readonly events: SipEvent[] = [];
  readonly alice: ScriptedParty;
  readonly bob: ScriptedParty;
  readonly bobs: ScriptedParty;
  #restHealth: SipHealth | undefined;

  constructor(options: SipBenchOptions = {}) {
    const { control, bobBy, bobAccepts, ...rest } = options;
    this.sip = new LocalSipService({
      transport:
        bobBy === undefined
          ? this.network.transport(this.address)
          : transportSet(this.network, this.clock, this.address, ["UDP", bobBy]),
      clock: this.clock,
      random: this.random,
      log: silentLog,
      trusted: () => true,
      ...rest,
    });
    this.sip.attach(async (event) => {
      this.events.push(event);
      if (event.type === "dialog") await control?.(event, this.sip);
    });
    this.alice = this.#phone("alice", "198.51.100.10");
    this.bob = this.#phone("bob", "198.51.100.20", bobBy, bobAccepts === true ? bobBy : undefined);
    this.bobs = this.#phone("bob", "198.51.100.21");
  }

  /** Puts alice and bob into the directory. */
  async ready(): Promise<this> {
    await this.sip.execute({ type: "directory.put", domain: DOMAIN, users: [ALICE, BOB] });
    return this;
  }

  /** Registers a phone in the quiet; `rest` is measured after that. */
  async registered(...phones: ScriptedParty[]): Promise<this> {
    await this.ready();
    for (const phone of phones) phone.send("REGISTER", { expires: 3600 });
    await this.clock.advance(seconds(60));
    this.#restHealth = await this.sip.execute({ type: "health" });
    return this;
  }

  /** @param commands what control does at which millisecond of the flow, besides reacting to events. */
  async flow(
    t: Test,
    rows: readonly LadderRow[],
    commands: readonly (readonly [at: number, act: (sip: LocalSipService) => Promise<unknown>])[] = [],
  ): Promise<readonly TraceRow[]> {
    this.#restHealth ??= await this.sip.execute({ type: "health" });
    for (const [at, act] of commands) {
      this.clock.after(ms(at), () => {
        act(this.sip).catch((error: unknown) => {
          t.fail(`command at ${String(at)} ms: ${String(error)}`);
        });
      });
    }
    return callFlow(
      t,
      {
        clock: this.clock,
        network: this.network,
        switch: this.address,
        parties: { alice: this.alice, bob: this.bob, bobs: this.bobs },
      },
      rows,
    );
  }

  /** Nothing is left over: calls, dialogs, transactions and timers are where they were at rest. */
  async leavesNothing(t: Test): Promise<void> {
    await this.clock.advance(seconds(200));
    const health = await this.sip.execute({ type: "health" });
    t.strictSame(
      { ...health, refused: {} },
      { ...this.#restHealth, refused: {} },
      "all is back where it was",
    );
  }

  /** Causes of the dialog events so far, in order. */
  get causes(): string[] {
    return this.events.flatMap((event) => (event.type === "dialog" ? [event.cause] : []));
  }

  get lastInfo(): DialogEvent["info"] {
    const last = this.events.filter((event) => event.type === "dialog").at(-1);
    if (last === undefined) throw new Error("no dialog event yet");
    return last.info;
  }

  #phone(
    user: string,
    address: string,
    protocol: Protocol = "UDP",
    accepts?: Exclude<Protocol, "UDP">,
  ): ScriptedParty {
    return new ScriptedParty({
      network: this.network,
      random: this.random,
      user,
      domain: DOMAIN,
      local: { address, port: 5060 },
      switch: this.address,
      calls: `sip:bob@${DOMAIN}`,
      protocol,
      ...(accepts === undefined ? {} : { accepts }),
    });
  }
}

/** A session description small enough to read: PCMU at `address`. */
export const sdp = (address: string, direction = "sendrecv"): string =>
  [
    "v=0",
    `o=- 1 1 IN IP4 ${address}`,
    "s=-",
    `c=IN IP4 ${address}`,
    "t=0 0",
    "m=audio 40000 RTP/AVP 0",
    `a=${direction}`,
    "",
  ].join("\r\n");
