/** Broken and whole messages against the whole SIP server, in virtual time. */
import { ms, seconds } from "../../ts/core/brand.js";
import { MediaswitchError } from "../../ts/core/errors.js";
import type { Log } from "../../ts/core/log.js";
import type { SocketAddress } from "../../ts/core/socket-address.js";
import type { LocalSipService } from "../../ts/sip/local-sip-service.js";
import type { SipEvent, SipHealth } from "../../ts/sip/sip-service.js";
import type { Transport } from "../../ts/sip/transport/transport.js";
import { below, SeededRandom } from "./seeded-random.js";
import { DOMAIN, sdp, SipBench } from "./sip-bench.js";
import { mutate, tortureMessages } from "./sip-mutator.js";
import { readSip, type SipText } from "./sip-text.js";

/** Virtual time between two messages. */
const APART = ms(2);
/** One OPTIONS that must be answered comes after so many messages. */
const PROBE_EVERY = 250;
const PROBER: SocketAddress = { address: "203.0.113.9", port: 5060 };
const SENDERS = 16;
/** Messages taken from what the server sent itself; the oldest are forgotten. */
const LIVE_MESSAGES = 64;

type DialogEvent = Extract<SipEvent, { type: "dialog" }>;

/** Does something after so many seconds. */
type Later = (delay: number, act: () => Promise<unknown>) => void;

export interface StormOutcome {
  readonly messages: number;
  /** Answers by status, retransmissions included. */
  readonly statuses: ReadonlyMap<number, number>;
  /** Refusals to read, by reason, from /health. */
  readonly refused: Readonly<Record<string, number>>;
  readonly probes: number;
  readonly probesAnswered: number;
  /** Log entries of level error, and commands that failed with something else than a MediaswitchError. */
  readonly troubles: readonly string[];
  /** Health before, and after all timers have run. */
  readonly before: SipHealth;
  readonly after: SipHealth;
}

/** Sends `messages` messages, a fifth of them whole, to a server of its own. The same seed gives the same storm. */
export async function sipStorm(seed: number, messages: number): Promise<StormOutcome> {
  const storm = new Storm(seed);
  return storm.run(messages);
}

class Storm {
  readonly #random: SeededRandom;
  readonly #bench: SipBench;
  readonly #troubles: string[] = [];
  readonly #senders: Transport[] = [];
  readonly #torture = tortureMessages();
  readonly #live: Uint8Array[] = [];
  readonly #statuses = new Map<number, number>();
  #probesAnswered = 0;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed).fork("storm");
    const log: Log = {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (fields, text) => this.#troubles.push(`${text} ${JSON.stringify(fields)}`),
    };
    this.#bench = new SipBench({
      log,
      // Half of the senders need no digest, and so come further.
      trusted: (address) => address === PROBER.address || Number(address.split(".")[3]) % 2 === 0,
      control: (event, sip) => {
        this.#control(event, sip);
      },
    });
    for (let index = 0; index < SENDERS; index += 1) {
      this.#senders.push(this.#bench.network.transport({ address: `198.18.0.${String(index)}`, port: 5060 }));
    }
  }

  async run(messages: number): Promise<StormOutcome> {
    const { clock, network, sip, address } = this.#bench;
    await sip.execute({
      type: "directory.put",
      domain: DOMAIN,
      control: "http://control.invalid",
      users: [
        { username: "alice", secret: "a" },
        { username: "bob", secret: "b" },
      ],
    });
    const before = await sip.execute({ type: "health" });
    network.observe(({ from, to, octets }) => {
      if (from.address === address.address) this.#sent(octets, to);
      return "pass";
    });
    const prober = network.transport(PROBER);
    let probes = 0;
    for (let number = 0; number < messages; number += 1) {
      this.#throw(number);
      if (number % PROBE_EVERY === 0) {
        probes += 1;
        prober.send(Buffer.from(options(number), "latin1"), { protocol: "UDP", remote: address });
      }
      await clock.advance(APART);
    }
    await clock.advance(seconds(12 * 3600));
    const after = await sip.execute({ type: "health" });
    return {
      messages,
      statuses: this.#statuses,
      refused: after.refused,
      probes,
      probesAnswered: this.#probesAnswered,
      troubles: this.#troubles,
      before,
      after,
    };
  }

  #throw(number: number): void {
    const random = this.#random;
    const sender = this.#senders[below(random, SENDERS)];
    const whole = this.#pick(number);
    const octets = below(random, 5) === 0 ? whole : mutate(whole, random);
    sender?.send(octets, { protocol: "UDP", remote: this.#bench.address });
  }

  #pick(number: number): Uint8Array {
    const random = this.#random;
    const kind = below(random, 10);
    if (kind < 2) return this.#torture[below(random, this.#torture.length)] ?? new Uint8Array();
    const live = this.#live[below(random, Math.max(1, this.#live.length))];
    if (kind < 5 && live !== undefined) return live;
    const texts = requests(number - below(random, 3));
    return Buffer.from(texts[below(random, texts.length)] ?? "", "latin1");
  }

  /** What the server sends shows dialogs and transactions that there are: messages that belong to them are made of it. */
  #sent(octets: Uint8Array, to: SocketAddress): void {
    const message = readSip(octets);
    const status = Number(/^SIP\/2\.0 (\d+)/.exec(message.firstLine)?.[1] ?? NaN);
    if (!Number.isNaN(status)) {
      this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
      if (to.address === PROBER.address && status === 200) this.#probesAnswered += 1;
    }
    const follow = Number.isNaN(status) ? answers(message) : inDialog(message, below(this.#random, 1e6));
    this.#live.push(...follow.map((text) => Buffer.from(text, "latin1")));
    while (this.#live.length > LIVE_MESSAGES) this.#live.shift();
  }

  #control({ cause, info }: DialogEvent, sip: LocalSipService): void {
    if (cause !== "new") return;
    const { callid } = info;
    const kind = below(this.#random, 4);
    const later: Later = (delay, act) => {
      this.#bench.clock.after(seconds(delay), () => {
        act().catch((error: unknown) => {
          if (!(error instanceof MediaswitchError)) this.#troubles.push(`command: ${String(error)}`);
        });
      });
    };
    if (kind > 0) later(0, () => sip.execute({ type: "dialog.ring", callid }));
    if (kind > 1) later(1, () => sip.execute({ type: "dialog.answer", callid, sdp: sdp("192.0.2.1") }));
    if (kind > 2) later(0, () => dial(sip, later));
    later(20, () => sip.execute({ type: "dialog.hangup", callid, code: 486 }));
  }
}

