/**
 * What control knows of the SIP component: types only. Implementations: `sip/local-sip-service.ts` (here),
 * `http/remote-sip-service.ts` (elsewhere). A session description is text (`application/sdp`) here: SIP
 * carries it and never reads it.
 */
import type { Command, Service } from "../core/service.js";

export interface DirectoryUser {
  readonly username: string;
  readonly secret: string;
}

export type DigestAlgorithm = "MD5" | "SHA-256";

/** Presented identity of the caller; printed as Remote-Party-ID (and privacy=full when private). */
export interface CallerId {
  readonly number: string;
  readonly name: string;
  readonly private?: boolean;
}

/** An outbound call: `POST /dialog/invite` of the seed. */
export interface InviteRequest {
  /** Call-ID to use; made up when absent. Lets control know the id before the first event arrives. */
  readonly callid?: string;
  readonly from: { readonly user: string; readonly domain: string; readonly authsecret?: string };
  /** `domain` is `from.domain` unless given. A local user's bindings are all called (forked, RFC 3261 §16.6). */
  readonly to: { readonly user: string; readonly domain?: string };
  /** Default 70 (RFC 3261 §8.1.1.6); 0 or less is refused with MAX_FORWARDS_EXCEEDED. */
  readonly maxforwards?: number;
  readonly cid?: CallerId;
  /** Where this call's events go, if not to the domain's control. */
  readonly control?: string;
  /** The offer; without it the INVITE is a late offer and the answer travels in our ACK. */
  readonly sdp?: string;
}

export interface Registration {
  readonly domain: string;
  readonly user: string;
  /** The network source of the REGISTER. */
  readonly host: string;
  readonly port: number;
  /** User-Agent, where the phone sent one. */
  readonly agent?: string;
}

/** `GET /reg/{domain}`: origin.md H021–H023. */
export interface DomainRegistrations {
  readonly domain: string;
  /** Users of the domain's directory. */
  readonly count: number;
  /** Users of the list below that have at least one binding. */
  readonly registered: number;
  readonly users: Readonly<Record<string, UserRegistration>>;
}

export type UserRegistration =
  | { readonly registered: false }
  | {
      readonly registered: true;
      readonly outstandingping: number;
      /** The newest binding's source. */
      readonly remote: { readonly host: string; readonly port: number; readonly agent?: string };
      /** Unix seconds of the first registration. */
      readonly epochs: { readonly registered: number };
      /** All bindings (RFC 3261 §10.3), newest first; the seed knew only one. */
      readonly bindings: readonly {
        readonly contact: string;
        readonly host: string;
        readonly port: number;
        readonly expires: number;
      }[];
    };

/** Live counts; each goes back to what it was after start once all calls are over. */
export interface SipHealth {
  readonly calls: number;
  readonly dialogs: number;
  readonly transactions: number;
  readonly timers: number;
  readonly sockets: number;
  readonly bindings: number;
  /** Messages refused, by reason. */
  readonly refused: Readonly<Record<string, number>>;
}

export type SipCommands = {
  /** Replaces a domain and its users, whole. */
  "directory.put": {
    input: {
      domain: string;
      control?: string;
      algorithms?: readonly DigestAlgorithm[];
      users: readonly DirectoryUser[];
    };
    result: { created: boolean };
  };
  /** Adds or changes users of a known domain (DOMAIN_UNKNOWN otherwise). */
  "directory.patch": {
    input: { domain: string; control?: string; users: readonly DirectoryUser[] };
    result: { created: boolean };
  };
  "directory.delete": { input: { domain: string; user?: string }; result: object };
  /** Names only; secrets never leave. Without a domain: the list of domains. */
  "directory.get": {
    input: { domain?: string };
    result: { users?: readonly string[]; domains?: readonly string[]; control?: string };
  };
  "registrations.count": { input: object; result: { count: number } };
  "registrations.domain": { input: { domain: string; user?: string }; result: DomainRegistrations };
  "dialog.count": { input: object; result: { count: number; counter: number } };
  /** Starts an outbound call; everything after that comes as events. */
  "dialog.invite": { input: { request: InviteRequest }; result: { callid: string } };
  /** 180 to the caller, unless it rings already or is answered. */
  "dialog.ring": { input: { callid: string; alertinfo?: string }; result: object };
  /** 2xx to the caller. `sdp`: the answer, or the offer where the INVITE had none (answer then in the ACK). */
  "dialog.answer": { input: { callid: string; sdp?: string }; result: object };
  /** 2xx to a pending re-INVITE. */
  "dialog.ok": { input: { callid: string; sdp?: string }; result: object };
  /** A final failure to a pending re-INVITE: the session goes on as it was (RFC 3261 §14.2). 488 unless given. */
  "dialog.refuse": { input: { callid: string; code?: number; reason?: string }; result: object };
  /** The answer to the offer in an outbound call's 2xx (late offer): goes out in our ACK. */
  "dialog.ack": { input: { callid: string; sdp: string }; result: object };
  /**
   * Ends a call in any state: final response `code` `reason` (inbound, not answered; 480 unless given), CANCEL
   * (outbound, not answered), BYE (answered). One that is ending is left alone; one that has ended is CALL_UNKNOWN.
   */
  "dialog.hangup": { input: { callid: string; code?: number; reason?: string }; result: object };
  health: { input: object; result: SipHealth };
};

/**
 * The seed's callinfo (origin.md §1.7): all that is known of one call leg, sent whole with every event.
 * `sdp` is text here; over HTTP it is the seed's JSON (`sdp/json.ts`).
 */
export interface CallInfo {
  readonly callid: string;
  readonly domain: string;
  /** The dialled user part. */
  readonly to: string;
  /** The calling user part. */
  readonly from: string;
  /** The far end's Contact URI. */
  readonly contact: string;
  readonly maxforwards: number;
  /** Digest was checked, or the source is trusted. */
  readonly authenticated: boolean;
  /** We made this call (UAC). */
  readonly originator: boolean;
  readonly ring: boolean;
  readonly answered: boolean;
  readonly hold: boolean;
  readonly hangup: boolean;
  /** Code 0 and empty status while there is none. */
  readonly error: { readonly code: number; readonly status: string };
  readonly remote: { readonly host: string; readonly port: number };
  /** Session descriptions as last seen; absent = none yet. */
  readonly sdp: { readonly them?: string; readonly us?: string };
  /** Unix seconds, 0 = not yet. */
  readonly epochs: {
    readonly start: number;
    readonly ring: number;
    readonly answer: number;
    readonly end: number;
  };
}

/** Why an event was sent; the seed's callback has no such field and compares the booleans. */
export type DialogCause =
  | "new" //       inbound INVITE (of an outbound call the result of dialog.invite tells)
  | "ringing" //   18x from the far end
  | "answered" //  ACK of our 2xx, or 2xx from the far end
  | "offer" //     2xx of a late offer: `sdp.them` is an offer, answer it with dialog.ack
  | "reinvite" //  a re-INVITE waits for dialog.ok
  | "ended"; //    terminal, always sent, always last

export type SipEvent =
  | {
      readonly type: "dialog";
      /** Counts from 1 per call. */
      readonly number: number;
      readonly cause: DialogCause;
      /** URL of the control that owns the call, where one is set. */
      readonly control?: string;
      readonly info: CallInfo;
    }
  | { readonly type: "registered"; readonly control?: string; readonly registration: Registration }
  | {
      readonly type: "deregistered";
      readonly control?: string;
      readonly domain: string;
      readonly user: string;
    };

export type SipCommand = Command<SipCommands>;
export type SipService = Service<SipCommands, SipEvent>;
