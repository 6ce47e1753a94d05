import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type Server as TlsServer, type TLSSocket } from "node:tls";
import { WebSocketServer } from "ws";
import { formatSocketAddress, type SocketAddress } from "../../core/socket-address.js";
import { DEFAULT_LIMITS } from "../message/limits.js";
import { listenerName } from "./listener-choice.js";
import type { Pipe, PipeEvents, PipeListener } from "./pipe.js";
import { SocketPipe, tellEnd, tellOctets } from "./socket-pipe.js";
import type { TlsCredentials } from "./tls-credentials.js";
import type { Listener, Protocol } from "./transport.js";
import { tellMessages, WebSocketPipe } from "./web-socket-pipe.js";

export interface ListenOptions {
  readonly protocol: Exclude<Protocol, "UDP">;
  /** Port 0 takes a free one. */
  readonly bind: SocketAddress;
  /** Port 0: the bound one. */
  readonly advertised: SocketAddress;
  /** Needed for TLS and WSS. */
  readonly credentials?: TlsCredentials;
}

/** RFC 7118 §4: the subprotocol that a client has to ask for. */
const SUBPROTOCOL = "sip";
/** Octets of the HTTP request that opens a WebSocket. */
const MOST_HTTP_HEADERS = 8192;

type Decide = (remote: SocketAddress, pipe: Pipe) => PipeEvents | undefined;

/** Rejects with the system's error (EADDRINUSE, EACCES, EADDRNOTAVAIL …) when the address can't be had. */
export async function listenForPipes(options: ListenOptions): Promise<PipeListener> {
  const { protocol, bind, advertised, credentials } = options;
  let decide: Decide = () => undefined;
  const layers = new Layers(protocol, credentials);
  const server = createServer((socket) => {
    const { remoteAddress: address, remotePort: port } = socket;
    // Gone already.
    if (address === undefined || port === undefined) {
      socket.destroy();
      return;
    }
    const pipe = new GrowingPipe(socket);
    const events = decide({ address, port }, pipe);
    if (events === undefined) socket.destroy();
    else layers.take(socket, pipe, events);
  });
  await bound(server, bind);
  // An error of accepting, such as too many open files: the listener goes on.
  server.on("error", () => undefined);
  const { address, port } = server.address() as AddressInfo;
  const local = { address, port };
  const listener: Listener = {
    name: listenerName(protocol, local),
    protocol,
    local,
    advertised: { address: advertised.address, port: advertised.port === 0 ? port : advertised.port },
  };
  return {
    listener,
    accept: (one) => {
      decide = one;
    },
    close: () => {
      layers.close();
      return new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
}

function bound(server: Server, { address, port }: SocketAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: address, port, ipv6Only: address.includes(":") }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** The pipe of a connection from its first octet on: what it ends changes as its handshakes go on. */
class GrowingPipe implements Pipe {
  #pipe: Pipe;

  constructor(socket: Socket) {
    this.#pipe = new SocketPipe(socket);
  }

  become(pipe: Pipe): void {
    this.#pipe = pipe;
  }

  get unsent(): number {
    return this.#pipe.unsent;
  }

  write(octets: Uint8Array): void {
    this.#pipe.write(octets);
  }

  ping(): void {
    this.#pipe.ping();
  }

  end(): void {
    this.#pipe.end();
  }

  destroy(): void {
    this.#pipe.destroy();
  }
}

/** Who waits for the handshakes of a connection to be done. */
interface Waiting {
  readonly pipe: GrowingPipe;
  readonly events: PipeEvents;
}

/** What stands between TCP and SIP: nothing, TLS, HTTP, or HTTP over TLS. None of it listens by itself. */
class Layers {
  readonly #tls: TlsServer | undefined;
  readonly #http: HttpServer | undefined;
  /** By far end, as the TLS server gives a socket of its own. */
  readonly #securing = new Map<string, Waiting>();
  readonly #upgrading = new WeakMap<object, Waiting>();
  readonly #stopWatching: () => void = () => undefined;

  constructor(protocol: Exclude<Protocol, "UDP">, credentials: TlsCredentials | undefined) {
    if (protocol === "TLS" || protocol === "WSS") {
      if (credentials === undefined) throw new Error(`${protocol} needs a certificate`);
      const server = createTlsServer(credentials.forServer);
      this.#stopWatching = credentials.onChange(() => {
        server.setSecureContext(credentials.forServer);
      });
      server.on("secureConnection", (socket) => {
        this.#secured(socket);
      });
      // Its socket is destroyed, and the end of the connection below tells the rest.
      server.on("tlsClientError", () => undefined);
      this.#tls = server;
    }
    if (protocol === "WS" || protocol === "WSS") this.#http = this.#webSockets();
  }

  take(socket: Socket, pipe: GrowingPipe, events: PipeEvents): void {
    tellEnd(socket, events);
    const waiting = { pipe, events };
    if (this.#tls !== undefined) {
      const key = farEnd(socket);
      this.#securing.set(key, waiting);
      socket.on("close", () => this.#securing.delete(key));
      this.#tls.emit("connection", socket);
    } else this.#plain(socket, waiting);
  }

  close(): void {
    this.#stopWatching();
  }

  #secured(socket: TLSSocket): void {
    const waiting = this.#securing.get(farEnd(socket));
    if (waiting === undefined) {
      socket.destroy();
      return;
    }
    tellEnd(socket, waiting.events);
    this.#plain(socket, waiting);
  }

  /** TLS is done, or there is none. */
  #plain(socket: Socket, waiting: Waiting): void {
    waiting.pipe.become(new SocketPipe(socket));
    if (this.#http !== undefined) {
      this.#upgrading.set(socket, waiting);
      this.#http.emit("connection", socket);
      return;
    }
    waiting.events.opened();
    tellOctets(socket, waiting.events);
  }

  #webSockets(): HttpServer {
    const webSockets = new WebSocketServer({
      noServer: true,
      maxPayload: DEFAULT_LIMITS.octets,
      perMessageDeflate: false,
      clientTracking: false,
      handleProtocols: () => SUBPROTOCOL,
    });
    const http = createHttpServer({ maxHeaderSize: MOST_HTTP_HEADERS }, (_request, response) => {
      response.writeHead(426, { upgrade: "websocket", connection: "close" }).end();
    });
    http.on("clientError", (_error, socket) => {
      socket.destroy();
    });
    http.on("upgrade", (request, socket, head) => {
      const waiting = this.#upgrading.get(socket);
      const asked = request.headers["sec-websocket-protocol"]?.split(",").map((name) => name.trim()) ?? [];
      if (waiting === undefined || !asked.includes(SUBPROTOCOL)) {
        socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        return;
      }
      webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        waiting.pipe.become(new WebSocketPipe(webSocket));
        waiting.events.opened();
        tellMessages(webSocket, waiting.events);
      });
    });
    return http;
  }
}

const farEnd = ({ remoteAddress = "", remotePort = 0 }: Socket): string =>
  formatSocketAddress({ address: remoteAddress, port: remotePort });
