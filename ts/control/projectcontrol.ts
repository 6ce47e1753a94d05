/** The face that call scripts see: the seed's `projectcontrol`, its fields, setters and methods. */
import { MediaswitchError } from "../core/errors.js";
import type { Log } from "../core/log.js";
import type { CodecName } from "../sdp/payload-types.js";
import type {
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
import {
  ask,
  type Component,
  type ComponentRequests,
  type Question,
  type ReplyListener,
} from "./component-requests.js";
import type { Controller } from "./controller.js";
import { checkedGateway, type ForwardGateway } from "./forward.js";
import { newHandlers, type HttpHandlers } from "./http-handlers.js";
import type { Listener } from "./listener-list.js";
import type { MusicOnHold } from "./moh.js";
import type { NewCallRequest } from "./new-call-request.js";
import { processCall } from "./notify.js";
import { SipSettings, type DirectoryOptions } from "./sip-settings.js";
import type { SipWatch } from "./sip-watch.js";
import {
  addMedia,
  createChannel,
  type ChannelListener,
  type ChannelRequest,
  type MediaLines,
} from "./script-channel.js";
import type { CallDetailRecord } from "./record/call-detail-record.js";
import { Script, type Deregistration } from "./script.js";

export interface HostPort {
  host: string;
  port: number;
}

/** One of several RTP servers. */
export interface RtpPlace extends HostPort {
  /** How much more it can carry than one with weight 1. */
  weight?: number;
}

/** Where the components are: SIP's and RTP's HTTP interfaces, and the address that control itself listens on. */
export interface ControlSettings {
  readonly sip: Readonly<HostPort>;
  readonly us: Readonly<HostPort>;
  /** One, or several to choose among. */
  readonly rtp: readonly Readonly<RtpPlace>[];
  /** Further routes of control's HTTP. */
  readonly handlers: HttpHandlers;
}

/** A controller that is attached to both services. */
export interface ControlConnection {
  readonly controller: Controller;
  /** Where the SIP side may be restarted without us. */
  readonly sipWatch?: Pick<SipWatch, "start" | "stop">;
  /** Asks the other components over their HTTP. */
  readonly requests?: ComponentRequests;
  close(): Promise<void>;
}

export interface ProjectControlOptions {
  /** Made when `run()` is called; the settings are those of that moment. */
  readonly connect: (settings: ControlSettings) => Promise<ControlConnection>;
  readonly log: Log;
}

export type { DirectoryOptions } from "./sip-settings.js";

export class ProjectControl {
  sip: HostPort = { host: "127.0.0.1", port: 9000 };
  us: HostPort = { host: "127.0.0.1", port: 9001 };
  /** Further routes of control's HTTP: method → first part of the path → handler. Those of control itself go first. */
  readonly handlers: HttpHandlers = newHandlers();

  readonly #connect: ProjectControlOptions["connect"];
  #rtp: RtpPlace[] = [{ host: "127.0.0.1", port: 9002 }];
  readonly #log: Log;
  readonly #script = new Script();
  readonly #sipSettings: SipSettings;
  #running: Promise<void> | undefined;
  #connection: ControlConnection | undefined;

  constructor({ connect, log }: ProjectControlOptions) {
    this.#connect = connect;
    this.#log = log;
    this.#sipSettings = new SipSettings(log);
  }

  /** The RTP server, the first where there are several. */
  get rtp(): RtpPlace {
    return this.#rtp[0] ?? { host: "127.0.0.1", port: 9002 };
  }
  /** One RTP server, or several, among which each call is placed by load and weight. */
  set rtp(places: RtpPlace | RtpPlace[]) {
    const list = Array.isArray(places) ? places : [places];
    if (list.length === 0) {
      throw new MediaswitchError("ARGUMENT_INVALID", "rtp has to name at least one RTP server", "rtp");
    }
    this.#rtp = [...list];
  }

  /** What joins legs and channels; undefined before `run()` has done its work. For what is built on top of it. */
  get controller(): Controller | undefined {
    return this.#connection?.controller;
  }
  /** Domains of the directory. */
  get domains(): string[] {
    return this.#sipSettings.domains;
  }

  /** Codecs offered and taken, in the order of preference. */
  get codecs(): readonly CodecName[] {
    return this.#script.codecs;
  }
  set codecs(codecs: readonly CodecName[]) {
    this.#script.codecs = codecs;
  }

  /** Music on hold of calls that have none of their own; `{}`: none. */
  get moh(): MusicOnHold {
    return this.#script.moh;
  }
  set moh(music: MusicOnHold) {
    this.#script.moh = music;
  }

  /** The gateway that `newcall({ forward: true })` goes out by: the first of those that were set. */
  get gw(): ForwardGateway | undefined {
    return this.#script.gateways[0];
  }
  /** Adds a gateway. */
  set gw(gateway: ForwardGateway | undefined) {
    this.#script.gateways.push(checkedGateway(gateway));
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
  /** A far end puts us on hold, or takes us back; each time, before the call's own. */
  set onhold(listener: CallListener) {
    this.#script.hold.add(checked(listener, "onhold"));
  }
  set onoffhold(listener: CallListener) {
    this.#script.offhold.add(checked(listener, "onoffhold"));
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

  /** The record of a call, once, when the last of its legs has ended. */
  set oncdr(listener: Listener<CallDetailRecord>) {
    this.#script.cdr.add(checked(listener, "oncdr"));
  }

  /**
   * Sets the users of a domain, all of them. May be called before `run()`; it is sent then.
   * @returns settles when the SIP side has it, at once before `run()`. May be ignored: a failure is logged too.
   */
  directory(domain: string, users: readonly DirectoryUser[], options: DirectoryOptions = {}): Promise<void> {
    this.#sipSettings.setDomain(domain, { ...options, users });
    const connection = this.#connection;
    if (connection === undefined) return Promise.resolve();
    return ignorable(this.#sipSettings.pushDomain(connection.controller, domain));
  }

  /**
   * Sets a gateway, for `newcall({ gateway: name, … })` and for calls from there; without settings it is removed. May be
   * called before `run()`, as `directory`.
   */
  gateway(name: string, settings?: GatewaySettings): Promise<void> {
    this.#sipSettings.setGateway(name, settings);
    const connection = this.#connection;
    if (connection === undefined) return Promise.resolve();
    return ignorable(this.#sipSettings.pushGateway(connection.controller, name));
  }

  /** Calls somebody. @throws {MediaswitchError} NOT_CONNECTED before `run()` has done its work. */
  newcall(request: NewCallRequest): Call {
    return this.#connected("newcall").newcall(request);
  }

  /** Gives a call a media channel; `request.sdp` and `request.codecs` tell of it then, and `done` gets it, or undefined. */
  createchannel(call: Call, request: ChannelRequest, done?: ChannelListener): Promise<void> {
    return createChannel(this.#connected("createchannel"), call, request, done);
  }

  /** Adds a codec to a session description in JSON. */
  addmedia(sdp: MediaLines, codec: CodecName): void {
    addMedia(sdp, codec);
  }

  /** Runs the callbacks for new calls once more, for a call whose destination may be another one now. */
  runnewcalls(call: Call): void {
    processCall(this.#connected("runnewcalls"), call);
  }

  /** Ends the call; its callbacks run once the far end knows. */
  runhangups(call: Call): Promise<void> {
    return this.#connected("runhangups").feed(call, "hangup");
  }

  /** Asks the SIP component over its HTTP. `done` gets `{ code, message, json }`; code 500 where nobody answers. */
  sipserver(request: object | undefined, path: string, method = "PUT", done?: ReplyListener): Promise<void> {
    return this.#ask("sip", { request, path, method }, done);
  }
  /** As `sipserver`, of the RTP component. */
  rtpserver(request: object | undefined, path: string, method = "PUT", done?: ReplyListener): Promise<void> {
    return this.#ask("rtp", { request, path, method }, done);
  }
  /** As `sipserver`, of whoever listens there. */
  server(
    request: object | undefined,
    path: string,
    method: string,
    where: Readonly<HostPort>,
    done?: ReplyListener,
  ): Promise<void> {
    return this.#ask(where, { request, path, method }, done);
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
    return ignorable(this.#sipSettings.push(connection.controller));
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

  #ask(component: Component, question: Question, done: ReplyListener | undefined): Promise<void> {
    return ask(this.#connection?.requests, { component, ...question, done, log: this.#log });
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
    const settings = { sip: this.sip, us: this.us, rtp: this.#rtp, handlers: this.handlers };
    try {
      this.#connection ??= await this.#connect(settings);
      const connection = this.#connection;
      connection.controller.script = this.#script;
      await connection.sipWatch?.start(() => this.#sipSettings.push(connection.controller));
      await this.#sipSettings.push(connection.controller);
    } catch (error) {
      this.#running = undefined;
      this.#log.error(
        { err: error, sip: this.sip, us: this.us, rtp: this.#rtp },
        "call control could not be started",
      );
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
