/** sipp (https://sipp.readthedocs.io), the traffic generator, against a switch on the loopback address. */
import type { Test } from "tap";
import { LOOPBACK, freePorts } from "./ports.js";
import { startProcess } from "./process.js";

export interface SippResult {
  readonly exitCode: number | null;
  readonly successful: number;
  readonly failed: number;
  readonly output: string;
}

/** The last cumulative count of a row of sipp's closing screen. */
function count(output: string, row: string): number {
  const found = [...output.matchAll(new RegExp(`${row}\\s*\\|\\s*\\d+\\s*\\|\\s*(\\d+)`, "g"))].at(-1);
  return found === undefined ? NaN : Number(found[1]);
}

export interface SippTarget {
  /** Where requests go: LOOPBACK unless given. */
  readonly host?: string;
  readonly sipPort: number;
  /** Its own address, and its own port where that has to be known beforehand. */
  readonly from: string;
  readonly port?: number;
  readonly folder: string;
}

/** Runs one scenario to its end: `-sn uac`, or `-sf file.xml` with what it needs. */
export async function runSipp(t: Test, target: SippTarget, scenario: readonly string[]): Promise<SippResult> {
  const { host = LOOPBACK, sipPort, from, folder, port = await freePorts() } = target;
  const mediaPort = await freePorts(4);
  const running = startProcess(
    t,
    "sipp",
    [
      `${host}:${String(sipPort)}`,
      ...scenario,
      ...["-i", from, "-p", String(port), "-mi", from, "-mp", String(mediaPort)],
      ...["-nostdin", "-trace_err", "-timeout", "90s", "-timeout_error"],
    ],
    { cwd: folder, env: { TERM: "dumb" } },
  );
  const { code } = await running.ended;
  const output = running.output();
  return {
    exitCode: code,
    successful: count(output, "Successful call"),
    failed: count(output, "Failed call"),
    output,
  };
}
