/**
 * What control knows of the SIP component: types only. Implementations: `sip/local-sip-service.ts` (here),
 * `http/remote-sip-service.ts` (elsewhere). A session description is text (`application/sdp`) here: SIP
 * carries it and never reads it.
 */
import type { Command, Service } from "../core/service.js";

export type DigestAlgorithm = "MD5" | "SHA-256";

/** A user with exactly one of `secret` and `ha1`. */
export interface DirectoryUser {
  readonly username: string;
  readonly secret?: string;
  /**
   * Hexadecimal H(username:domain:secret) by each of these algorithms (RFC 7616 §3.4.2), at least one that the domain
   * offers: the secret itself is then known nowhere here. Good for phones that send just this username and realm.
   */
  readonly ha1?: Readonly<Partial<Record<DigestAlgorithm, string>>>;
}

/** Presented identity of the caller; printed as Remote-Party-ID (and privacy=full when private). */
export interface CallerId {
  readonly number: string;
  readonly name: string;
  readonly private?: boolean;
}

/** A server of others that calls go out by and come in from: a trunk. */
export interface GatewaySettings {
  /** Our account there; `domain` is the gateway's host, `authuser` is `user` unless given. */
  readonly from: {
    readonly user: string;
    readonly domain?: string;
    readonly authuser?: string;
    readonly authsecret?: string;
  };
  /** Where it is, as it stands in a SIP URI after "sip:user@": `trunk.example.net`, `192.0.2.9:5080;transport=tls`. */
  readonly to: { readonly domain: string };
  /** URI of an outbound proxy that everything goes by. */
  readonly proxy?: string;
  /** Whether we register there; yes where there is an `authsecret`, unless given. */
  readonly register?: boolean;
  /** Seconds asked for; 3600 unless given, 60 to 86,400. */
  readonly expires?: number;
  /** Presented identity of calls that give none. */
  readonly cid?: CallerId;
  /** The domain of ours that calls from there are for; the one that the call names unless given. */
  readonly domain?: string;
  /** Where events of the gateway and of its calls go, if not to its domain's control. */
  readonly control?: string;
  /**
   * Networks (`192.0.2.0/24`, `2001:db8::1`) whose calls are the gateway's, too, without digest. The addresses that its
   * name is looked up to always are.
   */
  readonly sources?: readonly string[];
}

export type GatewayState =
  "unregistered" | "registering" | "registered" | "refreshing" | "failed" | "unregistering" | "ended";

/** What is known of a gateway; without its secret. */
export interface GatewayInfo {
  readonly name: string;
  readonly from: { readonly user: string; readonly domain: string; readonly authuser: string };
  readonly to: { readonly domain: string };
  readonly proxy?: string;
  readonly register: boolean;
  readonly state: GatewayState;
  /** Why the last try to register failed: a SIP status; absent after one that succeeded. */
  readonly error?: { readonly code: number; readonly status: string };
  /** Seconds that the registration lives on without a refresh; 0 while there is none. */
  readonly expires: number;
  /** Service-Route (RFC 3608) and Path (RFC 3327) of the registration, as URIs. */
  readonly route: readonly string[];
  readonly path: readonly string[];
  /** Addresses and networks whose calls are the gateway's. */
  readonly sources: readonly string[];
  readonly domain?: string;
  readonly control?: string;
}

/** An outbound call: `POST /dialog/invite` of the seed. */
export interface InviteRequest {
  /** Call-ID to use; made up when absent. Lets control know the id before the first event arrives. */
  readonly callid?: string;
  readonly from: { readonly user: string; readonly domain: string; readonly authsecret?: string };
  /**
   * `domain` is `from.domain` unless given. A local user's bindings are all called (forked, RFC 3261 §16.6), with `gr`
   * only those of the instance it names (RFC 5627 §5.2).
   */
  readonly to: { readonly user: string; readonly domain?: string; readonly gr?: string };
  /** Default 70 (RFC 3261 §8.1.1.6); 0 or less is refused with MAX_FORWARDS_EXCEEDED. */
  readonly maxforwards?: number;
  readonly cid?: CallerId;
  /** Name of the gateway that it goes out by: its account, secret and route take the place of `from` and `to.domain`. */
  readonly gateway?: string;
  /** Where this call's events go, if not to the domain's control. */
  readonly control?: string;
  /** The offer; without it the INVITE is a late offer and the answer travels in our ACK or PRACK. */
  readonly sdp?: string;
  /** Further headers, such as `X-…`, Diversion, History-Info, Alert-Info: 20 at most; `CallInfo.headers` has those that came. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Call-ID of a call of ours at the same far end that this one takes the place of (RFC 3891). */
  readonly replaces?: string;
  /** Call-ID of the call that this one is made for: while that is up, a drain does not refuse this one. */
  readonly parent?: string;
  /** Seconds after which the call is ended, from its answer on. */
  readonly maxduration?: number;
}

