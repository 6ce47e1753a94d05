/** A telephone on sockets of its own: registers, calls, is called, and talks and listens while it does. */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { SocketAddress } from "../../../ts/core/socket-address.js";
import sip from "sip";
import digest from "sip/digest.js";
import { Changes } from "./changes.js";
import { PhoneCall } from "./phone-call.js";
import { token } from "./token.js";
import { Voice } from "./voice.js";

export interface TelephoneOptions {
  readonly server: SocketAddress;
  readonly user: string;
  readonly domain: string;
  readonly secret: string;
  /** The tone that it says. */
  readonly hertz: number;
  /** Payload type of its key presses; 101 unless given. */
  readonly keyType?: number;
  /** Where its socket is; 127.0.0.1 unless given. */
  readonly address?: string;
}

export type SipRequest = sip.Message & { readonly method: string; readonly uri: string };

/** What it says of itself in requests; it reads and prints with the `sip` package, not with the code under test. */
export class Telephone {
  readonly user: string;
  readonly domain: string;
  readonly hertz: number;
  readonly keyType: number;
  readonly changes = new Changes();
  /** All calls so far, its own and others'. */
  readonly calls: PhoneCall[] = [];
  /** Methods of requests that came outside of calls. */
  readonly asked: string[] = [];
  readonly #secret: string;
  readonly #server: SocketAddress;
  readonly #socket: Socket;
  readonly #voices: Voice[] = [];
  /** Responses by Call-ID and CSeq, as far as somebody waits for them. */
  readonly #responses: sip.Message[] = [];

  private constructor(
    socket: Socket,
    { server, user, domain, secret, hertz, keyType = 101 }: TelephoneOptions,
  ) {
    this.#socket = socket;
    this.#server = server;
    this.user = user;
    this.domain = domain;
    this.#secret = secret;
    this.hertz = hertz;
    this.keyType = keyType;
    socket.on("message", (octets) => {
      const message = sip.parse(octets.toString("latin1"));
      if (message === undefined) return;
      if (message.method === undefined) this.#responses.push(message);
      else void this.#heard(message as SipRequest);
      this.changes.tell();
    });
  }

  static async open(options: TelephoneOptions): Promise<Telephone> {
    const socket = createSocket("udp4");
    socket.bind(0, options.address ?? "127.0.0.1");
    await once(socket, "listening");
    return new Telephone(socket, options);
  }

  get address(): string {
    const { address, port } = this.#socket.address();
    return `${address}:${String(port)}`;
  }

  get contact(): string {
    return `sip:${this.user}@${this.address}`;
  }

  async voice(): Promise<Voice> {
    const voice = await Voice.open({ hertz: this.hertz, keyType: this.keyType });
    this.#voices.push(voice);
    return voice;
  }

