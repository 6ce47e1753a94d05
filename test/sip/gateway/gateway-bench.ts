import type { Test } from "tap";
import { ms, type Millis } from "../../../ts/core/brand.js";
import { md5, sha256 } from "../../../ts/core/hash.js";
import type { LocalSipService } from "../../../ts/sip/local-sip-service.js";
import type { GatewaySettings, SipEvent } from "../../../ts/sip/sip-service.js";
import { FakeDns, type ZoneLines } from "../../support/fake-dns.js";
import { callFlow, type LadderRow, type TraceRow } from "../../support/ladder.js";
import { ScriptedParty } from "../../support/scripted-party.js";
import { SipBench, type SipBenchOptions } from "../../support/sip-bench.js";
import { messageName, type SipText } from "../../support/sip-text.js";

export const ACCOUNT = { user: "4420", authsecret: "trunk-secret" };
export const TRUNK: GatewaySettings = { from: ACCOUNT, to: { domain: "trunk.example.net" } };

/** Two servers, the second one for when the first one fails. */
export const ZONE: ZoneLines = [
  "_sip._udp.trunk.example.net SRV 10 0 5060 one.trunk.example.net",
  "_sip._udp.trunk.example.net SRV 20 0 5080 two.trunk.example.net",
  "one.trunk.example.net A 203.0.113.1",
  "two.trunk.example.net A 203.0.113.2",
];

type GatewayEvent = Extract<SipEvent, { type: "gateway" }>;

/** The SIP server, a trunk with two servers, and the DNS that tells of them. */
export class GatewayBench {
  readonly dns = new FakeDns(ZONE);
  readonly bench: SipBench;
  readonly one: ScriptedParty;
  readonly two: ScriptedParty;

  constructor(options: SipBenchOptions = {}) {
    this.bench = new SipBench({ dns: this.dns, trusted: () => false, ...options });
    this.one = this.#server("203.0.113.1", 5060);
    this.two = this.#server("203.0.113.2", 5080);
  }

  get sip(): LocalSipService {
    return this.bench.sip;
  }

  /** `registered`, `failed 408` …, in order. */
  get news(): string[] {
    return this.bench.events
      .filter((event): event is GatewayEvent => event.type === "gateway")
      .map(({ gateway: { state, error } }) => (error === undefined ? state : `${state} ${error.code}`));
  }

  put(settings: GatewaySettings = TRUNK, name = "trunk"): Promise<{ created: boolean }> {
    return this.sip.execute({ type: "gateway.put", name, ...settings });
  }

  async info(name = "trunk") {
    const { gateways } = await this.sip.execute({ type: "gateway.get", name });
    const [info] = gateways;
    if (info === undefined) throw new Error("no gateway");
    return info;
  }

  /** @param commands at which millisecond of the flow something is done. */
  flow(
    t: Test,
    rows: readonly LadderRow[],
    commands: readonly (readonly [at: number, act: () => Promise<unknown>])[] = [],
    quiet = 0,
  ): Promise<readonly TraceRow[]> {
    const { clock, network, address, alice, bob } = this.bench;
    for (const [at, act] of commands) {
      clock.after(ms(at), () => {
        act().catch((error: unknown) => {
          t.fail(`command at ${at} ms: ${String(error)}`);
        });
      });
    }
    return callFlow(
      t,
      {
        clock,
        network,
        switch: address,
        parties: { one: this.one, two: this.two, alice, bob },
        quiet: ms(quiet),
      },
      rows,
    );
  }

  /**
   * Lets time pass until the switch sends a REGISTER, for its delays are drawn; a quarter of a second more at most.
   * @returns when that was, since `since`.
   * @throws after `limit`.
   */
  async nextRegister(
    to: ScriptedParty,
    since: Millis,
    limit: Millis,
  ): Promise<{ after: number; message: SipText }> {
    const { clock, network } = this.bench;
    const before = to.received.length;
    while (to.received.length === before) {
      if (clock.now() - since > limit) throw new Error(`no REGISTER within ${limit} ms`);
      await clock.advance(ms(250));
    }
    const message = to.received.at(-1);
    if (message === undefined || messageName(message) !== "REGISTER") throw new Error("something else came");
    const last = network.log.filter((datagram) => datagram.to.address === to.address.address).at(-1);
    return { after: (last?.at ?? Number.NaN) - since, message };
  }

  #server(address: string, port: number): ScriptedParty {
    return new ScriptedParty({
      network: this.bench.network,
      random: this.bench.random,
      user: "0800",
      domain: "trunk.example.net",
      local: { address, port },
      switch: this.bench.address,
      calls: "sip:4420@192.0.2.1",
    });
  }
}

export interface Challenge {
  readonly nonce: string;
  readonly algorithm?: "MD5" | "SHA-256";
  readonly stale?: true;
  readonly realm?: string;
}

export const challenge = ({ nonce, algorithm = "MD5", stale, realm = "trunk" }: Challenge): string =>
  `Digest realm="${realm}", nonce="${nonce}", qop="auth", algorithm=${algorithm}${stale === true ? ", stale=true" : ""}`;

/** A check of credentials as a server makes it (RFC 7616 §3.4), written without the code under test. */
export function answers(
  { nonce, algorithm = "MD5", realm = "trunk" }: Challenge,
  {
    nc,
    method = "REGISTER",
    username = ACCOUNT.user,
    uri = "sip:trunk.example.net",
  }: {
    nc: number;
    method?: string;
    username?: string;
    uri?: string;
  },
): (header: string) => void {
  return (header) => {
    const params = Object.fromEntries(
      [...header.matchAll(/([\w-]+)=(?:"([^"]*)"|([^\s,]+))/g)].map(([, name = "", quoted, bare]) => [
        name,
        quoted ?? bare ?? "",
      ]),
    );
    const hash = algorithm === "MD5" ? md5 : sha256;
    const count = nc.toString(16).padStart(8, "0");
    const a1 = hash(`${username}:${realm}:${ACCOUNT.authsecret}`);
    const a2 = hash(`${method}:${uri}`);
    const wanted = {
      username,
      realm,
      nonce,
      uri,
      algorithm,
      qop: "auth",
      nc: count,
      response: hash(`${a1}:${nonce}:${count}:${params["cnonce"] ?? ""}:auth:${a2}`),
    };
    for (const [name, value] of Object.entries(wanted)) {
      if (params[name] !== value) throw new Error(`${name} is ${params[name] ?? "not there"}, not ${value}`);
    }
  };
}
