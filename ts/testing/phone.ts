import { ms } from "../core/brand.js";
import type { Random } from "../core/random.js";
import type { SocketAddress } from "../core/socket-address.js";
import type { PhoneCall } from "../phone/phone-call.js";
import { UserAgent } from "../phone/user-agent.js";
import type { CodecName } from "../sdp/payload-types.js";
import { overUdp, type FakeNetwork } from "./fake-network.js";
import type { ManualClock } from "./manual-clock.js";
import { PhoneAudio, type Sound } from "./phone-audio.js";
import type { SoundField } from "./sound-field.js";

/** A call as its phone sees it. */
export type TestCall = Pick<
  PhoneCall,
  | "callId"
  | "direction"
  | "state"
  | "status"
  | "endedBy"
  | "isRinging"
  | "finals"
  | "messages"
  | "transfer"
  | "invite"
>;

type AudioCall = PhoneCall<PhoneAudio>;

/** How long a phone waits for something, in seconds of virtual time; 60 unless given. */
export interface Patience {
  readonly within?: number;
}

export interface CallOptions {
  /** Further headers of the INVITE. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The name that the caller shows. */
  readonly name?: string;
}

export interface PhoneOptions {
  readonly user: string;
  readonly domain: string;
  readonly secret: string;
  readonly local: SocketAddress;
  readonly switch: SocketAddress;
  readonly codecs: readonly CodecName[];
  readonly network: FakeNetwork;
  readonly clock: ManualClock;
  readonly random: Random;
  readonly field: SoundField;
  /** Lets time pass until that is so. @throws what `describe` says, with the ladder, when it never is. */
  readonly until: (isDone: () => boolean, describe: string, patience: Patience) => Promise<void>;
}

const FIRST_AUDIO_PORT = 40_000;
/** Of a key that is pressed, and of the pause after it. */
const KEY_MILLIS = 100;

/**
 * A telephone that does what the test says, and by itself only what every telephone does: it registers again in time, rings
 * when it is called, repeats what was lost, and answers what the switch asks of it.
 */
export class Phone {
  /** Its number, and how it is called in ladders. */
  readonly user: string;
  readonly domain: string;
  readonly address: SocketAddress;
  /** A SIP status that it refuses calls with; undefined: it rings. */
  refuses: number | undefined;

  readonly #options: PhoneOptions;
  readonly #agent: UserAgent<PhoneAudio>;
  #chosen: AudioCall | undefined;
  #transferring: AudioCall | undefined;
  #saying: Sound | undefined;
  #audios = 0;
  #keysUntil = 0;

