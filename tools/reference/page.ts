/** A page of docs/ that is made of the program's own tables. */
export interface Page {
  /** Its file under docs/. */
  readonly file: string;
  /** Markdown, as prettier takes it. */
  readonly text: string;
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

export const code = (text: string): string => `\`${text}\``;

/** What stands on top of each made page. */
export const MADE =
  "_Made by `npm run docs:reference` of the program's own tables; edit those, not this page._";
