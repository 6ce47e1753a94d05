import { networkInterfaces } from "node:os";

/**
 * The address that peers are told when we listen on `bind`: itself, or where that is every address the first
 * one that other machines can reach, else loopback. Link-local ones need a zone and don't count.
 */
export function reachableAddress(bind: string): string {
  if (bind !== "0.0.0.0" && bind !== "::") return bind;
  const family = bind === "::" ? "IPv6" : "IPv4";
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { address, family: is, internal } of addresses ?? []) {
      if (is === family && !internal && !address.startsWith("fe80:")) return address;
    }
  }
  return family === "IPv6" ? "::1" : "127.0.0.1";
}
