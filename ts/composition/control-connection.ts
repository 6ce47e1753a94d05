import { setTimeout as pause } from "node:timers/promises";
import type { Log } from "../core/log.js";
import { LogTail } from "../core/log-tail.js";
import { MediaswitchError, type ErrorCode } from "../core/errors.js";
import type { Millis } from "../core/brand.js";
import { SystemClock } from "../core/system-clock.js";
import { systemRandom } from "../core/system-random.js";
import type { ComponentRequests } from "../control/component-requests.js";
import { Controller, type ControlHealth, type ControllerOptions } from "../control/controller.js";
import type { HttpHandlers } from "../control/http-handlers.js";
import { originate } from "../control/originate.js";
import { endLostCalls } from "../control/sip-restart.js";
import { SipWatch } from "../control/sip-watch.js";
import type { ControlConnection, ControlSettings, HostPort } from "../control/projectcontrol.js";
import { HttpClient } from "../http/client.js";
import { componentRequests } from "../http/component-requests.js";
import { controlRoutes, type ControlRoutesOptions } from "../http/control-routes.js";
import { MediaCallbackInbox } from "../http/media-callback-inbox.js";
import { RemoteMediaService, type RemoteMediaServiceOptions } from "../http/remote-media-service.js";
import { RemoteSipService } from "../http/remote-sip-service.js";
import type { RouteTable } from "../http/route-table.js";
import { rtpPoolRoutes, type RtpServers } from "../http/rtp-pool-routes.js";
import { HttpServer } from "../http/server.js";
import { traceRoutes } from "../http/trace-routes.js";
import { MediaPool, type PoolMember } from "../rtp/media-pool/media-pool.js";
import type { MediaService } from "../rtp/media-service.js";
import type { SipService } from "../sip/sip-service.js";
import { ChannelLogs } from "../trace/channel-logs.js";
import { httpUrl } from "./http-url.js";
import { openOutside, type OutsideOptions } from "./outside.js";
import { rtpServersOf } from "./rtp-members.js";
import { DEFAULT_TRACED_CALLS, openTraces } from "./traces.js";

/** How long the sip and rtp components may take to come up when all are started together. */
const PATIENCE = 15_000;
const RETRY_EVERY = 500;
/** For so long RTP servers keep our channels when they hear nothing of us. */
const LEASE_SECONDS = 30;

export interface ControlListener {
  readonly host: string;
  readonly port: number;
  readonly token?: string;
  readonly log: Log;
}

export interface OpenControl extends ControlConnection {
  /** Where control's HTTP is served. */
  readonly url: string;
  readonly health: () => object;
  /** What the operator's page shows of the log. */
  readonly logTail: LogTail;
  /** Base URLs of the RTP servers, where they are elsewhere. */
  readonly rtpServers?: readonly string[];
}

export interface OpenControlOptions extends ControlListener {
  readonly sip: SipService;
  readonly media: MediaService;
  readonly controlUrl?: string;
  readonly receivers?: Pick<ControlRoutesOptions, "sip" | "media">;
  /** Rows of control's HTTP besides those that it always has. */
  readonly more?: RouteTable;
  /** The RTP servers, where there are several. */
  readonly rtpServers?: Pick<RtpServers, "servers">;
  /** Seconds that channels live on without us. */
  readonly leaseSeconds?: number;
  /** Further routes of control's HTTP. */
  readonly handlers?: HttpHandlers;
  /** Asks the components over their HTTP. */
  readonly requests?: ComponentRequests;
  /** Runs what belongs to a call, and remembers whose it is. */
  readonly within?: NonNullable<ControllerOptions["within"]>;
  readonly httpHealth?: () => object;
  readonly outside?: OutsideOptions;
}

/** A controller with its HTTP face over services that are there. */
export async function openControl(options: OpenControlOptions): Promise<OpenControl> {
  const { sip, media, controlUrl, host, port, token, receivers = {}, httpHealth } = options;
  const { handlers, requests, within, more, leaseSeconds, rtpServers } = options;
  const { trace: traced = DEFAULT_TRACED_CALLS } = options.outside ?? {};
  const clock = new SystemClock();
  const log = new LogTail({ log: options.log, clock, part: "control" });
  const channels = new ChannelLogs(clock);
  const controller = new Controller({
    sip,
    media: traced === 0 ? media : channels.watch(media),
    clock,
    random: systemRandom,
    log,
    ...(controlUrl === undefined ? {} : { controlUrl }),
    ...(within === undefined ? {} : { within }),
    ...(leaseSeconds === undefined ? {} : { leaseSeconds }),
  });
  const outside = openOutside(controller, options.outside ?? {}, {
    log,
    ...(rtpServers === undefined ? {} : { rtpServers }),
  });
  const { recorder } = outside;
  const traces = openTraces({ controller, recorder, channels, calls: traced, requests });
  const health = (): ControlHealth & Readonly<Record<string, unknown>> => ({
    ...controller.health(),
    ...outside.health(),
    ...traces.health(),
    timers: clock.pendingTimers,
    ...(httpHealth?.() ?? {}),
  });
  const server = await HttpServer.open({
    host,
    port,
    log,
    ...(token === undefined ? {} : { token }),
    ...(outside.upgrade === undefined ? {} : { upgrade: outside.upgrade }),
    ...(outside.openPaths === undefined ? {} : { openPaths: outside.openPaths }),
    ...(handlers === undefined ? {} : { handlers }),
    routes: controlRoutes({
      ...receivers,
      registrations: controller.onSipEvent,
      originate: async (request) => (await originate(controller, request)).callid,
      calls: () => [...controller.calls.keys()],
      health,
      more: { ...more, ...outside.routes, ...traceRoutes(traces) },
    }),
  });
  return {
    controller,
    health,
    logTail: log,
    url: httpUrl(server.address),
    ...(requests === undefined ? {} : { requests }),
    close: async () => {
      await outside.close();
      traces.close();
      await server.close();
    },
  };
}

