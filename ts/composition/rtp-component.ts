import type { SocketAddress } from "../core/socket-address.js";
import { reachableAddress } from "../core/system-addresses.js";
import type { HttpClient } from "../http/client.js";
import { mediaRoutes } from "../http/media-routes.js";
import { HttpServer } from "../http/server.js";
import { NativeMediaService } from "../rtp/native-media-service.js";
import type { RtpOptions } from "./options.js";

/** The media engine with its HTTP face. Nobody is attached to its events yet. */
export interface RtpComponent {
  readonly service: NativeMediaService;
  /** Address that session descriptions name. */
  readonly advertised: string;
  readonly http: SocketAddress;
  close(): Promise<void>;
}

export async function openRtp(options: RtpOptions, client: HttpClient): Promise<RtpComponent> {
  const { mediaAddress, advertise, ports, shards, soundsRoot, recordingsRoot } = options;
  const { httpAddress, rtpHttpPort, token, log } = options;
  const advertised = advertise ?? reachableAddress(mediaAddress);
  const service = await NativeMediaService.start({
    bind: mediaAddress,
    advertised,
    ports,
    shards,
    soundsRoot,
    recordingsRoot,
    log,
  });
  try {
    const server = await HttpServer.open({
      host: httpAddress,
      port: rtpHttpPort,
      log,
      ...(token === undefined ? {} : { token }),
      routes: mediaRoutes(service, () => client.health),
    });
    return {
      service,
      advertised,
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
