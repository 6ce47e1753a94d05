/** One call of a telephone, with its own audio. */
import type sip from "sip";
import type { SipRequest, Telephone } from "./telephone.js";
import { token } from "./token.js";
import type { Voice } from "./voice.js";

type Direction = "sendrecv" | "sendonly" | "inactive";

export class PhoneCall {
  readonly callId: string;
  readonly isIncoming: boolean;
  readonly voice: Voice;
  /** Statuses of responses to its INVITE, in order, without challenges. */
  readonly statuses: number[] = [];
  /** First lines of the sipfrags that came in NOTIFY. */
  readonly notifies: string[] = [];
  /** The INVITE that came in, the last one where it was challenged. */
  invite: SipRequest | undefined;
  isTaken = false;
  hasEnded = false;
  isUp = false;
  /** re-INVITEs of the switch so far. */
  reinvited = 0;

  readonly #phone: Telephone;
  readonly #localTag: string;
  #remoteTag = "";
  readonly #localUri: string;
  readonly #remoteUri: string;
  /** Request-URI of what it sends within the dialog. */
  #target: string;
  #hasAnswered = false;
  #seq = 1;
  #branch = "";
  #version = 1;
  #direction: Direction = "sendrecv";

  private constructor(
    phone: Telephone,
    voice: Voice,
    dialog: { callId: string; local: string; remote: string; target: string; invite?: SipRequest },
  ) {
    this.#phone = phone;
    this.voice = voice;
    this.callId = dialog.callId;
    this.#localUri = dialog.local;
    this.#remoteUri = dialog.remote;
    this.#target = dialog.target;
    this.#localTag = token();
    this.invite = dialog.invite;
    this.isIncoming = dialog.invite !== undefined;
  }

  static async outgoing(phone: Telephone, uri: string, headers: readonly string[]): Promise<PhoneCall> {
    const local = `sip:${phone.user}@${phone.domain}`;
    const voice = await phone.voice();
    const call = new PhoneCall(phone, voice, { callId: token(), local, remote: uri, target: uri });
    void call.#call(uri, headers);
    return call;
  }

  static async incoming(phone: Telephone, invite: SipRequest): Promise<PhoneCall> {
    const { from, to, contact } = invite.headers;
    const target = contact === undefined || contact === "*" ? from.uri : (contact[0]?.uri ?? from.uri);
    const call = new PhoneCall(phone, await phone.voice(), {
      callId: invite.headers["call-id"],
      local: to.uri,
      remote: from.uri,
      target,
      invite,
    });
    call.#remoteTag = from.params["tag"] ?? "";
    return call;
  }

  take(): void {
    this.isTaken = true;
  }

  // What it waits for.

