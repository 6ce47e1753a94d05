// A run beside the last one.

/** A figure that got worse by more than this is a regression. */
const TOLERATED = 0.1;

/** What counts in a comparison: beside a peer of the same run where there is one, else itself. */
function score({ ours, peers, against }, other) {
  const isShared = against !== undefined && other.peers[against] > 0 && peers[against] > 0;
  return isShared ? ours / peers[against] : ours;
}

/**
 * `last` and `now`: figures of one benchmark. Each of `now` gets `change`, as a share of the last (0.12 is 12 % more), and
 * `verdict`: `worse`, `better`, `same`, `new`, or `other machine` for a time without a peer that was measured elsewhere.
 */
export function compared(last, now, { isSameMachine }) {
  return now.map((figure) => {
    const before = last.find(({ name, unit }) => name === figure.name && unit === figure.unit);
    if (before === undefined || !(before.ours > 0)) return { ...figure, verdict: "new" };
    const hasPeer = figure.against !== undefined && before.peers[figure.against] > 0;
    if (figure.isTime && !hasPeer && !isSameMachine)
      return { ...figure, before: before.ours, verdict: "other machine" };
    const change = score(figure, before) / score(before, figure) - 1;
    const worse = figure.better === "less" ? change : -change;
    const verdict = worse > TOLERATED ? "worse" : worse < -TOLERATED ? "better" : "same";
    return { ...figure, before: before.ours, change, verdict };
  });
}