/** Why a far end ended something, in its own words (RFC 3326). */
export interface CallReason {
  /** `SIP`, `Q.850` … */
  readonly protocol: string;
  readonly cause: number;
  readonly text: string;
}

/** Whom a REFER names (RFC 3515). */
export interface CallRefer {
  /** The user part, as the seed has it. */
  readonly to: string;
  readonly domain: string;
  /** Refer-To without what follows "?". */
  readonly uri: string;
  /** Call-ID, and the tags as the target of the REFER has them, of the dialog to be replaced (RFC 3891): attended transfer. */
  readonly replaces?: string;
  readonly totag?: string;
  readonly fromtag?: string;
  /** The URI of Referred-By, where there is one (RFC 3892). Not verified. */
  readonly referredby?: string;
}

/** What only one event tells; later ones of the call do not repeat it. */
export interface CallNews {
  /** `refer` */
  readonly refer?: CallRefer;
  /** `unmodified`: the status that our offer was refused with. */
  readonly refused?: { readonly code: number; readonly status: string };
  /** `key`: a key press that came as INFO. `duration` in milliseconds. */
  readonly key?: { readonly key: string; readonly duration: number };
  /** `message`: the body of a MESSAGE or INFO. */
  readonly message?: { readonly method: "INFO" | "MESSAGE"; readonly type: string; readonly body: string };
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

/** Why an AOR has no binding any more. */
export type DeregistrationReason =
  | "expired" //    not refreshed in time
  | "removed" //    by the phone, or with its user from the directory
  | "connection" // the connection it came by has ended
  | "ping"; //      it did not answer our OPTIONS

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

/** Event packages that a phone may subscribe to (RFC 6665): RFC 3856, RFC 4235, RFC 3842. */
export type EventName = "presence" | "dialog" | "message-summary";

/** A phone watches a user. */
export interface SubscriptionInfo {
  /** Who is watched. */
  readonly domain: string;
  readonly user: string;
  readonly event: EventName;
  /** Who watches: `user@domain`. */
  readonly subscriber: string;
  /** Pending: accepted, and told nothing yet. */
  readonly state: "pending" | "active" | "terminated";
}

export type PresenceStatus = "open" | "closed";

/** What others are told of a user, in place of what the user's phones say. */
export interface PresenceSetting {
  readonly domain: string;
  readonly user: string;
  /** Without one, what was set before is taken back. */
  readonly status?: PresenceStatus;
  /** For people; at most 255 characters. */
  readonly note?: string;
}

/** How many voice messages wait (RFC 3842 §5.2); urgent ones count among the others, too. */
export interface Mailbox {
  readonly new: number;
  readonly old: number;
  readonly urgentNew?: number;
  readonly urgentOld?: number;
  /** URI to call for them; the user's own unless given. */
  readonly account?: string;
}

/** A message (RFC 3428) to a user of the directory, at all bindings, or to another domain's servers. */
export interface MessageRequest {
  readonly from: { readonly user: string; readonly domain: string; readonly name?: string };
  /** `domain` is `from.domain` unless given. */
  readonly to: { readonly user: string; readonly domain?: string };
  readonly content: string;
  /** `text/plain` unless given; the content is sent in UTF-8. */
  readonly contentType?: string;
}

/** What became of it: 200 when a phone has taken it, else the status of the best refusal (480 for silence). */
export interface MessageOutcome {
  readonly status: number;
}

/** A message of a phone, to somebody who has no phone to take it. */
export interface MessageInfo {
  readonly callid: string;
  readonly domain: string;
  /** The user part that it is sent to; perhaps no user of the directory. */
  readonly user: string;
  /** `user@domain`. */
  readonly from: string;
  readonly contentType: string;
  /** Read as UTF-8. */
  readonly content: string;
}

/** Live counts of the event server. */
export interface EventCounts {
  readonly subscriptions: number;
  readonly publications: number;
  /** Messages on their way. */
  readonly messages: number;
}

/** Live counts; each goes back to what it was after start once all calls are over. */
export interface SipHealth extends EventCounts {
  readonly calls: number;
  readonly dialogs: number;
  readonly transactions: number;
  readonly timers: number;
  /** Listeners and connections of SIP. */
  readonly sockets: number;
  /** Open or being opened. */
  readonly connections: number;
  /** Connections refused or ended because of a rule, so far, by reason. */
  readonly connectionTroubles: Readonly<Record<string, number>>;
  readonly bindings: number;
  /** Made at start: another one says that the server was restarted, and may have forgotten its directory. */
  readonly instance: string;
  /** Unix seconds of its start. */
  readonly started: number;
  /** Nothing new is taken. */
  readonly draining: boolean;
  /** The share of new work that is taken on: 1 unless the machine is too busy. */
  readonly admits: number;
  /** Events that wait to be taken, and those dropped because too many waited: their numbers are missing at control. */
  readonly eventsWaiting: number;
  readonly eventsLost: number;
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
    input: {
      domain: string;
      control?: string;
      algorithms?: readonly DigestAlgorithm[];
      users: readonly DirectoryUser[];
    };
    result: { created: boolean };
  };
  "directory.delete": { input: { domain: string; user?: string }; result: object };
  /** Names only; secrets never leave. Without a domain: the list of domains; of one user: whether he is there (USER_UNKNOWN). */
  "directory.get": {
    input: { domain?: string; user?: string };
    result: { users?: readonly string[]; domains?: readonly string[]; control?: string };
  };
  "registrations.count": { input: object; result: { count: number } };
  "registrations.domain": { input: { domain: string; user?: string }; result: DomainRegistrations };
  "dialog.count": { input: object; result: { count: number; counter: number } };
  /** All that is known of a call; CALL_UNKNOWN where there is none. */
  "dialog.get": { input: { callid: string }; result: CallInfo };
  /** Starts an outbound call; everything after that comes as events. */
  "dialog.invite": { input: { request: InviteRequest }; result: { callid: string } };
  /**
   * 180 to the caller, unless it rings already or is answered; with `sdp`, early media: 183, reliable where the caller
   * can (RFC 3262). `sdp` is the answer, or the offer where the INVITE had none and the caller takes 100rel.
   */
  "dialog.ring": { input: { callid: string; alertinfo?: string; sdp?: string }; result: object };
  /**
   * 2xx to the caller. `sdp`: the answer, or the offer where the INVITE had none (answer then in the ACK). Where an
   * 18x has carried a description, that one counts.
   */
  "dialog.answer": { input: { callid: string; sdp?: string }; result: object };
  /** 2xx to a pending re-INVITE, UPDATE, or PRACK with an offer. */
  "dialog.ok": { input: { callid: string; sdp?: string }; result: object };
  /** A final failure to what `dialog.ok` answers: the session goes on as it was (RFC 3261 §14.2). 488 unless given. */
  "dialog.refuse": { input: { callid: string; code?: number; reason?: string }; result: object };
  /** The answer to the far end's offer in a 2xx or reliable 18x (late offer): goes out in our ACK or PRACK. */
  "dialog.ack": { input: { callid: string; sdp: string }; result: object };
  /**
   * Our re-INVITE, or UPDATE while the call is not answered: with `sdp` an offer, without it the far end is asked for
   * one. `modified` or `unmodified` tells what came of it. CALL_STATE while another exchange is under way.
   */
  "dialog.reinvite": { input: { callid: string; sdp?: string }; result: object };
  /**
   * What has become of the call that a REFER asked for: NOTIFY to whoever sent it. 200 unless given; from 200 on it is
   * the last. CALL_UNKNOWN where no REFER waits.
   */
  "dialog.notify": { input: { callid: string; code?: number; reason?: string }; result: object };
  /** INFO within the call. */
  "dialog.info": { input: { callid: string; contenttype: string; body: string }; result: object };
  /** MESSAGE within the call. */
  "dialog.message": { input: { callid: string; contenttype: string; body: string }; result: object };
  /**
   * Ends a call in any state: final response `code` `reason` (inbound, not answered; 480 unless given), CANCEL
   * (outbound, not answered), BYE (answered), the latter two with a Reason where a code is given, which is 200 too for
   * a call of ours that another has answered; `q850` is told in a Reason of all three (RFC 6432). One that is ending
   * is left alone; one that has ended is CALL_UNKNOWN.
   */
  "dialog.hangup": {
    input: { callid: string; code?: number; reason?: string; q850?: number };
    result: object;
  };
  /** DOMAIN_UNKNOWN, USER_UNKNOWN: as of the two below, of a user of the directory. */
  "presence.set": { input: PresenceSetting; result: object };
  "mwi.set": { input: { domain: string; user: string; mailbox: Mailbox }; result: object };
  /**
   * Sends a message and waits for what becomes of it, some seconds at most (half a minute from each server of another domain). USER_UNKNOWN, USER_NOT_REGISTERED,
   * DESTINATION_UNREACHABLE: it was not sent.
   */
  "message.send": { input: { request: MessageRequest }; result: MessageOutcome };
  /** Makes a gateway, or puts another in its place. GATEWAYS_FULL: no more are taken. */
  "gateway.put": { input: GatewaySettings & { name: string }; result: { created: boolean } };
  /** The registration there is taken back. GATEWAY_UNKNOWN. */
  "gateway.delete": { input: { name: string }; result: object };
  /** All of them, or the one with that name: GATEWAY_UNKNOWN. */
  "gateway.get": { input: { name?: string }; result: { gateways: readonly GatewayInfo[] } };
  /**
   * On: nothing new is taken (503 to phones, SIP_DRAINING to dialog.invite and message.send), the calls there are go
   * on, with the legs that are made for them (`InviteRequest.parent`) and the INVITEs that replace one of them; those
   * that are left after `seconds` are ended with a Reason; without `seconds` they have all the time they want. Off: all
   * is as before.
   */
  drain: { input: { enabled: boolean; seconds?: number }; result: { draining: boolean; calls: number } };
  health: { input: object; result: SipHealth };
};