  /** A response of this status has come to its INVITE. */
  async gets(status: number): Promise<void> {
    await this.#until(`${String(status)} at ${this.#phone.user} (got ${this.statuses.join(" ")})`, () =>
      this.statuses.includes(status),
    );
  }

  async answered(): Promise<void> {
    await this.#until(`an answer at ${this.#phone.user}`, () => this.isUp);
  }

  async ended(): Promise<void> {
    await this.#until(`the end of a call at ${this.#phone.user}`, () => this.hasEnded);
  }

  async notified(line: string): Promise<void> {
    await this.#until(`NOTIFY ${line} at ${this.#phone.user}`, () =>
      this.notifies.some((each) => each === `SIP/2.0 ${line}`),
    );
  }

  /** It hears that telephone's tone, and is heard by it. */
  async talksWith(other: PhoneCall): Promise<void> {
    await Promise.all([this.hears(other), other.hears(this)]);
  }

  hears(other: PhoneCall): Promise<void> {
    return this.voice.hears(other.#phone.hertz);
  }

  // What it does.

  ring(): void {
    this.#phone.respond(this.#invited(), 180, { tag: this.#localTag });
  }

  /** 401: the next INVITE has to bring credentials for this realm. */
  async challenge(realm: string): Promise<Record<string, string>> {
    this.#phone.challenge(this.#invited(), realm, this.#localTag);
    await this.#until("an INVITE with credentials", () => this.invite?.headers.authorization !== undefined);
    return this.invite?.headers.authorization?.[0] ?? {};
  }

  answer(): void {
    this.#hasAnswered = true;
    this.voice.talkTo(this.#invited().content);
    this.#phone.respond(this.#invited(), 200, { tag: this.#localTag, sdp: this.#sdp() });
  }

  refuse(status: number): void {
    this.hasEnded = true;
    this.#phone.respond(this.#invited(), status, { tag: this.#localTag });
  }

  /** BYE, or CANCEL before the answer. */
  async hangup(): Promise<void> {
    if (this.isUp) {
      this.hasEnded = true;
      await this.#inDialog("BYE");
      return;
    }
    const uri = this.#remoteUri;
    this.#phone.request("CANCEL", uri, { ...this.#ids, toTag: "", seq: this.#seq, branch: this.#branch });
    await this.ended();
  }

  async hold(direction: Direction = "sendonly"): Promise<void> {
    this.#direction = direction;
    this.#version += 1;
    const response = await this.#inDialog("INVITE", { sdp: this.#sdp() });
    this.#phone.request("ACK", this.#target, { ...this.#ids, seq: this.#seq });
    if (response.status !== 200) throw new Error(`a re-INVITE got ${String(response.status)}`);
    this.voice.talkTo(response.content);
  }

  unhold(): Promise<void> {
    return this.hold("sendrecv");
  }

  /** REFER. @returns its status. */
  async refer(whom: string, replaces?: PhoneCall): Promise<number> {
    const uri = `sip:${whom}@${this.#phone.domain}`;
    const query = replaces === undefined ? "" : `?Replaces=${encodeURIComponent(replaces.replaces)}`;
    const { status } = await this.#inDialog("REFER", { lines: [`Refer-To: <${uri}${query}>`] });
    return status;
  }

  /** Its dialog as a Replaces of somebody else's names it (RFC 3891 §6.1). */
  get replaces(): string {
    return `${this.callId};to-tag=${this.#remoteTag};from-tag=${this.#localTag}`;
  }

  heard(request: SipRequest): void {
    switch (request.method) {
      case "ACK":
        this.isUp ||= this.#hasAnswered;
        return;
      case "BYE":
        this.hasEnded = true;
        this.#phone.respond(request, 200);
        return;
      case "CANCEL":
        this.hasEnded = true;
        this.#phone.respond(request, 200);
        this.#phone.respond(this.#invited(), 487, { tag: this.#localTag });
        return;
      case "NOTIFY":
        this.notifies.push(request.content.split("\r\n")[0] ?? "");
        this.#phone.respond(request, 200);
        return;
      case "INVITE":
        if (request.headers.to.params["tag"] === undefined) {
          this.invite = request;
          return;
        }
        this.reinvited += 1;
        this.voice.talkTo(request.content);
        this.#version += 1;
        this.#phone.respond(request, 200, { sdp: this.#sdp() });
        return;
      default:
        this.#phone.respond(request, 200);
    }
  }

  async #call(uri: string, lines: readonly string[]): Promise<void> {
    const final = await this.#phone.transact(
      "INVITE",
      uri,
      {
        ...this.#ids,
        toTag: "",
        lines,
        sdp: this.#sdp(),
        sent: (seq, branch) => {
          [this.#seq, this.#branch] = [seq, branch];
        },
      },
      (response) => {
        this.#provisional(response);
      },
    );
    this.statuses.push(final.status);
    this.#learn(final);
    if (final.status >= 300) this.hasEnded = true;
    else {
      this.voice.talkTo(final.content);
      this.#phone.request("ACK", this.#target, { ...this.#ids, seq: this.#seq });
      this.isUp = true;
    }
    this.#phone.changes.tell();
  }

  #provisional(response: sip.Message): void {
    if (response.status !== undefined && response.status > 100) this.statuses.push(response.status);
    this.#learn(response);
  }

  #learn({ headers }: sip.Message): void {
    this.#remoteTag = headers.to.params["tag"] ?? this.#remoteTag;
    const { contact } = headers;
    if (contact !== undefined && contact !== "*") this.#target = contact[0]?.uri ?? this.#target;
  }

  async #inDialog(
    method: string,
    { lines = [], sdp = "" }: { lines?: readonly string[]; sdp?: string } = {},
  ): Promise<{ status: number; content: string }> {
    this.#seq += 1;
    const { status, content } = await this.#phone.transact(method, this.#target, {
      ...this.#ids,
      seq: this.#seq,
      lines,
      sdp,
      sent: (seq) => {
        this.#seq = seq;
      },
    });
    return { status, content };
  }

  get #ids(): { callId: string; from: string; fromTag: string; to: string; toTag: string } {
    return {
      callId: this.callId,
      from: this.#localUri,
      fromTag: this.#localTag,
      to: this.#remoteUri,
      toTag: this.#remoteTag,
    };
  }

  #invited(): SipRequest {
    if (this.invite === undefined) throw new Error("it was not called");
    return this.invite;
  }

  #until(what: string, isSo: () => boolean): Promise<true> {
    return this.#phone.changes.until(what, () => (isSo() ? true : undefined));
  }

  #sdp(): string {
    const keys = String(this.#phone.keyType);
    return [
      "v=0",
      `o=- ${String(this.voice.port)} ${String(this.#version)} IN IP4 127.0.0.1`,
      "s=-",
      "c=IN IP4 127.0.0.1",
      "t=0 0",
      `m=audio ${String(this.voice.port)} RTP/AVP 0 ${keys}`,
      `a=rtpmap:${keys} telephone-event/8000`,
      `a=fmtp:${keys} 0-16`,
      `a=${this.#direction}`,
      "",
    ].join("\r\n");
  }
}
