/** A call's trace as a ladder: the switch in the middle, the first leg to its left, all others to its right. */
import type { CallTrace, TracedMessage } from "../../ts/trace/call-trace.js";

export interface LadderParty {
  readonly title: string;
  /** Address of the far end; what it is, for the switch. */
  readonly subtitle: string;
}

export interface LadderArrow {
  readonly kind: "message";
  /** Columns, counted from 0. */
  readonly from: number;
  readonly to: number;
  readonly name: string;
  readonly message: TracedMessage;
  readonly isFailure: boolean;
}

export interface LadderNote {
  readonly kind: "media" | "event";
  /** Column it belongs to. */
  readonly party: number;
  readonly text: string;
}

export type LadderRow = (LadderArrow | LadderNote) & {
  /** Stays the same while the call goes on. */
  readonly key: string;
  readonly at: number;
  /** Milliseconds since the call began. */
  readonly since: number;
};

export interface Ladder {
  readonly parties: readonly LadderParty[];
  readonly rows: readonly LadderRow[];
  readonly omitted: number;
}

const SWITCH: LadderParty = { title: "mediaswitch", subtitle: "" };

export function ladderOf(trace: CallTrace): Ladder {
  const parties = trace.legs.map(({ from, to, direction }, leg) => ({
    title: direction === "inbound" ? from : to,
    subtitle: trace.messages.find((message) => message.leg === leg)?.peer ?? "",
  }));
  // The SIP side has seen the first message before control knew of a call.
  const start = Math.min(trace.start, ...trace.messages.slice(0, 1).map(({ at }) => at));
  const [first = { title: "?", subtitle: "" }, ...others] = parties;
  const rows: LadderRow[] = [
    ...trace.messages.map((message, index) => arrowOf(message, `m${String(index)}`, start)),
    ...trace.media.map(({ at, leg, text }, index) => ({
      kind: "media" as const,
      key: `a${String(index)}`,
      party: columnOf(leg),
      text,
      at,
      since: at - start,
    })),
    ...trace.events.map(({ at, leg, type, what }, index) => ({
      kind: "event" as const,
      key: `e${String(index)}`,
      party: columnOf(leg),
      text: what === undefined ? type : type === "note" ? what : `${type}: ${what}`,
      at,
      since: at - start,
    })),
  ];
  return {
    parties: [first, SWITCH, ...others],
    rows: rows.sort((a, b) => a.at - b.at),
    omitted: trace.messagesOmitted + trace.eventsOmitted,
  };
}

/** Column of a leg's far end. */
const columnOf = (leg: number): number => (leg === 0 ? 0 : leg + 1);
const SWITCH_COLUMN = 1;

function arrowOf(message: TracedMessage, key: string, start: number): LadderRow {
  const party = columnOf(message.leg ?? 0);
  const [from, to] = message.direction === "in" ? [party, SWITCH_COLUMN] : [SWITCH_COLUMN, party];
  return {
    kind: "message",
    key,
    from,
    to,
    name: message.retransmission === true ? `${message.name} (again)` : message.name,
    message,
    isFailure: /^SIP\/2\.0 [456]/.test(message.firstLine),
    at: message.at,
    since: message.at - start,
  };
}
