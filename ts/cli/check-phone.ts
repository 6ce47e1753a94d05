import { createSocket, type Socket } from "node:dgram";
import { md5 } from "../core/hash.js";
import { hexToken } from "../core/random.js";
import type { SocketAddress } from "../core/socket-address.js";
import { systemRandom } from "../core/system-random.js";
import type { SipMessage, SipRequest, SipResponse } from "../sip/message/message.js";
import { parseMessage } from "../sip/message/parse.js";
import { makeResponse } from "../sip/message/response.js";
import { serializeMessage } from "../sip/message/serialize.js";

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

const token = (): string => hexToken(systemRandom, 8);

/** A phone on a socket of its own, which says what the self-check makes it say. */
export class CheckPhone {
  readonly account: PhoneAccount;
  readonly #socket: Socket;
  readonly #server: SocketAddress;
  readonly #tag = token();
  /** Heard and not asked for yet. */
  readonly #heard: SipMessage[] = [];
  #listener: (() => void) | undefined;

  private constructor(socket: Socket, server: SocketAddress, account: PhoneAccount) {
    this.account = account;
    this.#socket = socket;
    this.#server = server;
    socket.on("message", (octets) => {
      const message = parseMessage(octets);
      if (message.kind !== "refusal") this.#heard.push(message);
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

  answer(request: SipRequest, status: number, sdp = ""): void {
    const contact = [{ uri: `sip:${this.account.user}@127.0.0.1:${String(this.port)}`, params: {} }];
    const response = makeResponse(request, status, {
      toTag: this.#tag,
      headers: { contact },
      ...(sdp === "" ? {} : { contentType: "application/sdp", content: sdp }),
    });
    this.#socket.send(serializeMessage(response), this.#server.port, this.#server.address);
  }

  /** The Authorization that answers a 401 (RFC 7616 §3.4.1: MD5, qop=auth), each nonce used once. */
  authorization({ headers }: SipResponse, method: string, uri: string): string {
    const challenge = (headers["www-authenticate"] ?? []).find(
      ({ algorithm }) => unquoted(algorithm ?? "MD5").toUpperCase() === "MD5",
    );
    if (challenge === undefined) throw new Error("the 401 has no MD5 challenge");
    const realm = unquoted(challenge["realm"]);
    const nonce = unquoted(challenge["nonce"]);
    const { user, secret } = this.account;
    const cnonce = token();
    const ha1 = md5(`${user}:${realm}:${secret}`);
    const answer = md5(`${ha1}:${nonce}:00000001:${cnonce}:auth:${md5(`${method}:${uri}`)}`);
    const opaque = challenge["opaque"];
    return (
      `Authorization: Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", ` +
      `response="${answer}", algorithm=MD5, qop=auth, nc=00000001, cnonce="${cnonce}"` +
      (opaque === undefined ? "" : `, opaque="${unquoted(opaque)}"`)
    );
  }

  /** Waits for a response of this status to this method. @throws after two seconds without one. */
  async response(status: number, method: string, callId: string): Promise<SipResponse> {
    const found = await this.#next(
      `${String(status)} to ${method}`,
      (message): message is SipResponse =>
        message.kind === "response" &&
        message.headers["call-id"] === callId &&
        message.headers.cseq.method === method &&
        message.status >= (status < 200 ? status : 200),
    );
    if (found.status !== status) {
      throw new Error(`expected ${String(status)} to ${method}, got ${String(found.status)} ${found.reason}`);
    }
    return found;
  }

  /** Waits for a request. @throws after two seconds without one. */
  heard(method: string, callId?: string): Promise<SipRequest> {
    return this.#next(
      method,
      (message): message is SipRequest =>
        message.kind === "request" &&
        message.method === method &&
        (callId === undefined || message.headers["call-id"] === callId),
    );
  }

  #next<Wanted extends SipMessage>(
    what: string,
    isWanted: (message: SipMessage) => message is Wanted,
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

const unquoted = (text: string | null | undefined): string => (text ?? "").replace(/^"(.*)"$/, "$1");
