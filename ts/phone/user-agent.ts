import type { Clock } from "../core/clock.js";
import type { Log } from "../core/log.js";
import { hexToken, type Random } from "../core/random.js";
import { DigestClient, type ClientCredentials } from "../sip/auth/digest-client.js";
import type { NameAddr, OtherHeaders, SipRequest, SipResponse } from "../sip/message/message.js";
import { makeResponse } from "../sip/message/response.js";
import { sipAddress } from "../sip/message/sip-address.js";
import { SipTransactionLayer } from "../sip/transaction/layer.js";
import type { ServerTransaction, TransactionUser } from "../sip/transaction/transaction.js";
import type { Flow, Transport } from "../sip/transport/transport.js";
import type { CallAudio } from "./call-audio.js";
import { PhoneCall } from "./phone-call.js";
import type { PhoneLine } from "./phone-line.js";
import { PhoneRegistration } from "./phone-registration.js";

export interface UserAgentOptions<Audio extends CallAudio> {
  readonly user: string;
  readonly domain: string;
  readonly credentials: ClientCredentials;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log?: Log;
  /** Where everything goes that is not within a dialog. */
  readonly server: Flow;
  /** By which that server reaches us. */
  readonly contact: NameAddr;
  readonly userAgent: string;
  /** The audio of a call that comes in. */
  readonly newAudio: () => Audio;
  /** A SIP status that a new call is refused with; undefined: it rings. */
  readonly refuses?: () => number | undefined;
  /** Calls that have ended and are still known; without it all. */
  readonly remembers?: number;
  /** Something came or went by, or a timer has fired. */
  readonly changed?: () => void;
}

const ALLOW = [
  "INVITE",
  "ACK",
  "CANCEL",
  "BYE",
  "OPTIONS",
  "INFO",
  "MESSAGE",
  "NOTIFY",
  "REFER",
  "UPDATE",
  "PRACK",
];
/** Messages outside of calls that are kept. */
const MOST_MESSAGES = 1000;

/** The SIP of a phone: its registration and its calls, by messages of one transport. What it says and hears is its user's. */
export class UserAgent<Audio extends CallAudio> {
  readonly registration: PhoneRegistration;
  /** Text that came outside of calls, the first thousand. */
  readonly messages: string[] = [];

  readonly #options: UserAgentOptions<Audio>;
  readonly #line: PhoneLine;
  readonly #layer: SipTransactionLayer;
  #calls: PhoneCall<Audio>[] = [];

  /** Names itself the receiver of `options.transport`. */
  constructor(options: UserAgentOptions<Audio>) {
    const { user, domain, transport, clock, random, log, server, contact, userAgent } = options;
    this.#options = options;
    this.#layer = new SipTransactionLayer(
      { transport, clock, random, ...(log === undefined ? {} : { log }) },
      this.#transactionUser(),
    );
    this.#line = {
      layer: this.#layer,
      clock,
      random,
      digest: new DigestClient(options.credentials, random),
      contact,
      server,
      allow: ALLOW,
      userAgent,
      changed: () => {
        this.#changed();
      },
    };
    this.registration = new PhoneRegistration(this.#line, { user, domain });
  }

  /** All that are known, the newest last. */
  get calls(): readonly PhoneCall<Audio>[] {
    return this.#calls;
  }

  /** Transactions that have not ended. */
  get transactions(): number {
    return this.#layer.size;
  }

  /** A number of its own domain as a URI; a URI stays what it is. @throws {MediaswitchError} ARGUMENT_INVALID */
  uri(number: string): string {
    return /^sips?:/i.test(number) ? number : sipAddress(number, this.#options.domain);
  }

  call(
    number: string,
    audio: Audio,
    { name, headers = {} }: { readonly name?: string; readonly headers?: OtherHeaders } = {},
  ): PhoneCall<Audio> {
    const own = this.uri(this.#options.user);
    return this.#add(
      PhoneCall.outgoing(this.#line, audio, {
        uri: this.uri(number),
        from: { uri: own, params: {}, ...(name === undefined ? {} : { name }) },
        headers: { ...headers },
      }),
    );
  }

  /** It falls silent, as if its cable was pulled. */
  close(): void {
    this.registration.forget();
    this.#layer.close();
  }

  #add(call: PhoneCall<Audio>): PhoneCall<Audio> {
    this.#calls.push(call);
    return call;
  }

  #changed(): void {
    const { remembers } = this.#options;
    if (remembers !== undefined) {
      const over = this.#calls.filter(({ isOver }) => isOver);
      const forgotten = new Set(over.slice(0, Math.max(0, over.length - remembers)));
      if (forgotten.size > 0) this.#calls = this.#calls.filter((call) => !forgotten.has(call));
    }
    this.#options.changed?.();
  }

  #transactionUser(): TransactionUser {
    return {
      request: (transaction) => {
        this.#onRequest(transaction);
        this.#changed();
      },
      cancel: (invite) => {
        this.#calls.find((call) => call.isOf(invite))?.cancelled();
        this.#changed();
      },
      ack: (request) => {
        this.#calls.find((call) => call.owns(request))?.acknowledged(request);
        this.#changed();
      },
      flowClosed: () => undefined,
      failed: () => undefined,
    };
  }

  #onRequest(transaction: ServerTransaction): void {
    const { request } = transaction;
    const call = this.#calls.find((each) => each.owns(request));
    if (call !== undefined && request.headers.to.params["tag"] !== undefined) {
      call.requested(transaction);
      return;
    }
    if (request.headers.to.params["tag"] !== undefined) {
      transaction.respond(makeResponse(request, 481));
      return;
    }
    switch (request.method) {
      case "INVITE":
        this.#onInvite(transaction);
        return;
      case "MESSAGE":
        if (this.messages.length < MOST_MESSAGES) {
          this.messages.push(Buffer.from(request.content, "latin1").toString());
        }
        transaction.respond(this.#reply(request, 200));
        return;
      case "OPTIONS":
      case "NOTIFY":
        transaction.respond(this.#reply(request, 200));
        return;
      default:
        transaction.respond(this.#reply(request, 501));
    }
  }

  #onInvite(transaction: ServerTransaction): void {
    const { request } = transaction;
    const status = this.#options.refuses?.();
    const call = this.#add(PhoneCall.incoming(this.#line, this.#options.newAudio(), transaction));
    const { replaces } = request.headers;
    const replaced =
      replaces === undefined ? undefined : this.#calls.find((each) => each.isNamedBy(replaces));
    if (status !== undefined) call.reject(status);
    else if (replaces !== undefined && replaced === undefined) call.reject(481);
    else if (replaced === undefined) call.ring();
    else {
      call.answer();
      replaced.hangup();
    }
  }

  #reply(request: SipRequest, status: number): SipResponse {
    return makeResponse(request, status, {
      toTag: hexToken(this.#options.random, 8),
      headers: { allow: ALLOW },
    });
  }
}
