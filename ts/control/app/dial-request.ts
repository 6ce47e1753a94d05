/** What a script says of somebody to be called, as a request to control. */
import { MediaswitchError } from "../../core/errors.js";
import type { NewCallRequest } from "../new-call-request.js";
import type { DialOptions, DialTarget, Target } from "./dial-options.js";
import type { Line, LineHome } from "./line.js";
import { checkedChoice, checkedCount, checkedMillis } from "./option-checks.js";

/** Milliseconds that a target may ring: RFC 3261 asks a UAC for at least one minute of patience in timer B and C terms. */
const PATIENCE = 60_000;
/** Milliseconds. */
const LONGEST_RINGING = 3_600_000;
const MOST_TARGETS = 100;

export interface DialRequest {
  readonly target: DialTarget;
  readonly request: NewCallRequest;
  readonly timeout: number;
}

export interface DialPlan {
  readonly requests: readonly DialRequest[];
  readonly order: "together" | "sequence";
  readonly early: "ring" | "early" | "none";
}

/** @throws {MediaswitchError} ARGUMENT_INVALID, NOT_ALLOWED: nobody is called then. */
export function planDial(
  home: LineHome,
  caller: Line | undefined,
  targets: Target | readonly Target[],
  options: DialOptions,
): DialPlan {
  const list = isList(targets) ? targets : [targets];
  checkedCount(list.length, "targets.length", [1, MOST_TARGETS]);
  return {
    order: checkedChoice(options.order ?? "together", "order", ["together", "sequence"]),
    early: checkedChoice(options.early ?? "ring", "early", ["ring", "early", "none"]),
    requests: list.map((target, index) => {
      const field = isList(targets) ? `targets[${String(index)}]` : "target";
      return planned(home, caller, named(target, field), options);
    }),
  };
}

function planned(
  home: LineHome,
  caller: Line | undefined,
  target: DialTarget,
  options: DialOptions,
): DialRequest {
  const info = caller?.call.info;
  const from = {
    user: options.from?.user ?? caller?.call.standsFor?.from ?? info?.from ?? "anonymous",
    domain: options.from?.domain ?? info?.domain ?? home.settings.defaultDomain() ?? missing("from.domain"),
    ...(options.from?.authsecret !== undefined && { authsecret: options.from.authsecret }),
  };
  const domain = target.domain ?? from.domain;
  home.settings.checkAllowed({ ...target, domain }, caller);
  const gr = target.gr ?? (info?.to === target.user && info.domain === domain ? info.gr : undefined);
  const identity =
    target.callerid ?? options.callerid ?? (target.gateway === undefined ? info?.callerid : undefined);
  const maxforwards = options.maxforwards ?? (info === undefined ? undefined : info.maxforwards - 1);
  const headers = { ...options.headers, ...target.headers };
  const codecs = target.codecs ?? options.codecs;
  return {
    target,
    timeout: ringingTime(target.timeout ?? options.timeout ?? PATIENCE),
    request: {
      from,
      to: { user: target.user, domain, ...(gr !== undefined && { gr }) },
      ...(target.gateway !== undefined && { gateway: target.gateway }),
      ...(identity !== undefined && { cid: identity }),
      ...(maxforwards !== undefined && { maxforwards }),
      ...(codecs !== undefined && { codecs }),
      ...(Object.keys(headers).length > 0 && { headers }),
      ...(options.maxduration !== undefined && { maxduration: options.maxduration }),
    },
  };
}

function named(target: Target, field: string): DialTarget {
  const found = typeof target === "string" ? parsed(target) : target;
  // JavaScript may give anything.
  if (typeof (found as unknown) !== "object" || (found as unknown) === null) {
    throw new MediaswitchError(
      "ARGUMENT_INVALID",
      `${field}: "user", "user@domain" or an object with a user`,
      field,
    );
  }
  if (typeof found.user !== "string" || found.user === "") {
    throw new MediaswitchError("ARGUMENT_INVALID", `${field}: there has to be a user`, `${field}.user`);
  }
  return found;
}

function parsed(text: string): DialTarget {
  const at = text.lastIndexOf("@");
  return at === -1 ? { user: text } : { user: text.slice(0, at), domain: text.slice(at + 1) };
}

function ringingTime(timeout: number): number {
  return Math.min(checkedMillis(timeout, "timeout"), LONGEST_RINGING);
}

function missing(field: string): never {
  throw new MediaswitchError("ARGUMENT_INVALID", `${field}: there is no caller to take it from`, field);
}

const isList = (targets: Target | readonly Target[]): targets is readonly Target[] => Array.isArray(targets);
