import { MediaswitchError } from "../core/errors.js";
import { silentLog, type Log } from "../core/log.js";
import { formatSocketAddress } from "../core/socket-address.js";
import { SystemClock } from "../core/system-clock.js";
import { systemRandom } from "../core/system-random.js";
import { NativeMediaService } from "../rtp/native-media-service.js";
import { openTransports } from "../sip/transport/system-transports.js";
import { freePorts } from "./free-ports.js";
import { PhoneMedia } from "./phone-media.js";
import { Phone, type PhoneOptions } from "./phone.js";
import type { Reach } from "./reach-server.js";

/** Something to be closed again, by whoever has opened it. */
export interface Opened<T> {
  readonly it: T;
  readonly close: () => Promise<void>;
}

export interface PhoneMediaOptions {
  /** Address of this machine that audio is taken at. */
  readonly address: string;
  /** Folders that sounds are taken from and recordings written into, and nowhere else; the current one. */
  readonly soundsRoot?: string;
  readonly recordingsRoot?: string;
  /** Calls at once; default 16. */
  readonly calls?: number;
  readonly log?: Log;
}

const CALLS = 16;
/** Two for a call, and twice as many as are needed: ports rest after a call. */
const PORTS_FOR_A_CALL = 4;

/** A media engine for phones, on ports that the system has free. @throws {MediaswitchError} MEDIA_UNAVAILABLE */
export async function openPhoneMedia(options: PhoneMediaOptions): Promise<Opened<PhoneMedia>> {
  const { address, soundsRoot, recordingsRoot, calls = CALLS, log } = options;
  const service = await NativeMediaService.start({
    bind: address,
    ports: await freePorts(address, calls * PORTS_FOR_A_CALL),
    ...(soundsRoot === undefined ? {} : { soundsRoot }),
    ...(recordingsRoot === undefined ? {} : { recordingsRoot }),
    ...(log === undefined ? {} : { log }),
  });
  return { it: new PhoneMedia(service), close: () => service.close() };
}

export interface OpenPhoneOptions extends Pick<
  PhoneOptions,
  "account" | "codecs" | "media" | "log" | "lines"
> {
  /** As `reachServer` has found it. */
  readonly reach: Reach;
}

/** A phone on sockets of its own. @throws {MediaswitchError} DESTINATION_UNREACHABLE where it gets none. */
export async function openPhone({
  reach,
  log = silentLog,
  ...options
}: OpenPhoneOptions): Promise<Opened<Phone>> {
  const clock = new SystemClock();
  const transports = await openTransports({
    addresses: [{ protocols: ["UDP", "TCP"], bind: { address: reach.local, port: 0 } }],
    clock,
    log,
    tls: { verify: "full" },
    failed: (error, protocol, bind) =>
      new MediaswitchError(
        "DESTINATION_UNREACHABLE",
        `no ${protocol} port at ${formatSocketAddress(bind)}: ${String(error)}`,
      ),
  });
  const phone = new Phone({
    ...options,
    server: reach.server,
    transport: transports.transport,
    clock,
    random: systemRandom,
    log,
  });
  return {
    it: phone,
    close: async () => {
      await phone.close();
      await transports.close();
    },
  };
}