/** A call of our own; somebody in the storm may answer it, and we hang up in the end. */
async function dial(sip: LocalSipService, later: Later): Promise<void> {
  const { callid } = await sip.execute({
    type: "dialog.invite",
    request: {
      from: { user: "alice", domain: DOMAIN },
      to: { user: "bob", domain: "198.18.0.2" },
      sdp: sdp("192.0.2.1"),
    },
  });
  later(40, () => sip.execute({ type: "dialog.hangup", callid }));
}

const FROM = `From: <sip:alice@${DOMAIN}>;tag=a1`;

/** Requests that begin something, whole. */
function requests(number: number): string[] {
  const id = String(number);
  const request = (method: string, uri: string, lines: readonly string[] = [], body = ""): string =>
    [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/UDP 198.18.0.2:5060;branch=z9hG4bK${id}${method === "CANCEL" ? "INVITE" : method};rport`,
      "Max-Forwards: 70",
      FROM,
      method === "REGISTER" ? `To: <sip:alice@${DOMAIN}>` : `To: <${uri}>`,
      `Call-ID: storm-${id}@198.18.0.2`,
      `CSeq: ${id} ${method}`,
      "Contact: <sip:alice@198.18.0.2:5060>",
      ...lines,
      `Content-Length: ${String(body.length)}`,
      "",
      body,
    ].join("\r\n");
  const bob = `sip:bob@${DOMAIN}`;
  const offer = sdp("198.18.0.2");
  return [
    request("INVITE", bob, ["Content-Type: application/sdp", "Supported: 100rel, timer, replaces"], offer),
    request("INVITE", bob, ["Content-Type: application/sdp", "Session-Expires: 90;refresher=uac"], offer),
    request("INVITE", bob, ["Require: 100rel", "Privacy: id", "Replaces: x;to-tag=1;from-tag=2"]),
    request("CANCEL", bob),
    request("REGISTER", `sip:${DOMAIN}`, ["Expires: 120", "Path: <sip:edge.example;lr>"]),
    request("OPTIONS", bob),
    request("SUBSCRIBE", bob, ["Event: presence", "Expires: 300", "Accept: application/pidf+xml"]),
    request("SUBSCRIBE", bob, ["Event: dialog", "Expires: 300"]),
    request("SUBSCRIBE", bob, ["Event: unheard-of", "Expires: 300"]),
    request("SUBSCRIBE", `sip:alice@${DOMAIN}`, ["Event: message-summary", "Expires: 300"]),
    request("PUBLISH", `sip:alice@${DOMAIN}`, ["Event: presence", "Expires: 300", "SIP-If-Match: x"]),
    request("MESSAGE", bob, ["Content-Type: text/plain"], "hello"),
    request("REFER", bob, [`Refer-To: <sip:alice@${DOMAIN}?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2>`]),
    request("NOTIFY", bob, ["Event: refer", "Subscription-State: terminated;reason=timeout"]),
    request("PRACK", bob, ["RAck: 1 1 INVITE"]),
    request("BYE", bob, ['Reason: Q.850;cause=16;text="x"']),
  ];
}

const options = (number: number): string =>
  [
    `OPTIONS sip:${DOMAIN} SIP/2.0`,
    `Via: SIP/2.0/UDP ${PROBER.address}:5060;branch=z9hG4bKprobe${String(number)}`,
    "Max-Forwards: 70",
    `From: <sip:probe@${PROBER.address}>;tag=p`,
    `To: <sip:${DOMAIN}>`,
    `Call-ID: probe-${String(number)}`,
    `CSeq: 1 OPTIONS`,
    "Content-Length: 0",
    "",
    "",
  ].join("\r\n");

const lines = ({ headers }: SipText, ...names: readonly string[]): string[] =>
  headers.filter(([name]) => names.includes(name)).map(([name, value]) => `${name}: ${value}`);

/** Requests in the dialog that a response to an INVITE shows. */
function inDialog(response: SipText, seq: number): string[] {
  const value = (name: string): string => response.headers.find(([other]) => other === name)?.[1] ?? "";
  const cseq = /^(\d+) INVITE$/.exec(value("cseq"))?.[1];
  if (cseq === undefined || !/^SIP\/2\.0 (1[89]|2)/.test(response.firstLine)) return [];
  const target = /<([^>]*)>/.exec(value("contact"))?.[1] ?? `sip:${DOMAIN}`;
  const request = (method: string, number: string, extra: readonly string[] = [], body = ""): string =>
    [
      `${method} ${target} SIP/2.0`,
      `Via: SIP/2.0/UDP 198.18.0.2:5060;branch=z9hG4bK${String(seq)}${method};rport`,
      ...lines(response, "from", "to", "call-id"),
      `CSeq: ${number} ${method}`,
      "Max-Forwards: 70",
      "Contact: <sip:alice@198.18.0.2:5060>",
      ...extra,
      `Content-Length: ${String(body.length)}`,
      "",
      body,
    ].join("\r\n");
  const rseq = value("rseq");
  const next = String(Number(cseq) + 1 + (seq % 20));
  return [
    request("ACK", cseq),
    request("PRACK", next, [`RAck: ${rseq === "" ? "1" : rseq} ${cseq} INVITE`]),
    request("INVITE", next, ["Content-Type: application/sdp"], sdp("198.18.0.2", "sendonly")),
    request("UPDATE", next, ["Session-Expires: 90;refresher=uac"]),
    request("INFO", next, ["Content-Type: application/dtmf-relay"], "Signal=1\r\nDuration=160\r\n"),
    request("REFER", next, [`Refer-To: <sip:alice@${DOMAIN}>`]),
    request("BYE", next),
  ];
}

/** Responses to a request of the server. */
function answers(request: SipText): string[] {
  const method = request.firstLine.split(" ", 1)[0] ?? "";
  if (method === "ACK") return [];
  const body = method === "INVITE" ? sdp("198.18.0.2") : "";
  return [
    "180 Ringing",
    "183 Session Progress",
    "200 OK",
    "302 Moved Temporarily",
    "401 Unauthorized",
    "481 Gone",
  ].map((status) =>
    [
      `SIP/2.0 ${status}`,
      ...lines(request, "via", "from", "call-id", "cseq"),
      ...lines(request, "to").map((to) => (to.includes("tag=") ? to : `${to};tag=storm`)),
      "Contact: <sip:bob@198.18.0.2:5060>",
      'WWW-Authenticate: Digest realm="x", nonce="1", qop="auth"',
      ...(body === "" ? [] : ["Content-Type: application/sdp"]),
      `Content-Length: ${String(body.length)}`,
      "",
      body,
    ].join("\r\n"),
  );
}

/** What must be the same before and after: all but the counters that only grow. */
export function held(health: SipHealth): Partial<SipHealth> {
  const { refused: _refused, ...rest } = health;
  return rest;
}
