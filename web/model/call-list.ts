/** The calls that the page knows, as they change. */
import type { CallRow } from "../../ts/http/page/call-row.js";
import type { TraceSummary } from "../../ts/trace/call-trace.js";

export type { CallRow };

export interface CallChanges {
  readonly calls: readonly CallRow[];
  /** Records of calls that are not told of any more. */
  readonly gone: readonly string[];
}

export interface CallFilter {
  readonly search: string;
  /** Calls that are over, too. */
  readonly ended: boolean;
}

export class CallList {
  readonly #rows = new Map<string, CallRow>();
  #live = 0;

  /** Calls that are not over. */
  get live(): number {
    return this.#live;
  }

  row(record: string): CallRow | undefined {
    return this.#rows.get(record);
  }

  take({ calls, gone }: CallChanges): void {
    for (const row of calls) {
      this.#count(row.record, -1);
      this.#rows.set(row.record, row);
      this.#count(row.record, 1);
    }
    for (const record of gone) {
      this.#count(record, -1);
      this.#rows.delete(record);
    }
  }

  /** All are forgotten: the connection was lost, and what comes is everything anew. */
  clear(): void {
    this.#rows.clear();
    this.#live = 0;
  }

  /** Those wanted, the newest first. */
  shown({ search, ended }: CallFilter): CallRow[] {
    const wanted = search.trim().toLowerCase();
    const rows: CallRow[] = [];
    for (const row of this.#rows.values()) {
      if (row.state === "ended" && !ended) continue;
      if (wanted === "" || matches(row, wanted)) rows.push(row);
    }
    return rows.sort((a, b) => b.created - a.created);
  }

  #count(record: string, by: 1 | -1): void {
    const row = this.#rows.get(record);
    if (row !== undefined && row.state !== "ended") this.#live += by;
  }
}

/** A number or name of either side, or a Call-ID. */
function matches({ from, to, record, legs }: CallRow, wanted: string): boolean {
  if (has(from, wanted) || has(to, wanted) || has(record, wanted)) return true;
  return legs.some((leg) => has(leg.callid, wanted) || has(leg.from, wanted) || has(leg.to, wanted));
}

const has = (text: string, wanted: string): boolean => text.toLowerCase().includes(wanted);

/** A call of the traces, as a row of the list. */
export const rowOfTrace = (trace: TraceSummary): CallRow => ({
  record: trace.id,
  from: trace.from,
  to: trace.to,
  domain: trace.domain,
  state: trace.state === "ended" ? "ended" : trace.answer === undefined ? "new" : "answered",
  created: trace.start,
  ...(trace.answer !== undefined && { answered: trace.answer }),
  ...(trace.end !== undefined && { ended: trace.end }),
  ...(trace.cause !== undefined && { cause: trace.cause }),
  legs: [],
});
