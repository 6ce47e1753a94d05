/** A token bucket. */
export interface RateLimit {
  /** Requests a second in the long run; 0: as many as come. */
  readonly perSecond: number;
  /** Requests at once. */
  readonly burst: number;
}

/** How much of what strangers can make us do is done; numbers for a small exchange. */
export interface OverloadLimits {
  /** Requests outside of dialogs from one address (of IPv6: one /64). */
  readonly source: RateLimit;
  /** The same from one trusted address, in place of `source`. */
  readonly trunk: RateLimit;
  /** The same in one user's name from one address. */
  readonly aor: RateLimit;
  /** Requests within one dialog; a BYE is always served. */
  readonly dialog: RateLimit;
  /** Calls to emergency numbers, all together; these are counted nowhere else. */
  readonly emergency: RateLimit;
  /** Refusals sent, all together; what comes beyond is dropped. */
  readonly refusals: RateLimit;
  /** Calls at once; beyond, new ones are refused. */
  readonly calls: number;
  /** User parts that are emergency numbers: `112`, `911`. */
  readonly emergencyNumbers: readonly string[];
}

export const DEFAULT_LIMITS: OverloadLimits = {
  source: { perSecond: 100, burst: 1000 },
  trunk: { perSecond: 1000, burst: 2000 },
  aor: { perSecond: 20, burst: 200 },
  dialog: { perSecond: 20, burst: 60 },
  emergency: { perSecond: 20, burst: 50 },
  refusals: { perSecond: 2000, burst: 4000 },
  calls: 10_000,
  emergencyNumbers: [],
};

const NO_RATE: RateLimit = { perSecond: 0, burst: 0 };

/** For a server that somebody else protects, or that only we reach. */
export const NO_LIMITS: OverloadLimits = {
  source: NO_RATE,
  trunk: NO_RATE,
  aor: NO_RATE,
  dialog: NO_RATE,
  emergency: NO_RATE,
  refusals: NO_RATE,
  calls: Number.POSITIVE_INFINITY,
  emergencyNumbers: [],
};
