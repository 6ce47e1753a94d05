/** The face that call scripts see: the seed's `projectcontrol`, its fields, setters and methods. */
import { MediaswitchError } from "../core/errors.js";
import type { Log } from "../core/log.js";
import type { CodecName } from "../sdp/payload-types.js";
import type { DigestAlgorithm, DirectoryUser, Registration } from "../sip/sip-service.js";
import type { Call, CallListener } from "./call.js";
import type { Controller } from "./controller.js";
import type { Listener } from "./listener-list.js";
import type { NewCallRequest } from "./new-call-request.js";
import { Script } from "./script.js";

export interface HostPort {
  host: string;
  port: number;
}

/** Where the components are: SIP's and RTP's HTTP interfaces, and the address that control itself listens on. */
export interface ControlSettings {
  readonly sip: Readonly<HostPort>;
  readonly us: Readonly<HostPort>;
  readonly rtp: Readonly<HostPort>;
}

/** A controller that is attached to both services. */
export interface ControlConnection {
  readonly controller: Controller;
  close(): Promise<void>;
}

export interface ProjectControlOptions {
  /** Made when `run()` is called; the settings are those of that moment. */
  readonly connect: (settings: ControlSettings) => Promise<ControlConnection>;
  readonly log: Log;
}

export interface DirectoryOptions {
  /** Digest algorithms to challenge with; the SIP side's default unless given. */
  readonly algorithms?: readonly DigestAlgorithm[];
}

interface DirectoryEntry extends DirectoryOptions {
  readonly users: readonly DirectoryUser[];
}

export class ProjectControl {
  sip: HostPort = { host: "127.0.0.1", port: 9000 };
  us: HostPort = { host: "127.0.0.1", port: 9001 };
  rtp: HostPort = { host: "127.0.0.1", port: 9002 };

  readonly #connect: ProjectControlOptions["connect"];
  readonly #log: Log;
  readonly #script = new Script();
  readonly #directory = new Map<string, DirectoryEntry>();
  #running: Promise<void> | undefined;
  #connection: ControlConnection | undefined;

  constructor({ connect, log }: ProjectControlOptions) {
    this.#connect = connect;
    this.#log = log;
  }

  /** Codecs offered and taken, in the order of preference. */
  get codecs(): readonly CodecName[] {
    return this.#script.codecs;
  }
  set codecs(codecs: readonly CodecName[]) {
    this.#script.codecs = codecs;
  }

  /** Live calls: call-id → call, as of now. */
  get calls(): Record<string, Call> {
    return Object.fromEntries(this.#connection?.controller.calls ?? []);
  }
  /** Open channels: uuid → whose call, as of now. */
  get channels(): Record<string, Call> {
    return Object.fromEntries(this.#connection?.controller.channels ?? []);
  }

  /** Assigning a callback adds it. Called for each new inbound call. */
  set onnewcall(listener: CallListener) {
    this.#script.newcall.add(checked(listener, "onnewcall"));
  }
  set onringing(listener: CallListener) {
    this.#script.ringing.add(checked(listener, "onringing"));
  }
  set onanswer(listener: CallListener) {
    this.#script.answer.add(checked(listener, "onanswer"));
  }
  /** Runs before the call's own. */
  set onhangup(listener: CallListener) {
    this.#script.hangup.add(checked(listener, "onhangup"));
  }
  /** The last thing of a call, after all onhangup: the time to read `call.history` and `call.info.epochs`. */
  set onreporting(listener: CallListener) {
    this.#script.reporting.add(checked(listener, "onreporting"));
  }
  /** Each successful REGISTER, refreshes included. */
  set onreg(listener: Listener<Registration>) {
    this.#script.reg.add(checked(listener, "onreg"));
  }
  set ondereg(listener: Listener<{ readonly domain: string; readonly user: string }>) {
    this.#script.dereg.add(checked(listener, "ondereg"));
  }

  /**
   * Sets the users of a domain, all of them. May be called before `run()`; it is sent then.
   * @returns settles when the SIP side has it, at once before `run()`. May be ignored: a failure is logged too.
   */
  directory(domain: string, users: readonly DirectoryUser[], options: DirectoryOptions = {}): Promise<void> {
    this.#directory.set(domain, { ...options, users });
    const connection = this.#connection;
    if (connection === undefined) return Promise.resolve();
    return ignorable(this.#pushDomain(connection, domain));
  }

  /** Calls somebody. @throws {MediaswitchError} NOT_CONNECTED before `run()` has done its work. */
  newcall(request: NewCallRequest): Call {
    if (this.#connection === undefined) {
      throw new MediaswitchError(
        "NOT_CONNECTED",
        "newcall needs a connection: await projectcontrol.run() first",
      );
    }
    return this.#connection.controller.newcall(request);
  }

  /**
   * Connects to SIP and RTP, sends the directory and takes calls from then on. Calling it again changes nothing.
   * @returns may be ignored: a failure is logged too. After a failure `run()` may be tried again.
   */
  run(): Promise<void> {
    this.#running ??= ignorable(this.#start());
    return this.#running;
  }

  /** Sends the directory again, for a SIP side that was restarted. */
  reconnect(): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined) return this.run();
    return ignorable(this.#pushDirectory(connection));
  }

  /** Hangs up all calls and lets go of SIP and RTP; `run()` begins anew. */
  async stop(): Promise<void> {
    await this.#running?.catch(() => undefined);
    const connection = this.#connection;
    this.#connection = undefined;
    this.#running = undefined;
    if (connection === undefined) return;
    await connection.controller.hangupAll();
    await connection.close();
  }

  async #start(): Promise<void> {
    const settings = { sip: this.sip, us: this.us, rtp: this.rtp };
    try {
      this.#connection ??= await this.#connect(settings);
      this.#connection.controller.script = this.#script;
      await this.#pushDirectory(this.#connection);
    } catch (error) {
      this.#running = undefined;
      this.#log.error({ err: error, ...settings }, "call control could not be started");
      throw error;
    }
  }

  async #pushDirectory(connection: ControlConnection): Promise<void> {
    for (const domain of this.#directory.keys()) await this.#pushDomain(connection, domain);
  }

  async #pushDomain({ controller }: ControlConnection, domain: string): Promise<void> {
    const entry = this.#directory.get(domain);
    if (entry === undefined) return;
    const { users, algorithms } = entry;
    try {
      await controller.sip.execute({
        type: "directory.put",
        domain,
        users,
        ...(algorithms !== undefined && { algorithms }),
        ...(controller.controlUrl !== undefined && { control: controller.controlUrl }),
      });
    } catch (error) {
      this.#log.error({ err: error, domain }, "the directory could not be sent to the SIP side");
      throw error;
    }
  }
}

/** JavaScript may assign anything; what is no function is found out here rather than at the first call. */
function checked<Callback>(callback: Callback, field: string): Callback {
  if (typeof callback !== "function") {
    throw new MediaswitchError("ARGUMENT_INVALID", `${field} has to be a function`, field);
  }
  return callback;
}

/** A promise that may be left alone although it may reject. */
function ignorable<Result>(promise: Promise<Result>): Promise<Result> {
  promise.catch(() => undefined);
  return promise;
}
