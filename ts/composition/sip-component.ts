import { formatSocketAddress, type SocketAddress } from "../core/socket-address.js";
import { SystemClock } from "../core/system-clock.js";
import { systemRandom } from "../core/system-random.js";
import { reachableAddress } from "../core/system-addresses.js";
import type { HttpClient } from "../http/client.js";
import { listenError } from "../http/listen-error.js";
import { HttpServer } from "../http/server.js";
import { sipRoutes } from "../http/sip-routes.js";
import { isHold } from "../sdp/direction.js";
import { isSdpRefusal, parseSdp } from "../sdp/parse.js";
import { LocalSipService } from "../sip/local-sip-service.js";
import { UdpTransport } from "../sip/transport/udp.js";
import type { SipOptions } from "./options.js";
import { trustedSources } from "./trusted-sources.js";

/** The SIP stack on its socket, with its HTTP face. Nobody is attached to its events yet. */
export interface SipComponent {
  readonly service: LocalSipService;
  readonly local: SocketAddress;
  /** What phones register to. */
  readonly advertised: SocketAddress;
  readonly http: SocketAddress;
  close(): Promise<void>;
}

export async function openSip(options: SipOptions, client: HttpClient): Promise<SipComponent> {
  const { sipAddress, sipPort, advertise, httpAddress, sipHttpPort, token, trust, log } = options;
  const bind = { address: sipAddress, port: sipPort };
  const transport = await UdpTransport.open({
    bind,
    advertised: { address: advertise ?? reachableAddress(sipAddress), port: 0 },
  }).catch((error: unknown) => {
    throw listenError(error, `SIP on ${formatSocketAddress(bind)} (UDP)`);
  });
  const service = new LocalSipService({
    transport,
    clock: new SystemClock(),
    random: systemRandom,
    log,
    trusted: trustedSources(trust),
    checkBody: (_type, content) =>
      isSdpRefusal(parseSdp(content)) ? { status: 488, reason: "Not Acceptable Here" } : undefined,
    isHold: (text) => {
      const description = parseSdp(text);
      return !isSdpRefusal(description) && isHold(description);
    },
  });
  try {
    const server = await HttpServer.open({
      host: httpAddress,
      port: sipHttpPort,
      log,
      ...(token === undefined ? {} : { token }),
      routes: sipRoutes(service, () => client.health),
    });
    return {
      service,
      local: transport.local,
      advertised: transport.advertised,
      http: server.address,
      close: async () => {
        await server.close();
        await service.close();
      },
    };
  } catch (error) {
    await service.close();
    throw error;
  }
}
