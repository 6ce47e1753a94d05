import ipaddr from "ipaddr.js";

/** `192.0.2.0/24`, `2001:db8::/32`, or a single address. */
export function isNetwork(text: string): boolean {
  return text.includes("/") ? ipaddr.isValidCIDR(text) : ipaddr.isValid(text) && !text.includes("%");
}

/** Whether an address is in one of the networks, each of which `isNetwork`. */
export function insideOf(networks: readonly string[]): (address: string) => boolean {
  const ranges = networks.map((network) =>
    ipaddr.parseCIDR(network.includes("/") ? network : `${network}/${network.includes(":") ? "128" : "32"}`),
  );
  const isInside = (address: string): boolean => {
    if (!ipaddr.isValid(address)) return false;
    const source = ipaddr.process(address);
    return ranges.some((range) => source.kind() === range[0].kind() && source.match(range));
  };
  // Asked several times of one request, and of many from one place.
  let last = { address: "", isInside: false };
  return (address) => {
    if (address !== last.address) last = { address, isInside: isInside(address) };
    return last.isInside;
  };
}
