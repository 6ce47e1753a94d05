/**
 * Every failure this project reports, in one table: whose fault, which SIP and HTTP status tells it, and
 * whether trying again can help. `local`: the caller misused an interface; `remote`: the far end broke a
 * protocol or refused; `state`: right request, wrong moment.
 */
export const ERRORS = {
  ARGUMENT_INVALID: { fault: "local", sip: 400, http: 400, retry: false },
  NOT_CONNECTED: { fault: "local", sip: 500, http: 500, retry: false },
  DOMAIN_UNKNOWN: { fault: "local", sip: 404, http: 404, retry: false },
  USER_UNKNOWN: { fault: "local", sip: 404, http: 404, retry: false },
  USER_NOT_REGISTERED: { fault: "state", sip: 480, http: 480, retry: true },
  GATEWAY_UNKNOWN: { fault: "local", sip: 404, http: 404, retry: false },
  GATEWAYS_FULL: { fault: "state", sip: 503, http: 503, retry: false },
  DESTINATION_UNREACHABLE: { fault: "remote", sip: 480, http: 480, retry: true },
  CALL_UNKNOWN: { fault: "local", sip: 481, http: 404, retry: false },
  WEBHOOK_UNKNOWN: { fault: "local", sip: 404, http: 404, retry: false },
  CALL_ENDED: { fault: "state", sip: 481, http: 409, retry: false },
  CALL_REFUSED: { fault: "remote", sip: 480, http: 409, retry: true },
  REGISTRATION_REFUSED: { fault: "remote", sip: 403, http: 403, retry: false },
  NO_ANSWER: { fault: "remote", sip: 480, http: 504, retry: true },
  CALL_STATE: { fault: "state", sip: 500, http: 409, retry: false },
  MAX_FORWARDS_EXCEEDED: { fault: "remote", sip: 483, http: 400, retry: false },
  SDP_INVALID: { fault: "remote", sip: 488, http: 400, retry: false },
  MEDIA_NO_COMMON_CODEC: { fault: "remote", sip: 488, http: 409, retry: false },
  MEDIA_CHANNEL_UNKNOWN: { fault: "local", sip: 500, http: 404, retry: false },
  MEDIA_MIXED_ELSEWHERE: { fault: "state", sip: 500, http: 409, retry: false },
  MEDIA_ON_OTHER_SERVER: { fault: "state", sip: 503, http: 409, retry: false },
  MEDIA_MIXED: { fault: "state", sip: 500, http: 409, retry: false },
  MEDIA_STATE: { fault: "state", sip: 500, http: 409, retry: false },
  MEDIA_FILE_UNKNOWN: { fault: "local", sip: 500, http: 404, retry: false },
  MEDIA_DRAINING: { fault: "state", sip: 503, http: 503, retry: true },
  MEDIA_OUT_OF_PORTS: { fault: "state", sip: 503, http: 503, retry: true },
  MEDIA_UNAVAILABLE: { fault: "state", sip: 503, http: 503, retry: true },
  SIP_DRAINING: { fault: "state", sip: 503, http: 503, retry: true },
  SIP_UNAVAILABLE: { fault: "state", sip: 503, http: 503, retry: true },
  CONTROL_UNAVAILABLE: { fault: "state", sip: 480, http: 503, retry: true },
  NOT_ALLOWED: { fault: "local", sip: 403, http: 403, retry: false },
  UNAUTHORIZED: { fault: "local", sip: 403, http: 401, retry: false },
  ABORTED: { fault: "local", sip: 487, http: 499, retry: false },
  INTERNAL: { fault: "local", sip: 500, http: 500, retry: false },
} as const satisfies Record<
  string,
  { fault: "local" | "remote" | "state"; sip: number; http: number; retry: boolean }
>;

export type ErrorCode = keyof typeof ERRORS;

/** An error with a stable `code`. Serialisable: over HTTP it is a problem+json (RFC 9457) with the same code. */
export class MediaswitchError extends Error {
  readonly code: ErrorCode;
  /** The option or field the error is about, as a path (`users[0].secret`), where there is one. */
  readonly field: string | undefined;

  constructor(code: ErrorCode, message: string, field?: string) {
    super(message);
    this.name = "MediaswitchError";
    this.code = code;
    this.field = field;
  }

  /** The SIP status that tells a peer of this error. */
  get sipStatus(): number {
    return ERRORS[this.code].sip;
  }

  /** The HTTP status that tells a client of this error. */
  get httpStatus(): number {
    return ERRORS[this.code].http;
  }
}

/** What a plain `JSON.stringify` of an error has to keep to be rebuilt on the other side of a wire. */
export interface ErrorRecord {
  readonly code: ErrorCode;
  readonly message: string;
  readonly field?: string;
}

export function toErrorRecord(error: unknown): ErrorRecord {
  if (error instanceof MediaswitchError) {
    return error.field === undefined
      ? { code: error.code, message: error.message }
      : { code: error.code, message: error.message, field: error.field };
  }
  return { code: "INTERNAL", message: error instanceof Error ? error.message : String(error) };
}

export function fromErrorRecord(record: ErrorRecord): MediaswitchError {
  return new MediaswitchError(record.code, record.message, record.field);
}

/** Ends a `switch` over a union that returns a value: does not compile while a case is missing. */
export function assertNever(value: never): never {
  throw new MediaswitchError("INTERNAL", `unexpected value ${JSON.stringify(value)}`);
}
