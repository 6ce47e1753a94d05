/** What the octets of a connection turn out to be. */
export type Framed =
  | { readonly kind: "message"; readonly octets: Uint8Array }
  /** CRLF CRLF between messages: the peer asks whether we are there (RFC 5626 §3.5.1). */
  | { readonly kind: "ping" }
  /** CRLF, after we have asked. */
  | { readonly kind: "pong" }
  | { readonly kind: "fault"; readonly reason: FramingFault };

/** Why it can't be told where the next message begins. */
export type FramingFault =
  | "not-sip"
  | "content-length-missing"
  | "content-length-malformed"
  | "headers-too-large"
  | "message-too-large";

/** Cuts what comes by one connection into messages. */
export interface Framing {
  /**
   * Takes the next octets; the messages in the result are not touched later. After a fault nothing comes any more.
   */
  push(octets: Uint8Array): readonly Framed[];
  /** True from the first octet of a message until it is whole. */
  readonly isInMessage: boolean;
  /** We have sent a ping: the next line end between two messages is its pong. */
  expectPong(): void;
  /** The pong has not come in time; a line end is again what it is otherwise. */
  forgetPong(): void;
}

export const PING = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a);
export const PONG = Uint8Array.of(0x0d, 0x0a);
