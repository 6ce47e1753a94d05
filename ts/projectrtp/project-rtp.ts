/** The JavaScript surface of the npm package `@babblevoice/projectrtp` 3.7, over our media engine. */
import { availableParallelism } from "node:os";
import { MediaswitchError } from "../core/errors.js";
import { silentLog, type Log } from "../core/log.js";
import { hexToken, uuid } from "../core/random.js";
import { systemRandom } from "../core/system-random.js";
import { loadAddon, type SoundInfo } from "../rtp/addon.js";
import { blaming } from "../rtp/engine-error.js";
import { NativeMediaService } from "../rtp/native-media-service.js";
import { Channel, type OpenChannel, type OpenOptions } from "./channel.js";
import { farEnd, refuseSecurity, type PayloadTypes } from "./far-end.js";
import { alawToLinear, linearToAlaw, linearToUlaw, ulawToLinear } from "./g711.js";
import { Groups } from "./groups.js";
import { filterLowPass } from "./low-pass.js";
import { NotSupportedYet } from "./not-supported-yet.js";
import { ReorderBuffer, type ReorderOptions } from "./reorder-buffer.js";
import { generateTone } from "./tone-file.js";

export interface RunOptions {
  /** The first port, and the one after the last. */
  readonly ports?: { readonly start?: number; readonly end?: number };
  /** Media threads; not the original's. Up to four unless given. */
  readonly workers?: number;
  readonly log?: Log;
}

export type ProjectRtpChannel = Channel;

export interface ProjectRtpStats {
  readonly channel: {
    readonly current: number;
    readonly available: number;
    readonly totalcreated: number;
    readonly totalclosed: number;
  };
  readonly workercount: number;
}

const FIRST_PORT = 10_000;
const END_PORT = 20_000;
/** Sockets are bound to all addresses, and programs name their own with `setaddress`. */
const BIND = "0.0.0.0";
const LOOPBACK = "127.0.0.1";
const MOST_WORKERS = 4;
/** Octets of what the original calls a password of 24 characters. */
const ICE_PASSWORD = 12;

interface Running {
  readonly service: Promise<NativeMediaService>;
  readonly workers: number;
  /** Channels that fit into the ports. */
  readonly capacity: number;
  readonly log: Log;
}

export class ProjectRtp {
  readonly tone = { generate: generateTone };
  readonly soundfile = {
    /** @throws {MediaswitchError} ARGUMENT_INVALID: there is no such file, or it is no WAV file. */
    info: (file: string): SoundInfo => blaming(() => loadAddon().soundInfo(file)),
  };
  readonly codecx = {
    linear162pcma: linearToAlaw,
    pcma2linear16: alawToLinear,
    linear162pcmu: linearToUlaw,
    pcmu2linear16: ulawToLinear,
  };
  readonly rtpfilter = { filterlowfir: filterLowPass };
  readonly rtpbuffer = { create: (options?: ReorderOptions): ReorderBuffer => new ReorderBuffer(options) };
  /** DTLS is not supported yet: there is no certificate. */
  readonly dtls = { fingerprint: "" };
  readonly node = notHere("node");
  readonly server = notHere("server");
  readonly proxy = notHere("proxy");

  readonly #channels = new Map<string, ProjectRtpChannel>();
  #groups = new Groups<ProjectRtpChannel>();
  #running: Running | undefined;
  #created = 0;
  #closed = 0;
  #address = LOOPBACK;
  #privateAddress = LOOPBACK;

  /** Does nothing where it runs. */
  readonly run = ({ ports = {}, workers, log = silentLog }: RunOptions = {}): void => {
    if (this.#running !== undefined) return;
    const { start = FIRST_PORT, end = END_PORT } = ports;
    const low = start + (start % 2);
    const shards = workers ?? Math.min(MOST_WORKERS, availableParallelism());
    const service = NativeMediaService.start({
      bind: BIND,
      advertised: LOOPBACK,
      ports: { low, high: end - 1 },
      shards,
      soundsRoot: "/",
      recordingsRoot: "/",
      log,
    }).then((started) => {
      started.attach((event) => {
        const channel = this.#channels.get(event.uuid);
        if (event.type === "closed" && this.#channels.delete(event.uuid)) this.#closed += 1;
        channel?.take(event);
        return Promise.resolve();
      });
      return started;
    });
    // Whoever opens a channel is told.
    service.catch(() => undefined);
    this.#running = { service, workers: shards, capacity: Math.max(0, Math.floor((end - low) / 2)), log };
  };

  /** Closes all channels, and settles when that is done. */
  readonly shutdown = async (): Promise<void> => {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    const service = await running.service.catch(() => undefined);
    await service?.close();
    this.#channels.clear();
    this.#groups = new Groups();
  };

  readonly stats = (): ProjectRtpStats => {
    const current = this.#channels.size;
    const { capacity = 0, workers = 0 } = this.#running ?? {};
    return {
      channel: {
        current,
        available: Math.max(0, capacity - current),
        totalcreated: this.#created,
        totalclosed: this.#closed,
      },
      workercount: workers,
    };
  };

  setaddress(address: string): void {
    this.#address = address;
  }

  setprivateaddress(address: string): void {
    this.#privateAddress = address;
  }

  /**
   * @param options or the callback.
   * @throws {NotSupportedYet} DTLS and ICE. {MediaswitchError} NOT_CONNECTED before `run`, MEDIA_OUT_OF_PORTS.
   */
  readonly openchannel: OpenChannel = async (options = {}, callback) => {
    if (typeof options === "function") return this.openchannel({}, options);
    const running = this.#running;
    if (running === undefined) {
      throw new MediaswitchError("NOT_CONNECTED", "projectrtp.run() has not been called yet");
    }
    const { remote = {}, local = {}, direction } = options;
    refuseSecurity({ icepwd: local.icepwd, dtls: undefined }, "local");
    const payloadTypes = payloadTypesOf(options);
    const far = farEnd(remote, payloadTypes);
    const service = await running.service;
    const opened = await service.execute({ type: "open", ...(far !== undefined && { remote: far }) });
    const icepwd = hexToken(systemRandom, ICE_PASSWORD);
    const channel: ProjectRtpChannel = new Channel({
      service,
      uuid: opened.uuid,
      id: options.id ?? uuid(systemRandom),
      local: {
        port: opened.port,
        address: this.#address,
        privateaddress: this.#privateAddress,
        icepwd,
        dtls: { fingerprint: this.dtls.fingerprint, enabled: false, icepwd },
      },
      payloadTypes,
      groups: this.#groups,
      openchannel: this.openchannel,
      log: running.log,
    });
    this.#channels.set(opened.uuid, channel);
    this.#created += 1;
    if (callback !== undefined) channel.em.on("all", callback);
    if (direction !== undefined) channel.direction(direction);
    return channel;
  };
}

/** Beside the far end, or within it. */
function payloadTypesOf({ remote, rfc2833pt, ilbcpt }: OpenOptions): PayloadTypes {
  const [keys, ilbc] = [remote?.rfc2833pt ?? rfc2833pt, remote?.ilbcpt ?? ilbcpt];
  return { ...(keys !== undefined && { rfc2833pt: keys }), ...(ilbc !== undefined && { ilbcpt: ilbc }) };
}

/** Several RTP servers are control's business here: each of its functions says so. */
const notHere = (field: string): Readonly<Record<string, () => never>> =>
  new Proxy<Record<string, () => never>>(
    {},
    {
      get: (_target, name) => () => {
        const what = `${String(name)}(): other RTP servers are named to call control (--rtp-url); its own protocol of nodes is`;
        throw new NotSupportedYet(what, field);
      },
    },
  );
