import { hexToken, type Random } from "../../ts/core/random.js";
import { formatSocketAddress, type SocketAddress } from "../../ts/core/socket-address.js";
import type { Protocol } from "../../ts/sip/transport/transport.js";
import {
  chooseChallenge,
  digestAnswer,
  readChallenges,
  type Challenge,
  type Credentials,
} from "./digest-answer.js";
import type { FakeNetwork } from "./fake-network.js";
import { PartyWire, type Reply } from "./party-wire.js";
import {
  allHeaders,
  cseqOf,
  header,
  headerParam,
  headerUri,
  messageName,
  readSip,
  statusOf,
  writeSip,
  type SipText,
} from "./sip-text.js";

export interface PartyOptions {
  readonly network: FakeNetwork;
  readonly random: Random;
  readonly user: string;
  readonly domain: string;
  readonly local: SocketAddress;
  /** Where it sends everything: the switch is its outbound proxy. */
  readonly switch: SocketAddress;
  /** Public address, if it sits behind a NAT. */
  readonly via?: SocketAddress;
  /** By which it sends; UDP unless given. */
  readonly protocol?: Protocol;
  /** Takes connections of this protocol as well. */
  readonly accepts?: Exclude<Protocol, "UDP">;
  /** Whom it calls when a row names nobody, as a URI. */
  readonly calls?: string;
}

/** What a row may say about a message that a party sends. */
export interface SendOptions {
  /** Body of type application/sdp. */
  readonly sdp?: string;
  /** Headers to add, or to put in place of the party's own; null leaves one out. */
  readonly headers?: Readonly<Record<string, string | null>>;
  /** Contact value in place of `<sip:user@address>`. */
  readonly contact?: string;
  /** Expires of a REGISTER. */
  readonly expires?: number;
  /** Answers the last challenge. */
  readonly credentials?: Credentials;
  /** Request-URI (and To of a request outside a dialog). */
  readonly uri?: string;
  /** Method of the request that a response answers; else the last open one, a CANCEL last. */
  readonly to?: string;
  /** Which of the party's calls it is about, by a name of your choice; "" unless given. */
  readonly dialog?: string;
  /** Sends the very octets of the last message of this name again. */
  readonly retransmission?: true;
  /** Sends this text in place of a message of its own, line ends as given. */
  readonly raw?: string;
}

type HeaderLine = readonly [name: string, value: string];

/** Requests within a dialog that have a Contact, besides INVITE. */
const TARGET_REFRESH: ReadonlySet<string> = new Set(["UPDATE", "REFER", "SUBSCRIBE", "NOTIFY"]);

interface Call {
  readonly callId: string;
  /** From and To of the requests it sends, without tags. */
  readonly own: string;
  readonly peer: string;
  readonly ownTag: string;
  peerTag: string | undefined;
  seq: number;
  routes: string[];
  /** Request-URI of what it sends: what it dialled, then the far Contact. */
  target: string;
  state: "calling" | "confirmed" | "refused" | "ended";
  invite: { uri: string; via: string; seq: number; routes: string[]; final?: SipText } | undefined;
  challenges: readonly Challenge[];
  /** RAck of the last reliable response it heard (RFC 3262). */
  rack?: string;
}

interface Received {
  readonly message: SipText;
  readonly from: SocketAddress;
  readonly reply: Reply;
  readonly tag: string;
  isAnswered: boolean;
}

/**
 * A phone that does only what rows of a ladder tell it, and knows just enough to say it right: tags, CSeq, route
 * set, remote target, digest. Nothing it hears makes it answer by itself.
 */
export class ScriptedParty {
  /** As peers see it. */
  readonly address: SocketAddress;
  /** All it heard, in order. */
  readonly received: SipText[] = [];
  readonly #options: PartyOptions;
  readonly #wire: PartyWire;
  readonly #calls = new Map<string, Call>();
  readonly #dialogNames = new Map<string, string>();
  readonly #requests: Received[] = [];
  readonly #sent = new Map<string, Uint8Array>();
  readonly #registration: { callId: string; tag: string; seq: number; challenges: readonly Challenge[] };

