import type { Headers, NameAddr, SipRequest, SipResponse } from "../../../ts/sip/message/message.js";
import type { BindingLimits } from "../../../ts/sip/registrar/bindings.js";
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
  /** Sends a REGISTER; its CSeq is one more than the last unless given. */
  register(what?: Register): SipResponse;
}

export function bench(limits: Partial<BindingLimits> = {}): Bench {
  const clock = new ManualClock();
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
  });
  let lastCSeq = 0;
  return {
    clock,
    directory,
    registrar,
    told: () => events.splice(0),
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
  const headers: Headers = {
    via: [{ version: "2.0", protocol: "UDP", host: "192.0.2.7", params: { branch: "z9hG4bK1" } }],
    from: { uri: aor, params: { tag: "f1" } },
    to: { uri: aor, params: {} },
    "call-id": what.callId ?? "call-1",
    cseq: { seq: what.cseq, method: "REGISTER" },
    ...(contact === undefined ? {} : { contact: contactHeader(contact) }),
    ...(expires === undefined ? {} : { expires }),
    ...(agent === undefined ? {} : { "user-agent": agent }),
    ...(path === undefined ? {} : { path }),
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
