/** One message of a ladder: milliseconds since its start, who, to whom, what. */
export interface PictureRow {
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly message: string;
  /** Absent: UDP. */
  readonly protocol?: string;
}

const COLUMN = 24;

/** The names in the order in which the picture has them: the switch stands second, as it does in most calls. */
export function ladderColumns(rows: readonly PictureRow[]): string[] {
  const names = [...new Set(rows.flatMap(({ from, to }) => [from, to]))];
  const others = names.filter((name) => name !== "switch");
  return names.includes("switch") ? [...others.slice(0, 1), "switch", ...others.slice(1)] : others;
}

/** The head of the picture: times, then a column for each name. */
export function ladderHead(columns: readonly string[]): string {
  return `${"ms".padStart(8)}  ${columns.map((name) => centred(name, COLUMN, " ")).join("")}`.trimEnd();
}

/** One line of the picture: an arrow between two lifelines. */
export function ladderLine(row: PictureRow, columns: readonly string[]): string {
  const from = columns.indexOf(row.from);
  const to = columns.indexOf(row.to);
  const centre = (index: number): number => index * COLUMN + COLUMN / 2;
  const line = Array.from({ length: columns.length * COLUMN }, () => " ");
  columns.forEach((_, index) => (line[centre(index)] = "│"));
  const left = centre(Math.min(from, to)) + 1;
  const right = centre(Math.max(from, to));
  const over = row.protocol === undefined || row.protocol === "UDP" ? "" : ` (${row.protocol})`;
  const arrow = Array.from(centred(` ${row.message}${over} `, right - left - 1, "─"));
  if (to > from) arrow.push("▶");
  else arrow.unshift("◀");
  line.splice(left, right - left, ...arrow.slice(0, right - left));
  return `${String(row.at).padStart(8)}  ${line.join("")}`.trimEnd();
}

/** A call flow as text: time downwards, a lifeline for each party. */
export function renderLadder(
  rows: readonly PictureRow[],
  columns: readonly string[] = ladderColumns(rows),
): string {
  return [ladderHead(columns), ...rows.map((row) => ladderLine(row, columns))].join("\n");
}

function centred(text: string, width: number, filler: string): string {
  const cut = text.length > width ? text.slice(0, width) : text;
  const before = Math.floor((width - cut.length) / 2);
  return filler.repeat(before) + cut + filler.repeat(width - cut.length - before);
}
