import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import express, { type ErrorRequestHandler, type RequestHandler } from "express";
import type { HttpHandlers } from "../control/http-handlers.js";
import { MediaswitchError } from "../core/errors.js";
import type { Log } from "../core/log.js";
import type { SocketAddress } from "../core/socket-address.js";
import { checkAccess } from "./access.js";
import { isDeeperThan } from "./json-depth.js";
import { listenError } from "./listen-error.js";
import { isLoopback } from "./loopback.js";
import { HttpRefusal, toProblem } from "./problem.js";
import { toRouter, type RouteTable } from "./route-table.js";
import { scriptRouter } from "./script-router.js";

/** Octets of a request body. */
const BODY_LIMIT = 256 * 1024;
/** Arrays and objects within each other; session descriptions need 6. */
const DEPTH_LIMIT = 32;
/** Milliseconds for a whole request to arrive; the original's. */
const REQUEST_TIMEOUT = 10_000;
/** Milliseconds between two looks at requests that take too long. */
const LOOK_EVERY = 1_000;
/** Connections at once. */
const MOST_CONNECTIONS = 1_000;
/** Octets of the request line and the headers together. */
const HEADER_LIMIT = 32 * 1024;
/** Milliseconds that an idle connection stays: longer than our own client keeps one (4 s), so it never races. */
const KEEP_ALIVE = 10_000;
/** Milliseconds that replies under way get to finish after `close`. */
const CLOSE_GRACE = 1_000;

export interface HttpServerOptions {
  /** Address to listen on. Anything but loopback needs a token. */
  readonly host: string;
  readonly port: number;
  readonly routes: RouteTable;
  /** Further ones of a script; what `routes` has goes first. */
  readonly handlers?: HttpHandlers;
  /** Takes requests to speak another protocol, once they may come in; what it throws is the answer. */
  readonly upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** When set, every request but `GET /health` and `GET /ready` has to carry `Authorization: Bearer <token>`. */
  readonly token?: string;
  /** Paths that may be read without the token, besides `/health` and `/ready`. */
  readonly openPaths?: ReadonlySet<string>;
  readonly log: Log;
  /** Milliseconds for a whole request to arrive; 10 s unless given. */
  readonly requestTimeout?: number;
}

/** Serves one component's routes. */
export class HttpServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @throws {MediaswitchError} ARGUMENT_INVALID: not loopback and no token, or the address can't be had. */
  static async open(options: HttpServerOptions): Promise<HttpServer> {
    const { host, port, token } = options;
    if (!isLoopback(host) && (token === undefined || token === "")) {
      throw new MediaswitchError(
        "ARGUMENT_INVALID",
        `HTTP on ${host} can be reached from other machines: set a token (--token or MEDIASWITCH_TOKEN), or listen on 127.0.0.1`,
        "token",
      );
    }
    const app = application(options);
    // The original's peers send no Host, and the absolute form of the request target (RFC 9112 §3.2.2), which the
    // router reads as well.
    const { requestTimeout = REQUEST_TIMEOUT } = options;
    const server = createServer(
      {
        requireHostHeader: false,
        requestTimeout,
        headersTimeout: requestTimeout,
        connectionsCheckingInterval: Math.min(requestTimeout, LOOK_EVERY),
        keepAliveTimeout: KEEP_ALIVE,
        maxHeaderSize: HEADER_LIMIT,
      },
      app,
    );
    server.maxConnections = MOST_CONNECTIONS;
    server.on("clientError", refuseUnreadable);
    const { upgrade } = options;
    if (upgrade !== undefined) {
      server.on("upgrade", (request, socket, head) => {
        socket.on("error", () => socket.destroy());
        try {
          checkAccess(request, token);
          upgrade(request, socket, head);
        } catch (error) {
          endWith(socket, error);
        }
      });
    }
    const opened = new HttpServer(server);
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error) => {
        reject(listenError(error, `HTTP on ${host} port ${String(port)} (TCP)`));
      });
      server.listen(port, host, () => {
        resolve();
      });
    });
    return opened;
  }

  get address(): SocketAddress {
    const { address, port } = this.#server.address() as AddressInfo;
    return { address, port };
  }

  /** Takes no more requests, lets those under way finish for a second, ends the rest. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const force = setTimeout(() => {
      this.#server.closeAllConnections();
    }, CLOSE_GRACE);
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
    clearTimeout(force);
  }
}

/** What is no HTTP request, or none that ever ends: Node gives it to nobody else. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  endWith(socket, unreadable(error.code));
}

/** Answers where there is no response to write to. */
function endWith(socket: Duplex, error: unknown): void {
  const { status, title, ...rest } = toProblem(error);
  const more = Object.entries(error instanceof HttpRefusal ? error.headers : {});
  const headers = more.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const body = JSON.stringify({ ...rest, status, title });
  socket.end(
    `HTTP/1.1 ${String(status)} ${title}\r\nConnection: close\r\n${headers}Content-Type: application/problem+json\r\n` +
      `Content-Length: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`,
  );
}

