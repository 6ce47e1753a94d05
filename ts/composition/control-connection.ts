import { setTimeout as pause } from "node:timers/promises";
import type { Log } from "../core/log.js";
import { MediaswitchError, type ErrorCode } from "../core/errors.js";
import type { Millis } from "../core/brand.js";
import { SystemClock } from "../core/system-clock.js";
import { systemRandom } from "../core/system-random.js";
import { Controller } from "../control/controller.js";
import { SipWatch } from "../control/sip-watch.js";
import type { ControlConnection, ControlSettings, HostPort } from "../control/projectcontrol.js";
import { HttpClient } from "../http/client.js";
import { controlRoutes, type ControlRoutesOptions } from "../http/control-routes.js";
import { RemoteMediaService } from "../http/remote-media-service.js";
import { RemoteSipService } from "../http/remote-sip-service.js";
import { HttpServer } from "../http/server.js";
import type { MediaService } from "../rtp/media-service.js";
import type { SipService } from "../sip/sip-service.js";

/** How long the sip and rtp components may take to come up when all are started together. */
const PATIENCE = 15_000;
const RETRY_EVERY = 500;

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
}

export interface OpenControlOptions extends ControlListener {
  readonly sip: SipService;
  readonly media: MediaService;
  readonly controlUrl?: string;
  readonly receivers?: Pick<ControlRoutesOptions, "sip" | "media">;
  readonly httpHealth?: () => object;
}

/** A controller with its HTTP face over services that are there. */
export async function openControl(options: OpenControlOptions): Promise<OpenControl> {
  const { sip, media, controlUrl, log, host, port, token, receivers = {}, httpHealth } = options;
  const clock = new SystemClock();
  const controller = new Controller({
    sip,
    media,
    clock,
    random: systemRandom,
    log,
    ...(controlUrl === undefined ? {} : { controlUrl }),
  });
  const health = (): object => ({
    ...controller.health(),
    timers: clock.pendingTimers,
    ...(httpHealth?.() ?? {}),
  });
  const server = await HttpServer.open({
    host,
    port,
    log,
    ...(token === undefined ? {} : { token }),
    routes: controlRoutes({ ...receivers, calls: () => [...controller.calls.keys()], health }),
  });
  return { controller, health, url: httpUrl(server.address), close: () => server.close() };
}

export interface RemoteControlOptions {
  readonly log: Log;
  readonly token?: string;
  /** These go before what the script has set. */
  readonly sipUrl?: string;
  readonly rtpUrl?: string;
  readonly controlUrl?: string;
  readonly us?: Readonly<HostPort>;
  /** How often the SIP side is asked whether it was restarted; 5 s unless given. */
  readonly watchSipEvery?: Millis;
  /** Puts something between the controller and its SIP service. */
  readonly watch?: (sip: SipService) => SipService;
}

/** Control by itself: sip and rtp are other processes, reached over HTTP. */
export async function connectOverHttp(
  settings: ControlSettings,
  options: RemoteControlOptions,
): Promise<OpenControl> {
  const { log, token } = options;
  const us = options.us ?? settings.us;
  const sipUrl = options.sipUrl ?? httpUrl(settings.sip);
  const rtpUrl = options.rtpUrl ?? httpUrl(settings.rtp);
  const controlUrl = options.controlUrl ?? ownUrl(us);
  const withToken = token === undefined ? {} : { token };
  const client = new HttpClient(withToken);
  try {
    await answering(client, sipUrl, "SIP_UNAVAILABLE", log);
    await answering(client, rtpUrl, "MEDIA_UNAVAILABLE", log);
    const sip = new RemoteSipService({ client, url: sipUrl });
    const media = new RemoteMediaService({ client, url: rtpUrl, control: controlUrl });
    const control = await openControl({
      ...withToken,
      sip: options.watch?.(sip) ?? sip,
      media,
      controlUrl,
      log,
      host: us.host,
      port: us.port,
      receivers: { sip, media },
      httpHealth: () => client.health,
    });
    const sipWatch = new SipWatch({
      sip,
      clock: new SystemClock(),
      log,
      ...(options.watchSipEvery === undefined ? {} : { every: options.watchSipEvery }),
    });
    return {
      ...control,
      sipWatch,
      close: async () => {
        sipWatch.stop();
        await control.close();
        await client.close();
      },
    };
  } catch (error) {
    await client.close();
    throw error;
  }
}

export function httpUrl(where: {
  readonly host?: string;
  readonly address?: string;
  readonly port: number;
}): string {
  const host = where.host ?? where.address ?? "";
  return `http://${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${String(where.port)}`;
}

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

/** Waits until a component answers, so that all three may be started in any order. */
async function answering(client: HttpClient, base: string, unavailable: ErrorCode, log: Log): Promise<void> {
  const giveUp = performance.now() + PATIENCE;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.request({ method: "GET", base, path: "/health", unavailable });
      return;
    } catch (error) {
      // Any answer at all means that somebody is there; an older server has no /health.
      if (!(error instanceof MediaswitchError) || error.code !== unavailable) return;
      if (performance.now() > giveUp) throw error;
      if (attempt === 1) log.info({ url: base }, "waiting for a component to answer");
      await pause(RETRY_EVERY);
    }
  }
}
