import { MediaswitchError, type ErrorCode } from "../../ts/core/errors.js";
import { OrderedDelivery } from "../../ts/core/ordered-delivery.js";
import { dispatch, type Command, type EventSink, type Handlers } from "../../ts/core/service.js";
import type {
  CallInfo,
  CallRefer,
  DeregistrationReason,
  DialogCause,
  DirectoryUser,
  GatewayInfo,
  GatewayNews,
  GatewaySettings,
  InviteRequest,
  Mailbox,
  MessageInfo,
  PresenceStatus,
  SipCommand,
  SipCommands,
  SipEvent,
  SipService,
  SubscriptionInfo,
  UserRegistration,
} from "../../ts/sip/sip-service.js";

interface Domain {
  readonly control: string | undefined;
  readonly users: Map<string, DirectoryUser>;
}

/** What the far end of a call has seen of us, and what we know of it. */
export interface FakeDialog {
  info: CallInfo;
  /** The instance of the server that knows it. */
  of: string;
  events: number;
  readonly control: string | undefined;
  /** The far end got 180 from us. */
  rung: boolean;
  alertinfo: string | undefined;
  /** Our 2xx or CANCEL or BYE is on its way; the far end says what comes of it. */
  pending: "none" | "ack" | "reinvite" | "late-offer" | "modify";
  /** How we ended it, where it was us. */
  hungup: { readonly code?: number; readonly reason?: string } | undefined;
}

/** Who calls whom, in an INVITE that comes in. */
export interface FakeInvite {
  readonly from: string;
  readonly to: string;
  /** One phone of that user (RFC 5627). */
  readonly gr?: string;
  readonly domain?: string;
  readonly callid?: string;
  readonly maxforwards?: number;
  readonly sdp?: string;
  /** The call whose place it wants (RFC 3891). */
  readonly replaces?: string;
}

const EPOCH = 1_704_067_200;

/** A SIP side without messages: keeps the books of a real one, records commands, and plays the far ends. */
export class FakeSipService implements SipService {
  readonly commands: SipCommand[] = [];
  /** Ended ones too. */
  readonly dialogs = new Map<string, FakeDialog>();
  /** The call-id an outbound call gets; the one asked for, unless a test says otherwise. */
  nameInvite: (request: InviteRequest, fallback: string) => string = ({ callid }, fallback) =>
    callid ?? fallback;
  /** Runs between the moment an outbound call exists and the moment its result is told. */
  duringInvite: (callid: string) => Promise<void> = () => Promise.resolve();
  /** Another one says that the server was restarted. */
  instance = "first";
  /** The far end of a call that we hang up answers at once. */
  confirmsHangups = true;

  /** What control has set, by `user@domain`. */
  readonly presence = new Map<string, { readonly status: PresenceStatus; readonly note?: string }>();
  readonly mailboxes = new Map<string, Mailbox>();

  readonly #domains = new Map<string, Domain>();
  readonly #gateways = new Map<string, GatewaySettings>();
  readonly #registered = new Map<string, { readonly host: string; readonly port: number }>();
  readonly #delivery = new OrderedDelivery<SipEvent>();
  readonly #failures: { type: keyof SipCommands; code: ErrorCode }[] = [];
  readonly #referred = new Set<string>();
  #counter = 0;
  #isDraining = false;

  attach(sink: EventSink<SipEvent>): void {
    this.#delivery.attach(sink);
  }

