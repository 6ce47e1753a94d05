import { seconds } from "../core/brand.js";
import type { Clock } from "../core/clock.js";
import type { SocketAddress } from "../core/socket-address.js";
import { SystemClock } from "../core/system-clock.js";
import { systemRandom } from "../core/system-random.js";
import type { HttpClient } from "../http/client.js";
import { HttpServer } from "../http/server.js";
import { sipRoutes } from "../http/sip-routes.js";
import { messageTraceRoutes } from "../http/trace-routes.js";
import { isHold } from "../sdp/direction.js";
import { isSdpRefusal, parseSdp } from "../sdp/parse.js";
import { DEFAULT_SESSION_TIMER } from "../sip/dialog/session-timer.js";
import type { HepIdentity } from "../sip/hep/hep3.js";
import { MirroredTransport } from "../sip/hep/mirrored-transport.js";
import { LocalSipService, type LocalSipServiceOptions } from "../sip/local-sip-service.js";
import type { SubscriptionPolicy } from "../sip/events/notifier.js";
import { nodeDns } from "../sip/locate/node-dns.js";
import type { BindingLimits } from "../sip/registrar/bindings.js";
import type { PingSettings } from "../sip/registrar/registrar-options.js";
import type { Listener, Transport } from "../sip/transport/transport.js";
import type { MessageStore } from "../trace/message-store.js";
import { meterEventLoop } from "./event-loop-meter.js";
import { openHepSender, type HepSender } from "./hep-sender.js";
import type { SipOptions } from "./options.js";
import { loadShare, overloadLimits } from "./overload.js";
import { openSipTransports } from "./sip-transports.js";
import { KeptState } from "./kept-state.js";
import { NOTHING_KEPT, openMessageStore } from "./traces.js";
import { trustedSources } from "./trusted-sources.js";

/** Homer's own agents are numbered from 2001 on. */
const DEFAULT_HEP_ID = 2001;
/** Containers are given some ten seconds before they are killed. */
const DRAIN_SECONDS = 8;

/** The SIP stack on its socket, with its HTTP face. Nobody is attached to its events yet. */
export interface SipComponent {
  readonly service: LocalSipService;
  readonly local: SocketAddress;
  /** What phones register to. */
  readonly advertised: SocketAddress;
  readonly listeners: readonly Listener[];
  /** Reads the files of certificate and key again. */
  reloadCertificates(): Promise<void>;
  readonly http: SocketAddress;
  /** Takes no new calls; settles when the last one is over, or has been ended at the deadline. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

export async function openSip(options: SipOptions, client: HttpClient): Promise<SipComponent> {
  const { httpAddress, sipHttpPort, token, trust, log } = options;
  const clock = new SystemClock();
  const state = await KeptState.open(options.state, clock, log);
  const transports = await openSipTransports(options, clock);
  const hep = options.hep === undefined ? undefined : openHepSender(options.hep, hepIdentity(options), log);
  const store = openMessageStore(options.trace);
  const transport = mirrored(transports.transport, clock, hep, store);
  const load = loadShare(options);
  const service = await making(
    () =>
      state.serve(
        (kept) =>
          new LocalSipService({
            transport,
            clock,
            random: systemRandom,
            log,
            trusted: trustedSources(trust),
            dns: nodeDns(),
            checkBody: (_type, content) =>
              isSdpRefusal(parseSdp(content)) ? { status: 488, reason: "Not Acceptable Here" } : undefined,
            isHold: (text) => {
              const description = parseSdp(text);
              return !isSdpRefusal(description) && isHold(description);
            },
            registrar: registrarLimits(options),
            ...callLimits(options),
            ...(options.watchers === "self" && { subscriptionPolicy: toThemselves }),
            overloadLimits: overloadLimits(options),
            load,
            ...kept,
          }),
      ),
    () => transports.close(),
  );
  try {
    const server = await HttpServer.open({
      host: httpAddress,
      port: sipHttpPort,
      log,
      ...(token === undefined ? {} : { token }),
      routes: sipRoutes(service, () => client.health, messageTraceRoutes(store ?? NOTHING_KEPT)),
    });
    const stopMeter = meterEventLoop((sample) => {
      load.note(sample);
    });
    return {
      service,
      drain: async () => {
        await service.execute({
          type: "drain",
          enabled: true,
          seconds: options.drainSeconds ?? DRAIN_SECONDS,
        });
        await service.drained();
      },
      local: transport.local,
      advertised: transport.advertised,
      listeners: transport.listeners,
      reloadCertificates: () => transports.reloadCertificates(),
      http: server.address,
      close: async () => {
        stopMeter();
        await server.close();
        await state.close();
        await service.close();
        await transports.close();
        hep?.close();
      },
    };
  } catch (error) {
    await service.close();
    await transports.close();
    throw error;
  }
}

/** What was opened before is closed again where making fails. */
async function making<T>(make: () => T, close: () => Promise<void>): Promise<T> {
  try {
    return make();
  } catch (error) {
    await close();
    throw error;
  }
}

/** Shows each message to whoever wants copies. */
function mirrored(
  transport: Transport,
  clock: Clock,
  hep: HepSender | undefined,
  store: MessageStore | undefined,
): Transport {
  if (hep === undefined && store === undefined) return transport;
  return new MirroredTransport({
    transport,
    clock,
    mirror: (captured, direction) => {
      hep?.send(captured);
      store?.take(captured, direction);
    },
  });
}

const hepIdentity = ({ hepId = DEFAULT_HEP_ID, hepKey }: SipOptions): HepIdentity => ({
  agent: hepId,
  ...(hepKey === undefined ? {} : { key: hepKey }),
});

/** Everybody sees his own mailbox and phones. */
const toThemselves: SubscriptionPolicy = (subscriber, resource) =>
  subscriber.user === resource.user && subscriber.domain === resource.domain ? "active" : "rejected";

const callLimits = ({
  sessionTimer,
  maxDuration,
  redirects,
}: SipOptions): Pick<LocalSipServiceOptions, "sessionTimer" | "maxCallDuration" | "redirects"> => ({
  ...(redirects !== undefined && { redirects }),
  ...(sessionTimer !== undefined && {
    sessionTimer: sessionTimer === 0 ? "off" : { ...DEFAULT_SESSION_TIMER, interval: sessionTimer },
  }),
  ...(maxDuration !== undefined && { maxCallDuration: seconds(maxDuration) }),
});

const registrarLimits = (
  options: SipOptions,
): Partial<BindingLimits> & { readonly ping: Partial<PingSettings> } => {
  const { minExpires, maxExpires, pingInterval, pingFailures } = options;
  return {
    ...(minExpires === undefined ? {} : { minExpires }),
    ...(maxExpires === undefined ? {} : { maxExpires }),
    ping: {
      ...(pingInterval === undefined ? {} : { interval: seconds(pingInterval) }),
      ...(pingFailures === undefined ? {} : { failures: pingFailures }),
    },
  };
};
