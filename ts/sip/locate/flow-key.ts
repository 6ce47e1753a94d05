import { formatSocketAddress } from "../../core/socket-address.js";
import type { Flow } from "../transport/transport.js";

/** Flows with one key lead to one server by one protocol. */
export const flowKey = ({ protocol, remote, serverName }: Flow): string =>
  `${protocol} ${formatSocketAddress(remote)} ${serverName ?? ""}`;
