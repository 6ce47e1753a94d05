/** Puts the components together: all in one process, or one by one. */
import type { ControlSettings } from "./control/projectcontrol.js";
import { connectOverHttp, type OpenControl } from "./composition/control-connection.js";
import { startControlHere } from "./composition/control-here.js";
import { startControlThread, type ControlThread } from "./composition/control-thread.js";
import { isOwnControl, routeEvents } from "./composition/event-route.js";
import { httpUrl } from "./composition/http-url.js";
import type {
  AllInOneOptions,
  ControlOptions,
  RtpOptions,
  Running,
  SipOptions,
} from "./composition/options.js";
import { outsideOf } from "./composition/outside.js";
import { relayLog } from "./composition/log-relay.js";
import { openRtp } from "./composition/rtp-component.js";
import { connectScriptsThrough } from "./composition/script-connection.js";
import { ScriptGuard } from "./composition/script-guard.js";
import { takeCallsForClients } from "./composition/script-host.js";
import { startScript } from "./composition/script-loader.js";
import { openSip, type SipComponent } from "./composition/sip-component.js";
import type { MediaswitchError } from "./core/errors.js";
import type { SocketAddress } from "./core/socket-address.js";
import { LogTail } from "./core/log-tail.js";
import { SystemClock } from "./core/system-clock.js";
import { HttpClient } from "./http/client.js";
import { ControlCallbacks } from "./http/control-callbacks.js";
import { projectcontrol } from "./projectcontrol.js";
import type { MediaCommands, MediaEvent } from "./rtp/media-service.js";
import type { SipCommands, SipEvent } from "./sip/sip-service.js";
import type { Listener } from "./sip/transport/transport.js";

export interface RunningSip extends Running {
  /** What phones register to. */
  readonly advertised: SocketAddress;
  readonly listeners: readonly Listener[];
  readonly url: string;
}

export interface RunningRtp extends Running {
  readonly advertised: string;
  readonly url: string;
}

export interface RunningControl extends Running {
  /** Absent while the script hasn't called `run()`. */
  readonly url: string | undefined;
  /** Base URLs of the RTP servers; none while the script hasn't called `run()`. */
  readonly rtpServers: readonly string[];
}

export interface RunningAllInOne extends Running {
  readonly sip: Omit<RunningSip, keyof Running>;
  readonly rtp: Omit<RunningRtp, keyof Running>;
  /** Absent without a script. */
  readonly control: { readonly url: string | undefined } | undefined;
  /** Settles when a part ended that the rest can't do without; never otherwise. */
  readonly failed: Promise<MediaswitchError>;
}

/** What was opened, to be closed in the opposite order. */
class Opened {
  readonly #closers: (() => Promise<void>)[] = [];

  add(close: () => Promise<void>): void {
    this.#closers.unshift(close);
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0)) await close();
  }

  /** Runs a start-up; what it had opened is closed again when it fails. */
  async during<T>(start: () => Promise<T>): Promise<T> {
    try {
      return await start();
    } catch (error) {
      await this.close();
      throw error;
    }
  }
}

const withToken = (token: string | undefined): { token?: string } => (token === undefined ? {} : { token });

function openCallbacks(
  { token, log }: Pick<SipOptions, "token" | "log">,
  opened: Opened,
): { client: HttpClient; callbacks: ControlCallbacks } {
  const client = new HttpClient(withToken(token));
  opened.add(() => client.close());
  const callbacks = new ControlCallbacks({ client, clock: new SystemClock(), log });
  opened.add(() => {
    callbacks.close();
    return Promise.resolve();
  });
  return { client, callbacks };
}

/** Milliseconds that a control which is away is waited for, to be told of what ends with us. */
const TELLS_FOR = 2_000;

/** Closes a component; its last events are told, but not for longer than that. */
async function closeTelling(
  component: { close(): Promise<void> },
  callbacks: ControlCallbacks,
): Promise<void> {
  const impatience = setTimeout(() => {
    callbacks.close();
  }, TELLS_FOR);
  try {
    await component.close();
  } finally {
    clearTimeout(impatience);
  }
}

/** The SIP component by itself; its events go to the control URLs of the domains. */
export function startSip(options: SipOptions): Promise<RunningSip> {
  const opened = new Opened();
  return opened.during(async () => {
    const { client, callbacks } = openCallbacks(options, opened);
    const sip = await openSip(options, client);
    opened.add(() => closeTelling(sip, callbacks));
    sip.service.attach(callbacks.sip);
    return {
      advertised: sip.advertised,
      listeners: sip.listeners,
      url: httpUrl(sip.http),
      health: () => sip.service.execute({ type: "health" }),
      drain: () => sip.drain(),
      ...reloading(options, sip),
      close: () => opened.close(),
    };
  });
}

/** Where there is a certificate. */
const reloading = ({ tlsCert }: SipOptions, sip: SipComponent): Pick<Running, "reload"> =>
  tlsCert === undefined ? {} : { reload: () => sip.reloadCertificates() };

