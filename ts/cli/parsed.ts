import type { LogLevel } from "../composition/system-log.js";

/** What a command line says of a component's options. `mediaAddress` has no default of its own. */
export type Parsed<Options> = Omit<Options, "log" | "script" | "logLevel" | "mediaAddress"> & {
  readonly logLevel: LogLevel;
  readonly mediaAddress?: string;
  readonly json?: boolean;
};

/** A script that is named in the environment or a file. */
export interface ScriptFlag {
  readonly script?: string;
}
