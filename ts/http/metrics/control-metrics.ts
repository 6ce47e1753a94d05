import type { ControlHealth } from "../../control/controller.js";
import type { MetricRow } from "./metric-row.js";

/** The control component. */
export const CONTROL_METRICS: readonly MetricRow<Partial<ControlHealth>>[] = [
  {
    name: "mediaswitch_control_calls",
    help: "Call legs that are live",
    kind: "gauge",
    read: ({ calls }) => calls,
  },
  {
    name: "mediaswitch_control_channels",
    help: "Channels of calls",
    kind: "gauge",
    read: ({ channels }) => channels,
  },
];
