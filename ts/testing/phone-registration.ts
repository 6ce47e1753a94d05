import { seconds } from "../core/brand.js";
import type { Timer } from "../core/clock.js";
import { hexToken } from "../core/random.js";
import { registerRequest } from "../sip/gateway/register-request.js";
import { sendSigned, type PhoneLine } from "./phone-line.js";

const EXPIRES = 3600;
const REFRESH_AFTER = 0.8;
const AGAIN_AFTER = seconds(30);

/** Keeps a phone registered (RFC 3261 §10.2). */
export class PhoneRegistration {
  /** What the last REGISTER was answered with; undefined: not yet. */
  status: number | undefined;
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

  get isRegistered(): boolean {
    return this.#expires > 0 && this.status === 200;
  }

  begin(): void {
    this.status = undefined;
    this.#expires = EXPIRES;
    this.#send();
  }

  end(): void {
    this.status = undefined;
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
      aor: `sip:${user}@${domain}`,
      callId: this.#callId,
      fromTag: this.#tag,
      seq: (this.#seq += 1),
      expires: this.#expires,
      route: [],
      userAgent: "mediaswitch testing kit",
    });
    request.headers.contact = [this.#line.contact];
    sendSigned(this.#line, request, this.#line.switch, {
      again: ({ seq }) => {
        this.#seq = seq;
      },
      final: ({ status }) => {
        this.status = status;
        this.#refresh?.cancel();
        if (this.#expires === 0) return;
        const again = status === 200 ? seconds(EXPIRES * REFRESH_AFTER) : AGAIN_AFTER;
        this.#refresh = this.#line.clock.after(again, () => {
          this.#send();
        });
      },
    });
  }
}
