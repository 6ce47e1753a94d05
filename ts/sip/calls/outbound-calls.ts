import { seconds } from "../../core/brand.js";
import { MediaswitchError } from "../../core/errors.js";
import { uuid } from "../../core/random.js";
import { authorizeWith } from "../dialog/authorize.js";
import { CallRecord } from "../dialog/call-record.js";
import { inviteRequest } from "../dialog/invite-request.js";
import { InviteSession, type Redirect, type SessionContext } from "../dialog/invite-session.js";
import { callsSecurely } from "../dialog/secure-call.js";
import type { InviteTarget } from "../dialog/uac-invite.js";
import { overGateway } from "../gateway/gateway-call.js";
import { binaryToText } from "../message/binary.js";
import type { Replaces } from "../message/message.js";
import { parseUri } from "../message/uri.js";
import { gruuInstance } from "../registrar/gruu.js";
import type { InviteRequest } from "../sip-service.js";
import { sessionContext, type CallContext } from "./call-context.js";

const MAX_FORWARDS = 70;

/** Calls that control makes. */
export class OutboundCalls {
  readonly #context: CallContext;

  constructor(context: CallContext) {
    this.#context = context;
  }

  /** @throws {MediaswitchError} why it can't be made; nothing was sent then. */
  async invite(request: InviteRequest, signal?: AbortSignal): Promise<{ callid: string }> {
    const { calls, directory, drain, gateways, identity, routing, options } = this.#context;
    const { clock, random } = options;
    if (request.parent === undefined || !calls.has(request.parent)) drain.checkOff();
    const maxforwards = request.maxforwards ?? MAX_FORWARDS;
    if (maxforwards <= 0) {
      throw new MediaswitchError("MAX_FORWARDS_EXCEEDED", "maxforwards is used up", "maxforwards");
    }
    const callid = request.callid ?? uuid(random);
    this.#checkFree(callid);
    const gateway = request.gateway === undefined ? undefined : gateways.find(request.gateway);
    const asked = gateway === undefined ? request : overGateway(request, gateway);
    const domain = asked.to.domain ?? asked.from.domain;
    const { user, gr } = asked.to;
    const targets = await routing.targets({ user, domain, gr, gateway }, signal);
    // Names were looked up, and meanwhile others may have called.
    this.#checkFree(callid);
    const username = gateway?.plan.username ?? asked.from.user;
    const authorize = authorizeWith(username, asked.from.authsecret, random);
    const context: SessionContext = {
      ...sessionContext(this.#context, {
        callid,
        user: asked.from.user,
        authorize,
        flow: targets[0]?.to,
      }),
      ...(request.maxduration === undefined ? {} : { maxDuration: seconds(request.maxduration) }),
    };
    const invite = inviteRequest(asked, {
      callid,
      domain,
      maxforwards,
      contact: context.contact,
      localTag: context.localTag,
      allow: context.allow,
      supported: context.supported,
      userAgent: identity.name,
      sessionTimer: context.sessionTimer,
      replaces: this.#replaces(request.replaces),
    });
    const record = new CallRecord(
      clock,
      {
        callid,
        domain: request.from.domain,
        to: request.to.user,
        from: request.from.user,
        contact: "",
        maxforwards,
        authenticated: true,
        originator: true,
        ...(gateway === undefined ? {} : { gateway: gateway.name }),
      },
      targets[0]?.to.remote ?? identity.advertised,
    );
    const control = request.control ?? directory.control(domain) ?? directory.control(request.from.domain);
    const session = InviteSession.outbound(context, record, {
      invite,
      targets,
      contact: (target, to) => {
        const isSips = callsSecurely(target.uri, target.route);
        // The usual one is there already.
        if (!isSips && to === targets[0]?.to) return context.contact;
        return identity.contact(asked.from.user, to, isSips ? "sips" : "sip");
      },
      ...this.#redirect,
    });
    calls.add(session, control, { domain, user: request.to.user });
    return { callid };
  }

  #checkFree(callid: string): void {
    if (this.#context.calls.has(callid)) {
      throw new MediaswitchError("CALL_STATE", `there is a call ${callid} already`, "callid");
    }
  }

  /** The dialog of a call of ours as its far end sees it (RFC 3891 §3). */
  #replaces(callid: string | undefined): Replaces | undefined {
    if (callid === undefined) return undefined;
    const replaces = this.#context.calls.expect(callid).asReplaces();
    if (replaces !== undefined) return replaces;
    throw new MediaswitchError("CALL_STATE", `call ${callid} has no dialog yet`, "replaces");
  }

  /** §8.1.3.4, where redirections are followed: each Contact is somebody to be called, as control would name them. */
  get #redirect(): { readonly redirect?: Redirect } {
    if (this.#context.options.redirects !== "follow") return {};
    return {
      redirect: async (contacts) => {
        const found = await Promise.allSettled(contacts.map(({ uri }) => this.#locateUri(uri)));
        return found.flatMap((outcome) => (outcome.status === "fulfilled" ? outcome.value : []));
      },
    };
  }

  #locateUri(text: string): Promise<readonly InviteTarget[]> {
    const uri = parseUri(text);
    if (uri === undefined) return Promise.resolve([]);
    const domain = uri.port === undefined ? uri.host : `${uri.host}:${String(uri.port)}`;
    const user = binaryToText(uri.user ?? "");
    return this.#context.routing.targets({ user, domain, gr: gruuInstance(uri) });
  }
}
