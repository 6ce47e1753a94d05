import type { CodecName } from "../sdp/payload-types.js";

/** Who to call, and how. */
export interface NewCallRequest {
  /** `domain` is the caller's unless given. */
  readonly to: { readonly user: string; readonly domain?: string };
  /** Default: who called the parent, in the parent's domain. `authsecret` answers a challenge of the far side. */
  readonly from?: { readonly user?: string; readonly domain?: string; readonly authsecret?: string };
  /** Default: the parent's minus one, 70 without a parent. */
  readonly maxforwards?: number;
  /** What the callee sees of the caller; number and name are `from.user` unless given. */
  readonly cid?: { readonly number?: string; readonly name?: string; readonly private?: boolean };
  /** In the order of preference; default: those of `projectcontrol.codecs`. */
  readonly codecs?: readonly CodecName[];
  /** URL of the control that gets this call's events; default: this one. */
  readonly control?: string;
}

/** A request with nothing left to default but codecs. */
export interface OutboundCall {
  readonly from: { readonly user: string; readonly domain: string; readonly authsecret?: string };
  readonly to: { readonly user: string; readonly domain: string };
  readonly maxforwards: number;
  readonly cid: { readonly number: string; readonly name: string; readonly private?: boolean };
  readonly codecs: readonly CodecName[] | undefined;
  readonly control: string | undefined;
}