export interface RemoteControlOptions {
  readonly log: Log;
  readonly token?: string;
  /** These go before what the script has set. */
  readonly sipUrl?: string;
  readonly rtpUrl?: readonly PoolMember[];
  readonly controlUrl?: string;
  readonly us?: Readonly<HostPort>;
  /** How often the SIP side is asked whether it was restarted; 5 s unless given. */
  readonly watchSipEvery?: Millis;
  /** As of `openControl`. */
  readonly within?: NonNullable<ControllerOptions["within"]>;
  /** Puts something between the controller and its SIP service. */
  readonly watch?: (sip: SipService) => SipService;
  readonly outside?: OutsideOptions;
}

/** Control by itself: sip and rtp are other processes, reached over HTTP. */
export async function connectOverHttp(
  settings: ControlSettings,
  options: RemoteControlOptions,
): Promise<OpenControl> {
  const { log, token } = options;
  const us = options.us ?? settings.us;
  const sipUrl = options.sipUrl ?? httpUrl(settings.sip);
  const rtpServers = options.rtpUrl ?? rtpServersOf(settings.rtp);
  const rtpUrls = rtpServers.map(({ url }) => url);
  const controlUrl = options.controlUrl ?? ownUrl(us);
  const withToken = token === undefined ? {} : { token };
  const client = new HttpClient(withToken);
  let pool: MediaPool | undefined;
  try {
    await answering(client, [sipUrl], "SIP_UNAVAILABLE", log);
    await answering(client, rtpUrls, "MEDIA_UNAVAILABLE", log);
    const sip = new RemoteSipService({ client, url: sipUrl });
    const inbox = new MediaCallbackInbox();
    const media = openPool(rtpServers, { client, control: controlUrl, inbox }, log);
    pool = media;
    await media.ready();
    const control = await openControl({
      ...withToken,
      sip: options.watch?.(sip) ?? sip,
      media,
      controlUrl,
      log,
      host: us.host,
      port: us.port,
      receivers: { sip, media: inbox },
      more: rtpPoolRoutes(media),
      rtpServers: media,
      leaseSeconds: LEASE_SECONDS,
      httpHealth: () => client.health,
      ...(options.outside === undefined ? {} : { outside: options.outside }),
      handlers: settings.handlers,
      requests: componentRequests({ client, sip: sipUrl, rtp: rtpUrls[0] ?? "" }),
      ...(options.within === undefined ? {} : { within: options.within }),
    });
    const sipWatch = new SipWatch({
      sip,
      clock: new SystemClock(),
      log,
      forgotten: (restart) => endLostCalls(control.controller, control.controller.calls.values(), restart),
      ...(options.watchSipEvery === undefined ? {} : { every: options.watchSipEvery }),
    });
    return {
      ...control,
      rtpServers: rtpUrls,
      sipWatch,
      close: async () => {
        sipWatch.stop();
        media.close();
        await control.close();
        await client.close();
      },
    };
  } catch (error) {
    pool?.close();
    await client.close();
    throw error;
  }
}

const openPool = (
  servers: readonly PoolMember[],
  remote: Omit<RemoteMediaServiceOptions, "url">,
  log: Log,
): MediaPool =>
  new MediaPool({
    servers,
    connect: (url) => new RemoteMediaService({ ...remote, url }),
    clock: new SystemClock(),
    log,
  });

function ownUrl(us: Readonly<HostPort>): string {
  if (us.host === "0.0.0.0" || us.host === "::") {
    throw new MediaswitchError(
      "ARGUMENT_INVALID",
      `control listens on every address: say by which URL the others reach it (--control-url or MEDIASWITCH_CONTROL_URL)`,
      "control-url",
    );
  }
  return httpUrl(us);
}

/** Waits until one of these answers, so that all components may be started in any order. */
async function answering(
  client: HttpClient,
  bases: readonly string[],
  unavailable: ErrorCode,
  log: Log,
): Promise<void> {
  const giveUp = performance.now() + PATIENCE;
  for (let attempt = 1; ; attempt += 1) {
    const answers = await Promise.allSettled(
      bases.map((base) => client.request({ method: "GET", base, path: "/health", unavailable })),
    );
    const silences = answers.flatMap((answer) =>
      answer.status === "rejected" && isSilence(answer.reason, unavailable) ? [answer.reason as Error] : [],
    );
    const [silence] = silences;
    if (silence === undefined || silences.length < bases.length) return;
    if (performance.now() > giveUp) throw silence;
    if (attempt === 1) log.info({ urls: bases }, "waiting for a component to answer");
    await pause(RETRY_EVERY);
  }
}

/** Any answer at all means that somebody is there; an older server has no /health. */
const isSilence = (error: unknown, unavailable: ErrorCode): boolean =>
  error instanceof MediaswitchError && error.code === unavailable;