  constructor(options: PhoneOptions) {
    const { user, domain, secret, local, network, clock, random } = options;
    this.#options = options;
    this.user = user;
    this.domain = domain;
    this.address = local;
    this.#agent = new UserAgent({
      user,
      domain,
      credentials: { username: user, secret },
      transport: network.transport(local),
      clock,
      random,
      server: overUdp(options.switch),
      contact: { uri: `sip:${user}@${local.address}:${String(local.port)}`, params: {} },
      userAgent: "mediaswitch testing kit",
      newAudio: () => this.#newAudio(),
      refuses: () => this.refuses,
    });
  }

  /** All calls so far, the newest last. */
  get calls(): readonly TestCall[] {
    return this.#agent.calls;
  }
  /** Text that came to it outside of calls. */
  get messages(): readonly string[] {
    return this.#agent.messages;
  }
  /** The call that its verbs are about: the one that was chosen last, else the newest that has not ended. */
  get current(): TestCall | undefined {
    return this.#current;
  }
  get isRegistered(): boolean {
    return this.#agent.registration.isRegistered;
  }
  /** What it hears at this moment. */
  get hearing(): readonly Sound[] {
    const call = this.#current;
    return call === undefined ? [] : this.#options.field.heardBy(call.audio);
  }
  /** Keys that were pressed towards it in its current call. */
  get keys(): string {
    return this.#current?.audio.keys ?? "";
  }
  /** The far end has it on hold. */
  get isHeld(): boolean {
    return this.#current?.audio.isHeld ?? false;
  }

  /** Registers at the switch, and again in time from now on. */
  async register(patience: Patience = {}): Promise<this> {
    const status = await this.#registers("on", patience);
    await this.#until(() => status === 200, `could not register: ${String(status)}`, { within: 0 });
    return this;
  }

  /** Takes its registration back. */
  async unregister(patience: Patience = {}): Promise<void> {
    await this.#registers("off", patience);
  }

  /** Dials. @returns the call at once; `talks`, `ends` and the others wait for what becomes of it. */
  call(number: string, { headers = {}, name }: CallOptions = {}): TestCall {
    return this.#agent.call(number, this.#newAudio(), { headers, ...(name === undefined ? {} : { name }) });
  }

  /** From now on, verbs are about this call. */
  choose(call: TestCall): void {
    const found = this.#agent.calls.find((each) => each === call);
    if (found === undefined) throw new Error(`${this.user} has no such call`);
    this.#chosen = found;
  }

  answer(): void {
    this.#talkingAbout("answer", "incoming").answer();
  }
  /** Refuses the call that rings: 486 Busy Here unless another status is given. */
  reject(status = 486): void {
    this.#talkingAbout("reject", "incoming").reject(status);
  }
  /** Ends the call in any state. */
  hangup(): void {
    this.#talkingAbout("hang up").hangup();
  }
  /** Ends all its calls. */
  hangupAll(): void {
    for (const call of this.#agent.calls) call.hangup();
  }
  hold(): void {
    this.#talkingAbout("hold", "talking").refresh("sendonly");
  }
  unhold(): void {
    this.#talkingAbout("take back", "talking").refresh("sendrecv");
  }
  /** Says a tone (hertz), words or whatever has a name, from now on and in all its calls; without one it is silent. */
  speaks(sound?: Sound): void {
    this.#saying = sound;
    for (const { audio } of this.#agent.calls) audio.saying = sound;
    this.#options.field.spoken();
  }
  /** Presses keys, one after the other: 100 ms each, and 100 ms between them. */
  press(keys: string): void {
    const { audio } = this.#talkingAbout("press keys");
    const { clock, field } = this.#options;
    for (const key of keys) {
      const begin = Math.max(clock.now(), this.#keysUntil);
      this.#keysUntil = begin + 2 * KEY_MILLIS;
      clock.after(ms(begin - clock.now()), () => {
        field.pressed(audio, key);
        clock.after(ms(KEY_MILLIS), () => field.released(audio, key, KEY_MILLIS));
      });
    }
  }
  /** Presses a key as INFO tells it. */
  pressByInfo(key: string): void {
    this.#talkingAbout("press a key", "talking").info(key);
  }
  /** Sends text within the call. */
  message(text: string): void {
    this.#talkingAbout("send a message", "talking").message(text);
  }
  /** Asks the switch to transfer (REFER): to a number, or to the far end of another call of this phone. */
  transfer(to: string | TestCall): void {
    const call = this.#talkingAbout("transfer", "talking");
    this.#transferring = call;
    if (typeof to === "string") {
      call.refer(this.#agent.uri(to));
      return;
    }
    const other = this.#agent.calls.find((each) => each === to);
    if (other === undefined) throw new Error(`${this.user} has no such call to transfer to`);
    call.refer(other.invite?.headers.from.uri ?? this.#agent.uri(this.user), other);
  }

  /** Waits until it rings. @returns the call. */
  async rings(patience: Patience = {}): Promise<TestCall> {
    await this.#until(() => this.#find("incoming") !== undefined, "did not ring", patience);
    const call = this.#find("incoming");
    if (call === undefined) throw new Error("the call has ended");
    return call;
  }
  /** Waits until the phone it called rings. */
  async ringsBack(patience: Patience = {}): Promise<void> {
    await this.#until(() => this.#current?.isRinging === true, "heard no ringing", patience);
  }
  /** Waits until its call is answered. */
  async talks(patience: Patience = {}): Promise<TestCall> {
    await this.#until(() => this.#current?.state === "talking", "did not get to talk", patience);
    return this.#talkingAbout("talk");
  }
  /** Waits until it hears a tone (hertz), a file, or what another phone says. */
  async hears(sound: Sound, patience: Patience = {}): Promise<void> {
    await this.#until(() => this.hearing.includes(sound), `did not hear ${named(sound)}`, patience);
  }
  /** Waits until it hears that no more. */
  async stopsHearing(sound: Sound, patience: Patience = {}): Promise<void> {
    await this.#until(() => !this.hearing.includes(sound), `went on hearing ${named(sound)}`, patience);
  }
  /** Waits until it hears nothing at all. */
  async hearsNothing(patience: Patience = {}): Promise<void> {
    await this.#until(() => this.hearing.length === 0, "did not come to hear silence", patience);
  }
  /** Waits until these keys have been pressed towards it. */
  async hearsKeys(keys: string, patience: Patience = {}): Promise<void> {
    await this.#until(() => this.keys.includes(keys), `did not hear the keys ${keys}`, patience);
  }
  /** Waits until the far end has it on hold. */
  async isPutOnHold(patience: Patience = {}): Promise<void> {
    await this.#until(() => this.isHeld, "was not put on hold", patience);
  }
  /** Waits until its call, or the call given, has ended: `status` says how, 0 is the normal end. */
  async ends(patience: Patience & { readonly call?: TestCall } = {}): Promise<TestCall> {
    const call = patience.call ?? this.#current ?? this.#agent.calls.at(-1);
    if (call === undefined) throw new Error(`${this.user} has had no call`);
    await this.#until(() => call.state === "ended", "is still in its call", patience);
    return call;
  }
  /** Waits until it is told what became of its transfer. @returns the status: 200 is good. */
  async transfers(patience: Patience = {}): Promise<number> {
    const call = this.#transferring;
    if (call === undefined) throw new Error(`${this.user} has transferred nobody`);
    const outcome = (): number => {
      const { accepted = 0, outcome = 0 } = call.transfer;
      return accepted >= 300 ? accepted : outcome;
    };
    await this.#until(() => outcome() >= 200, "was not told of its transfer", patience);
    return outcome();
  }

  /** Transactions that have not ended. */
  get transactions(): number {
    return this.#agent.transactions;
  }

  /** It falls silent, as if its cable was pulled. */
  close(): void {
    this.#agent.close();
  }

  get #current(): AudioCall | undefined {
    if (this.#chosen !== undefined && this.#chosen.state !== "ended") return this.#chosen;
    return this.#agent.calls.filter(({ state }) => state !== "ended").at(-1);
  }

  #find(state: PhoneCall["state"]): AudioCall | undefined {
    return this.#agent.calls.filter((call) => call.state === state).at(-1);
  }

  /** @throws where there is no call for that. */
  #talkingAbout(verb: string, state?: PhoneCall["state"]): AudioCall {
    const call = state === "incoming" ? this.#find(state) : this.#current;
    if (call === undefined || (state !== undefined && call.state !== state)) {
      const has = call === undefined ? "it has no call" : `its call is ${call.state}`;
      throw new Error(`${this.user} can't ${verb}: ${has}`);
    }
    return call;
  }

  #until(isDone: () => boolean, describe: string, patience: Patience): Promise<void> {
    return this.#options.until(isDone, `${this.user} ${describe}`, patience);
  }

  #newAudio(): PhoneAudio {
    const { local, codecs } = this.#options;
    const port = FIRST_AUDIO_PORT + 2 * (this.#audios++ % 10_000);
    // Whose call it will be is the newest.
    this.#chosen = undefined;
    const audio = new PhoneAudio({ address: local.address, port }, codecs);
    audio.saying = this.#saying;
    this.#options.field.add(audio);
    return audio;
  }

  /** @returns the status that came. */
  async #registers(wanted: "on" | "off", patience: Patience): Promise<number | undefined> {
    const { registration } = this.#agent;
    if (wanted === "on") registration.begin();
    else registration.end();
    const isAnswered = (): boolean => registration.status !== undefined;
    await this.#until(isAnswered, "had no answer to its REGISTER", patience);
    return registration.status;
  }
}

const named = (sound: Sound): string => (typeof sound === "number" ? `${String(sound)} Hz` : `"${sound}"`);
