/** The modern face: a call is a function. It stands over the same call control as the seed's `projectcontrol`. */
import { MediaswitchError } from "../../core/errors.js";
import type { CodecName } from "../../sdp/payload-types.js";
import type {
  DirectoryUser,
  GatewaySettings,
  Mailbox,
  MessageInfo,
  MessageOutcome,
  MessageRequest,
  PresenceSetting,
} from "../../sip/sip-service.js";
import type { Call } from "../call.js";
import type { Controller } from "../controller.js";
import type { ProjectControl } from "../projectcontrol.js";
import type { DirectoryOptions } from "../sip-settings.js";
import type { CallDetailRecord } from "../record/call-detail-record.js";
import type { TransferRule } from "../transfer/transfer-rule.js";
import type { Conference } from "../services/conference/rooms.js";
import type { ParkingLot } from "../services/park/parking.js";
import type { Queue } from "../services/queue/queues.js";
import { Services } from "../services/services.js";
import type { MailboxSettings } from "../services/voicemail/voicemail-options.js";
import type { ActiveCall } from "./active-call.js";
import { AllowedTargets, type AllowRule } from "./allowed-targets.js";
import type { AppEvent, AppHappening } from "./app-event.js";
import { endingOf } from "./call-ended.js";
import { dial } from "./dial.js";
import type { DialOptions, DialResult, Target } from "./dial-options.js";
import { EventQueue } from "./event-queue.js";
import type { Line, LineSettings } from "./line.js";
import { Lines } from "./lines.js";
import { LiveCall } from "./live-call.js";
import { checkedFunction } from "./option-checks.js";
import { runHandler } from "./run-handler.js";
import { soupOf, type Sounds } from "./sound.js";
import type { Abortable, Snippets } from "./verb-options.js";

/**
 * What becomes of a call that comes in. When it returns, a call that is still up is hung up normally, unless it was
 * handed on; that its call has ended (`CallEnded`) is a normal way out; any other error is logged and ends this call with
 * what it stands for, 500 unless it is one of the table of errors.
 */
export type CallHandler = (call: ActiveCall) => unknown;

export interface AppOptions {
  readonly control: ProjectControl;
}

export class App {
  /** The seed's face of the same call control. */
  readonly control: ProjectControl;
  /** Sounds of digits, for `call.sayDigits`. */
  snippets: Snippets | undefined;

  readonly #allowed = new AllowedTargets();
  readonly #queues = new Set<EventQueue<AppEvent>>();
  readonly #faces = new WeakMap<Line, ActiveCall>();
  #handler: CallHandler | undefined;
  #mayTransfer: TransferRule = () => true;
  #mailboxes: MailboxSettings = {};
  #lines: Lines | undefined;
  #services: Services | undefined;
  #unwatch: () => void = () => undefined;

  constructor({ control }: AppOptions) {
    this.control = control;
    control.onreg = (registration) => this.#tell({ type: "registered", registration });
    control.ondereg = (registration) => this.#tell({ type: "deregistered", registration });
    control.ongateway = (gateway) => this.#tell({ type: "gateway", gateway });
    control.onsubscribe = (subscription) => this.#tell({ type: "subscribed", subscription });
  }

  /** Codecs offered and taken, in the order of preference. */
  get codecs(): readonly CodecName[] {
    return this.control.codecs;
  }
  set codecs(codecs: readonly CodecName[]) {
    this.control.codecs = codecs;
  }

  /** Heard by one while the other one of a bridge has it on hold, and by whom we hold. */
  set music(music: Sounds) {
    this.control.moh = soupOf(music, {}, "music");
  }

