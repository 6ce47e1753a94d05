import { Agent, errors, request } from "undici";
import { MediaswitchError, type ErrorCode } from "../core/errors.js";
import type { Method } from "./route-table.js";
import { fromProblem } from "./problem.js";

/** Milliseconds for a whole exchange; the original's. */
const TIMEOUT = 10_000;
/** Connections to one peer. */
const CONNECTIONS = 16;
/** Octets of a reply: a directory of some 100,000 users. */
const REPLY_LIMIT = 16 * 1024 * 1024;

export interface HttpClientOptions {
  /** Sent as `Authorization: Bearer` with every request: one token for all components of a switch. */
  readonly token?: string;
  /** Milliseconds; 10 s unless given. */
  readonly timeout?: number;
}

export interface HttpRequest {
  readonly method: Method;
  /** Base URL of the peer; its path, if any, comes before `path`. */
  readonly base: string;
  /** Starts with `/`, parts percent-encoded. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: object;
  /** The peer is none of our components: it is not shown the token. */
  readonly isForeign?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** What it means that the peer gave no answer. */
  readonly unavailable: ErrorCode;
  /** What a status means when the peer says no more (the original's plain-text errors). */
  readonly refusals?: Readonly<Partial<Record<number, ErrorCode>>>;
}

export interface HttpReply {
  readonly status: number;
  /** Parsed JSON; undefined when the body was empty or something else. */
  readonly body: unknown;
}

/** The one client of a process: pooled, keep-alive, with a time limit. */
export class HttpClient {
  readonly #agent: Agent;
  readonly #timeout: number;
  readonly #headers: Readonly<Record<string, string>>;
  #sockets = 0;
  #inFlight = 0;

  constructor({ token, timeout = TIMEOUT }: HttpClientOptions = {}) {
    this.#timeout = timeout;
    this.#headers = token === undefined || token === "" ? {} : { authorization: `Bearer ${token}` };
    this.#agent = new Agent({
      connections: CONNECTIONS,
      connect: { timeout },
      maxResponseSize: REPLY_LIMIT,
      pipelining: 1,
    });
    this.#agent.on("connect", () => (this.#sockets += 1));
    this.#agent.on("disconnect", () => (this.#sockets -= 1));
  }

  /** Open connections. */
  get sockets(): number {
    return this.#sockets;
  }

  /** Requests that have no answer yet. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** What `GET /health` tells of this client. */
  get health(): { readonly http: { readonly requests: number; readonly sockets: number } } {
    return { http: { requests: this.#inFlight, sockets: this.#sockets } };
  }

  /**
   * @returns only answers with a 2xx status.
   * @throws {MediaswitchError} the peer's own error, or `unavailable`, or ABORTED.
   */
  async request(call: HttpRequest): Promise<HttpReply> {
    const answered = await this.ask(call);
    if (answered.status >= 200 && answered.status < 300) return answered;
    throw refusal(call, answered);
  }

  /**
   * As `request`, whatever the status of the answer.
   * @throws {MediaswitchError} `unavailable` or ABORTED.
   */
  async ask(call: HttpRequest): Promise<HttpReply> {
    this.#inFlight += 1;
    try {
      return await this.#exchange(call);
    } finally {
      this.#inFlight -= 1;
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #exchange(call: HttpRequest): Promise<HttpReply> {
    const limit = AbortSignal.timeout(this.#timeout);
    const signal = call.signal === undefined ? limit : AbortSignal.any([limit, call.signal]);
    for (let attempt = 1; ; attempt += 1) {
      try {
        call.signal?.throwIfAborted();
        const { statusCode, body } = await request(joinUrl(call.base, call.path), {
          dispatcher: this.#agent,
          method: call.method,
          signal,
          headers: {
            ...(call.isForeign === true ? {} : this.#headers),
            ...(call.body === undefined ? {} : { "content-type": "application/json" }),
          },
          body: call.body === undefined ? null : JSON.stringify(call.body),
        });
        return { status: statusCode, body: parse(await body.text()) };
      } catch (error) {
        if (call.signal?.aborted === true) throw new MediaswitchError("ABORTED", "the request was aborted");
        if (attempt === 1 && call.method !== "POST" && isStaleConnection(error)) continue;
        throw new MediaswitchError(
          call.unavailable,
          `${call.method} ${joinUrl(call.base, call.path)}: ${reason(error, this.#timeout)}`,
        );
      }
    }
  }
}

/** The path of the base stays in front: `http://h:9001/pre` + `/dialog/x` → `http://h:9001/pre/dialog/x`. */
export const joinUrl = (base: string, path: string): string => base.replace(/\/+$/, "") + path;

/**
 * A kept connection that the peer closed just as we used it: peers of the original close after every reply
 * and don't announce it. Repeating is safe where the method is idempotent (RFC 9110 §9.2.2).
 */
function isStaleConnection(error: unknown): boolean {
  if (error instanceof errors.SocketError) return true;
  return (error as { code?: unknown }).code === "ECONNRESET";
}

function reason(error: unknown, timeout: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no answer within ${String(timeout)} ms`;
  const { code } = error as { code?: unknown };
  return error.message === "" && typeof code === "string" ? code : error.message;
}

function parse(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function refusal(call: HttpRequest, { status, body }: HttpReply): MediaswitchError {
  const told = fromProblem(body);
  if (told !== undefined) return told;
  const code =
    status === 401 || status === 403
      ? "UNAUTHORIZED"
      : (call.refusals?.[status] ?? (status >= 500 ? call.unavailable : "ARGUMENT_INVALID"));
  return new MediaswitchError(
    code,
    `${call.method} ${joinUrl(call.base, call.path)} was answered ${String(status)}`,
  );
}
