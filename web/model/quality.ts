/** What is plotted of a call's media: jitter, loss, delay and MOS of each leg over time. */
import type { CallTrace, LegTrace, MediaSample } from "../../ts/trace/call-trace.js";

/** As uPlot takes them: first the times in seconds, then one row of values for each leg. */
export type PlotData = [number[], ...(number | null)[][]];

export interface QualityPlot {
  readonly name: "Jitter" | "Loss" | "Delay" | "MOS";
  readonly unit: "ms" | "%" | "";
  readonly data: PlotData;
  /** Of each leg, the last that is known. */
  readonly last: readonly (number | null)[];
}

export interface Quality {
  /** Names of the legs. */
  readonly legs: readonly string[];
  readonly plots: readonly QualityPlot[];
}

type Reading = (sample: MediaSample, before: MediaSample | undefined) => number | null;

const READINGS: readonly (Pick<QualityPlot, "name" | "unit"> & { readonly read: Reading })[] = [
  { name: "Jitter", unit: "ms", read: ({ received }) => received.jitterMillis },
  { name: "Loss", unit: "%", read: lossPercent },
  { name: "Delay", unit: "ms", read: ({ roundTripMillis }) => roundTripMillis },
  { name: "MOS", unit: "", read: ({ received }) => received.mos },
];

export function qualityOf({ legs }: Pick<CallTrace, "legs">): Quality {
  const measured = legs.filter(({ samples }) => samples.length > 0);
  const times = [...new Set(measured.flatMap(({ samples }) => samples.map(({ at }) => secondOf(at))))];
  times.sort((a, b) => a - b);
  return {
    legs: measured.map(nameOf),
    plots: READINGS.map(({ name, unit, read }) => {
      const rows = measured.map((leg) => rowOf(leg, times, read));
      return { name, unit, data: [times, ...rows], last: rows.map(lastKnown) };
    }),
  };
}

/** Of what was on its way between two samples. */
function lossPercent({ received }: MediaSample, before: MediaSample | undefined): number | null {
  if (received.lost === null) return null;
  const lost = Math.max(0, received.lost - (before?.received.lost ?? 0));
  const all = received.packets - (before?.received.packets ?? 0) + lost;
  return all <= 0 ? null : (100 * lost) / all;
}

const secondOf = (at: number): number => Math.round(at / 1000);

const nameOf = ({ direction, from, to }: LegTrace): string => (direction === "inbound" ? from : to);

/** Legs are not sampled in the same moment: a second holds what was read in it. */
function rowOf({ samples }: LegTrace, times: readonly number[], read: Reading): (number | null)[] {
  const bySecond = new Map<number, number | null>();
  samples.forEach((sample, index) => {
    bySecond.set(secondOf(sample.at), read(sample, samples[index - 1]));
  });
  return times.map((time) => bySecond.get(time) ?? null);
}

const lastKnown = (row: readonly (number | null)[]): number | null =>
  row.reduce((last, value) => value ?? last, null);
