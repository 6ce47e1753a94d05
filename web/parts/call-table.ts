/** The list of calls: as many as there may be, of which only those in sight are made. */
import type { RefObject, VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "../html.js";
import { useNow } from "../hooks.js";
import type { CallRow } from "../model/call-list.js";
import { clockText, durationText } from "../model/time-text.js";
import { isListKey, rowByKey, scrollFor, visibleRows, type Sight } from "../model/visible-rows.js";

export const ROW_HEIGHT = 32;

export interface CallTableProps {
  readonly rows: readonly CallRow[];
  readonly selected: string | undefined;
  readonly select: (record: string) => void;
}

export function CallTable({ rows, selected, select }: CallTableProps): VNode {
  const { box, sight } = useSight();
  const [active, setActive] = useState<string>();
  const now = useNow(1000);
  const place = { ...sight, rowHeight: ROW_HEIGHT };
  const { first, end } = visibleRows({ ...place, rows: rows.length });
  const activeIndex = active === undefined ? -1 : rows.findIndex(({ record }) => record === active);
  const press = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && active !== undefined) select(active);
    if (!isListKey(event.key) || rows.length === 0) return;
    event.preventDefault();
    const index = rowByKey(event.key, activeIndex, rows.length, Math.floor(sight.height / ROW_HEIGHT));
    setActive(rows[index]?.record);
    box.current?.scrollTo({ top: scrollFor(index, place) });
  };
  const choose = (record: string): void => {
    setActive(record);
    select(record);
  };
  const isMade = activeIndex >= first && activeIndex < end;
  return html`<div
    class="call-table"
    role="grid"
    ref=${box}
    tabindex="0"
    aria-label="Calls, newest first; arrow keys choose, Enter opens"
    aria-rowcount=${rows.length + 1}
    aria-activedescendant=${isMade ? rowId(activeIndex) : undefined}
    onKeyDown=${press}
  >
    <div role="rowgroup" class="call-head">
      <div role="row" class="call-row" aria-rowindex="1">
        ${["From", "To", "State", "Began", "Lasts", "Legs"].map(
          (name) => html`<span role="columnheader">${name}</span>`,
        )}
      </div>
    </div>
    <div role="rowgroup" class="call-space" style=${{ height: `${String(rows.length * ROW_HEIGHT)}px` }}>
      ${rows.slice(first, end).map((row, offset) => {
        const index = first + offset;
        return html`<${Row}
          key=${row.record}
          row=${row}
          index=${index}
          now=${row.answered === undefined || row.state === "ended" ? 0 : now}
          isActive=${row.record === active}
          isSelected=${row.record === selected}
          choose=${choose}
        />`;
      })}
    </div>
    ${rows.length === 0 && html`<p class="nothing">No calls.</p>`}
  </div>`;
}

/** How far the list is scrolled, and how much of it is seen. */
function useSight(): {
  readonly box: RefObject<HTMLDivElement | null>;
  readonly sight: Pick<Sight, "scrollTop" | "height">;
} {
  const box = useRef<HTMLDivElement>(null);
  const [sight, setSight] = useState({ scrollTop: 0, height: 600 });
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    // The head stays in sight, above the rows.
    const look = (): void =>
      setSight({ scrollTop: element.scrollTop, height: element.clientHeight - ROW_HEIGHT });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, []);
  return { box, sight };
}

interface RowProps {
  readonly row: CallRow;
  readonly index: number;
  readonly now: number;
  readonly isActive: boolean;
  readonly isSelected: boolean;
  readonly choose: (record: string) => void;
}

function Row({ row, index, now, isActive, isSelected, choose }: RowProps): VNode {
  return html`<div
    id=${rowId(index)}
    role="row"
    class=${`call-row state-${row.state} ${isActive ? "active" : ""}`}
    aria-rowindex=${index + 2}
    aria-selected=${isSelected}
    style=${{ transform: `translateY(${String(index * ROW_HEIGHT)}px)` }}
    onClick=${() => choose(row.record)}
  >
    <span role="gridcell">${row.from}</span>
    <span role="gridcell">${row.to}</span>
    <span role="gridcell" class="state">${stateText(row)}</span>
    <span role="gridcell">${clockText(row.created).slice(0, 8)}</span>
    <span role="gridcell">${lastsText(row, now)}</span>
    <span role="gridcell">${row.legs.length + (row.moreLegs ?? 0)}</span>
  </div>`;
}

const rowId = (index: number): string => `call-${String(index)}`;

const stateText = ({ state, cause, legs }: CallRow): string => {
  if (state === "ended" && cause !== undefined) return `ended: ${cause.name}`;
  return legs.some(({ held }) => held) ? `${state}, on hold` : state;
};

/** Since it was answered; 0 before. */
export const lastsText = ({ answered, ended }: CallRow, now: number): string =>
  answered === undefined ? "" : durationText((ended ?? now) - answered);
