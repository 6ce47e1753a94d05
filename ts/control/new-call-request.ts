import type { CodecName } from "../sdp/payload-types.js";

/** Who to call, and how. */
export interface NewCallRequest {
  /** `domain` is the caller's unless given; `gr` names one phone of the user: the parent's, where it is the same user. */
  readonly to: { readonly user: string; readonly domain?: string; readonly gr?: string };
  /** Default: who called the parent, in the parent's domain. `authsecret` answers a challenge of the far side. */
  readonly from?: { readonly user?: string; readonly domain?: string; readonly authsecret?: string };
  /** Default: the parent's minus one, 70 without a parent. */
  readonly maxforwards?: number;
  /** What the callee sees of the caller; number and name are `from.user` unless given. */
  readonly cid?: { readonly number?: string; readonly name?: string; readonly private?: boolean };
  /** Name of the gateway it goes out by: `from` and `to.domain` are the gateway's then, and `cid` unless given. */
  readonly gateway?: string;
  /** In the order of preference; default: those of `projectcontrol.codecs`. */
  readonly codecs?: readonly CodecName[];
  /** URL of the control that gets this call's events; default: this one. */
  readonly control?: string;
  /** Goes out by the first of `projectcontrol.gw`: its `from`, `to.domain`, `cid` and `codecs` count then. */
  readonly forward?: boolean;
  /** The caller hears what the callee sends before it answers: announcements, the ringing of its network. Default: no. */
  readonly early?: boolean;
  /** Further headers of the INVITE. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Seconds after which the call is ended, from its answer on. */
  readonly maxduration?: number;
}

/** A request with nothing left to default but codecs. */
export interface OutboundCall {
  readonly from: { readonly user: string; readonly domain: string; readonly authsecret?: string };
  readonly to: { readonly user: string; readonly domain: string; readonly gr?: string };
  readonly maxforwards: number;
  readonly cid?: { readonly number: string; readonly name: string; readonly private?: boolean };
  readonly gateway?: string;
  readonly codecs: readonly CodecName[] | undefined;
  readonly control: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly maxduration?: number;
}
