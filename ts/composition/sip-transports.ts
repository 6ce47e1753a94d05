import { MediaswitchError } from "../core/errors.js";
import type { Clock } from "../core/clock.js";
import { formatSocketAddress } from "../core/socket-address.js";
import { reachableAddress } from "../core/system-addresses.js";
import { listenError } from "../http/listen-error.js";
import {
  openTransports,
  type ListenAddress,
  type SystemTransports,
} from "../sip/transport/system-transports.js";
import type { SipOptions } from "./options.js";

/**
 * Opens the listeners that the options ask for.
 * @throws {MediaswitchError} ARGUMENT_INVALID, which names the flag or the address.
 */
export async function openSipTransports(options: SipOptions, clock: Clock): Promise<SystemTransports> {
  const { tlsCert, tlsKey, tlsCa, tlsVerify, log, maxConnections, maxConnectionsPerSource } = options;
  const [first, ...others] = listenAddresses(options);
  if (first === undefined) throw invalid("listen", "--listen names no address");
  checkCertificate(options, [first, ...others]);
  const transports = await openTransports({
    addresses: [first, ...others],
    clock,
    log,
    tls: {
      verify: tlsVerify ?? "full",
      ...(tlsCert === undefined ? {} : { certificate: tlsCert }),
      ...(tlsKey === undefined ? {} : { key: tlsKey }),
      ...(tlsCa === undefined ? {} : { authorities: tlsCa }),
    },
    limits: {
      ...(maxConnections === undefined ? {} : { connections: maxConnections }),
      ...(maxConnectionsPerSource === undefined ? {} : { connectionsPerSource: maxConnectionsPerSource }),
    },
    failed: (error, protocol, bind) =>
      listenError(error, `SIP on ${formatSocketAddress(bind)} (${protocol})`),
  }).catch((error: unknown) => {
    if (error instanceof MediaswitchError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw invalid("tlsCert", `the files of --tls-cert, --tls-key and --tls-ca can't be used: ${why}`);
  });
  return transports;
}

function listenAddresses({ listen, sipAddress, sipPort, advertise }: SipOptions): ListenAddress[] {
  const addresses: readonly ListenAddress[] =
    listen === undefined || listen.length === 0
      ? [{ protocols: ["UDP", "TCP"], bind: { address: sipAddress, port: sipPort } }]
      : listen;
  return addresses.map((one) => ({
    ...one,
    advertised: one.advertised ?? { address: advertisedAddress(one, advertise), port: 0 },
  }));
}

/** What `--advertise` says is for the listeners of its own family: an IPv6 peer can do nothing with an IPv4 address. */
function advertisedAddress({ bind }: ListenAddress, advertise: string | undefined): string {
  const isSameFamily = advertise?.includes(":") === bind.address.includes(":");
  return advertise !== undefined && isSameFamily ? advertise : reachableAddress(bind.address);
}

function checkCertificate({ tlsCert, tlsKey }: SipOptions, addresses: readonly ListenAddress[]): void {
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    const missing = tlsCert === undefined ? "--tls-cert" : "--tls-key";
    throw invalid("tlsCert", `--tls-cert and --tls-key belong together: ${missing} is missing`);
  }
  const secure = addresses
    .flatMap(({ protocols }) => protocols)
    .find((one) => one === "TLS" || one === "WSS");
  if (secure !== undefined && tlsCert === undefined) {
    throw invalid(
      "tlsCert",
      `--listen ${secure.toLowerCase()}:… needs a certificate: set --tls-cert and --tls-key`,
    );
  }
}

const invalid = (field: string, message: string): MediaswitchError =>
  new MediaswitchError("ARGUMENT_INVALID", message, field);
