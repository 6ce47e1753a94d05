// Every benchmark there is: how it is run, about how long it takes, and the figures in what it writes.
//
// `figures` takes the folder's result file, read, and gives `{ name, unit, better, ours, peers, against, isTime }`:
// `peers` what others cost, by name; `against` the one of them that a run is compared with the last one by, since the two were
// measured side by side; without it, a time is compared on the same machine alone.
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const node = (path, ...args) => [process.execPath, here(path), ...args];
const tsx = (path, ...args) => [process.execPath, "--import=tsx", here(path), ...args];

const sipMessage = ({ rows }) =>
  rows.map(({ task, message, oursMicros, sipPackageMicros }) => ({
    name: `${task}: ${message}`,
    unit: "µs",
    better: "less",
    ours: oursMicros,
    peers: { "npm sip": sipPackageMicros },
    against: "npm sip",
    isTime: true,
  }));

/** Rows of one measurement by server, as one figure. */
function byServer(rows, { pick, against, ...figure }) {
  const of = (server) => rows.find((row) => row.server === server)?.median;
  const ours = pick(of("mediaswitch") ?? {});
  if (!Number.isFinite(ours)) return [];
  const others = rows.filter(({ server, median }) => server !== "mediaswitch" && median !== undefined);
  const peers = Object.fromEntries(
    others.map(({ server, median }) => [server, pick(median)]).filter(([, value]) => Number.isFinite(value)),
  );
  return [{ ...figure, ours, peers, ...(peers[against] === undefined ? {} : { against }) }];
}

function grouped(rows) {
  const groups = new Map();
  for (const row of rows) groups.set(row.row, [...(groups.get(row.row) ?? []), row]);
  return [...groups.values()];
}

const sipServer = ({ rows }) =>
  grouped(rows).flatMap((group) => [
    ...byServer(group, {
      name: group[0].title,
      unit: "µs",
      better: "less",
      pick: ({ microsEach }) => microsEach,
      against: "kamailio",
      isTime: true,
    }),
    ...byServer(group, {
      name: group[0].title,
      unit: "octets",
      better: "less",
      pick: ({ octets }) => octets,
    }),
  ]);

const media = ({ rows }) =>
  grouped(rows).flatMap((group) => [
    ...byServer(group, {
      name: group[0].title,
      unit: "µs/packet",
      better: "less",
      pick: ({ microsPerPacket }) => microsPerPacket,
      against: group.some(({ server, median }) => server === "floor" && median) ? "floor" : "projectrtp",
      isTime: true,
    }),
    ...(group[0].row === "idle"
      ? byServer(group, {
          name: "memory of a leg",
          unit: "KiB",
          better: "less",
          pick: ({ kibPerLeg }) => kibPerLeg,
        })
      : []),
  ]);

const registrarMemory = ({ results }) => [
  {
    name: "memory of a registration",
    unit: "octets",
    better: "less",
    ours: results.bytesPerBinding,
    peers: {},
  },
  {
    name: "a REGISTER",
    unit: "µs",
    better: "less",
    ours: results.microsPerRegister,
    peers: {},
    isTime: true,
  },
];

/** Lines of figures below `face  set up  tear down  all  a live call …`. */
const controlCost = (text) =>
  [...text.matchAll(/^(projectcontrol|app)\s+\d+\s+\d+\s+(\d+)\s+(\d+)/gm)].flatMap(
    ([, face, micros, octets]) => [
      {
        name: `a call by ${face}`,
        unit: "µs",
        better: "less",
        ours: Number(micros),
        peers: {},
        isTime: true,
      },
      {
        name: `memory of a call by ${face}`,
        unit: "octets",
        better: "less",
        ours: Number(octets),
        peers: {},
      },
    ],
  );

export const BENCHES = [
  {
    name: "sip-message",
    title: "reading and printing SIP messages",
    command: tsx("sip-message.ts"),
    minutes: 1,
    result: "sip-message.json",
    figures: sipMessage,
  },
  {
    name: "registrar-memory",
    title: "registrations",
    command: tsx("registrar-memory.ts"),
    minutes: 2,
    result: "registrar-memory.json",
    figures: registrarMemory,
  },
  {
    name: "control",
    title: "calls in control",
    command: tsx("control/call-cost.ts"),
    minutes: 2,
    result: "control-cost.txt",
    figures: controlCost,
  },
  {
    name: "sip-server",
    title: "SIP server",
    command: node("sip/run.mjs"),
    quick: ["--quick"],
    minutes: 20,
    result: "sip-server.json",
    figures: sipServer,
  },
  {
    name: "media",
    title: "media",
    command: node("media/run.mjs"),
    quick: ["--quick"],
    minutes: 30,
    result: "media.json",
    figures: media,
  },
];
