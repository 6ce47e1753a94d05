import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Dial, DialTarget, Pipe, PipeEvents } from "./pipe.js";
import { identityFault } from "./sip-identity.js";
import { SocketPipe, tellOctets } from "./socket-pipe.js";
import type { TlsCredentials } from "./tls-credentials.js";

export interface DialOptions {
  readonly credentials: TlsCredentials;
  /** What is asked of the certificates of others: everything, or nothing (tests, and peers that sign their own). */
  readonly verify: "full" | "none";
}

/** Makes connections by TCP and TLS. */
export function dialPipes(options: DialOptions): Dial {
  return (target, events) => {
    const { address, port } = target.remote;
    if (isIP(address) === 0 || !Number.isInteger(port) || port < 1 || port > 65_535) {
      return unreachable(new Error(`no address to connect to: ${address} port ${String(port)}`), events);
    }
    try {
      const socket = target.protocol === "TLS" ? overTls(target, options, events) : overTcp(target, events);
      tellOctets(socket, events);
      return new SocketPipe(socket);
    } catch (error) {
      return unreachable(error instanceof Error ? error : new Error(String(error)), events);
    }
  };
}

const whereTo = ({ remote, from }: DialTarget) => ({
  host: remote.address,
  port: remote.port,
  ...(from === undefined ? {} : { localAddress: from }),
});

function overTcp(target: DialTarget, events: PipeEvents): Socket {
  const socket = connectTcp(whereTo(target));
  socket.on("connect", () => {
    events.opened();
  });
  return socket;
}

function overTls(target: DialTarget, { credentials, verify }: DialOptions, events: PipeEvents): Socket {
  const name = target.serverName ?? target.remote.address;
  const socket = connectTls({
    ...whereTo(target),
    ...credentials.forClient,
    // An address is no name to ask for (RFC 6066 §3).
    ...(isIP(name) === 0 ? { servername: name } : {}),
    rejectUnauthorized: verify === "full",
    checkServerIdentity: (_host, certificate) => identityFault(name, certificate.raw),
  });
  socket.on("secureConnect", () => {
    events.opened();
  });
  return socket;
}

function unreachable(error: Error, events: PipeEvents): Pipe {
  setImmediate(() => {
    events.closed(error);
  });
  return {
    unsent: 0,
    write: () => undefined,
    ping: () => undefined,
    end: () => undefined,
    destroy: () => undefined,
  };
}
