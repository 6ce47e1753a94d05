import { PING, PONG, type Framed, type Framing } from "./framing.js";
import { DEFAULT_LIMITS, type ParseLimits } from "../message/limits.js";

/**
 * What comes by a WebSocket is cut already: a message of it is one of SIP (RFC 7118 §5.2), or an RFC 5626 ping, which
 * is allowed there as well (§6).
 */
export class MessageFraming implements Framing {
  readonly isInMessage = false;
  readonly #limits: Pick<ParseLimits, "octets">;
  #isPongDue = false;

  constructor(limits: Pick<ParseLimits, "octets"> = DEFAULT_LIMITS) {
    this.#limits = limits;
  }

  expectPong(): void {
    this.#isPongDue = true;
  }

  forgetPong(): void {
    this.#isPongDue = false;
  }

  push(octets: Uint8Array): readonly Framed[] {
    if (octets.length > this.#limits.octets) return [{ kind: "fault", reason: "message-too-large" }];
    if (areEqual(octets, PING)) return [{ kind: "ping" }];
    if (areEqual(octets, PONG)) {
      if (!this.#isPongDue) return [];
      this.#isPongDue = false;
      return [{ kind: "pong" }];
    }
    return octets.length === 0 ? [] : [{ kind: "message", octets }];
  }
}

const areEqual = (octets: Uint8Array, other: Uint8Array): boolean =>
  octets.length === other.length && other.every((octet, index) => octets[index] === octet);
