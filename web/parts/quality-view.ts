/** Jitter, loss, delay and MOS of each leg over time. */
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { html } from "../html.js";
import type { Quality, QualityPlot } from "../model/quality.js";
import { clockText } from "../model/time-text.js";
import { colour, watchTheme } from "../theme.js";

const HEIGHT = 130;
/** Between two times of the axis. */
const SECONDS = [1, 2, 5, 10, 30, 60, 300, 600, 1800, 3600, 4 * 3600, 24 * 3600];
const COLOURS = ["plot-1", "plot-2", "plot-3", "plot-4"];

export function QualityView({ quality }: { readonly quality: Quality }): VNode {
  const { legs, plots } = quality;
  if (legs.length === 0) return html`<p class="nothing">No media has been measured yet.</p>`;
  return html`<div class="plots">
    ${plots.map((plot) => html`<${Plot} key=${`${plot.name} ${String(legs.length)}`} plot=${plot} legs=${legs} />`)}
  </div>`;
}

interface PlotProps {
  readonly plot: QualityPlot;
  readonly legs: readonly string[];
}

function Plot({ plot, legs }: PlotProps): VNode {
  const box = useRef<HTMLDivElement>(null);
  const drawn = useRef<uPlot>(undefined);
  const latest = useRef(plot.data);
  latest.current = plot.data;
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const draw = (): void => {
      drawn.current?.destroy();
      drawn.current = new uPlot(optionsOf(legs, element.clientWidth), latest.current, element);
    };
    draw();
    const observer = new ResizeObserver(() => {
      drawn.current?.setSize({ width: element.clientWidth, height: HEIGHT });
    });
    observer.observe(element);
    const unwatch = watchTheme(draw);
    return () => {
      observer.disconnect();
      unwatch();
      drawn.current?.destroy();
      drawn.current = undefined;
    };
  }, [legs.join()]);
  useEffect(() => drawn.current?.setData(plot.data), [plot.data]);
  return html`<figure>
    <figcaption>
      <b>${plot.name}</b>
      ${legs.map(
        (leg, index) =>
          html`<span class="value"
            ><i class=${`swatch ${colourOf(index)}`}></i>${leg}: ${valueText(plot, index)}</span
          >`,
      )}
    </figcaption>
    <div class="plot" ref=${box} aria-hidden="true"></div>
  </figure>`;
}

const colourOf = (index: number): string => COLOURS[index % COLOURS.length] ?? "plot-1";

function valueText({ last, unit }: QualityPlot, index: number): string {
  const value = last[index] ?? null;
  return value === null ? "not known" : `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`;
}

function optionsOf(legs: readonly string[], width: number): uPlot.Options {
  const axis = { stroke: colour("quiet"), grid: { stroke: colour("line"), width: 1 } };
  const times = (_: uPlot, seconds: number[]): string[] =>
    seconds.map((at) => clockText(at * 1000).slice(0, 8));
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_, _min, max) => [0, max > 0 ? max * 1.1 : 1] } },
    axes: [
      { ...axis, values: times, space: 80, incrs: SECONDS },
      { ...axis, size: 44 },
    ],
    series: [
      {},
      ...legs.map((label, index) => ({ label, stroke: colour(colourOf(index)), width: 2, spanGaps: true })),
    ],
  };
}
