import { seconds } from "../core/brand.js";
import type { Timer } from "../core/clock.js";
import { hexToken } from "../core/random.js";
import { readGranted } from "../sip/gateway/granted.js";
import { registerRequest } from "../sip/gateway/register-request.js";
import { sipAddress } from "../sip/message/sip-address.js";
import type { SipResponse } from "../sip/message/message.js";
import { sendSigned, type LineFailure, type PhoneLine } from "./phone-line.js";

/** Seconds that are asked for. */
const EXPIRES = 3600;
const REFRESH_AFTER = 0.8;
const AGAIN_AFTER = seconds(30);

/** Keeps a phone registered (RFC 3261 §10.2). */
export class PhoneRegistration {
  /** What the last REGISTER was answered with; undefined: not yet. */
  answer: SipResponse | undefined;
  /** Why there is no answer but one made up here. */
  failure: LineFailure | undefined;
  readonly #line: PhoneLine;
  readonly #who: { readonly user: string; readonly domain: string };
  readonly #callId: string;
  readonly #tag: string;
  #seq = 0;
  #expires = 0;
  #refresh: Timer | undefined;

  constructor(line: PhoneLine, who: { readonly user: string; readonly domain: string }) {
    this.#line = line;
    this.#who = who;
    this.#callId = hexToken(line.random, 10);
    this.#tag = hexToken(line.random, 8);
  }

  get status(): number | undefined {
    return this.answer?.status;
  }

  get isRegistered(): boolean {
    return this.#expires > 0 && this.status === 200;
  }

  /** Seconds that the last answer grants. */
  get granted(): number {
    const { answer } = this;
    if (answer?.status !== 200) return 0;
    return readGranted(answer, this.#line.contact, this.#expires).expires;
  }

  begin(expires = EXPIRES): void {
    this.answer = undefined;
    this.#expires = expires;
    this.#send();
  }

  end(): void {
    this.answer = undefined;
    this.#expires = 0;
    this.#send();
  }

  /** Sends nothing any more. */
  forget(): void {
    this.#refresh?.cancel();
  }

  #send(): void {
    this.#refresh?.cancel();
    const { user, domain } = this.#who;
    const request = registerRequest({
      registrar: `sip:${domain}`,
      aor: sipAddress(user, domain),
      callId: this.#callId,
      fromTag: this.#tag,
      seq: (this.#seq += 1),
      expires: this.#expires,
      route: [],
      userAgent: this.#line.userAgent,
    });
    request.headers.contact = [this.#line.contact];
    sendSigned(this.#line, request, this.#line.server, {
      again: ({ seq }) => {
        this.#seq = seq;
      },
      final: (answer, failure) => {
        this.answer = answer;
        this.failure = failure;
        this.#refresh?.cancel();
        if (this.#expires === 0) return;
        const again = answer.status === 200 ? seconds(this.granted * REFRESH_AFTER) : AGAIN_AFTER;
        this.#refresh = this.#line.clock.after(again, () => {
          this.#send();
        });
      },
    });
  }
}
