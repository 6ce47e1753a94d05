/** Which calls may go out to others: none, unless a rule says so. */
import { MediaswitchError } from "../../core/errors.js";
import { checkedFunction, checkedPattern } from "./option-checks.js";

/** Somebody who is none of ours. */
export interface OutsideTarget {
  readonly user: string;
  readonly domain: string;
  /** The gateway that it is called by; none: by the domain. */
  readonly gateway: string | undefined;
  /** Call-ID of the call that it is called for, if any. */
  readonly caller: string | undefined;
}

export interface AllowRule {
  /** Against the user part of a call by a gateway, else against `user@domain`; or a function that decides. */
  readonly to: RegExp | ((target: OutsideTarget) => boolean);
  /** The rule is for calls by this gateway; without it, for calls to foreign domains. */
  readonly gateway?: string;
}

interface CheckedRule {
  readonly gateway: string | undefined;
  readonly matches: (target: OutsideTarget) => boolean;
}

export class AllowedTargets {
  readonly #rules: CheckedRule[] = [];

  /** @throws {MediaswitchError} ARGUMENT_INVALID */
  add({ to, gateway }: AllowRule): void {
    this.#rules.push({ gateway, matches: matching(to) });
  }

  /** @throws {MediaswitchError} NOT_ALLOWED, or what a rule's function throws. */
  check(target: OutsideTarget): void {
    const isAllowed = this.#rules.some((rule) => rule.gateway === target.gateway && rule.matches(target));
    if (isAllowed) return;
    const way = target.gateway === undefined ? "" : ` by the gateway ${target.gateway}`;
    throw new MediaswitchError(
      "NOT_ALLOWED",
      `no rule of app.allow lets calls go to ${textOf(target)}${way}`,
      target.gateway === undefined ? "domain" : "gateway",
    );
  }
}

function matching(to: AllowRule["to"]): CheckedRule["matches"] {
  if (typeof to === "function") return checkedFunction(to, "to");
  const pattern = checkedPattern(to, "to");
  return (target) => pattern.test(textOf(target));
}

const textOf = ({ user, domain, gateway }: OutsideTarget): string =>
  gateway === undefined ? `${user}@${domain}` : user;