/** The RTP component by itself; its events go to the control URLs of the channels. */
export function startRtp(options: RtpOptions): Promise<RunningRtp> {
  const opened = new Opened();
  return opened.during(async () => {
    const { client, callbacks } = openCallbacks(options, opened);
    const rtp = await openRtp(options, client);
    opened.add(() => closeTelling(rtp, callbacks));
    rtp.service.attach(callbacks.media);
    return {
      advertised: rtp.advertised,
      url: httpUrl(rtp.http),
      health: () => rtp.service.execute({ type: "health" }),
      close: () => opened.close(),
    };
  });
}

/** Call control by itself, with the script in this thread; sip and rtp are reached over HTTP. */
export async function startControl(options: ControlOptions): Promise<RunningControl> {
  const { script, httpAddress, controlHttpPort, sipUrl, rtpUrl, controlUrl, token, log } = options;
  const guard = new ScriptGuard({ log });
  let opening: Promise<OpenControl> | undefined;
  const connect = (settings: ControlSettings): Promise<OpenControl> =>
    connectOverHttp(settings, {
      ...withToken(token),
      ...(controlUrl === undefined ? {} : { controlUrl }),
      sipUrl,
      ...(rtpUrl === undefined ? {} : { rtpUrl }),
      log,
      us: { host: httpAddress, port: controlHttpPort },
      watch: (sip) => guard.watch(sip),
      outside: { page: true, ...outsideOf(options) },
      within: (callid, run) => guard.within(callid, run),
    }).then((open) => {
      guard.protects(open.controller);
      return open;
    });
  const connected = new Promise<OpenControl>((resolve, reject) => {
    connectScriptsThrough((settings) => {
      opening = connect(settings);
      opening.then(resolve, reject);
      return opening;
    });
  });
  guard.install();
  if (script === undefined) await takeCallsForClients();
  else await startScript(script, connected, log);
  const open = await opening;
  return {
    url: open?.url,
    rtpServers: open?.rtpServers ?? [],
    health: () => Promise.resolve(open?.health() ?? {}),
    close: () => projectcontrol.stop(),
  };
}

/** SIP and media on this thread, control and the script on a worker thread; no HTTP between them. */
export function startAllInOne(given: AllInOneOptions): Promise<RunningAllInOne> {
  const opened = new Opened();
  const clock = new SystemClock();
  const log = new LogTail({ log: given.log, clock, part: "sip and rtp" });
  const options = { ...given, log };
  return opened.during(async () => {
    const { httpAddress, controlHttpPort, script, token } = options;
    const { client, callbacks } = openCallbacks(options, opened);
    const sip = await openSip(options, client);
    opened.add(() => sip.close());
    const rtp = await openRtp({ ...options, advertise: options.advertise ?? sip.advertised.address }, client);
    opened.add(() => rtp.close());
    const isOwn = isOwnControl(httpAddress, controlHttpPort);
    const routedSip = routeEvents<SipCommands, SipEvent>(sip.service, callbacks.sip, isOwn);
    const routedMedia = routeEvents<MediaCommands, MediaEvent>(rtp.service, callbacks.media, isOwn);
    let control: ControlThread | undefined;
    if (script !== undefined || options.v1 === true) {
      const startControlOf = options.scriptThread === "shared" ? startControlHere : startControlThread;
      const thread = await startControlOf({
        ...withToken(token),
        sip: routedSip,
        media: routedMedia,
        audio: rtp.service,
        ...(script === undefined ? {} : { script }),
        outside: { page: true, ...outsideOf(options) },
        log: options.log,
        host: httpAddress,
        port: controlHttpPort,
        logLevel: options.logLevel,
        sipUrl: httpUrl(sip.http),
        rtpUrl: httpUrl(rtp.http),
        environment: {
          MEDIASWITCH_LOG_LEVEL: options.logLevel,
          MEDIASWITCH_SIP_ADDRESS: sip.advertised.address,
          MEDIASWITCH_SIP_PORT: String(sip.advertised.port),
        },
      });
      opened.add(() => thread.close());
      if (options.page !== false) {
        const end = relayLog(log, clock, (lines) => thread.addLogLines(lines));
        opened.add(() => {
          end();
          return Promise.resolve();
        });
      }
      control = thread;
    }
    return {
      sip: { advertised: sip.advertised, listeners: sip.listeners, url: httpUrl(sip.http) },
      rtp: { advertised: rtp.advertised, url: httpUrl(rtp.http) },
      control: control === undefined ? undefined : { url: control.url },
      failed: control?.ended ?? new Promise<MediaswitchError>(() => undefined),
      health: async () => ({
        sip: await sip.service.execute({ type: "health" }),
        rtp: await rtp.service.execute({ type: "health" }),
        ...(control === undefined ? {} : { control: await control.health() }),
      }),
      drain: () => sip.drain(),
      ...reloading(options, sip),
      close: () => opened.close(),
    };
  });
}