  constructor(options: PartyOptions) {
    const { network, local, via } = options;
    this.#options = options;
    this.address = via ?? local;
    const { protocol = "UDP", accepts, switch: to } = options;
    this.#wire = new PartyWire(
      { network, protocol, local, switch: to, via, accepts },
      (octets, from, reply) => {
        this.#hear(readSip(octets), from, reply);
      },
    );
    this.#registration = { callId: this.#token(), tag: this.#token(), seq: 0, challenges: [] };
  }

  get protocol(): Protocol {
    return this.#options.protocol ?? "UDP";
  }

  /** Names the call that an INVITE with this Call-ID makes. */
  nameDialog(callId: string, name: string): void {
    this.#dialogNames.set(callId, name);
  }

  /** @throws if the party can't: nothing to answer, no call to end. */
  send(message: string, options: SendOptions = {}): void {
    const key = `${options.dialog ?? ""} ${message} ${options.to ?? ""}`;
    let octets: Uint8Array | undefined;
    let reply: Reply | undefined;
    if (options.raw !== undefined) octets = Buffer.from(options.raw, "latin1");
    else if (options.retransmission === true) octets = this.#sent.get(key);
    else if (/^\d{3}/.test(message)) [octets, reply] = this.#response(message, options);
    else octets = this.#request(message, options);
    if (octets === undefined) throw new Error(`has sent no ${message} yet`);
    this.#sent.set(key, octets);
    if (reply === undefined) this.#wire.send(octets);
    else reply(octets);
  }

  /** Ends its connections, as a phone that is switched off. */
  hangUpConnections(): void {
    this.#wire.hangUp();
  }

  async close(): Promise<void> {
    await this.#wire.close();
  }

  #hear(message: SipText, from: SocketAddress, reply: Reply): void {
    this.received.push(message);
    if (message.firstLine === "") return;
    const callId = header(message, "call-id") ?? "";
    const status = statusOf(message);
    if (status !== undefined) {
      this.#hearResponse(message, status, callId);
      return;
    }
    const method = messageName(message);
    const known = [...this.#calls.values()].find((call) => call.callId === callId);
    if (method === "INVITE" && headerParam(header(message, "to"), "tag") === undefined) {
      if (known === undefined) this.#calls.set(this.#dialogNames.get(callId) ?? "", this.#calledBy(message));
    } else if (method === "BYE" && known !== undefined) known.state = "ended";
    else if (method === "ACK" && known?.state === "calling") known.state = "confirmed";
    const call = [...this.#calls.values()].find((candidate) => candidate.callId === callId);
    const contact = header(message, "contact");
    if (method === "INVITE" && call !== undefined && contact !== undefined) call.target = headerUri(contact);
    this.#requests.push({
      message,
      from,
      reply,
      tag: call?.ownTag ?? this.#token(),
      isAnswered: method === "ACK",
    });
  }

  #calledBy(invite: SipText): Call {
    return {
      callId: header(invite, "call-id") ?? "",
      own: withoutParams(header(invite, "to") ?? ""),
      peer: withoutParams(header(invite, "from") ?? ""),
      ownTag: this.#token(),
      peerTag: headerParam(header(invite, "from"), "tag"),
      seq: 0,
      routes: splitList(header(invite, "record-route")),
      target: headerUri(header(invite, "contact") ?? ""),
      state: "calling",
      invite: undefined,
      challenges: [],
    };
  }

  #hearResponse(message: SipText, status: number, callId: string): void {
    const { seq, method } = cseqOf(message);
    const challenges = challengesOf(message);
    if (callId === this.#registration.callId) {
      if (challenges.length > 0) this.#registration.challenges = challenges;
      return;
    }
    const call = [...this.#calls.values()].find((candidate) => candidate.callId === callId);
    if (call === undefined) return;
    if (challenges.length > 0) call.challenges = challenges;
    if (method === "SUBSCRIBE" && status >= 200 && status < 300) {
      call.peerTag = headerParam(header(message, "to"), "tag");
      call.routes = splitList(header(message, "record-route")).reverse();
      call.target = headerUri(header(message, "contact") ?? "");
      call.state = "confirmed";
    }
    if (method !== "INVITE" || call.invite?.seq !== seq) return;
    const rseq = header(message, "rseq");
    if (rseq !== undefined) call.rack = `${rseq} ${String(seq)} ${method}`;
    if (status >= 200) call.invite.final = message;
    if (status >= 300) {
      if (call.state === "calling") call.state = "refused";
      return;
    }
    const tag = headerParam(header(message, "to"), "tag");
    if (tag === undefined) return;
    if (call.state === "calling") {
      call.peerTag = tag;
      call.routes = splitList(header(message, "record-route")).reverse();
    }
    const contact = header(message, "contact");
    if (contact !== undefined) call.target = headerUri(contact);
    if (status >= 200) call.state = "confirmed";
  }

  #request(method: string, options: SendOptions): Uint8Array {
    switch (method) {
      case "REGISTER":
        return this.#register(options);
      case "INVITE":
        return this.#invite(options);
      case "ACK":
        return this.#ack(options);
      case "CANCEL":
        return this.#cancelRequest(options);
      case "SUBSCRIBE":
        return this.#subscribe(options);
      case "BYE":
        return this.#inDialog(method, this.#call(options), options);
      default: {
        const call = this.#calls.get(options.dialog ?? "");
        if (call !== undefined && (call.state === "calling" || call.state === "confirmed")) {
          return this.#inDialog(method, call, options);
        }
        return this.#standalone(method, options);
      }
    }
  }

  #register(options: SendOptions): Uint8Array {
    const { user, domain } = this.#options;
    const registration = this.#registration;
    registration.seq += 1;
    const uri = options.uri ?? `sip:${domain}`;
    const lines: HeaderLine[] = [
      ["Via", this.#via()],
      ["Max-Forwards", "70"],
      ["From", `<sip:${user}@${domain}>;tag=${registration.tag}`],
      ["To", `<sip:${user}@${domain}>`],
      ["Call-ID", registration.callId],
      ["CSeq", `${registration.seq} REGISTER`],
      ["Contact", options.contact ?? this.#contact()],
    ];
    if (options.expires !== undefined) lines.push(["Expires", String(options.expires)]);
    return this.#print(`REGISTER ${uri} SIP/2.0`, lines, options, registration.challenges);
  }

  #invite(options: SendOptions): Uint8Array {
    const name = options.dialog ?? "";
    let call = this.#calls.get(name);
    const isAnswerToChallenge = call?.state === "refused" && options.credentials !== undefined;
    if (call === undefined || call.state === "ended" || (call.state === "refused" && !isAnswerToChallenge)) {
      const target = options.uri ?? this.#options.calls;
      if (target === undefined) throw new Error("has nobody to call: give `uri` or the party's `calls`");
      call = this.#newCall(target);
      this.#calls.set(name, call);
    }
    if (isAnswerToChallenge) {
      call.state = "calling";
      call.peerTag = undefined;
    }
    call.seq += 1;
    const via = this.#via();
    const uri = options.uri ?? call.target;
    call.invite = { uri, via, seq: call.seq, routes: call.routes };
    const lines: HeaderLine[] = [
      ...this.#dialogLines("INVITE", call, via, call.seq),
      ["Contact", options.contact ?? this.#contact()],
    ];
    return this.#print(`INVITE ${uri} SIP/2.0`, lines, options, call.challenges);
  }

  /** In the dialog of that name, once a 2xx has made it; outside of one until then. */
  #subscribe(options: SendOptions): Uint8Array {
    const name = options.dialog ?? "";
    let call = this.#calls.get(name);
    if (call === undefined || call.state === "ended") {
      call = this.#newCall(options.uri ?? this.#options.calls ?? `sip:${this.#options.domain}`);
      this.#calls.set(name, call);
    }
    call.seq += 1;
    const lines: HeaderLine[] = [
      ...this.#dialogLines("SUBSCRIBE", call, this.#via(), call.seq),
      ["Contact", options.contact ?? this.#contact()],
    ];
    return this.#print(`SUBSCRIBE ${call.target} SIP/2.0`, lines, options, call.challenges);
  }

  #newCall(target: string): Call {
    const { user, domain } = this.#options;
    return {
      callId: this.#token(),
      own: `<sip:${user}@${domain}>`,
      peer: `<${target}>`,
      ownTag: this.#token(),
      peerTag: undefined,
      seq: 0,
      routes: [],
      target,
      state: "calling",
      invite: undefined,
      challenges: [],
    };
  }

  /** Of a 2xx: within the dialog (RFC 3261 §13.2.2.4); of another final response: with the INVITE's branch (§17.1.1.3). */
  #ack(options: SendOptions): Uint8Array {
    const call = this.#call(options);
    const { invite } = call;
    if (invite?.final === undefined) throw new Error("has no final response to acknowledge");
    if ((statusOf(invite.final) ?? 0) < 300) {
      const lines = this.#dialogLines("ACK", call, this.#via(), invite.seq);
      return this.#print(`ACK ${options.uri ?? call.target} SIP/2.0`, lines, options, call.challenges);
    }
    const lines: HeaderLine[] = [
      ["Via", invite.via],
      ...invite.routes.map((route): HeaderLine => ["Route", route]),
      ["Max-Forwards", "70"],
      ["From", `${call.own};tag=${call.ownTag}`],
      ["To", header(invite.final, "to") ?? ""],
      ["Call-ID", call.callId],
      ["CSeq", `${invite.seq} ACK`],
    ];
    return this.#print(`ACK ${invite.uri} SIP/2.0`, lines, options, []);
  }

  #cancelRequest(options: SendOptions): Uint8Array {
    const call = this.#call(options);
    const { invite } = call;
    if (invite === undefined) throw new Error("has sent no INVITE to cancel");
    const isReInvite = call.state === "confirmed";
    const lines: HeaderLine[] = [
      ["Via", invite.via],
      ...invite.routes.map((route): HeaderLine => ["Route", route]),
      ["Max-Forwards", "70"],
      ["From", `${call.own};tag=${call.ownTag}`],
      ["To", isReInvite && call.peerTag !== undefined ? `${call.peer};tag=${call.peerTag}` : call.peer],
      ["Call-ID", call.callId],
      ["CSeq", `${invite.seq} CANCEL`],
    ];
    return this.#print(`CANCEL ${invite.uri} SIP/2.0`, lines, options, []);
  }

  #inDialog(method: string, call: Call, options: SendOptions): Uint8Array {
    call.seq += 1;
    if (method === "BYE") call.state = "ended";
    const lines = this.#dialogLines(method, call, this.#via(), call.seq);
    if (method === "PRACK" && call.rack !== undefined) lines.push(["RAck", call.rack]);
    if (TARGET_REFRESH.has(method)) lines.push(["Contact", options.contact ?? this.#contact()]);
    return this.#print(`${method} ${options.uri ?? call.target} SIP/2.0`, lines, options, call.challenges);
  }

  #standalone(method: string, options: SendOptions): Uint8Array {
    const { domain, calls } = this.#options;
    const call = this.#newCall(options.uri ?? calls ?? `sip:${domain}`);
    call.seq = 1;
    const lines: HeaderLine[] = [
      ...this.#dialogLines(method, call, this.#via(), call.seq),
      ["Contact", options.contact ?? this.#contact()],
    ];
    return this.#print(`${method} ${call.target} SIP/2.0`, lines, options, []);
  }

  #dialogLines(method: string, call: Call, via: string, seq: number): HeaderLine[] {
    return [
      ["Via", via],
      ...call.routes.map((route): HeaderLine => ["Route", route]),
      ["Max-Forwards", "70"],
      ["From", `${call.own};tag=${call.ownTag}`],
      ["To", call.peerTag === undefined ? call.peer : `${call.peer};tag=${call.peerTag}`],
      ["Call-ID", call.callId],
      ["CSeq", `${seq} ${method}`],
    ];
  }

  #response(message: string, options: SendOptions): [octets: Uint8Array, reply: Reply] {
    const request = this.#requestToAnswer(options);
    const status = Number(message.slice(0, 3));
    const text = request.message;
    const method = messageName(text);
    const [topVia = "", ...vias] = allHeaders(text, "via");
    const to = header(text, "to") ?? "";
    const isTagged = status === 100 || headerParam(to, "tag") !== undefined;
    const lines: HeaderLine[] = [
      ["Via", stamped(topVia, request.from)],
      ...vias.map((via): HeaderLine => ["Via", via]),
      ["From", header(text, "from") ?? ""],
      ["To", isTagged ? to : `${to};tag=${request.tag}`],
      ["Call-ID", header(text, "call-id") ?? ""],
      ["CSeq", header(text, "cseq") ?? ""],
    ];
    if (status > 100 && status < 300) {
      for (const value of allHeaders(text, "record-route")) lines.push(["Record-Route", value]);
      if (method === "INVITE") lines.push(["Contact", options.contact ?? this.#contact()]);
    }
    if (status >= 200) {
      request.isAnswered = true;
      const call = this.#calls.get(options.dialog ?? "");
      if (status >= 300 && method === "INVITE" && call?.state === "calling") call.state = "refused";
    }
    return [this.#print(`SIP/2.0 ${message}`, lines, options, []), request.reply];
  }

  #requestToAnswer({ to, dialog }: SendOptions): Received {
    const callId = dialog === undefined ? undefined : this.#calls.get(dialog)?.callId;
    const candidates = this.#requests
      .filter(({ message }) => messageName(message) !== "ACK")
      .filter(({ message }) => to === undefined || messageName(message) === to)
      .filter(({ message }) => callId === undefined || header(message, "call-id") === callId)
      .reverse();
    const open = candidates.filter(({ isAnswered }) => !isAnswered);
    const found = open.find(({ message }) => messageName(message) !== "CANCEL") ?? open[0] ?? candidates[0];
    if (found === undefined) throw new Error(`has no ${to ?? "request"} to answer`);
    return found;
  }

  #print(
    firstLine: string,
    ownLines: readonly HeaderLine[],
    options: SendOptions,
    challenges: readonly Challenge[],
  ): Uint8Array {
    const lines = [...ownLines];
    if (options.sdp !== undefined) lines.push(["Content-Type", "application/sdp"]);
    if (options.credentials !== undefined) {
      const challenge = chooseChallenge(challenges, options.credentials);
      if (challenge === undefined) throw new Error("has no challenge to answer");
      const [method = "", uri = ""] = firstLine.split(" ");
      lines.push(digestAnswer(challenge, options.credentials, { method, uri }, this.#options.random));
    }
    for (const [name, value] of Object.entries(options.headers ?? {})) {
      const first = lines.findIndex(([key]) => key.toLowerCase() === name.toLowerCase());
      const place = first === -1 ? lines.length : first;
      for (let index = lines.length - 1; index >= 0; index--) {
        if (lines[index]?.[0].toLowerCase() === name.toLowerCase()) lines.splice(index, 1);
      }
      if (value !== null) lines.splice(place, 0, [name, value]);
    }
    return writeSip(firstLine, lines, options.sdp ?? "");
  }

  #call({ dialog = "" }: SendOptions): Call {
    const call = this.#calls.get(dialog);
    if (call === undefined) throw new Error(`has no call${dialog === "" ? "" : ` "${dialog}"`}`);
    return call;
  }

  #via(): string {
    const { protocol = "UDP", local } = this.#options;
    return `SIP/2.0/${protocol} ${formatSocketAddress(local)};branch=z9hG4bK${this.#token()};rport`;
  }

  #contact(): string {
    const { user, local, protocol = "UDP" } = this.#options;
    return `<sip:${user}@${formatSocketAddress(local)}${TRANSPORT_PARAM[protocol]}>`;
  }

  #token(): string {
    return hexToken(this.#options.random, 8);
  }
}

