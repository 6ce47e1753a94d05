import type { Clock } from "../../core/clock.js";
import type { Log } from "../../core/log.js";
import type { SocketAddress } from "../../core/socket-address.js";
import { reachableAddress } from "../../core/system-addresses.js";
import type { ConnectionLimits } from "./connection-limits.js";
import { dialPipes } from "./dial-pipes.js";
import { listenForPipes } from "./listen-pipes.js";
import { TlsCredentials, type TlsFiles } from "./tls-credentials.js";
import { TransportSet, type OpenListener } from "./transport-set.js";
import type { Protocol } from "./transport.js";
import { UdpTransport } from "./udp.js";

/** An address to listen at, by one protocol or by several on the same port. */
export interface ListenAddress {
  readonly protocols: readonly Protocol[];
  /** Port 0 takes one that is free for all of them. */
  readonly bind: SocketAddress;
  /** What peers are told; default: `bind`, or the first external address where that is every one. Port 0: the bound one. */
  readonly advertised?: SocketAddress;
}

export interface SystemTransportsOptions {
  readonly addresses: readonly [ListenAddress, ...ListenAddress[]];
  readonly clock: Clock;
  readonly log: Log;
  readonly tls: TlsFiles & { readonly verify: "full" | "none" };
  readonly limits?: Partial<ConnectionLimits>;
  /** What an address that can't be had is told as. */
  readonly failed: (error: unknown, protocol: Protocol, bind: SocketAddress) => Error;
}

export interface SystemTransports {
  readonly transport: TransportSet;
  /** Reads certificate and key again. */
  reloadCertificates(): Promise<void>;
  close(): Promise<void>;
}

/** Port 0 with several protocols: the port one has got may be taken for the next. */
const TRIES = 20;

/** All sockets we listen at, and the means to connect. Rejects when an address can't be had; nothing stays open then. */
export async function openTransports(options: SystemTransportsOptions): Promise<SystemTransports> {
  const { addresses, clock, log, tls, limits } = options;
  const credentials = await TlsCredentials.open(tls, log);
  const open: OpenListener[] = [];
  try {
    for (const address of addresses) open.push(...(await openAddress(address, credentials, options.failed)));
    const [first, ...others] = open;
    if (first === undefined) throw new Error("nowhere to listen at");
    const transport = new TransportSet({
      listeners: [first, ...others],
      clock,
      dial: dialPipes({ credentials, verify: tls.verify }),
      ...(limits === undefined ? {} : { limits }),
    });
    return {
      transport,
      reloadCertificates: () => credentials.reload(),
      close: async () => {
        credentials.close();
        await transport.close();
      },
    };
  } catch (error) {
    credentials.close();
    await closeAll(open);
    throw error;
  }
}

async function openAddress(
  { protocols, bind, advertised }: ListenAddress,
  credentials: TlsCredentials,
  failed: SystemTransportsOptions["failed"],
): Promise<OpenListener[]> {
  const told = advertised ?? { address: reachableAddress(bind.address), port: 0 };
  const open: OpenListener[] = [];
  for (let tries = 1; ; tries += 1) {
    let { port } = bind;
    for (const protocol of protocols) {
      const here = { address: bind.address, port };
      try {
        const opened = await openListener(protocol, here, told, credentials);
        open.push(opened);
        port = portOf(opened);
      } catch (error) {
        await closeAll(open.splice(0));
        const isChance = bind.port === 0 && port !== 0 && tries < TRIES;
        if (!isChance) throw failed(error, protocol, here);
        break;
      }
    }
    if (open.length === protocols.length) return open;
  }
}

async function openListener(
  protocol: Protocol,
  bind: SocketAddress,
  advertised: SocketAddress,
  credentials: TlsCredentials,
): Promise<OpenListener> {
  if (protocol === "UDP") {
    return { kind: "datagrams", transport: await UdpTransport.open({ bind, advertised }) };
  }
  return { kind: "connections", pipes: await listenForPipes({ protocol, bind, advertised, credentials }) };
}

const portOf = (open: OpenListener): number =>
  open.kind === "datagrams" ? open.transport.local.port : open.pipes.listener.local.port;

async function closeAll(open: readonly OpenListener[]): Promise<void> {
  for (const one of open) await (one.kind === "datagrams" ? one.transport.close() : one.pipes.close());
}
