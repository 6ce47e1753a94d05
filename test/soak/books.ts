/** Whether what a channel counted is what was sent to it. */
import type { ChannelStatistics } from "../../ts/rtp/media-service.js";
import { REASONS_OF_TIME, type End } from "./faults.js";

export interface Sent {
  readonly datagrams: number;
  readonly ends: ReadonlyMap<End, number>;
  /** Milliseconds by which this machine kept the worst packet waiting before it was sent. */
  readonly latestMillis: number;
  /** Reasons whose counts nobody can know beforehand: only their sum with `forwarded` and `consumed` is. */
  readonly open?: ReadonlySet<End>;
}

/** A pause of the machine that a jitter buffer hears, whatever it is prepared for. */
const AUDIBLE_MILLIS = 15;

/** A jitter buffer holds packets back until 99 of 100 of them arrive in time. */
const LATE_SHARE = 0.01;

/** Every reason to call the books wrong; empty when they balance. */
export function faultsIn(statistics: ChannelStatistics, sent: Sent): string[] {
  const { datagrams, forwarded, consumed, dropped } = statistics;
  const faults: string[] = [];
  const gone = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  if (datagrams !== sent.datagrams)
    faults.push(`${String(sent.datagrams)} were sent, ${String(datagrams)} received`);
  if (datagrams !== forwarded + consumed + gone) {
    const parts = `${String(forwarded)} forwarded + ${String(consumed)} consumed + ${String(gone)} dropped`;
    faults.push(`${String(datagrams)} received are not ${parts}`);
  }
  faults.push(...wrongCounts(statistics, sent));
  return faults;
}

type Counts = Readonly<Record<End, number>>;

const timely = (count: (reason: End) => number): number =>
  [...REASONS_OF_TIME].reduce((sum, reason) => sum + count(reason), 0);

/** Good packets that came too late for a jitter buffer, for no fault that was made. */
export const lateOfThemselves = ({ dropped }: ChannelStatistics, { ends, open }: Sent): number =>
  open === undefined
    ? timely((reason) => dropped[reason] ?? 0) - timely((reason) => ends.get(reason) ?? 0)
    : 0;

/** How many may be: as many as there are, where this machine itself paused. */
function lateAllowed({ tick }: ChannelStatistics, { latestMillis, datagrams }: Sent): number {
  const hasPaused = latestMillis > AUDIBLE_MILLIS || tick.maxUs / 1000 > AUDIBLE_MILLIS;
  return hasPaused ? datagrams : Math.ceil(datagrams * LATE_SHARE);
}

function wrongCounts(statistics: ChannelStatistics, sent: Sent): string[] {
  const { forwarded, consumed, dropped } = statistics;
  const late = lateOfThemselves(statistics, sent);
  if (late < 0 || late > lateAllowed(statistics, sent))
    return [`${String(late)} more were late than were made so`];
  const faults: string[] = [];
  // What was late of itself was not consumed.
  const counted: Counts = { ...dropped, forwarded, consumed: consumed + late };
  for (const end of new Set([...Object.keys(counted), ...sent.ends.keys()])) {
    if (sent.open?.has(end) === true || (late > 0 && REASONS_OF_TIME.has(end))) continue;
    const wanted = sent.ends.get(end) ?? 0;
    const is = counted[end] ?? 0;
    if (is !== wanted) faults.push(`${end}: ${String(wanted)} expected, ${String(is)} counted`);
  }
  return faults;
}
