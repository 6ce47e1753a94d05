/** Which rows of a long list are in sight: only those are made. */
export interface Sight {
  /** Pixels. */
  readonly scrollTop: number;
  readonly height: number;
  readonly rowHeight: number;
  readonly rows: number;
}

/** Rows made above and below what is seen, so that scrolling shows no gap. */
const SPARE = 8;

/** First row that is made, and the one behind the last. */
export function visibleRows({ scrollTop, height, rowHeight, rows }: Sight): { first: number; end: number } {
  const top = Math.floor(scrollTop / rowHeight);
  const first = Math.min(Math.max(0, top - SPARE), rows);
  return { first, end: Math.min(rows, Math.max(first, top + Math.ceil(height / rowHeight) + SPARE)) };
}

/** Where the list has to be scrolled to for this row to be in sight. */
export function scrollFor(row: number, { scrollTop, height, rowHeight }: Omit<Sight, "rows">): number {
  const top = row * rowHeight;
  if (top < scrollTop) return top;
  return top + rowHeight > scrollTop + height ? top + rowHeight - height : scrollTop;
}

export type ListKey = "ArrowUp" | "ArrowDown" | "PageUp" | "PageDown" | "Home" | "End";

export const isListKey = (key: string): key is ListKey =>
  ["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"].includes(key);

/** Where the keyboard leads from a row; -1 stands before the first. */
export function rowByKey(key: ListKey, from: number, rows: number, perPage: number): number {
  const wanted = {
    ArrowUp: from - 1,
    ArrowDown: from + 1,
    PageUp: from - perPage,
    PageDown: from + perPage,
    Home: 0,
    End: rows - 1,
  }[key];
  return Math.min(Math.max(0, wanted), rows - 1);
}