  /** Takes the calls that come in from now on, and those that phones transfer; a second handler takes the first one's place. */
  oncall(handler: CallHandler): void {
    checkedFunction(handler, "handler");
    if (this.#handler === undefined) this.control.onnewcall = (call) => this.#take(call);
    this.#handler = handler;
  }

  /** Takes messages to those who have no phone to take them; without it their senders are told 480. */
  onmessage(handler: (message: MessageInfo) => unknown): void {
    checkedFunction(handler, "handler");
    this.control.onmessage = (message) => {
      this.#tell({ type: "message", message });
      return handler(message);
    };
  }

  /** The record of each call, once, when the last of its legs has ended. */
  oncdr(handler: (record: CallDetailRecord) => unknown): void {
    checkedFunction(handler, "handler");
    this.control.oncdr = handler;
  }

  /** Sets the users of a domain, all of them. May be called before `run()`; it is sent then. */
  directory(domain: string, users: readonly DirectoryUser[], options?: DirectoryOptions): Promise<void> {
    return this.control.directory(domain, users, options);
  }

  /** Sets a gateway; without settings it is removed. Calls out by it need a rule of `allow`, too. */
  gateway(name: string, settings?: GatewaySettings): Promise<void> {
    return this.control.gateway(name, settings);
  }

  /** Lets calls go out that match: by a gateway, or to domains that are not in the directory. Without a rule none may. */
  allow(rule: AllowRule): void {
    this.#allowed.add(rule);
  }

  /**
   * Whether a phone may transfer a call (REFER), or take the place of one (INVITE with Replaces); without a rule it may
   * whatever can be done. A transferred call comes to the handler of `oncall`, with its target as `call.to`.
   */
  ontransfer(rule: TransferRule): void {
    checkedFunction(rule, "rule");
    this.#mayTransfer = rule;
  }

  /** Connects to SIP and RTP and takes calls from then on. After a failure it may be tried again. */
  async run(): Promise<void> {
    await this.control.run();
    this.#home();
  }

  /** Hangs up all calls and lets go of SIP and RTP; loops over `events` end. */
  async stop(): Promise<void> {
    await this.control.stop();
    this.#unwatch();
    this.#lines = undefined;
    this.#services?.close();
    this.#services = undefined;
    for (const queue of [...this.#queues]) queue.close();
  }

  /**
   * Calls somebody for nobody yet. Without a script of its own the call that answers stays up until the far end, or
   * somebody here, hangs up. NOT_ALLOWED as of `call.dial`; NOT_CONNECTED before `run()`.
   */
  async call(
    targets: Target | readonly Target[],
    options: DialOptions = {},
  ): Promise<DialResult<ActiveCall>> {
    const result = await dial({ home: this.#home(), caller: undefined, verb: "call" }, targets, options);
    return result.outcome === "answered" ? { ...result, call: this.#faceOf(result.call) } : result;
  }

  /** Live calls, as of now. */
  get calls(): ActiveCall[] {
    return Object.values(this.control.calls).map((call) => this.of(call));
  }

  /** The face of one of the calls of `control`: always the same one. */
  of(call: Call): ActiveCall {
    return this.#faceOf(this.#home().of(call));
  }

  /** What happens from now on, until the app is stopped. */
  events({ signal }: Abortable = {}): AsyncIterable<AppEvent> {
    const queue: EventQueue<AppEvent> = new EventQueue<AppEvent>({
      verb: "events",
      signal,
      closed: () => this.#queues.delete(queue),
      lost: (count) => ({ type: "lost", count, at: this.#home().desk.clock.epoch() }),
    });
    if (signal?.aborted !== true) this.#queues.add(queue);
    return queue;
  }

  /** Sends a message to all phones of a user. */
  message(request: MessageRequest): Promise<MessageOutcome> {
    return this.control.message(request);
  }
  /** Says what others are told of a user's presence; without a status, what the phones say counts again. */
  presence(setting: PresenceSetting): Promise<void> {
    return this.control.presence(setting);
  }
  /** Says how many voice messages wait for a user. */
  mailbox(domain: string, user: string, mailbox: Mailbox): Promise<void> {
    return this.control.mailbox(domain, user, mailbox);
  }

  /** A conference room by its name. NOT_CONNECTED before `run()`, as of queue and park. */
  conference(name: string): Conference {
    return this.services.rooms.conference(name);
  }
  /** A queue by its name: its agents, statistics and events. */
  queue(name: string): Queue {
    return this.services.queues.queue(name);
  }
  /** The slots of parked calls. */
  get parking(): ParkingLot {
    return this.services.parking.lot;
  }
  /** Where voice messages are kept. Default: in memory, until the process ends. To be set before `run()`. */
  set mailboxes(mailboxes: MailboxSettings) {
    this.#mailboxes = mailboxes;
  }

  /** What the verbs of services share; for control's own use. */
  get services(): Services {
    this.#home();
    if (this.#services === undefined) throw new MediaswitchError("INTERNAL", "there are no services");
    return this.#services;
  }

  /** @throws {MediaswitchError} NOT_CONNECTED */
  #home(): Lines {
    const { controller } = this.control;
    if (controller === undefined) {
      throw new MediaswitchError("NOT_CONNECTED", "there is no connection: await app.run() first");
    }
    if (this.#lines?.desk === controller) return this.#lines;
    this.#unwatch();
    controller.script.mayTransfer = (request) => this.#mayTransfer(request);
    this.#lines = new Lines(controller, this.#settings());
    this.#services = new Services(this.#lines, this.#mailboxes);
    this.#unwatch = this.#watch(controller);
    return this.#lines;
  }

  #watch(controller: Controller): () => void {
    return controller.watchers.add(({ call, event }) => {
      if (this.#queues.size === 0) return;
      if (event.type === "new") this.#tell({ type: "call-started", call: this.of(call) });
      if (event.type === "ended") {
        this.#tell({ type: "call-ended", call: this.of(call), ending: endingOf(call) });
      }
    });
  }

  #settings(): LineSettings {
    return {
      snippets: () => this.snippets,
      checkAllowed: (target, caller) => {
        const { user, domain, gateway } = target;
        if (gateway === undefined && this.control.domains.includes(domain)) return;
        this.#allowed.check({ user, domain, gateway, caller: caller?.call.callid });
      },
      defaultDomain: () => this.control.domains[0],
    };
  }

  #take(call: Call): void {
    const handler = this.#handler;
    if (handler === undefined) return;
    const line = this.#home().of(call);
    void runHandler(line, () => handler(this.#faceOf(line)));
  }

  #faceOf(line: Line): ActiveCall {
    const known = this.#faces.get(line);
    if (known !== undefined) return known;
    const face = new LiveCall(line, this.services, (other) => this.#faceOf(other));
    this.#faces.set(line, face);
    return face;
  }

  #tell(event: AppHappening): void {
    const at = this.control.controller?.clock.epoch() ?? 0;
    for (const queue of [...this.#queues]) queue.push({ ...event, at });
  }
}