  async execute<Type extends keyof SipCommands>(
    command: Command<SipCommands, Type>,
    signal?: AbortSignal,
  ): Promise<SipCommands[Type]["result"]> {
    this.commands.push(structuredClone(command) as SipCommand);
    const index = this.#failures.findIndex(({ type }) => type === command.type);
    const [failure] = index === -1 ? [] : this.#failures.splice(index, 1);
    if (failure !== undefined) throw new MediaswitchError(failure.code, `told to fail: ${failure.type}`);
    return dispatch(this.#handlers, command, signal);
  }

  /** The next command of this type is refused. */
  failNext(type: keyof SipCommands, code: ErrorCode): void {
    this.#failures.push({ type, code });
  }

  commandsOf<Type extends keyof SipCommands>(type: Type): Extract<SipCommand, { type: Type }>[] {
    return this.commands.filter((command) => command.type === type) as Extract<SipCommand, { type: Type }>[];
  }

  /** Calls that have not ended. */
  get live(): FakeDialog[] {
    return [...this.dialogs.values()].filter(({ info }) => !info.hangup);
  }

  dialog(callid: string): FakeDialog {
    const dialog = this.dialogs.get(callid);
    if (dialog === undefined) throw new MediaswitchError("CALL_UNKNOWN", `no call ${callid}`, "callid");
    return dialog;
  }

  // The far ends.

  /** A phone registers. */
  async register(domain: string, user: string, host = "192.0.2.1", port = 5060): Promise<void> {
    this.#registered.set(`${user}@${domain}`, { host, port });
    const control = this.#domains.get(domain)?.control;
    await this.#delivery.send(domain, {
      type: "registered",
      ...(control !== undefined && { control }),
      registration: { domain, user, host, port, agent: "fake" },
    });
  }

  async deregister(domain: string, user: string, reason?: DeregistrationReason): Promise<void> {
    this.#registered.delete(`${user}@${domain}`);
    const control = this.#domains.get(domain)?.control;
    await this.#delivery.send(domain, {
      type: "deregistered",
      ...(control !== undefined && { control }),
      domain,
      user,
      ...(reason !== undefined && { reason }),
    });
  }

  /** A phone subscribes, or ends that. */
  async subscribes(subscription: SubscriptionInfo): Promise<void> {
    const control = this.#domains.get(subscription.domain)?.control;
    await this.#delivery.send(subscription.domain, {
      type: "subscribed",
      ...(control !== undefined && { control }),
      subscription,
    });
  }

  /** A MESSAGE comes for somebody without a phone. @returns the status its sender gets. */
  async messages(message: MessageInfo): Promise<number> {
    const control = this.#domains.get(message.domain)?.control;
    const event = { type: "message", ...(control !== undefined && { control }), message } as const;
    return this.#delivery.send(message.domain, event).then(
      () => 202,
      (error: unknown) =>
        error instanceof MediaswitchError && error.code !== "CONTROL_UNAVAILABLE" ? error.sipStatus : 480,
    );
  }

  /** Something has become of the registration at a gateway. */
  async gatewayChanged(gateway: GatewayNews): Promise<void> {
    const control = this.#gateways.get(gateway.name)?.control;
    await this.#delivery.send(`gateway ${gateway.name}`, {
      type: "gateway",
      ...(control !== undefined && { control }),
      gateway,
    });
  }

  /** An INVITE comes in. @returns its call-id; control may have refused it by then (480). */
  async invited(invite: FakeInvite): Promise<string> {
    this.#counter += 1;
    const callid = invite.callid ?? `in-${String(this.#counter)}`;
    const domain = invite.domain ?? "example.net";
    const info = firstInfo(callid, domain, invite.from, invite.to, invite.maxforwards ?? 70, false);
    const gr = invite.gr === undefined ? {} : { gr: invite.gr };
    const replaces = invite.replaces === undefined ? {} : { replaces: invite.replaces };
    this.#enter({ ...info, ...gr, ...replaces, sdp: invite.sdp === undefined ? {} : { them: invite.sdp } });
    try {
      await this.#emit(callid, "new", {});
    } catch {
      await this.#end(this.dialog(callid), { code: 480, reason: "Temporarily Unavailable" });
    }
    return callid;
  }

  /** The ACK of our 2xx. */
  async acks(callid: string, sdp?: string): Promise<void> {
    const dialog = this.dialog(callid);
    if (dialog.pending !== "ack") throw new Error(`${callid} waits for no ACK`);
    dialog.pending = "none";
    const { info } = dialog;
    const epochs = { ...info.epochs, answer: EPOCH };
    await this.#emit(callid, "answered", { answered: true, epochs, sdp: withTheirs(info, sdp) });
  }

  rings(callid: string): Promise<void> {
    const { epochs } = this.dialog(callid).info;
    return this.#emit(callid, "ringing", { ring: true, epochs: { ...epochs, ring: EPOCH } });
  }

  /** The callee's 183 with a description. */
  progresses(callid: string, sdp: string): Promise<void> {
    return this.#emit(callid, "early", { sdp: withTheirs(this.dialog(callid).info, sdp) });
  }

  /** A REFER. @returns whether control took it. */
  async refers(callid: string, to: string, more: Partial<CallRefer> = {}): Promise<boolean> {
    const refer = { to, domain: "example.net", uri: `sip:${to}@example.net`, ...more };
    try {
      await this.#emit(callid, "refer", {}, { refer });
    } catch {
      return false;
    }
    this.#referred.add(callid);
    return true;
  }

  /** A key press by INFO. */
  presses(callid: string, key: string, duration = 200): Promise<void> {
    return this.#emit(callid, "key", {}, { key: { key, duration } });
  }

  /** The answer to our re-INVITE. */
  accepts(callid: string, sdp: string): Promise<void> {
    const dialog = this.dialog(callid);
    if (dialog.pending !== "modify") throw new Error(`${callid} was not sent a re-INVITE`);
    dialog.pending = "none";
    return this.#emit(callid, "modified", { sdp: withTheirs(dialog.info, sdp) });
  }

  /** The callee's 2xx. */
  answers(callid: string, sdp?: string): Promise<void> {
    const { info } = this.dialog(callid);
    const epochs = { ...info.epochs, answer: EPOCH };
    return this.#emit(callid, "answered", { answered: true, epochs, sdp: withTheirs(info, sdp) });
  }

  /** The callee's 2xx carries an offer. */
  offers(callid: string, sdp: string): Promise<void> {
    const dialog = this.dialog(callid);
    dialog.pending = "late-offer";
    return this.#emit(callid, "offer", { answered: true, sdp: withTheirs(dialog.info, sdp) });
  }

  reinvites(callid: string, sdp?: string): Promise<void> {
    const dialog = this.dialog(callid);
    dialog.pending = "reinvite";
    const { us } = dialog.info.sdp;
    const ours = us === undefined ? {} : { us };
    return this.#emit(callid, "reinvite", { sdp: sdp === undefined ? ours : { ...ours, them: sdp } });
  }

  /** BYE, CANCEL, a final refusal or a time-out: whatever ends a call from over there. */
  ends(callid: string, code = 0, status = ""): Promise<void> {
    return this.#finish(this.dialog(callid), code, status);
  }

  /** Sends the last event again, as a sender does that has not heard it was taken. */
  repeatsLastEvent(callid: string, cause: DialogCause): Promise<void> {
    const { info, events } = this.dialog(callid);
    return this.#delivery.send(callid, { type: "dialog", number: events, cause, info });
  }

  // Our side.

  readonly #handlers: Handlers<SipCommands> = {
    "directory.put": ({ domain, control, users }) => {
      const created = !this.#domains.has(domain);
      this.#domains.set(domain, { control, users: byName(users) });
      return { created };
    },
    "directory.patch": ({ domain, control, users }) => {
      const known = this.#domain(domain);
      let created = false;
      for (const user of users) {
        created ||= !known.users.has(user.username);
        known.users.set(user.username, user);
      }
      this.#domains.set(domain, { ...known, control: control ?? known.control });
      return { created };
    },
    "directory.delete": ({ domain, user }) => {
      const known = this.#domain(domain);
      if (user === undefined) this.#domains.delete(domain);
      else if (!known.users.delete(user)) throw unknownUser(user);
      return {};
    },
    "directory.get": ({ domain, user }) => {
      if (domain === undefined) return { domains: [...this.#domains.keys()] };
      const { control, users } = this.#domain(domain);
      if (user !== undefined && !users.has(user)) throw unknownUser(user);
      const names = user === undefined ? [...users.keys()] : [user];
      return { users: names, ...(control !== undefined && { control }) };
    },
    "registrations.count": () => ({ count: this.#registered.size }),
    "registrations.domain": ({ domain, user }) => {
      const names = [...this.#domain(domain).users.keys()];
      if (user !== undefined && !names.includes(user)) throw unknownUser(user);
      const shown = names.filter((name) => user === undefined || name === user);
      const users = Object.fromEntries(shown.map((name) => [name, this.#registration(domain, name)]));
      const registered = Object.values(users).filter((entry) => entry.registered).length;
      return { domain, count: names.length, registered, users };
    },
    "dialog.get": ({ callid }) => {
      const { info, of } = this.dialog(callid);
      if (info.hangup || of !== this.instance)
        throw new MediaswitchError("CALL_UNKNOWN", `no call ${callid}`);
      return info;
    },
    "dialog.count": () => ({ count: this.live.length, counter: this.dialogs.size }),
    "dialog.invite": async ({ request }) => {
      const { from, to, maxforwards = 70, control, sdp } = request;
      if (this.#isDraining) throw new MediaswitchError("SIP_DRAINING", "this server takes no new calls");
      if (maxforwards <= 0)
        throw new MediaswitchError("MAX_FORWARDS_EXCEEDED", "the call was forwarded too often");
      if (request.gateway === undefined) this.#checkCallee(to.domain ?? from.domain, to.user);
      else this.#gateway(request.gateway);
      this.#counter += 1;
      const callid = this.nameInvite(request, `out-${String(this.#counter)}`);
      const info = firstInfo(callid, from.domain, from.user, to.user, maxforwards, true);
      const by = request.gateway === undefined ? {} : { gateway: request.gateway };
      this.#enter({ ...info, ...by, sdp: sdp === undefined ? {} : { us: sdp } }, control);
      await this.duringInvite(callid);
      return { callid };
    },
    "dialog.ring": ({ callid, alertinfo, sdp }) => {
      const dialog = this.#inbound(callid);
      if (dialog.rung || dialog.info.answered || dialog.pending === "ack") return {};
      if (sdp !== undefined) {
        this.#keepOurs(dialog, sdp);
        return {};
      }
      dialog.rung = true;
      dialog.alertinfo = alertinfo;
      return {};
    },
    "dialog.answer": ({ callid, sdp }) => {
      const dialog = this.#inbound(callid);
      if (dialog.info.answered || dialog.pending === "ack") return {};
      dialog.pending = "ack";
      this.#keepOurs(dialog, sdp);
      return {};
    },
    "dialog.ok": ({ callid, sdp }) => {
      const dialog = this.#living(callid);
      if (dialog.pending !== "reinvite") throw new MediaswitchError("CALL_STATE", "no re-INVITE waits");
      dialog.pending = "ack";
      this.#keepOurs(dialog, sdp);
      return {};
    },
    "dialog.refuse": ({ callid }) => {
      const dialog = this.#living(callid);
      if (dialog.pending !== "reinvite") throw new MediaswitchError("CALL_STATE", "no re-INVITE waits");
      dialog.pending = "none";
      return {};
    },
    "dialog.ack": ({ callid, sdp }) => {
      const dialog = this.#living(callid);
      if (dialog.pending !== "late-offer") throw new MediaswitchError("CALL_STATE", "no offer waits");
      dialog.pending = "none";
      this.#keepOurs(dialog, sdp);
      return {};
    },
    "dialog.reinvite": ({ callid, sdp }) => {
      const dialog = this.#living(callid);
      if (dialog.pending !== "none") throw new MediaswitchError("CALL_STATE", "another exchange is open");
      dialog.pending = "modify";
      this.#keepOurs(dialog, sdp);
      return {};
    },
    "dialog.notify": ({ callid }) => {
      if (!this.#referred.has(callid)) throw new MediaswitchError("CALL_UNKNOWN", "no REFER waits", "callid");
      return {};
    },
    "dialog.info": ({ callid }) => {
      this.#living(callid);
      return {};
    },
    "dialog.message": ({ callid }) => {
      this.#living(callid);
      return {};
    },
    "dialog.hangup": ({ callid, code, reason }) => {
      const dialog = this.#living(callid);
      if (dialog.hungup !== undefined) return {};
      const status = { ...(code !== undefined && { code }), ...(reason !== undefined && { reason }) };
      dialog.hungup = status;
      if (this.confirmsHangups) void this.#end(dialog, status);
      return {};
    },
    "presence.set": ({ domain, user, status, note }) => {
      this.#user(domain, user);
      const set = status === undefined ? undefined : { status, ...(note !== undefined && { note }) };
      if (set === undefined) this.presence.delete(`${user}@${domain}`);
      else this.presence.set(`${user}@${domain}`, set);
      return {};
    },
    "mwi.set": ({ domain, user, mailbox }) => {
      this.#user(domain, user);
      this.mailboxes.set(`${user}@${domain}`, mailbox);
      return {};
    },
    "message.send": ({ request: { from, to } }) => {
      const domain = to.domain ?? from.domain;
      if (!this.#domains.has(domain)) {
        throw new MediaswitchError("DESTINATION_UNREACHABLE", `no domain ${domain}`, "to.domain");
      }
      this.#checkCallee(domain, to.user);
      return { status: 200 };
    },
    drain: ({ enabled }) => {
      this.#isDraining = enabled;
      return { draining: enabled, calls: this.live.length };
    },
    "gateway.put": ({ type: _type, name, ...settings }) => {
      const created = !this.#gateways.has(name);
      this.#gateways.set(name, settings);
      return { created };
    },
    "gateway.delete": ({ name }) => {
      this.#gateway(name);
      this.#gateways.delete(name);
      return {};
    },
    "gateway.get": ({ name }) => ({
      gateways:
        name === undefined
          ? [...this.#gateways.keys()].map((each) => this.#gateway(each))
          : [this.#gateway(name)],
    }),
    health: () => ({
      subscriptions: 0,
      publications: 0,
      messages: 0,
      calls: this.live.length,
      dialogs: this.live.length,
      transactions: 0,
      timers: 0,
      sockets: 1,
      connections: 0,
      connectionTroubles: {},
      bindings: this.#registered.size,
      instance: this.instance,
      started: EPOCH,
      draining: this.#isDraining,
      admits: 1,
      eventsWaiting: this.#delivery.waiting,
      eventsLost: 0,
      refused: {},
    }),
  };

  #enter(info: CallInfo, control = this.#domains.get(info.domain)?.control): void {
    if (this.dialogs.has(info.callid))
      throw new MediaswitchError("CALL_STATE", `call ${info.callid} is there already`);
    const fresh = { rung: false, alertinfo: undefined, pending: "none", hungup: undefined } as const;
    this.dialogs.set(info.callid, { info, of: this.instance, events: 0, control, ...fresh });
  }

  #emit(
    callid: string,
    cause: DialogCause,
    changes: Partial<CallInfo>,
    news: Partial<CallInfo> = {},
  ): Promise<void> {
    const dialog = this.dialog(callid);
    if (dialog.info.hangup) throw new Error(`${callid} has ended; nothing comes after that`);
    dialog.events += 1;
    dialog.info = { ...dialog.info, ...changes };
    const { control, info, events: number } = dialog;
    return this.#delivery.send(callid, {
      type: "dialog",
      number,
      cause,
      ...(control !== undefined && { control }),
      info: structuredClone({ ...info, ...news }),
    });
  }

  /** Ends a call because of us; an unanswered one carries the status we refused it with. */
  async #end(dialog: FakeDialog, status: { code?: number; reason?: string }): Promise<void> {
    dialog.hungup = status;
    const isRefusal = !dialog.info.originator && !dialog.info.answered;
    await this.#finish(dialog, isRefusal ? (status.code ?? 480) : 0, isRefusal ? (status.reason ?? "") : "");
  }

  async #finish({ info }: FakeDialog, code: number, status: string): Promise<void> {
    if (info.hangup) return;
    const epochs = { ...info.epochs, end: EPOCH };
    await this.#emit(info.callid, "ended", { hangup: true, epochs, error: { code, status } }).catch(
      () => undefined,
    );
  }

  #keepOurs(dialog: FakeDialog, us: string | undefined): void {
    if (us !== undefined) dialog.info = { ...dialog.info, sdp: { ...dialog.info.sdp, us } };
  }

  #living(callid: string): FakeDialog {
    const dialog = this.dialog(callid);
    if (dialog.info.hangup) throw new MediaswitchError("CALL_UNKNOWN", `call ${callid} has ended`, "callid");
    return dialog;
  }

  #inbound(callid: string): FakeDialog {
    const dialog = this.#living(callid);
    if (dialog.info.originator)
      throw new MediaswitchError("CALL_STATE", `call ${callid} was made by us`, "callid");
    return dialog;
  }

  /** As a gateway stands where every registration succeeds. */
  #gateway(name: string): GatewayInfo {
    const settings = this.#gateways.get(name);
    if (settings === undefined)
      throw new MediaswitchError("GATEWAY_UNKNOWN", `no gateway ${name}`, "gateway");
    const { from, to, proxy, domain, control } = settings;
    const register = settings.register ?? from.authsecret !== undefined;
    return {
      name,
      from: { user: from.user, domain: from.domain ?? to.domain, authuser: from.authuser ?? from.user },
      to,
      ...(proxy === undefined ? {} : { proxy }),
      register,
      state: register ? "registered" : "unregistered",
      expires: register ? (settings.expires ?? 3600) : 0,
      route: [],
      path: [],
      sources: settings.sources ?? [],
      ...(domain === undefined ? {} : { domain }),
      ...(control === undefined ? {} : { control }),
    };
  }

  #domain(domain: string): Domain {
    const known = this.#domains.get(domain);
    if (known === undefined) throw new MediaswitchError("DOMAIN_UNKNOWN", `no domain ${domain}`, "domain");
    return known;
  }

  #user(domain: string, user: string): void {
    if (!this.#domain(domain).users.has(user)) throw unknownUser(user);
  }

  /** Only users of a domain of ours have to be known and registered; others are somebody else's business. */
  #checkCallee(domain: string, user: string): void {
    const known = this.#domains.get(domain);
    if (known === undefined) return;
    if (!known.users.has(user)) throw unknownUser(user);
    if (!this.#registered.has(`${user}@${domain}`)) {
      throw new MediaswitchError("USER_NOT_REGISTERED", `${user}@${domain} has no phone`);
    }
  }

  #registration(domain: string, user: string): UserRegistration {
    const remote = this.#registered.get(`${user}@${domain}`);
    if (remote === undefined) return { registered: false };
    const contact = `sip:${user}@${remote.host}:${String(remote.port)}`;
    return {
      registered: true,
      outstandingping: 0,
      remote: { ...remote, agent: "fake" },
      epochs: { registered: EPOCH },
      bindings: [{ contact, ...remote, expires: 3600 }],
    };
  }
}

const byName = (users: readonly DirectoryUser[]): Map<string, DirectoryUser> =>
  new Map(users.map((user) => [user.username, user]));

const unknownUser = (user: string): MediaswitchError =>
  new MediaswitchError("USER_UNKNOWN", `no user ${user}`, "user");

const withTheirs = ({ sdp }: CallInfo, them: string | undefined): CallInfo["sdp"] =>
  them === undefined ? sdp : { ...sdp, them };

function firstInfo(
  callid: string,
  domain: string,
  from: string,
  to: string,
  maxforwards: number,
  originator: boolean,
): CallInfo {
  return {
    callid,
    domain,
    to,
    from,
    contact: `sip:${originator ? to : from}@192.0.2.1:5060`,
    maxforwards,
    authenticated: !originator,
    originator,
    ring: false,
    answered: false,
    hold: false,
    hangup: false,
    error: { code: 0, status: "" },
    remote: { host: "192.0.2.1", port: 5060 },
    sdp: {},
    epochs: { start: EPOCH, ring: 0, answer: 0, end: 0 },
  };
}
