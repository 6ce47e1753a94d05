import { MediaswitchError } from "../core/errors.js";
import type { CodecName } from "../sdp/payload-types.js";
import type { NewCallRequest } from "./new-call-request.js";

/** An account at a server of others, as scripts write it for `newcall({ forward: true })`. */
export interface ForwardGateway {
  readonly from: { readonly user: string; readonly domain?: string; readonly authsecret?: string };
  readonly to: { readonly domain: string };
  readonly cid?: { readonly number?: string; readonly name?: string; readonly private?: boolean };
  readonly codecs?: readonly CodecName[];
}

/**
 * The request with what the gateway says in place of its own.
 * @throws {MediaswitchError} ARGUMENT_INVALID where there is no gateway.
 */
export function forwarded(request: NewCallRequest, gateway: ForwardGateway | undefined): NewCallRequest {
  if (gateway === undefined) {
    throw new MediaswitchError("ARGUMENT_INVALID", "to forward a call, set projectcontrol.gw", "forward");
  }
  const { from, to, cid, codecs } = gateway;
  return {
    ...request,
    from: { domain: to.domain, ...from },
    to: { ...request.to, domain: to.domain },
    ...(cid !== undefined && { cid: { ...request.cid, ...cid } }),
    ...(codecs !== undefined && { codecs }),
  };
}

/** JavaScript may assign anything. */
type Unchecked<T> = { readonly [Key in keyof T]?: Partial<T[Key]> | undefined };

/** @throws {MediaswitchError} ARGUMENT_INVALID for what is no gateway, naming what it lacks. */
export function checkedGateway(gateway: ForwardGateway | undefined): ForwardGateway {
  const given: Unchecked<Pick<ForwardGateway, "from" | "to">> = gateway ?? {};
  if (gateway !== undefined && isName(given.from?.user) && isName(given.to?.domain)) return gateway;
  const field = isName(given.from?.user) ? "gw.to.domain" : "gw.from.user";
  throw new MediaswitchError("ARGUMENT_INVALID", `${field} has to be a name`, field);
}

const isName = (value: unknown): boolean => typeof value === "string" && value !== "";
