import { MediaswitchError } from "../core/errors.js";
import type { Call } from "./call.js";
import type { Desk } from "./desk.js";
import { newCall } from "./newcall.js";
import { processCall } from "./notify.js";

/** Somebody is to be called, and then put through to somebody else as if he had dialled. */
export interface OriginateRequest {
  /** Who is called first. */
  readonly from: { readonly user: string; readonly domain: string; readonly authsecret?: string };
  /** What he is to have dialled; his phone shows it as the caller. */
  readonly to: { readonly user: string; readonly domain?: string };
  readonly maxforwards?: number;
  /** What the one called second sees of the first. */
  readonly cid?: { readonly number: string; readonly name: string; readonly private?: boolean };
}

/**
 * Calls `from`; when he answers, the script's onnewcall gets the call, with `to` as its destination (RFC 3725 §4.1).
 * @returns settles when his phone is being called.
 * @throws {MediaswitchError} why it can't be.
 */
export async function originate(desk: Desk, request: OriginateRequest): Promise<Call> {
  const { from, to, maxforwards, cid } = request;
  const call = newCall(desk, undefined, {
    to: { user: from.user, domain: from.domain },
    from: {
      user: to.user,
      domain: to.domain ?? from.domain,
      ...(from.authsecret !== undefined && { authsecret: from.authsecret }),
    },
    ...(maxforwards !== undefined && { maxforwards }),
  });
  call.standsFor = {
    to: to.user,
    from: from.user,
    domain: from.domain,
    ...(cid !== undefined && { cid }),
  };
  call.joins.answer.add(() => {
    processCall(desk, call);
  });
  await call.tasks.run(() => undefined);
  if (call.failure instanceof MediaswitchError) throw call.failure;
  if (call.haserror) throw new MediaswitchError("MEDIA_UNAVAILABLE", call.error?.message ?? "no call");
  return call;
}
