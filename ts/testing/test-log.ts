import type { Log } from "../core/log.js";

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface LogLine {
  readonly level: LogLevel;
  readonly text: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Keeps what the switch logs, for a test to look at. */
export class TestLog implements Log {
  readonly lines: LogLine[] = [];

  /** What went wrong: the lines of level error, with what was thrown. */
  get errors(): readonly string[] {
    return this.lines.filter(({ level }) => level === "error").map(described);
  }

  debug(fields: Readonly<Record<string, unknown>>, text: string): void {
    this.lines.push({ level: "debug", text, fields });
  }
  info(fields: Readonly<Record<string, unknown>>, text: string): void {
    this.lines.push({ level: "info", text, fields });
  }
  warn(fields: Readonly<Record<string, unknown>>, text: string): void {
    this.lines.push({ level: "warn", text, fields });
  }
  error(fields: Readonly<Record<string, unknown>>, text: string): void {
    this.lines.push({ level: "error", text, fields });
  }
}

function described({ text, fields: { err } }: LogLine): string {
  return err instanceof Error ? `${text}: ${err.stack ?? err.message}` : text;
}
