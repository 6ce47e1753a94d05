import type { SipHealth } from "../../sip/sip-service.js";
import type { MetricRow } from "./metric-row.js";

const gauge = (name: string, help: string, read: (health: SipHealth) => number): MetricRow<SipHealth> => ({
  name: `mediaswitch_sip_${name}`,
  help,
  kind: "gauge",
  read,
});

/** The sip component. */
export const SIP_METRICS: readonly MetricRow<SipHealth>[] = [
  gauge("calls", "Call legs that are live", ({ calls }) => calls),
  gauge("dialogs", "Dialogs (RFC 3261 §12)", ({ dialogs }) => dialogs),
  gauge(
    "transactions",
    "Transactions that have not ended (RFC 3261 §17)",
    ({ transactions }) => transactions,
  ),
  gauge("timers", "Timers that run", ({ timers }) => timers),
  gauge("bindings", "Contacts that are registered", ({ bindings }) => bindings),
  gauge("connections", "Connections of SIP, open or being opened", ({ connections }) => connections),
  gauge("subscriptions", "Subscriptions (RFC 6665)", ({ subscriptions }) => subscriptions),
  gauge("publications", "Published states (RFC 3903)", ({ publications }) => publications),
  gauge("messages", "Messages on their way (RFC 3428)", ({ messages }) => messages),
  gauge("admitted_ratio", "Share of new work that is taken on, 0 to 1", ({ admits }) => admits),
  gauge("draining", "1 while nothing new is taken", ({ draining }) => Number(draining)),
  gauge("events_waiting", "Events that control has not taken yet", ({ eventsWaiting }) => eventsWaiting),
  gauge("start_time_seconds", "Unix time of the start", ({ started }) => started),
  {
    name: "mediaswitch_sip_events_lost_total",
    help: "Events dropped because too many waited for control",
    kind: "counter",
    read: ({ eventsLost }) => eventsLost,
  },
  {
    name: "mediaswitch_sip_refused_total",
    help: "Messages refused, by reason",
    kind: "counter",
    label: "reason",
    read: ({ refused }) => refused,
  },
  {
    name: "mediaswitch_sip_connection_troubles_total",
    help: "Connections refused or ended because of a rule, by reason",
    kind: "counter",
    label: "reason",
    read: ({ connectionTroubles }) => connectionTroubles,
  },
];