/**
 * The seed's callinfo (origin.md §1.7): all that is known of one call leg, sent whole with every event.
 * `sdp` is text here; over HTTP it is the seed's JSON (`sdp/json.ts`).
 */
export interface CallInfo extends CallNews {
  readonly callid: string;
  readonly domain: string;
  /** The dialled user part. */
  readonly to: string;
  /** The one phone of it that was dialled, where the dialled URI names one (`gr` of RFC 5627). */
  readonly gr?: string;
  /** The calling user part. */
  readonly from: string;
  /** The far end's Contact URI. */
  readonly contact: string;
  readonly maxforwards: number;
  /** Name of the gateway that it came in from, or goes out by. */
  readonly gateway?: string;
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
  /** Who calls, as told by a trusted peer (P-Asserted-Identity, Remote-Party-ID) or else by From. */
  readonly callerid?: CallerId;
  /** Headers of the INVITE that came in, as far as they are none of SIP's own: `x-…`, `diversion` …, names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Call-ID of the call of ours whose place the caller wants this one to take (RFC 3891). */
  readonly replaces?: string;
  /** Of a call that we made and that was redirected (3xx): where to. */
  readonly redirect?: readonly string[];
  /** Why the far end ended the call, where it said so. */
  readonly reason?: CallReason;
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
  | "ringing" //   180 from the far end
  | "early" //     a description from the far end before the answer: early media (its 18x, or its PRACK of ours)
  | "early-offer" // reliable 18x of a late offer: `sdp.them` is an offer, answer it with dialog.ack
  | "answered" //  ACK of our 2xx, or 2xx from the far end
  | "offer" //     2xx of a late offer, or to our re-INVITE without one: `sdp.them` is an offer, answer with dialog.ack
  | "reinvite" //  a re-INVITE or UPDATE waits for dialog.ok
  | "modified" //  our re-INVITE was accepted: `sdp.them` is the answer
  | "unmodified" // our re-INVITE was refused, `refused` says how: all is as before
  | "refer" //     a REFER: taken, it is answered 202 and dialog.notify tells how it went; rejected, it gets the
  //               status of that error: 603 for NOT_ALLOWED, 500 with Retry-After for CALL_STATE
  | "key" //       a key press by INFO
  | "message" //   MESSAGE, or INFO with something else
  | "ended"; //    terminal, always sent, always last

/** What has become of our registration at a gateway. */
export interface GatewayNews {
  readonly name: string;
  readonly state: "registered" | "failed" | "unregistered";
  /** `registered`: seconds that were granted. */
  readonly expires?: number;
  /** `failed`: a SIP status; 408 for no answer, 503 for no server that could be found or reached. */
  readonly error?: { readonly code: number; readonly status: string };
}

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
      /** Why the last binding went; absent where an older server tells. */
      readonly reason?: DeregistrationReason;
    }
  /** A gateway's registration succeeded after none, failed (again in another way), or was taken back. */
  | { readonly type: "gateway"; readonly control?: string; readonly gateway: GatewayNews }
  /** A subscription was made, approved, or has ended; a refresh tells nothing. */
  | { readonly type: "subscribed"; readonly control?: string; readonly subscription: SubscriptionInfo }
  /** Taken: the sender is told 202. A rejection tells it that error's status; 480, or 404 for no user of ours. */
  | { readonly type: "message"; readonly control?: string; readonly message: MessageInfo };

export type SipCommand = Command<SipCommands>;
export type SipService = Service<SipCommands, SipEvent>;
