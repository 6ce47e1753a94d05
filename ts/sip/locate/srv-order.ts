import { fraction, type Random } from "../../core/random.js";
import type { SrvRecord } from "./dns.js";

/**
 * The order in which servers are tried (RFC 2782, "Usage rules"): by priority, the lowest first; in one priority drawn
 * anew each time, in proportion to the weights. Records of the name "." stand for "no such service".
 */
export function orderSrv(records: readonly SrvRecord[], random: Random): SrvRecord[] {
  const usable = records.filter(({ target, port }) => target !== "." && target !== "" && port > 0);
  const priorities = [...new Set(usable.map(({ priority }) => priority))].sort((a, b) => a - b);
  return priorities.flatMap((priority) =>
    drawInTurn(
      usable.filter((record) => record.priority === priority),
      random,
    ),
  );
}

function drawInTurn(records: readonly SrvRecord[], random: Random): SrvRecord[] {
  // Weight 0 stands first, so that it is drawn at all where there are others, with a very small chance.
  const left = [...records].sort((a, b) => Math.sign(a.weight) - Math.sign(b.weight));
  const order: SrvRecord[] = [];
  while (left.length > 0) {
    const sum = left.reduce((total, { weight }) => total + weight, 0);
    order.push(...left.splice(sum === 0 ? below(random, left.length) : indexDrawn(left, sum, random), 1));
  }
  return order;
}

/** A whole number from 0 to the sum, both included, is drawn; the first record whose running sum reaches it is the one. */
function indexDrawn(records: readonly SrvRecord[], sum: number, random: Random): number {
  const drawn = below(random, sum + 1);
  let running = 0;
  return records.findIndex(({ weight }) => (running += weight) >= drawn);
}

const below = (random: Random, end: number): number => Math.floor(fraction(random) * end);
