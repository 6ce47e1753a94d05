/** The face that call scripts see: the seed's `projectcontrol`, its fields, setters and methods. */
import { MediaswitchError } from "../core/errors.js";
import type { Log } from "../core/log.js";
import type { CodecName } from "../sdp/payload-types.js";
import type {
  DigestAlgorithm,
  DirectoryUser,
  GatewayNews,
  GatewaySettings,
  Mailbox,
  MessageInfo,
  MessageOutcome,
  MessageRequest,
  PresenceSetting,
  Registration,
  SubscriptionInfo,
} from "../sip/sip-service.js";
import type { Call, CallListener } from "./call.js";
import type { Controller } from "./controller.js";
import type { Listener } from "./listener-list.js";
import type { NewCallRequest } from "./new-call-request.js";
import type { SipWatch } from "./sip-watch.js";
import { Script, type Deregistration } from "./script.js";

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
  /** Where the SIP side may be restarted without us. */
  readonly sipWatch?: Pick<SipWatch, "start" | "stop">;
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
  readonly #gateways = new Map<string, GatewaySettings>();
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
  set ondereg(listener: Listener<Deregistration>) {
    this.#script.dereg.add(checked(listener, "ondereg"));
  }
  /** Our registration at a gateway succeeded after none, failed, or was taken back. */
  set ongateway(listener: Listener<GatewayNews>) {
    this.#script.gateway.add(checked(listener, "ongateway"));
  }
  /** A phone begins to watch a user's presence, calls or mailbox, or stops: the time to say how things stand. */
  set onsubscribe(listener: Listener<SubscriptionInfo>) {
    this.#script.subscribe.add(checked(listener, "onsubscribe"));
  }
  /** A message to somebody who has no phone to take it. Without a listener its sender is told 480. */
  set onmessage(listener: Listener<MessageInfo>) {
    this.#script.message.add(checked(listener, "onmessage"));
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

  /**
   * Sets a gateway, for `newcall({ gateway: name, … })` and for calls from there; without settings it is removed. May be
   * called before `run()`, as `directory`.
   */
  gateway(name: string, settings?: GatewaySettings): Promise<void> {
    if (settings === undefined) this.#gateways.delete(name);
    else this.#gateways.set(name, settings);
    const connection = this.#connection;
    if (connection === undefined) return Promise.resolve();
    return ignorable(this.#pushGateway(connection, name));
  }

  /** Calls somebody. @throws {MediaswitchError} NOT_CONNECTED before `run()` has done its work. */
  newcall(request: NewCallRequest): Call {
    return this.#connected("newcall").newcall(request);
  }

  /** Sends a message to all phones of a user. @returns the status that came of it, 200 when a phone has it. */
  async message(request: MessageRequest): Promise<MessageOutcome> {
    return this.#connected("message").sip.execute({ type: "message.send", request });
  }

  /** Says what others are told of a user's presence; without a status, what the phones say counts again. */
  async presence(setting: PresenceSetting): Promise<void> {
    await this.#connected("presence").sip.execute({ type: "presence.set", ...setting });
  }

  /** Says how many voice messages wait for a user. */
  async mailbox(domain: string, user: string, mailbox: Mailbox): Promise<void> {
    await this.#connected("mailbox").sip.execute({ type: "mwi.set", domain, user, mailbox });
  }

  /**
   * Connects to SIP and RTP, sends the directory and takes calls from then on. Calling it again changes nothing.
   * @returns may be ignored: a failure is logged too. After a failure `run()` may be tried again.
   */
  run(): Promise<void> {
    this.#running ??= ignorable(this.#start());
    return this.#running;
  }

  /** Sends the directory again; after a restart of the SIP side it is sent without being asked. */
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
    connection.sipWatch?.stop();
    await connection.controller.hangupAll();
    await connection.close();
  }

  #connected(verb: string): Controller {
    if (this.#connection === undefined) {
      throw new MediaswitchError(
        "NOT_CONNECTED",
        `${verb} needs a connection: await projectcontrol.run() first`,
      );
    }
    return this.#connection.controller;
  }

  async #start(): Promise<void> {
    const settings = { sip: this.sip, us: this.us, rtp: this.rtp };
    try {
      this.#connection ??= await this.#connect(settings);
      const connection = this.#connection;
      connection.controller.script = this.#script;
      await connection.sipWatch?.start(() => this.#pushDirectory(connection));
      await this.#pushDirectory(connection);
    } catch (error) {
      this.#running = undefined;
      this.#log.error({ err: error, ...settings }, "call control could not be started");
      throw error;
    }
  }

  async #pushDirectory(connection: ControlConnection): Promise<void> {
    for (const domain of this.#directory.keys()) await this.#pushDomain(connection, domain);
    for (const name of this.#gateways.keys()) await this.#pushGateway(connection, name);
  }

  async #pushGateway({ controller }: ControlConnection, name: string): Promise<void> {
    const settings = this.#gateways.get(name);
    const control = controller.controlUrl === undefined ? {} : { control: controller.controlUrl };
    try {
      if (settings === undefined) await controller.sip.execute({ type: "gateway.delete", name });
      else await controller.sip.execute({ type: "gateway.put", ...control, ...settings, name });
    } catch (error) {
      this.#log.error({ err: error, gateway: name }, "the gateway could not be told to the SIP side");
      throw error;
    }
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
