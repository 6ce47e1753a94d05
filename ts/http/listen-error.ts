import { MediaswitchError } from "../core/errors.js";

/** Says in one line why a port can't be had. `where` names it: `SIP on 192.0.2.1 port 5060 (UDP)`. */
export function listenError(error: unknown, where: string): MediaswitchError {
  const { code } = error as { code?: unknown };
  const message = error instanceof Error ? error.message : String(error);
  const why =
    code === "EADDRINUSE"
      ? "the port is in use by another program"
      : code === "EACCES"
        ? "no permission for this port"
        : code === "EADDRNOTAVAIL" || code === "ENOTFOUND"
          ? "that is not an address of this machine"
          : message;
  return new MediaswitchError("ARGUMENT_INVALID", `can't listen for ${where}: ${why}`);
}
