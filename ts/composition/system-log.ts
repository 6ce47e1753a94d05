import { pino } from "pino";
import type { Log } from "../core/log.js";

export const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** JSON lines on standard error, written at once, so that nothing is lost when the process ends. */
export const openLog = (level: LogLevel, name: string): Log =>
  pino({ level, name }, pino.destination({ fd: 2, sync: true }));

export const isLogLevel = (text: string): text is LogLevel =>
  (LOG_LEVELS as readonly string[]).includes(text);
