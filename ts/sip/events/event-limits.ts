/** How much the event server keeps for others. */
export interface EventLimits {
  /** Subscriptions in all … */
  readonly subscriptions: number;
  /** … of one subscriber (a phone with several panels of keys has some hundred) … */
  readonly subscriptionsPerUser: number;
  /** … and to one resource in one package. */
  readonly subscriptionsPerResource: number;
  /** Shortest and longest time that is granted, in seconds. */
  readonly minExpires: number;
  readonly maxExpires: number;
  /** Publications in all, and of one user. */
  readonly publications: number;
  readonly publicationsPerUser: number;
  /** Octets of a published document. */
  readonly documentOctets: number;
  /** Messages on their way. */
  readonly messages: number;
  /** Octets of a message's body. */
  readonly messageOctets: number;
}

export const EVENT_LIMITS: EventLimits = {
  subscriptions: 50_000,
  subscriptionsPerUser: 300,
  subscriptionsPerResource: 1000,
  minExpires: 60,
  maxExpires: 7200,
  publications: 50_000,
  publicationsPerUser: 10,
  documentOctets: 8192,
  messages: 2000,
  messageOctets: 8192,
};

/** Of a 503 that a limit made: seconds. */
export const RETRY_AFTER = 60;

/** No interval of an hour or more may be refused as too brief (RFC 6665 §4.2.1.1, RFC 3903 §6). */
const NEVER_TOO_BRIEF = 3600;

/** The time that is granted to a request that asks for `wanted` seconds, 0 included; undefined: too brief, 423. */
export function grantedExpires(
  wanted: number,
  { minExpires, maxExpires }: Pick<EventLimits, "minExpires" | "maxExpires">,
): number | undefined {
  if (wanted > 0 && wanted < Math.min(minExpires, NEVER_TOO_BRIEF)) return undefined;
  return Math.min(wanted, maxExpires);
}
