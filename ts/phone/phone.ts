import type { Clock } from "../core/clock.js";
import { MediaswitchError } from "../core/errors.js";
import type { Log } from "../core/log.js";
import type { Random } from "../core/random.js";
import type { CodecName } from "../sdp/payload-types.js";
import { ownContact } from "../sip/own-contact.js";
import type { Flow, Transport } from "../sip/transport/transport.js";
import { Changes, type Waiting } from "./changes.js";
import type { PhoneCall } from "./phone-call.js";
import { PhoneChannel } from "./phone-channel.js";
import { PhoneLeg } from "./phone-leg.js";
import type { PhoneMedia } from "./phone-media.js";
import { statusWords } from "./status-words.js";
import { UserAgent } from "./user-agent.js";

export interface PhoneAccount {
  readonly user: string;
  readonly domain: string;
  readonly password: string;
  /** For digest; `user` unless given. */
  readonly authUser?: string;
  /** Shown to whoever is called. */
  readonly name?: string;
}

export interface PhoneOptions {
  readonly account: PhoneAccount;
  /** In order of preference; `2833` for key presses. */
  readonly codecs: readonly CodecName[];
  /** Where everything goes that is not within a dialog. */
  readonly server: Flow;
  readonly transport: Transport;
  readonly media: PhoneMedia;
  readonly clock: Clock;
  readonly random: Random;
  readonly log?: Log;
  /** Calls at once; further ones are refused with 486. Default 4. */
  readonly lines?: number;
}

/** Calls that have ended and are still known, for messages about them that are late. */
const REMEMBERED = 8;
const LINES = 4;
/** How long far ends may take to agree to the end of a call. */
const LAST_WORDS = { within: 2000 };
const NO_WORDS = { within: 0 };

/**
 * A telephone by program: it registers, calls, is called, talks and listens by the real stack and the real media engine.
 * By itself it does what every telephone does: it registers again in time, rings when it is called, repeats what was lost.
 */
export class Phone {
  readonly account: PhoneAccount;
  readonly #options: PhoneOptions;
  readonly #agent: UserAgent<PhoneChannel>;
  readonly #changes: Changes;
  readonly #legs = new Map<PhoneCall<PhoneChannel>, PhoneLeg>();
  /** Rang, and nobody has asked for them. */
  readonly #rung = new Set<PhoneLeg>();

  /** Names itself the receiver of `options.transport`. */
  constructor(options: PhoneOptions) {
    const { account, server, transport, clock, random, log } = options;
    const { user, domain, password, authUser = user } = account;
    this.account = account;
    this.#options = options;
    this.#changes = new Changes(clock);
    this.#agent = new UserAgent({
      user,
      domain,
      credentials: { username: authUser, secret: password },
      transport,
      clock,
      random,
      ...(log === undefined ? {} : { log }),
      server,
      contact: ownContact(transport, user, server),
      userAgent: "mediaswitch phone",
      newAudio: () => this.#newChannel(),
      refuses: () => (this.#liveCalls >= (options.lines ?? LINES) ? 486 : undefined),
      remembers: REMEMBERED,
      changed: () => {
        this.#changed();
      },
    });
  }

  get isRegistered(): boolean {
    return this.#agent.registration.isRegistered;
  }

  /**
   * Registers, and again in time from now on. @returns the seconds that were granted.
   * @throws {MediaswitchError} REGISTRATION_REFUSED, NO_ANSWER, DESTINATION_UNREACHABLE, ABORTED; it does not go on trying then.
   */
  async register({ expires, ...waiting }: Waiting & { readonly expires?: number } = {}): Promise<number> {
    const { registration } = this.#agent;
    registration.begin(expires);
    try {
      await this.#registered("could not register", waiting);
    } catch (error) {
      registration.forget();
      throw error;
    }
    return registration.granted;
  }

  /** Takes its registration back. @throws {MediaswitchError} as `register`. */
  async unregister(waiting: Waiting = {}): Promise<void> {
    this.#agent.registration.end();
    await this.#registered("could not take its registration back", waiting);
  }

  /**
   * Dials a number, or a URI. @returns the call at once; its verbs wait for what becomes of it.
   * @throws {MediaswitchError} of the media engine, which has no port for it.
   */
  async call(
    number: string,
    { headers = {} }: { readonly headers?: Readonly<Record<string, string>> } = {},
  ): Promise<PhoneLeg> {
    const channel = this.#newChannel();
    await channel.open();
    const { name } = this.account;
    const call = this.#agent.call(number, channel, { headers, ...(name === undefined ? {} : { name }) });
    return this.#legOf(call);
  }

  /** Waits for a call; each is given once, also one that rang before. @throws {MediaswitchError} NO_ANSWER, ABORTED */
  rings(waiting: Waiting = {}): Promise<PhoneLeg> {
    return this.#changes.until(
      () => {
        for (const leg of this.#rung) {
          this.#rung.delete(leg);
          if (leg.state === "incoming") return leg;
        }
        return undefined;
      },
      `a call to ${this.account.user}`,
      waiting,
    );
  }

  /** Hangs up its calls and gives their channels back; says nothing to the registrar. The transport is not its own. */
  async close(): Promise<void> {
    const legs = [...this.#legs.values()];
    await Promise.allSettled(legs.map((leg) => leg.hangup(leg.isUnheard ? NO_WORDS : LAST_WORDS)));
    const isOver = (): true | undefined =>
      this.#agent.calls.every((call) => call.isOver || this.#legs.get(call)?.isUnheard === true) || undefined;
    await this.#changes.until(isOver, "the end of all calls", LAST_WORDS).catch(() => undefined);
    this.#agent.close();
    await Promise.allSettled(legs.map((leg) => leg.released()));
  }

  get #liveCalls(): number {
    return this.#agent.calls.filter(({ state }) => state !== "ended").length;
  }

  #newChannel(): PhoneChannel {
    const { media, codecs } = this.#options;
    return new PhoneChannel({ media, codecs, changes: this.#changes });
  }

  #legOf(call: PhoneCall<PhoneChannel>): PhoneLeg {
    const known = this.#legs.get(call);
    if (known !== undefined) return known;
    const leg = new PhoneLeg({ call, changes: this.#changes, uri: (number) => this.#agent.uri(number) });
    this.#legs.set(call, leg);
    return leg;
  }

  #changed(): void {
    const { calls } = this.#agent;
    for (const call of calls) {
      if (call.state === "incoming" && !this.#legs.has(call)) this.#rung.add(this.#legOf(call));
    }
    for (const [call, leg] of this.#legs) {
      leg.release();
      if (call.isOver && !calls.includes(call)) this.#legs.delete(call);
    }
    for (const leg of this.#rung) if (leg.state !== "incoming") this.#rung.delete(leg);
    this.#changes.happened();
  }

  async #registered(what: string, waiting: Waiting): Promise<void> {
    const { registration } = this.#agent;
    const answer = await this.#changes.until(
      () => registration.answer,
      `an answer to the REGISTER of ${this.account.user}`,
      waiting,
    );
    const { user, domain } = this.account;
    const who = `${user}@${domain} ${what}`;
    switch (registration.failure) {
      case "timeout":
        throw new MediaswitchError("NO_ANSWER", `${who}: nothing came back from the server`);
      case "transport":
        throw new MediaswitchError("DESTINATION_UNREACHABLE", `${who}: the server could not be reached`);
      case undefined:
        if (answer.status === 200) return;
        throw new MediaswitchError(
          "REGISTRATION_REFUSED",
          `${who}: ${String(answer.status)} ${answer.reason}, ${statusWords(answer.status)}`,
        );
    }
  }
}
