import type { Facts, SocketFact } from "../../../ts/cli/check/facts.js";

export const socket = (more: Partial<SocketFact> = {}): SocketFact => ({
  what: "SIP",
  flag: "--sip-port",
  protocol: "UDP",
  address: "0.0.0.0",
  port: 5060,
  ...more,
});

/** A machine on which nothing will break. */
export const WELL: Facts = {
  settings: {
    sipAddress: "0.0.0.0",
    sipPort: 5060,
    mediaAddress: "0.0.0.0",
    ports: { low: 10_000, high: 20_000 },
    shards: 1,
    httpAddress: "127.0.0.1",
  },
  sockets: [
    socket(),
    socket({ protocol: "TCP" }),
    socket({
      what: "HTTP of sip",
      flag: "--sip-http-port",
      protocol: "TCP",
      address: "127.0.0.1",
      port: 9000,
    }),
  ],
  addresses: [
    { interface: "lo", address: "127.0.0.1", isLoopback: true },
    { interface: "lo", address: "::1", isLoopback: true },
    { interface: "eth0", address: "203.0.113.7", isLoopback: false },
    { interface: "eth0", address: "2001:db8::7", isLoopback: false },
    { interface: "eth0", address: "fe80::1", isLoopback: false },
  ],
  node: { version: "v20.20.2", needed: "20.19" },
  takenMediaPorts: [],
  ephemeralPorts: { low: 32_768, high: 60_999 },
  mostOpenFiles: 1_048_576,
  processors: 2,
  governors: ["performance", "performance"],
  connectionTracking: { entries: 10, most: 262_144, udpTimeout: 30 },
  modules: ["nf_conntrack"],
  reversePath: { eth0: 2, lo: 0 },
  iptables: "-P INPUT ACCEPT\n",
  clock: { year: 2026, isSynchronised: true },
  unwritable: [],
};