function unreadable(code = ""): HttpRefusal {
  switch (code) {
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new HttpRefusal(408, "the request took too long to arrive");
    case "HPE_HEADER_OVERFLOW":
      return new HttpRefusal(
        431,
        `request line and headers are larger than ${String(HEADER_LIMIT / 1024)} kB`,
      );
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return new HttpRefusal(413, "chunk extensions are too large");
    default:
      return new HttpRefusal(400, "this is no HTTP request");
  }
}

function application({ routes, handlers, token, openPaths, log }: HttpServerOptions): express.Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.use(guard(token, openPaths));
  if (handlers !== undefined) app.use(scriptRouter(handlers, { routes, bodyLimit: BODY_LIMIT }));
  app.use(
    express.json({
      // Whatever the type says, or if there is none, it is JSON: peers send text/json, curl sends a form's type.
      type: () => true,
      limit: BODY_LIMIT,
      verify: (_request, _response, text) => {
        if (isDeeperThan(DEPTH_LIMIT, text)) {
          throw new HttpRefusal(400, `the body is nested deeper than ${String(DEPTH_LIMIT)} levels`);
        }
      },
    }),
  );
  app.use(toRouter(routes));
  app.use(() => {
    throw new HttpRefusal(404, "there is nothing at this path");
  });
  app.use(sendProblem(log));
  return app;
}

/** What says only whether we are there, and ready: for whoever shares out the work. */
const OPEN_PATHS: ReadonlySet<string> = new Set(["/health", "/ready"]);

/** All but those, where there is a token. */
const guard =
  (token: string | undefined, more: ReadonlySet<string> = new Set()): RequestHandler =>
  (request, _response, next) => {
    const isOpen =
      (OPEN_PATHS.has(request.path) || more.has(request.path)) &&
      (request.method === "GET" || request.method === "HEAD");
    if (!isOpen || token === undefined || token === "") checkAccess(request, token);
    next();
  };

/** Errors of body-parser and the router: `status` and whether `message` may be shown. */
function refusalOf(error: unknown): HttpRefusal | undefined {
  if (error instanceof HttpRefusal) return error;
  if (!(error instanceof Error)) return undefined;
  const { status, type } = error as { status?: unknown; type?: unknown };
  if (typeof status !== "number" || status < 400 || status > 499) return undefined;
  switch (type) {
    case "entity.too.large":
      return new HttpRefusal(413, `the body is larger than ${String(BODY_LIMIT / 1024)} kB`);
    case "entity.parse.failed":
      return new HttpRefusal(400, `the body is not JSON: ${error.message}`);
    default:
      return new HttpRefusal(status, error.message);
  }
}

/** Express knows an error handler by its four parameters. */
function sendProblem(log: Log): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const refusal = refusalOf(error);
    const problem = toProblem(refusal ?? error);
    if (problem.status === 500) {
      log.error({ error, method: request.method, path: request.path }, "a request failed");
    }
    for (const [name, value] of Object.entries(refusal?.headers ?? {})) response.setHeader(name, value);
    response.status(problem.status);
    response.statusMessage = problem.title;
    response.type("application/problem+json").send(Buffer.from(JSON.stringify(problem)));
  };
}