  close(): void {
    for (const voice of this.#voices) voice.close();
    this.#socket.close();
  }

  /** REGISTER with digest. */
  async register(expires = 600): Promise<void> {
    const uri = `sip:${this.domain}`;
    const call = {
      callId: token(),
      from: `sip:${this.user}@${this.domain}`,
      to: `sip:${this.user}@${this.domain}`,
    };
    const response = await this.transact("REGISTER", uri, {
      ...call,
      fromTag: token(),
      lines: [`Expires: ${String(expires)}`],
    });
    if (response.status !== 200) throw new Error(`REGISTER got ${String(response.status)}`);
  }

  /** Calls a user of its domain, or a URI. Settles once the INVITE is out. */
  async call(whom: string, headers: readonly string[] = []): Promise<PhoneCall> {
    const uri = whom.startsWith("sip:") ? whom : `sip:${whom}@${this.domain}`;
    const call = await PhoneCall.outgoing(this, uri, headers);
    this.calls.push(call);
    return call;
  }

  /** The next call that comes in and that nobody has asked for yet. */
  rung(): Promise<PhoneCall> {
    return this.changes.until(`a call at ${this.user}`, () => {
      const found = this.calls.find((call) => call.isIncoming && !call.isTaken);
      found?.take();
      return found;
    });
  }

  /** Sends a request, answers a challenge, and waits for what comes in the end. */
  async transact(
    method: string,
    uri: string,
    options: RequestOptions,
    heard: (response: sip.Message) => void = () => undefined,
  ): Promise<sip.Message & { status: number }> {
    let seq = options.seq ?? 1;
    let lines = options.lines ?? [];
    for (let tries = 0; ; tries += 1, seq += 1) {
      const branch = `z9hG4bK${token()}`;
      options.sent?.(seq, branch);
      this.request(method, uri, { ...options, seq, branch, lines });
      const final = await this.#final(method, options.callId, seq, heard);
      const challenge = final.status === 401 || final.status === 407;
      if (method === "INVITE" && final.status >= 300) {
        const toTag = final.headers.to.params["tag"] ?? "";
        this.request("ACK", uri, { ...options, seq, branch, toTag, sdp: "", lines: [] });
      }
      if (!challenge || tries > 0) return final;
      lines = [...(options.lines ?? []), this.#authorization(final, method, uri)];
    }
  }

  request(
    method: string,
    uri: string,
    options: RequestOptions & { readonly seq: number; readonly branch?: string },
  ): void {
    const {
      callId,
      seq,
      branch = `z9hG4bK${token()}`,
      from,
      fromTag,
      to,
      toTag,
      lines = [],
      sdp = "",
    } = options;
    const text = [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/UDP ${this.address};rport;branch=${branch}`,
      "Max-Forwards: 70",
      `From: <${from}>;tag=${fromTag}`,
      `To: <${to}>${toTag === undefined || toTag === "" ? "" : `;tag=${toTag}`}`,
      `Call-ID: ${callId}`,
      `CSeq: ${String(seq)} ${method}`,
      `Contact: <${this.contact}>`,
      ...lines,
      ...(sdp === "" ? [] : ["Content-Type: application/sdp"]),
      `Content-Length: ${String(sdp.length)}`,
    ];
    this.#send(`${text.join("\r\n")}\r\n\r\n${sdp}`);
  }

  respond(request: SipRequest, status: number, { tag, sdp = "" }: { tag?: string; sdp?: string } = {}): void {
    const response = sip.makeResponse(request, status, "Answered");
    const { to } = response.headers;
    if (tag !== undefined) response.headers.to = { ...to, params: { ...to.params, tag } };
    response.headers.contact = [{ uri: this.contact, params: {} }];
    if (sdp !== "") response.headers["content-type"] = "application/sdp";
    response.content = sdp;
    this.#send(sip.stringify(response));
  }

  challenge(request: SipRequest, realm: string, tag: string): void {
    const response = sip.makeResponse(request, 401, "Unauthorized");
    const { to } = response.headers;
    response.headers.to = { ...to, params: { ...to.params, tag } };
    response.headers["www-authenticate"] = [
      { scheme: "Digest", realm: `"${realm}"`, nonce: `"${token()}"`, algorithm: "MD5", qop: '"auth"' },
    ];
    this.#send(sip.stringify(response));
  }

  async #heard(request: SipRequest): Promise<void> {
    const callId = request.headers["call-id"];
    const known = this.calls.find((call) => call.callId === callId);
    if (known !== undefined) known.heard(request);
    else if (request.method === "INVITE") this.calls.push(await PhoneCall.incoming(this, request));
    else if (request.method !== "ACK") this.#asked(request);
    this.changes.tell();
  }

  /** A registrar it is as well, where a trunk ends at it. */
  #asked(request: SipRequest): void {
    const { method } = request;
    this.asked.push(method);
    this.respond(request, method === "OPTIONS" || method === "REGISTER" ? 200 : 481);
  }

  #final(
    method: string,
    callId: string,
    seq: number,
    heard: (response: sip.Message) => void,
  ): Promise<sip.Message & { status: number }> {
    // Whether somebody answers is up to the other phones, which have their own patience.
    return this.changes.until(
      `an answer to ${method}`,
      () => {
        for (;;) {
          const index = this.#responses.findIndex(
            ({ headers }) =>
              headers["call-id"] === callId && headers.cseq.seq === seq && headers.cseq.method === method,
          );
          const [response] = index === -1 ? [] : this.#responses.splice(index, 1);
          if (response?.status === undefined) return undefined;
          if (response.status >= 200) return { ...response, status: response.status };
          heard(response);
          queueMicrotask(() => {
            this.changes.tell();
          });
        }
      },
      20_000,
    );
  }

  #authorization(challenged: sip.Message, method: string, uri: string): string {
    const signed: Parameters<typeof digest.signRequest>[1] = { method, uri, content: "", headers: {} };
    digest.signRequest({}, signed, challenged, { user: this.user, password: this.#secret });
    const [credentials] = signed.headers.authorization ?? [];
    if (credentials === undefined) throw new Error("a challenge that can't be answered");
    return `Authorization: ${sip.stringifyAuthHeader(credentials)}`;
  }

  #send(text: string): void {
    this.#socket.send(Buffer.from(text, "latin1"), this.#server.port, this.#server.address);
  }
}

export interface RequestOptions {
  readonly callId: string;
  readonly from: string;
  readonly fromTag: string;
  readonly to: string;
  readonly toTag?: string;
  /** The first CSeq; one higher for the answer to a challenge. */
  readonly seq?: number;
  readonly lines?: readonly string[];
  readonly sdp?: string;
  /** Told of each try. */
  readonly sent?: (seq: number, branch: string) => void;
}
