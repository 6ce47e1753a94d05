import { MediaswitchError } from "../core/errors.js";
import type { SoundSoup } from "../rtp/media-service.js";
import { SystemClock } from "../core/system-clock.js";
import { systemRandom } from "../core/system-random.js";
import { formatSocketAddress } from "../core/socket-address.js";
import type { Flow } from "../sip/transport/transport.js";
import type { CodecName } from "../sdp/payload-types.js";
import { answerCalls } from "./answer-calls.js";
import { openPhone, openPhoneMedia } from "./open-phone.js";
import { plainAddress, readAddress, serverOf } from "./phone-address.js";
import type { PhoneLeg } from "./phone-leg.js";
import type { Phone } from "./phone.js";
import { reachServer } from "./reach-server.js";

/** What a phone that is registered tells. */
export type RegisteredEvent =
  | {
      readonly type: "registered";
      readonly aor: string;
      readonly server: string;
      readonly protocol: string;
      /** Seconds that were granted. */
      readonly expires: number;
    }
  | { readonly type: "answered"; readonly from: string; readonly codec: string; readonly callId: string }
  | {
      readonly type: "ended";
      readonly from: string;
      readonly callId: string;
      readonly endedBy: "phone" | "switch";
      readonly packets: number;
      readonly lost: number;
      readonly jitterMillis: number;
      readonly mos: number | null;
      readonly keys: string;
    }
  | { readonly type: "failed"; readonly why: string }
  | { readonly type: "unregistered"; readonly aor: string };

export interface KeepRegisteredOptions {
  /** `user@domain`, with a port where the registrar has one. */
  readonly aor: string;
  readonly server?: string;
  readonly user?: string;
  readonly password: string;
  readonly expires?: number;
  readonly codecs: readonly CodecName[];
  /** Answers calls; else they ring, and go unanswered. */
  readonly answers: boolean;
  /** Played to callers; without it they hear themselves. */
  readonly sound?: SoundSoup;
  readonly soundsRoot?: string;
  /** Settles when it has been registered for long enough; it takes the registration back then. */
  readonly until: (signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  readonly told: (event: RegisteredEvent) => void;
}

const UNREGISTER_WITHIN = 5000;

/**
 * A phone that registers, and perhaps answers whoever calls.
 * @throws {MediaswitchError} ARGUMENT_INVALID, DESTINATION_UNREACHABLE, REGISTRATION_REFUSED, NO_ANSWER, ABORTED.
 */
export async function keepRegistered(options: KeepRegisteredOptions): Promise<void> {
  const { server, codecs, soundsRoot, signal } = options;
  const aor = readAddress(options.aor, "aor");
  if (aor.user === undefined) {
    throw new MediaswitchError(
      "ARGUMENT_INVALID",
      `"${options.aor}" names no user: expected such as 1001@pbx.example.net`,
      "aor",
    );
  }
  const reach = await reachServer(
    server === undefined ? serverOf(aor) : serverOf(readAddress(server, "server")),
    {
      clock: new SystemClock(),
      random: systemRandom,
      signal,
    },
  );
  const media = await openPhoneMedia({
    address: reach.local,
    ...(soundsRoot === undefined ? {} : { soundsRoot }),
  });
  try {
    const { it: phone, close } = await openPhone({
      account: {
        user: aor.user,
        domain: aor.host,
        password: options.password,
        ...(options.user === undefined ? {} : { authUser: options.user }),
      },
      codecs,
      media: media.it,
      reach,
    });
    try {
      await stayRegistered(phone, { ...options, server: reach.server, address: plainAddress(aor) });
    } finally {
      await close();
    }
  } finally {
    await media.close();
  }
}

interface StayOptions extends Omit<KeepRegisteredOptions, "server"> {
  readonly server: Flow;
  readonly address: string;
}

async function stayRegistered(phone: Phone, options: StayOptions): Promise<void> {
  const { server, address, signal, told, sound } = options;
  const asked = options.expires === undefined ? {} : { expires: options.expires };
  const expires = await phone.register({ signal, ...asked });
  const { remote, protocol } = server;
  told({ type: "registered", aor: address, server: formatSocketAddress(remote), protocol, expires });
  const over = new AbortController();
  const answering = options.answers
    ? answerCalls(phone, {
        signal: AbortSignal.any([signal, over.signal]),
        ...(sound === undefined ? {} : { sound }),
        answered: (leg) => tellOf(leg, told),
        failed: (error) => {
          told({ type: "failed", why: error instanceof Error ? error.message : String(error) });
        },
      })
    : undefined;
  await options.until(signal);
  over.abort();
  await answering;
  await phone.unregister({ within: UNREGISTER_WITHIN });
  told({ type: "unregistered", aor: address });
}

async function tellOf(leg: PhoneLeg, told: (event: RegisteredEvent) => void): Promise<void> {
  const { callId } = leg;
  const from = leg.from?.uri ?? "nobody who says so";
  told({ type: "answered", from, callId, codec: leg.codec ?? "" });
  const { by: endedBy } = await leg.ended({ within: Number.POSITIVE_INFINITY });
  const { received } = await leg.statistics();
  const { packets, lost, jitterMillis, mos } = received;
  told({ type: "ended", from, callId, endedBy, packets, lost, jitterMillis, mos, keys: leg.keys });
}
