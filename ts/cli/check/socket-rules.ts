import { isAny, withPort } from "./addresses.js";
import type { Facts, SocketFact } from "./facts.js";
import { fault, note, ok, warning, type Finding, type Rule } from "./finding.js";

const where = ({ what, protocol, address, port }: SocketFact): string =>
  `${what} on ${withPort(address, port)} (${protocol})`;

function refused(socket: SocketFact, { addresses }: Facts): Finding {
  const { flag, protocol, address, port, refused: why = "no reason given" } = socket;
  switch (why) {
    case "EADDRINUSE":
      return fault(
        `${where(socket)}: another program has that port.`,
        `See which with: ss -${protocol === "UDP" ? "u" : "t"}lpn 'sport = :${String(port)}'. End it, or take another port with ${flag}.`,
      );
    case "EACCES":
      return fault(
        `${where(socket)}: the system allows it to root alone.`,
        `Take a port from 1024 on with ${flag}, or give the service CAP_NET_BIND_SERVICE.`,
      );
    case "EADDRNOTAVAIL": {
      const ours = addresses.map((one) => one.address).join(", ");
      return fault(
        `${where(socket)}: ${address} is no address of this machine.`,
        `Listen on one of ${ours}${flag.endsWith("http-port") ? " with --http-address" : ""}; what phones are told instead goes into --advertise.`,
      );
    }
    default:
      return fault(
        `${where(socket)} can't be opened: ${why}.`,
        `Choose another address or port with ${flag}.`,
      );
  }
}

const socketsFree: Rule = {
  name: "sockets-free",
  judge: (facts) => {
    const faults = facts.sockets.filter((socket) => socket.refused !== undefined);
    return faults.length > 0
      ? faults.map((socket) => refused(socket, facts))
      : [ok(`${String(facts.sockets.length)} sockets for SIP and HTTP can be opened.`)];
  },
};

const isLoopback = (address: string): boolean => /^(127\.|::1$|localhost$)/i.test(address);

const httpToken: Rule = {
  name: "http-token",
  judge: ({ settings: { httpAddress, token } }) =>
    isLoopback(httpAddress) || token !== undefined
      ? []
      : [
          fault(
            `HTTP on ${httpAddress} can be reached by others, and there is no token: mediaswitch refuses to start so.`,
            "Set --token (or MEDIASWITCH_TOKEN), or leave --http-address at 127.0.0.1.",
          ),
        ],
};

const mediaPorts: Rule = {
  name: "media-ports",
  judge: ({ settings: { ports, maxCalls }, takenMediaPorts }) => {
    const range = `${String(ports.low)}-${String(ports.high)}`;
    const pairs = Math.floor((ports.high - ports.low + 1) / 2);
    const taken = new Set(takenMediaPorts.map((port) => port - (port % 2))).size;
    const calls = Math.floor((pairs - taken) / 2);
    const findings: Finding[] = [];
    if (calls < 1) {
      findings.push(
        fault(`--ports ${range} is not enough for one call: a phone takes two ports.`, "Widen --ports."),
      );
    } else if (maxCalls !== undefined && calls < maxCalls) {
      findings.push(
        warning(
          `--ports ${range} is enough for ${String(calls)} calls of two phones, and --max-calls is ${String(maxCalls)}.`,
          "Widen --ports to four ports for each call, or lower --max-calls.",
        ),
      );
    } else findings.push(ok(`--ports ${range} is enough for ${String(calls)} calls of two phones.`));
    if (taken > 0 && calls >= 1) {
      findings.push(
        note(
          `${String(takenMediaPorts.length)} ports of --ports ${range} are in use by others, and are left out.`,
        ),
      );
    }
    return findings;
  },
};

const mediaPortsApart: Rule = {
  name: "media-ports-apart",
  judge: ({ settings: { ports }, sockets }) =>
    sockets
      .filter(({ protocol, port }) => protocol === "UDP" && port >= ports.low && port <= ports.high)
      .map((socket) =>
        fault(
          `${where(socket)} lies in the range of audio, --ports ${String(ports.low)}-${String(ports.high)}.`,
          "Move one of the two.",
        ),
      ),
};

const ephemeralPorts: Rule = {
  name: "ephemeral-ports",
  judge: ({ settings: { ports }, ephemeralPorts: range }) =>
    range === undefined || range.low > ports.high || range.high < ports.low
      ? []
      : [
          warning(
            `The system hands out ports ${String(range.low)}-${String(range.high)} to whoever asks for any, audio's among them: other programs will take some.`,
            `Choose --ports outside of these, or reserve them: sysctl net.ipv4.ip_local_reserved_ports=${String(ports.low)}-${String(ports.high)}`,
          ),
        ],
};

const listensSomewhere: Rule = {
  name: "families",
  judge: ({ settings, addresses, sockets }) => {
    const outward = addresses.filter(({ isLoopback, address }) => !isLoopback && !/^fe80:/i.test(address));
    const has = (isSix: boolean): boolean => outward.some(({ address }) => address.includes(":") === isSix);
    const sip = sockets.filter(({ what }) => what === "SIP");
    const findings: Finding[] = [];
    if (outward.length === 0) {
      return [
        warning(
          "This machine has no address but loopback: phones elsewhere can't reach it.",
          "Connect it to a network first.",
        ),
      ];
    }
    if (!has(false) && sip.length > 0 && sip.every(({ address }) => address === "0.0.0.0")) {
      findings.push(
        fault(
          "This machine has IPv6 addresses alone, and SIP listens on IPv4.",
          "Start with --listen udp:[::]:5060,tcp:[::]:5060 --media-address ::",
        ),
      );
    }
    const isSix = settings.mediaAddress.includes(":");
    const families = new Set(sip.map(({ address }) => address.includes(":")));
    if (sip.length > 0 && !families.has(isSix)) {
      findings.push(
        fault(
          `SIP listens on ${isSix ? "IPv4" : "IPv6"} and audio on ${isSix ? "IPv6" : "IPv4"}: phones that call over the one are told an address of the other.`,
          `Set --media-address to an ${isSix ? "IPv4" : "IPv6"} address, such as ${isSix ? "0.0.0.0" : "::"}`,
        ),
      );
    }
    return findings;
  },
};

const severalAddresses: Rule = {
  name: "several-addresses",
  judge: ({ settings, addresses, sockets }) => {
    const binds = sockets.filter(({ what }) => what === "SIP").map(({ address }) => address);
    const any = [...binds, settings.mediaAddress].find(isAny);
    if (any === undefined || settings.advertise !== undefined) return [];
    const outward = addresses.filter(
      ({ isLoopback, address }) =>
        !isLoopback && address.includes(":") === (any === "::") && !/^fe80:/i.test(address),
    );
    const [first, ...others] = outward;
    if (first === undefined || others.length === 0) return [];
    return [
      warning(
        `This machine has several addresses (${outward.map((one) => `${one.address} of ${one.interface}`).join(", ")}); all phones are told ${first.address}.`,
        "Name the one that phones reach with --sip-address, or with --advertise.",
      ),
    ];
  },
};

export const SOCKET_RULES: readonly Rule[] = [
  socketsFree,
  httpToken,
  mediaPorts,
  mediaPortsApart,
  ephemeralPorts,
  listensSomewhere,
  severalAddresses,
];
