import { constants } from "node:os";
import { getSystemErrorMap } from "node:util";
import type { SocketAddress } from "./socket-address.js";

/** Errors of the system, negative as Node tells them. */
export const ERRNO = {
  EAGAIN: -constants.errno.EAGAIN,
  ECANCELED: -constants.errno.ECANCELED,
  ENOBUFS: -constants.errno.ENOBUFS,
} as const;

/**
 * An error of the system as Node's own sockets tell it: `send EMSGSIZE 192.0.2.1:5060`, with `code`, `errno`,
 * `syscall`, `address` and `port`.
 * @param errno negative.
 */
export function systemError(
  syscall: string,
  errno: number,
  { address, port }: SocketAddress,
): NodeJS.ErrnoException {
  const [code] = getSystemErrorMap().get(errno) ?? [`errno ${String(errno)}`];
  const message = `${syscall} ${code} ${address}:${String(port)}`;
  return Object.assign(new Error(message), { code, errno, syscall, address, port });
}
