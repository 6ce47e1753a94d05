import { MediaswitchError, type ErrorCode } from "../../ts/core/errors.js";
import { OrderedDelivery } from "../../ts/core/ordered-delivery.js";
import { dispatch, type Command, type EventSink, type Handlers } from "../../ts/core/service.js";
import type {
  CallInfo,
  DialogCause,
  DirectoryUser,
  InviteRequest,
  SipCommand,
  SipCommands,
  SipEvent,
  SipService,
  UserRegistration,
} from "../../ts/sip/sip-service.js";

interface Domain {
  readonly control: string | undefined;
  readonly users: Map<string, DirectoryUser>;
}

/** What the far end of a call has seen of us, and what we know of it. */
export interface FakeDialog {
  info: CallInfo;
  events: number;
  readonly control: string | undefined;
  /** The far end got 180 from us. */
  rung: boolean;
  alertinfo: string | undefined;
  /** Our 2xx or CANCEL or BYE is on its way; the far end says what comes of it. */
  pending: "none" | "ack" | "reinvite" | "late-offer";
  /** How we ended it, where it was us. */
  hungup: { readonly code?: number; readonly reason?: string } | undefined;
}

/** Who calls whom, in an INVITE that comes in. */
export interface FakeInvite {
  readonly from: string;
  readonly to: string;
  readonly domain?: string;
  readonly callid?: string;
  readonly maxforwards?: number;
  readonly sdp?: string;
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
  /** The far end of a call that we hang up answers at once. */
  confirmsHangups = true;

  readonly #domains = new Map<string, Domain>();
  readonly #registered = new Map<string, { readonly host: string; readonly port: number }>();
  readonly #delivery = new OrderedDelivery<SipEvent>();
  readonly #failures: { type: keyof SipCommands; code: ErrorCode }[] = [];
  #counter = 0;

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

  async deregister(domain: string, user: string): Promise<void> {
    this.#registered.delete(`${user}@${domain}`);
    const control = this.#domains.get(domain)?.control;
    await this.#delivery.send(domain, {
      type: "deregistered",
      ...(control !== undefined && { control }),
      domain,
      user,
    });
  }

  /** An INVITE comes in. @returns its call-id; control may have refused it by then (480). */
  async invited(invite: FakeInvite): Promise<string> {
    this.#counter += 1;
    const callid = invite.callid ?? `in-${String(this.#counter)}`;
    const domain = invite.domain ?? "example.net";
    const info = firstInfo(callid, domain, invite.from, invite.to, invite.maxforwards ?? 70, false);
    this.#enter({ ...info, sdp: invite.sdp === undefined ? {} : { them: invite.sdp } });
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
    "directory.get": ({ domain }) => {
      if (domain === undefined) return { domains: [...this.#domains.keys()] };
      const { control, users } = this.#domain(domain);
      return { users: [...users.keys()], ...(control !== undefined && { control }) };
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
    "dialog.count": () => ({ count: this.live.length, counter: this.dialogs.size }),
    "dialog.invite": async ({ request }) => {
      const { from, to, maxforwards = 70, control, sdp } = request;
      if (maxforwards <= 0)
        throw new MediaswitchError("MAX_FORWARDS_EXCEEDED", "the call was forwarded too often");
      this.#checkCallee(to.domain ?? from.domain, to.user);
      this.#counter += 1;
      const callid = this.nameInvite(request, `out-${String(this.#counter)}`);
      const info = firstInfo(callid, from.domain, from.user, to.user, maxforwards, true);
      this.#enter({ ...info, sdp: sdp === undefined ? {} : { us: sdp } }, control);
      await this.duringInvite(callid);
      return { callid };
    },
    "dialog.ring": ({ callid, alertinfo }) => {
      const dialog = this.#inbound(callid);
      if (dialog.rung || dialog.info.answered || dialog.pending === "ack") return {};
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
    "dialog.hangup": ({ callid, code, reason }) => {
      const dialog = this.#living(callid);
      if (dialog.hungup !== undefined) return {};
      const status = { ...(code !== undefined && { code }), ...(reason !== undefined && { reason }) };
      dialog.hungup = status;
      if (this.confirmsHangups) void this.#end(dialog, status);
      return {};
    },
    health: () => ({
      calls: this.live.length,
      dialogs: this.live.length,
      transactions: 0,
      timers: 0,
      sockets: 1,
      bindings: this.#registered.size,
      refused: {},
    }),
  };

  #enter(info: CallInfo, control = this.#domains.get(info.domain)?.control): void {
    if (this.dialogs.has(info.callid))
      throw new MediaswitchError("CALL_STATE", `call ${info.callid} is there already`);
    const fresh = { rung: false, alertinfo: undefined, pending: "none", hungup: undefined } as const;
    this.dialogs.set(info.callid, { info, events: 0, control, ...fresh });
  }

  #emit(callid: string, cause: DialogCause, changes: Partial<CallInfo>): Promise<void> {
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
      info: structuredClone(info),
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

  #domain(domain: string): Domain {
    const known = this.#domains.get(domain);
    if (known === undefined) throw new MediaswitchError("DOMAIN_UNKNOWN", `no domain ${domain}`, "domain");
    return known;
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
