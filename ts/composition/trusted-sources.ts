import ipaddr from "ipaddr.js";

/**
 * Whether an address is in one of the networks.
 * @param networks `192.0.2.0/24`, `2001:db8::/32`, or single addresses; checked before.
 */
export function trustedSources(networks: readonly string[]): (address: string) => boolean {
  const ranges = networks.map((network) =>
    ipaddr.parseCIDR(network.includes("/") ? network : `${network}/${network.includes(":") ? "128" : "32"}`),
  );
  return (address) => {
    if (!ipaddr.isValid(address)) return false;
    const source = ipaddr.process(address);
    return ranges.some((range) => source.kind() === range[0].kind() && source.match(range));
  };
}
