import type { Headers, NameAddr, SipRequest, SipResponse } from "../../../ts/sip/message/message.js";
import type { PingSettings } from "../../../ts/sip/registrar/registrar-options.js";
import type { Binding, BindingLimits } from "../../../ts/sip/registrar/bindings.js";
import { Directory } from "../../../ts/sip/registrar/directory.js";
import { Registrar, type RegistrationEvent } from "../../../ts/sip/registrar/registrar.js";
import type { Flow } from "../../../ts/sip/transport/transport.js";
import { ManualClock } from "../../support/manual-clock.js";
import { SeededRandom } from "../../support/seeded-random.js";

export const DOMAIN = "example.com";
export const CONTROL = "http://control.test:9001";

export const flowFrom = (address: string, port = 5060): Flow => ({
  protocol: "UDP",
  remote: { address, port },
});

/** A flow over a connection with this number. */
export const flowOver = (connection: number, address = "192.0.2.7", port = 40_000 + connection): Flow => ({
  protocol: "TCP",
  remote: { address, port },
  connection,
});

/** One Contact, as text in the form `uri` or with header parameters. */
export const contactOf = (uri: string, params: NameAddr["params"] = {}): NameAddr => ({ uri, params });

export interface Register {
  readonly user?: string;
  /** To's URI; the user's AOR unless given. */
  readonly aor?: string;
  /** "*", one URI, or Contacts. */
  readonly contact?: NameAddr[] | string;
  readonly expires?: number;
  readonly callId?: string;
  readonly cseq?: number;
  readonly agent?: string;
  readonly path?: NameAddr[];
  readonly route?: NameAddr[];
  readonly supported?: string[];
  /** Proxies it came through. */
  readonly hops?: number;
  readonly from?: Flow;
  readonly uri?: string;
  /** Who was authenticated, where it is not who is registered. */
  readonly as?: { username: string; domain: string };
}

export interface Bench {
  readonly clock: ManualClock;
  readonly directory: Directory;
  readonly registrar: Registrar;
  /** Events not yet looked at; takes them out. */
  told(): RegistrationEvent[];
  /** Pings sent and not yet looked at, with the means to answer; takes them out. */
  pings(): SentPing[];
  /** How often the registrar said that something changed. */
  changes(): number;
  /** Sends a REGISTER; its CSeq is one more than the last unless given. */
  register(what?: Register): SipResponse;
}

export interface SentPing {
  readonly binding: Binding;
  readonly at: number;
  answered(isThere: boolean): void;
}

export function bench(limits: Partial<BindingLimits> = {}, pingSettings?: Partial<PingSettings>): Bench {
  const clock = new ManualClock();
  const pings: SentPing[] = [];
  let changes = 0;
  const directory = new Directory();
  directory.put(DOMAIN, {
    control: CONTROL,
    users: ["alice", "bob", "carol"].map((username) => ({ username, secret: `secret of ${username}` })),
  });
  const events: RegistrationEvent[] = [];
  const registrar = new Registrar({
    clock,
    random: new SeededRandom(1),
    directory,
    limits,
    events: (event) => events.push(event),
    changed: () => (changes += 1),
    ...(pingSettings === undefined
      ? {}
      : {
          pingSettings,
          ping: (binding, answered) => pings.push({ binding, at: clock.now(), answered }),
        }),
  });
  let lastCSeq = 0;
  return {
    clock,
    directory,
    registrar,
    told: () => events.splice(0),
    pings: () => pings.splice(0),
    changes: () => changes,
    register: (what = {}) => {
      const { user = "alice", from = flowFrom("192.0.2.7"), as = { username: user, domain: DOMAIN } } = what;
      lastCSeq = what.cseq ?? lastCSeq + 1;
      return registrar.handle(registerRequest({ ...what, cseq: lastCSeq }), from, as);
    },
  };
}

function contactHeader(contact: NameAddr[] | string): NameAddr[] | "*" {
  if (contact === "*") return "*";
  return typeof contact === "string" ? [contactOf(contact)] : contact;
}

function registerRequest(what: Register & { cseq: number }): SipRequest {
  const { user = "alice", aor = `sip:${user}@${DOMAIN}`, contact, expires, agent, path } = what;
  const { route, supported, hops = 0 } = what;
  const headers: Headers = {
    via: Array.from({ length: hops + 1 }, (_, index) => ({
      version: "2.0",
      protocol: "UDP",
      host: `192.0.2.${String(7 + index)}`,
      params: { branch: `z9hG4bK${String(index + 1)}` },
    })),
    from: { uri: aor, params: { tag: "f1" } },
    to: { uri: aor, params: {} },
    "call-id": what.callId ?? "call-1",
    cseq: { seq: what.cseq, method: "REGISTER" },
    ...(contact === undefined ? {} : { contact: contactHeader(contact) }),
    ...(expires === undefined ? {} : { expires }),
    ...(agent === undefined ? {} : { "user-agent": agent }),
    ...(path === undefined ? {} : { path }),
    ...(route === undefined ? {} : { route }),
    ...(supported === undefined ? {} : { supported }),
  };
  return {
    kind: "request",
    version: "2.0",
    method: "REGISTER",
    uri: what.uri ?? `sip:${DOMAIN}`,
    headers,
    other: {},
    content: "",
  };
}

/** The Contacts of a 200 as `uri` → seconds left. */
export function listed(response: SipResponse): Record<string, number> {
  const { contact } = response.headers;
  if (contact === "*") throw new Error("a response never has Contact: *");
  return Object.fromEntries((contact ?? []).map(({ uri, params }) => [uri, Number(params["expires"])]));
}
