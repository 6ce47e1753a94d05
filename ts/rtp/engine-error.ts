import { ERRORS, MediaswitchError, type ErrorCode } from "../core/errors.js";

/** Runs a call into the addon; the error it throws becomes one of ours. */
export function blaming<Result>(call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { code, field } = error as { code?: unknown; field?: unknown };
    throw new MediaswitchError(
      isErrorCode(code) ? code : "INTERNAL",
      error.message,
      typeof field === "string" ? field : undefined,
    );
  }
}

const isErrorCode = (code: unknown): code is ErrorCode =>
  typeof code === "string" && Object.hasOwn(ERRORS, code);
