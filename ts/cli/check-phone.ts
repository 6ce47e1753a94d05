import { createSocket, type Socket } from "node:dgram";
import sip from "sip";
import digest from "sip/digest.js";
import { hexToken } from "../core/random.js";
import type { SocketAddress } from "../core/socket-address.js";
import { systemRandom } from "../core/system-random.js";

/** Milliseconds that the switch may take for anything. */
const PATIENCE = 2_000;

export interface PhoneAccount {
  readonly user: string;
  readonly domain: string;
  readonly secret: string;
}

export interface CallOptions {
  readonly callId: string;
  readonly seq: number;
  readonly toTag?: string;
  readonly branch?: string;
  readonly headers?: readonly string[];
  readonly sdp?: string;
}

export type HeardRequest = sip.Message & { readonly method: string };
export type HeardResponse = sip.Message & { readonly status: number };

const isRequest = (message: sip.Message): message is HeardRequest => message.method !== undefined;
const isResponse = (message: sip.Message): message is HeardResponse => message.status !== undefined;

const token = (): string => hexToken(systemRandom, 8);

/**
 * A phone on a socket of its own, which says what the self-check makes it say. It reads, prints and signs with the `sip`
 * package: what is checked is not checked by its own parser.
 */
export class CheckPhone {
  readonly account: PhoneAccount;
  readonly #socket: Socket;
  readonly #server: SocketAddress;
  readonly #tag = token();
  /** Heard and not asked for yet. */
  readonly #heard: sip.Message[] = [];
  #listener: (() => void) | undefined;

  private constructor(socket: Socket, server: SocketAddress, account: PhoneAccount) {
    this.account = account;
    this.#socket = socket;
    this.#server = server;
    socket.on("message", (octets) => {
      const message = sip.parse(octets.toString("latin1"));
      if (message !== undefined) this.#heard.push(message);
      this.#listener?.();
    });
  }

  static async open(server: SocketAddress, account: PhoneAccount): Promise<CheckPhone> {
    const socket = createSocket("udp4");
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.bind(0, "127.0.0.1", resolve);
    });
    return new CheckPhone(socket, server, account);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  close(): void {
    this.#socket.close();
  }

  /** Sends these very octets. */
  raw(text: string): void {
    this.#socket.send(Buffer.from(text, "latin1"), this.#server.port, this.#server.address);
  }

  request(method: string, uri: string, options: CallOptions): void {
    const { callId, seq, toTag, branch = `z9hG4bK${token()}`, headers = [], sdp = "" } = options;
    const { user, domain } = this.account;
    const to = method === "REGISTER" ? `sip:${user}@${domain}` : uri;
    const lines = [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${String(this.port)};rport;branch=${branch}`,
      "Max-Forwards: 70",
      `From: <sip:${user}@${domain}>;tag=${this.#tag}`,
      `To: <${to}>${toTag === undefined ? "" : `;tag=${toTag}`}`,
      `Call-ID: ${callId}`,
      `CSeq: ${String(seq)} ${method}`,
      `Contact: <sip:${user}@127.0.0.1:${String(this.port)}>`,
      ...headers,
      ...(sdp === "" ? [] : ["Content-Type: application/sdp"]),
      `Content-Length: ${String(sdp.length)}`,
    ];
    this.raw(`${lines.join("\r\n")}\r\n\r\n${sdp}`);
  }

  answer(request: HeardRequest, status: number, sdp = ""): void {
    const response = sip.makeResponse(request, status, "Answered");
    const { to } = response.headers;
    response.headers.to = { ...to, params: { ...to.params, tag: this.#tag } };
    response.headers.contact = [
      { uri: `sip:${this.account.user}@127.0.0.1:${String(this.port)}`, params: {} },
    ];
    if (sdp !== "") response.headers["content-type"] = "application/sdp";
    response.content = sdp;
    this.raw(sip.stringify(response));
  }

  /** The Authorization that answers a 401 (RFC 7616 §3.4.1: MD5, qop=auth), each nonce used once. */
  authorization(challenged: HeardResponse, method: string, uri: string): string {
    const { user, secret } = this.account;
    const signed: Parameters<typeof digest.signRequest>[1] = { method, uri, content: "", headers: {} };
    digest.signRequest({}, signed, challenged, { user, password: secret });
    const [credentials] = signed.headers.authorization ?? [];
    if (credentials === undefined) throw new Error("the 401 has no challenge that can be answered");
    return `Authorization: ${sip.stringifyAuthHeader(credentials)}`;
  }

  /** Waits for a response of this status to this method. @throws after two seconds without one. */
  async response(status: number, method: string, callId: string): Promise<HeardResponse> {
    const found = await this.#next(
      `${String(status)} to ${method}`,
      (message): message is HeardResponse =>
        isResponse(message) &&
        message.headers["call-id"] === callId &&
        message.headers.cseq.method === method &&
        message.status >= (status < 200 ? status : 200),
    );
    if (found.status !== status) {
      const got = `${String(found.status)} ${found.reason ?? ""}`;
      throw new Error(`expected ${String(status)} to ${method}, got ${got}`);
    }
    return found;
  }

  /** Waits for a request. @throws after two seconds without one. */
  heard(method: string, callId?: string): Promise<HeardRequest> {
    return this.#next(
      method,
      (message): message is HeardRequest =>
        isRequest(message) &&
        message.method === method &&
        (callId === undefined || message.headers["call-id"] === callId),
    );
  }

  #next<Wanted extends sip.Message>(
    what: string,
    isWanted: (message: sip.Message) => message is Wanted,
  ): Promise<Wanted> {
    return new Promise((resolve, reject) => {
      const patience = setTimeout(() => {
        this.#listener = undefined;
        reject(new Error(`expected ${what}, and nothing came for ${String(PATIENCE / 1000)} s`));
      }, PATIENCE);
      const look = (): void => {
        const index = this.#heard.findIndex(isWanted);
        const [found] = index === -1 ? [] : this.#heard.splice(index, 1);
        if (found === undefined || !isWanted(found)) return;
        clearTimeout(patience);
        this.#listener = undefined;
        resolve(found);
      };
      this.#listener = look;
      look();
    });
  }
}
