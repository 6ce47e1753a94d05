/** Every rule a message can break, and the status that tells its sender (RFC 3261 §21; 0: no answer). */
export const REFUSAL_STATUS = {
  /** Nothing but line ends or NULs: keeps a NAT binding open (RFC 5626 §3.5.1). */
  "keep-alive": 0,
  "message-too-large": 513,
  "headers-too-large": 513,
  "too-many-headers": 513,
  "too-many-params": 513,
  "too-many-items": 513,
  "start-line-malformed": 400,
  "version-unsupported": 505,
  "request-uri-malformed": 400,
  "status-code-malformed": 400,
  "headers-unterminated": 400,
  "line-end-malformed": 400,
  "header-malformed": 400,
  "header-duplicate": 400,
  "header-missing": 400,
  "value-malformed": 400,
  "quote-unbalanced": 400,
  "uri-malformed": 400,
  "param-malformed": 400,
  "param-duplicate": 400,
  /** A parameter without which the value means nothing. */
  "param-missing": 400,
  "number-out-of-range": 400,
  "cseq-method-mismatch": 400,
  "body-too-short": 400,
} as const satisfies Record<string, number>;

export type RefusalReason = keyof typeof REFUSAL_STATUS;
