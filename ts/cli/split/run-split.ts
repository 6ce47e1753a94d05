import { SystemClock } from "../../core/system-clock.js";
import type { Log } from "../../core/log.js";
import type { GivenFlag } from "../make-command.js";
import { say, sayJson } from "../output.js";
import { runUntilSignal } from "../run-until-signal.js";
import { splitSummary } from "../summary.js";
import type { RunningJson } from "../summary-json.js";
import { componentArguments, type Component } from "./component-arguments.js";
import { spawnComponent } from "./component-process.js";
import { Supervisor, type Known } from "./supervisor.js";

export interface SplitOptions {
  /** As they stood on the command line. */
  readonly flags: readonly GivenFlag[];
  readonly script?: string;
  readonly mediaAddress: string;
  readonly sipPort: number;
  readonly v1?: boolean;
  readonly json?: boolean;
  readonly log: Log;
}

/** `start --split`: a process for each component, until a signal. */
export async function runSplit(options: SplitOptions): Promise<void> {
  const { script, v1, flags, json, log } = options;
  await runUntilSignal(
    () =>
      Supervisor.start({
        start: (component, known) =>
          spawnComponent(component, {
            words: componentArguments(component, flags, ourWords(component, options, known)),
            tell: (stream, line) => {
              (stream === "out" ? process.stdout : process.stderr).write(`${line}\n`);
            },
          }),
        clock: new SystemClock(),
        log,
        hasControl: script !== undefined || v1 === true,
      }),
    (supervisor) => {
      if (json === true) for (const one of supervisor.known.values()) sayJson(one);
      else say(splitSummary(supervisor.known));
    },
  );
}

/**
 * What we say to a component: where the others are, and once it has been up, the ports that it had, since whoever reached it
 * there will look for it there.
 */
export function ourWords(
  component: Component,
  { script, mediaAddress, sipPort }: Pick<SplitOptions, "script" | "mediaAddress" | "sipPort">,
  known: Known,
): Readonly<Record<string, string>> {
  const before = known.get(component);
  const httpPort = portOf(before);
  const pinned: Record<string, string> =
    httpPort === undefined ? {} : { [`${component}-http-port`]: httpPort };
  switch (component) {
    case "sip": {
      const [first] = before?.running === "sip" ? before.listeners : [];
      return {
        ...pinned,
        ...(sipPort === 0 && first !== undefined ? { "sip-port": String(first.local.port) } : {}),
      };
    }
    case "rtp":
      return { ...pinned, "media-address": mediaAddress };
    case "control":
      return {
        ...pinned,
        ...(script === undefined ? {} : { script }),
        ...urlFlag("sip-url", known.get("sip")),
        ...urlFlag("rtp-url", known.get("rtp")),
      };
  }
}

const urlOf = (summary: RunningJson | undefined): string | undefined =>
  summary === undefined || summary.running === "start" ? undefined : summary.url;

function portOf(summary: RunningJson | undefined): string | undefined {
  const url = urlOf(summary);
  return url === undefined ? undefined : new URL(url).port;
}

function urlFlag(name: string, summary: RunningJson | undefined): Record<string, string> {
  const url = urlOf(summary);
  return url === undefined ? {} : { [name]: url };
}
