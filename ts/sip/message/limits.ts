/** How much of a peer's message is looked at before it is refused. */
export interface ParseLimits {
  /** Whole message, in octets. */
  readonly octets: number;
  /** Start line and headers, in octets. */
  readonly headerOctets: number;
  /** Header lines, after unfolding. */
  readonly headers: number;
  /** Parameters of one header value. */
  readonly params: number;
  /** Values of one header name, over all its lines. */
  readonly listItems: number;
}

/** A UDP datagram over IPv4 carries at most 65,507 octets. */
export const DEFAULT_LIMITS: ParseLimits = {
  octets: 65_507,
  headerOctets: 32_768,
  headers: 256,
  params: 64,
  listItems: 128,
};
