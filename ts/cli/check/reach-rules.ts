import ipaddr from "ipaddr.js";
import { reachOf, toldAddresses } from "./addresses.js";
import type { Facts } from "./facts.js";
import { fault, note, ok, warning, type Finding, type Rule } from "./finding.js";
import { isLetIn } from "./input-chain.js";

const addressTold: Rule = {
  name: "address-told",
  judge: (facts) => {
    const ours = facts.addresses.map(({ address }) => address);
    return toldAddresses(facts).map(({ what, told, isGiven }): Finding => {
      const reach = reachOf(told);
      const isOurs = ours.includes(told);
      if (reach === "this machine") {
        return warning(
          `For ${what} phones are told ${told}, so only those on this machine can call.`,
          "For others, set --sip-address and --media-address to an address of this machine, or --advertise.",
        );
      }
      if (isGiven && !isOurs && reach === "everywhere") {
        return note(
          `For ${what} phones are told ${told}, which is not an address of this machine: the router has to pass on ${forwarded(what, facts)} here, with the same numbers.`,
        );
      }
      if (isGiven && !isOurs) {
        return warning(
          `For ${what} phones are told ${told}, which is neither an address of this machine nor a public one.`,
          "If a container's host has it, all is well; otherwise correct --advertise.",
        );
      }
      if (reach === "this network") {
        return note(
          `For ${what} phones are told ${told}, which is reached from this network alone; for phones elsewhere set --advertise to the router's public address.`,
        );
      }
      return ok(`For ${what} phones are told ${told}.`);
    });
  },
};

const forwarded = (what: string, { settings: { ports, sipPort } }: Facts): string =>
  what === "SIP" ? `port ${String(sipPort)}` : `UDP ports ${String(ports.low)}-${String(ports.high)}`;

/** Networks that container engines make. */
const BRIDGE = /^(docker|br-|cni|podman|virbr|lxcbr|veth)/;

const containerBridge: Rule = {
  name: "container-bridge",
  judge: (facts) => {
    const { addresses, container } = facts;
    const told = toldAddresses(facts).filter(({ isGiven }) => !isGiven);
    const onBridge = told.filter(({ told: address }) =>
      addresses.some((one) => one.address === address && BRIDGE.test(one.interface)),
    );
    if (onBridge.length > 0) {
      return onBridge.map(({ what, told: address }) =>
        fault(
          `For ${what} phones are told ${address}, which belongs to a bridge of containers: nobody outside reaches it.`,
          "Name the address that phones reach with --sip-address and --media-address, or with --advertise.",
        ),
      );
    }
    if (container === undefined) return [];
    const inside = told.filter(({ told: address }) => isContainerAddress(address));
    return inside.map(({ what, told: address }) =>
      fault(
        `This is a container (${container}), and for ${what} phones are told its own address ${address}, which the host alone reaches.`,
        "Run it with the host's network (docker run --network host), or publish SIP and all of --ports as UDP with the same numbers and set --advertise to the host's address.",
      ),
    );
  },
};

/** Docker's default pools, 172.17.0.0/12 and its kind, and Kubernetes' usual 10.244.0.0/16. */
const CONTAINER_NETWORKS = ["172.16.0.0/12", "10.244.0.0/16", "10.42.0.0/16"].map((cidr) =>
  ipaddr.IPv4.parseCIDR(cidr),
);

const isContainerAddress = (address: string): boolean =>
  !address.includes(":") && CONTAINER_NETWORKS.some((network) => ipaddr.IPv4.parse(address).match(network));

