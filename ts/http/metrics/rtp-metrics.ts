import type { MediaHealth } from "../../rtp/media-service.js";
import type { MetricRow } from "./metric-row.js";

const gauge = (
  name: string,
  help: string,
  read: (health: MediaHealth) => number | undefined,
): MetricRow<MediaHealth> => ({ name: `mediaswitch_rtp_${name}`, help, kind: "gauge", read });

/** The rtp component. */
export const RTP_METRICS: readonly MetricRow<MediaHealth>[] = [
  gauge("channels", "Channels that are open", ({ channels }) => channels),
  gauge("channels_available", "Channels that could still be opened", ({ available }) => available),
  gauge("sockets", "Sockets of RTP and RTCP", ({ sockets }) => sockets),
  gauge("load_ratio", "Share of the media threads' time in use, 0 to 1", ({ load }) => load),
  gauge("draining", "1 while no channel is opened", ({ draining }) => Number(draining)),
  {
    name: "mediaswitch_rtp_events_lost_total",
    help: "Events that did not fit their queue",
    kind: "counter",
    read: ({ eventsLost }) => eventsLost,
  },
];
