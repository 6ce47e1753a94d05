import type { Flow, Transport } from "../transport/transport.js";

/** RFC 3261 §18.1.1, where the MTU of the path is not known: 1500 less 200. */
export const LARGEST_DATAGRAM = 1300;

/**
 * By which way a request goes that is too large for a datagram: TCP to the same place (RFC 3261 §18.1.1). Undefined
 * where it goes as asked.
 *
 * DEPARTURE RFC 3261 §18.1.1: what goes to a source of datagrams stays UDP, whatever its size. It has come through
 * NAT in most cases, where nobody can connect to it, and the attempt would cost seconds.
 */
export function largeRequestFlow(transport: Transport, to: Flow): Flow | undefined {
  const isLearnt = to.listener !== undefined;
  if (to.protocol !== "UDP" || isLearnt || !transport.connects("TCP")) return undefined;
  return { protocol: "TCP", remote: to.remote };
}