const firewall: Rule = {
  name: "firewall",
  judge: ({ iptables, settings: { ports }, sockets }) => {
    if (iptables === undefined) return [];
    const wanted = [
      ...sockets
        .filter(({ what }) => what === "SIP")
        .map(({ protocol, port }) => ({
          what: "SIP",
          protocol: protocol.toLowerCase(),
          low: port,
          high: port,
        })),
      { what: "audio", protocol: "udp", low: ports.low, high: ports.high },
    ];
    return wanted
      .filter((one) => !isLetIn(iptables, one))
      .map(({ what, protocol, low, high }) => {
        const range = low === high ? String(low) : `${String(low)}:${String(high)}`;
        return fault(
          `The firewall (iptables) lets no ${what} in: nothing accepts ${protocol} port ${range}.`,
          `Allow it: iptables -I INPUT -p ${protocol} --dport ${range} -j ACCEPT (and make it stay, in whatever keeps your rules).`,
        );
      });
  },
};

const nftables: Rule = {
  name: "nftables",
  judge: ({ nftables: rules, iptables, settings: { ports, sipPort } }) => {
    const drops = rules !== undefined && /hook input [^}]*?policy drop/.test(rules);
    const names = [sipPort, ports.low].map(String);
    if (!drops || iptables !== undefined || names.every((name) => rules.includes(name))) return [];
    return [
      warning(
        "The firewall (nftables) drops what no rule accepts, and no rule names the ports of SIP and audio.",
        `Allow them: udp dport { ${String(sipPort)}, ${String(ports.low)}-${String(ports.high)} } accept`,
      ),
    ];
  },
};

const sipHelper: Rule = {
  name: "sip-helper",
  judge: ({ modules }) => {
    const found = modules.filter((name) => name === "nf_nat_sip" || name === "nf_conntrack_sip");
    return found.length === 0
      ? []
      : [
          warning(
            `The kernel's SIP helper (${found.join(", ")}) is loaded: it may rewrite addresses in SIP messages, or drop them.`,
            "Unload it: modprobe -r nf_nat_sip nf_conntrack_sip; and switch off “SIP ALG” in the router, which does the same.",
          ),
        ];
  },
};

const connectionTracking: Rule = {
  name: "connection-tracking",
  judge: ({ connectionTracking: tracking, settings: { ports } }) => {
    if (tracking === undefined) return [];
    const { entries, most, udpTimeout } = tracking;
    const exempt = `Exempt audio: iptables -t raw -A PREROUTING -p udp --dport ${String(ports.low)}:${String(ports.high)} -j NOTRACK; or raise net.netfilter.nf_conntrack_max.`;
    const streams = Math.floor((ports.high - ports.low + 1) / 2);
    const findings: Finding[] = [];
    if (entries > most * 0.9) {
      findings.push(
        fault(
          `The firewall tracks ${String(entries)} flows of at most ${String(most)}: new ones are about to be dropped.`,
          exempt,
        ),
      );
    } else if (entries > 0 && streams * 2 > most - entries) {
      findings.push(
        warning(
          `The firewall tracks at most ${String(most)} flows, and ${String(streams)} streams of audio with their RTCP make more than that leaves.`,
          exempt,
        ),
      );
    }
    if (entries > 0 && udpTimeout !== undefined && udpTimeout < 30) {
      findings.push(
        warning(
          `The firewall forgets UDP flows after ${String(udpTimeout)} s; phones are asked whether they are there every 30 s.`,
          "Raise net.netfilter.nf_conntrack_udp_timeout to 60, or lower --ping-interval.",
        ),
      );
    }
    return findings;
  },
};

const reversePath: Rule = {
  name: "reverse-path",
  judge: ({ reversePath: filters, addresses }) => {
    const outward = new Set(addresses.filter(({ isLoopback }) => !isLoopback).map((one) => one.interface));
    const strict = [...outward].filter((name) => filters[name] === 1);
    return outward.size < 2 || strict.length === 0
      ? []
      : [
          warning(
            `${strict.join(", ")} drops packets whose answer would leave by another interface (rp_filter=1), and there are several.`,
            `If phones come in by one and the default route is another: sysctl net.ipv4.conf.${strict[0] ?? "all"}.rp_filter=2`,
          ),
        ];
  },
};

export const REACH_RULES: readonly Rule[] = [
  addressTold,
  containerBridge,
  firewall,
  nftables,
  sipHelper,
  connectionTracking,
  reversePath,
];
