import { STATUS_CODES } from "node:http";
import { ERRORS, MediaswitchError, toErrorRecord, type ErrorCode } from "../core/errors.js";

/** Body of every error reply: `application/problem+json` (RFC 9457) with our stable `code` beside it. */
export interface Problem {
  /** Always `about:blank`: `title` is the status's own phrase (RFC 9457 §4.2.1), `code` says the rest. */
  readonly type: "about:blank";
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  /** Path of the field the problem is about (`users[0].secret`). */
  readonly field?: string;
}

/** A refusal that only HTTP knows: no such path, wrong method, body too large. */
export class HttpRefusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = "HttpRefusal";
    this.status = status;
    this.headers = headers;
  }
}

/** Statuses that SIP or custom gave a meaning to and HTTP's own registry lacks. */
const PHRASES: Readonly<Record<number, string>> = {
  480: "Temporarily Unavailable",
  499: "Client Closed Request",
};

export const statusPhrase = (status: number): string =>
  PHRASES[status] ?? STATUS_CODES[status] ?? "Unknown Status";

export function toProblem(error: unknown): Problem {
  if (error instanceof HttpRefusal) {
    return {
      type: "about:blank",
      title: statusPhrase(error.status),
      status: error.status,
      detail: error.message,
      code: error.status === 401 || error.status === 403 ? "UNAUTHORIZED" : "ARGUMENT_INVALID",
    };
  }
  const record = toErrorRecord(error);
  const status = ERRORS[record.code].http;
  return {
    type: "about:blank",
    title: statusPhrase(status),
    status,
    // What failed inside is for the log; the caller learns only that it was not his doing.
    detail: error instanceof MediaswitchError ? record.message : "internal error",
    code: record.code,
    ...(record.field === undefined ? {} : { field: record.field }),
  };
}

const isErrorCode = (code: unknown): code is ErrorCode =>
  typeof code === "string" && Object.hasOwn(ERRORS, code);

/** Rebuilds the error of a problem body; undefined where `body` is none of ours. */
export function fromProblem(body: unknown): MediaswitchError | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const { code, detail, field } = body as { code?: unknown; detail?: unknown; field?: unknown };
  if (!isErrorCode(code)) return undefined;
  return new MediaswitchError(
    code,
    typeof detail === "string" ? detail : code,
    typeof field === "string" ? field : undefined,
  );
}
