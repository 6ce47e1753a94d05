// What is measured, and what each figure has to be.

/** Groups of two are bridges, larger ones conferences; without a group size nobody says anything. */
export const ROWS = [
  { id: "bridge", title: "bridge, PCMU", count: 1000, groupSize: 2, formats: ["PCMU"] },
  { id: "pcmu-pcma", title: "PCMU–PCMA", count: 1000, groupSize: 2, formats: ["PCMU", "PCMA"] },
  {
    id: "pcmu-g722",
    title: "PCMU–G.722",
    count: 800,
    groupSize: 2,
    formats: ["PCMU", "G722"],
    measure: "nothing",
  },
  {
    id: "pcmu-ilbc20",
    title: "PCMU–iLBC 20 ms",
    count: 400,
    groupSize: 2,
    formats: ["PCMU", "iLBC/20"],
    measure: "nothing",
  },
  {
    id: "conference",
    title: "conference of 10, PCMU",
    count: 1000,
    groupSize: 10,
    formats: ["PCMU"],
    measure: "bursts",
    audio: "turns",
  },
  {
    id: "conference-mixed",
    title: "conference of 10, PCMU/PCMA/G.722",
    count: 600,
    groupSize: 10,
    formats: ["PCMU", "PCMA", "G722"],
    measure: "bursts",
    audio: "turns",
  },
  { id: "idle", title: "idle legs", count: 1000, formats: ["PCMU"] },
];

/** Steps of the search for the most legs that one processor relays without loss. */
export const MOST_LEGS = { id: "most-legs", title: "most legs, bridge PCMU", step: 500, last: 6000 };

/** Of all packets; more is a loss. */
export const CLEAN_SHARE = 0.999;

/** The bridge again, at half of the most legs that mediaswitch relays. */
export const HALF_LOAD = {
  id: "half-load",
  title: "bridge, PCMU, at half load",
  groupSize: 2,
  formats: ["PCMU"],
};

/** Why a server has no figure in a row; undefined when it can have one. */
export function unfit(kind, row) {
  const missing = kind.missing();
  if (missing !== undefined) return missing;
  const formats = new Set(row.formats);
  const without = row.formats.find((format) => !kind.formats.includes(format));
  if (without !== undefined) return `does not code ${without}`;
  if (formats.size > 1 && kind.transcodes === false) return "does not transcode";
  if ((row.groupSize ?? 0) > 2 && !kind.mixes) return "has no mixer";
  if (row.groupSize === undefined && kind.name === "floor") return "has nothing but traffic";
  return undefined;
}

const cost = (figures) => figures?.microsPerPacket;

const less = (row, peer, bound, aim) => ({
  row,
  what: `${peer} costs … times as much`,
  value: (of) => cost(of(row, peer)) / cost(of(row, "mediaswitch")),
  atLeast: bound,
  aim,
});

const delay = (row, quantile, bound) => ({
  row,
  what: `added delay, ${quantile}, ms`,
  value: (of) => of(row, "mediaswitch")?.delayMicros?.[quantile] / 1000,
  atMost: bound,
});

const overFloor = (quantile) => ({
  row: HALF_LOAD.id,
  what: `added delay, ${quantile}, times the floor's`,
  value: (of) =>
    of(HALF_LOAD.id, "mediaswitch")?.delayMicros?.[quantile] /
    of(HALF_LOAD.id, "floor")?.delayMicros?.[quantile],
  atMost: 3,
});

const memory = (row, bound) => ({
  row,
  what: "memory, KiB per leg",
  value: (of) => of(row, "mediaswitch")?.kibPerLeg,
  atMost: bound,
  aim: 8,
});

/** `value` takes `of(row, server)`, the figures of one repetition; the median of the repetitions is held to the bound. */
export const BOUNDS = [
  {
    row: "bridge",
    what: "costs … times the floor",
    value: (of) => cost(of("bridge", "mediaswitch")) / cost(of("bridge", "floor")),
    atMost: 1.4,
    aim: 1.15,
  },
  less("bridge", "rtpengine", 1.5),
  less("bridge", "projectrtp", 2.4),
  {
    row: MOST_LEGS.id,
    what: "… times the legs of projectrtp",
    value: (of) => of(MOST_LEGS.id, "mediaswitch")?.legs / of(MOST_LEGS.id, "projectrtp")?.legs,
    atLeast: 1.4,
  },
  overFloor("p50"),
  overFloor("p99"),
  less("pcmu-pcma", "projectrtp", 2, 2.6),
  less("pcmu-pcma", "rtpengine", 2, 2.6),
  less("pcmu-g722", "projectrtp", 2, 3),
  less("pcmu-g722", "rtpengine", 2, 3),
  less("pcmu-ilbc20", "projectrtp", 1, 1.7),
  less("conference", "projectrtp", 2.8, 3.5),
  delay("conference", "p50", 30),
  delay("conference", "p99", 45),
  less("conference-mixed", "projectrtp", 2, 3),
  delay("conference-mixed", "p50", 30),
  delay("conference-mixed", "p99", 45),
  {
    row: "idle",
    what: "projectrtp costs … times as much",
    value: (of) => of("idle", "projectrtp")?.cpuShare / of("idle", "mediaswitch")?.cpuShare,
    atLeast: 30,
  },
  memory("idle", 12),
  memory("bridge", 20),
];
