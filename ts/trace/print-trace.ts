/** A trace as text for people: what is wrong first, then the ladder of all legs with what the media and the script did. */
import type { CallTrace, Finding, MediaMoment, TracedMessage, TraceEvent } from "./call-trace.js";
import { ladderColumns, ladderHead, ladderLine, type PictureRow } from "./ladder-picture.js";

export interface PrintOptions {
  /** A time as people read it. */
  readonly time: (at: number) => string;
  /** The text of each message, too. */
  readonly messages?: boolean;
}

/** Things of one moment stand in this order: who spoke, what followed in the script, what in the audio. */
type Line = { readonly at: number; readonly rank: number; readonly text: readonly string[] };

export function printTrace(trace: CallTrace, { time, messages = false }: PrintOptions): string {
  const rows = trace.messages.map((message) => rowOf(message, trace));
  const columns = ladderColumns(rows);
  const lines: Line[] = [
    ...trace.messages.map((message, index): Line => {
      const row = rows[index];
      const arrow = row === undefined ? "" : ladderLine(row, columns);
      const text = messages ? message.text.trimEnd().split(/\r?\n/).map(indented) : [];
      return { at: message.at, rank: 0, text: [arrow, ...text] };
    }),
    ...trace.events.filter(isWorthALine).map((event): Line => noteOf(trace, event, 1, eventText(event))),
    ...trace.media.map((moment): Line => noteOf(trace, moment, 2, `[media] ${moment.text}`)),
  ];
  lines.sort((a, b) => a.at - b.at || a.rank - b.rank);
  return [
    ...headOf(trace, time),
    "",
    ...findingsOf(trace),
    ...(lines.length === 0 ? [] : [columns.length === 0 ? "" : ladderHead(columns)]),
    ...lines.flatMap(({ text }) => text),
    ...omittedOf(trace),
    ...qualityOf(trace),
    "",
  ].join("\n");
}

function headOf(trace: CallTrace, time: PrintOptions["time"]): string[] {
  const { id, state, from, to, domain, start, answer, end, cause } = trace;
  const length = (until: number): string => `${((until - start) / 1000).toFixed(1)} s`;
  const answered = answer === undefined ? "not answered" : `answered after ${length(answer)}`;
  const STATES = {
    live: "goes on",
    ended: `ended after ${length(end ?? start)}: ${cause?.name ?? "normal"}${cause?.sip === undefined ? "" : ` (${String(cause.sip)})`}${cause?.text === undefined || cause.text === "" ? "" : `, ${cause.text}`}`,
    unknown: "not known to call control: what the SIP side has seen of it",
  };
  return [
    `call ${id}`,
    `${from} → ${to}${domain === "" ? "" : ` in ${domain}`}, ${time(start)}`,
    state === "unknown" ? STATES.unknown : `${answered}, ${STATES[state]}`,
  ];
}

function findingsOf({ findings, state }: CallTrace): string[] {
  if (findings.length === 0) {
    return state === "live" ? [] : ["Nothing wrong was noticed.", ""];
  }
  const line = ({ severity, text, advice }: Finding): string[] => [
    `${severity === "failure" ? "✗" : severity === "warning" ? "!" : "·"} ${text}`,
    ...(advice === undefined ? [] : [`  → ${advice}`]),
  ];
  return [...findings.flatMap(line), ""];
}

function rowOf(message: TracedMessage, { start }: CallTrace): PictureRow {
  const { at, direction, peer, protocol, name, retransmission } = message;
  const [from, to] = direction === "in" ? [peer, "switch"] : ["switch", peer];
  const short = name.replace(/ \((INVITE|REGISTER)\)$/, "");
  return {
    at: Math.round(at - start),
    from,
    to,
    message: retransmission === true ? `${short} again` : short,
    protocol,
  };
}

const isWorthALine = ({ type, what }: TraceEvent): boolean =>
  type === "note" ? what !== undefined : !["new", "channel", "key-end"].includes(type);

const eventText = ({ type, what }: TraceEvent): string =>
  type === "note" ? (what ?? "") : `${type}${what === undefined ? "" : ` ${what}`}`;

function noteOf(trace: CallTrace, { at, leg }: MediaMoment | TraceEvent, rank: number, text: string): Line {
  const whose = trace.legs[leg];
  const who = whose === undefined ? "" : `${whose.direction === "inbound" ? whose.from : whose.to}: `;
  return { at, rank, text: [`${String(Math.round(at - trace.start)).padStart(8)}  · ${who}${text}`] };
}

const indented = (line: string): string => `${" ".repeat(12)}${line}`;

function omittedOf({ messagesOmitted, eventsOmitted }: CallTrace): string[] {
  const counts = [
    ...(messagesOmitted > 0 ? [`${String(messagesOmitted)} messages`] : []),
    ...(eventsOmitted > 0 ? [`${String(eventsOmitted)} events`] : []),
  ];
  return counts.length === 0 ? [] : ["", `Not kept: ${counts.join(" and ")}.`];
}

function counts(name: string, reasons: Readonly<Record<string, number>> = {}): string {
  const each = Object.entries(reasons).map(([reason, count]) => `${reason} ${String(count)}`);
  return each.length === 0 ? "" : `; ${name}: ${each.join(", ")}`;
}

function qualityOf({ legs }: CallTrace): string[] {
  const lines = legs.flatMap(({ direction, from, to, samples, channel }) => {
    const last = samples.at(-1);
    if (last === undefined) return [];
    const { received, sent, roundTripMillis } = last;
    const lost = received.lost === null ? "" : `, ${String(received.lost)} lost`;
    const jitter = received.jitterMillis === null ? "" : `, jitter ${received.jitterMillis.toFixed(1)} ms`;
    const mos = received.mos === null ? "" : `, MOS ${received.mos.toFixed(1)}`;
    const trip = roundTripMillis === null ? "" : `, round trip ${roundTripMillis.toFixed(0)} ms`;
    return [
      `${direction === "inbound" ? from : to} (${channel?.codec ?? "no codec"}): ${String(received.packets)} packets came${lost}${jitter}${mos}; ` +
        `${String(sent.packets)} went${trip}${counts("refused", last.dropped)}${counts("not sent", last.refused)}`,
    ];
  });
  return lines.length === 0 ? [] : ["", "audio", ...lines];
}