/** RFC 7118 §5.2.3 has one value for both kinds of WebSocket. */
const TRANSPORT_PARAM: Readonly<Record<Protocol, string>> = {
  UDP: "",
  TCP: ";transport=tcp",
  TLS: ";transport=tls",
  WS: ";transport=ws",
  WSS: ";transport=ws",
};

function challengesOf(message: SipText): Challenge[] {
  const status = statusOf(message);
  if (status !== 401 && status !== 407) return [];
  const kind = status === 401 ? "www" : "proxy";
  return allHeaders(message, `${kind}-authenticate`).flatMap((line) => readChallenges(kind, line));
}

/** The top Via as a server stamps it (RFC 3581 §4). */
function stamped(via: string, from: SocketAddress): string {
  return via.replace(/;rport(?=;|$)/, `;received=${from.address};rport=${String(from.port)}`);
}

/** `"Name" <uri>` of a From or To value. */
function withoutParams(value: string): string {
  const close = value.lastIndexOf(">");
  return close === -1 ? (value.split(";")[0]?.trim() ?? value) : value.slice(0, close + 1);
}

/** Values of a header that may hold several, split at commas outside of angle brackets. */
function splitList(value: string | undefined): string[] {
  return value === undefined ? [] : value.split(/,(?![^<]*>)/).map((part) => part.trim());
}
