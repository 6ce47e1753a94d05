import type { Command } from "commander";
import { MediaswitchError } from "../../core/errors.js";
import type { CallTrace, TraceSummary } from "../../trace/call-trace.js";
import { flag, JSON_FLAG, optional, type Flag } from "../flags.js";
import { makeCommand } from "../make-command.js";
import { say, sayJson } from "../output.js";
import { token, url } from "../values.js";

export interface TraceOptions {
  readonly control: string;
  readonly token?: string;
  readonly messages?: boolean;
  readonly json?: boolean;
}

const FLAGS: readonly Flag[] = [
  flag("--control <url>", "where call control is", url, "http://127.0.0.1:9001"),
  optional("--token <token>", "what its HTTP wants to be shown", token),
  { flags: "--messages", text: "print the text of each message, too" },
  JSON_FLAG,
];

type Run = (call: string | undefined, options: TraceOptions) => Promise<void>;

export const traceCommand = (run: Run = trace): Command =>
  makeCommand("trace", "show what happened in a call, and why it failed", FLAGS)
    .argument("[call]", "its id, a Call-ID, or a number in it; without one: the calls that are remembered")
    .action((call: string | undefined, options: TraceOptions) => run(call, options));

const LISTED = 30;

async function trace(
  call: string | undefined,
  { control, token, json = false, messages = false }: TraceOptions,
): Promise<void> {
  const { HttpClient } = await import("../../http/client.js");
  const { printTrace } = await import("../../trace/print-trace.js");
  const client = new HttpClient(token === undefined ? {} : { token });
  const get = async (path: string): Promise<unknown> => {
    const asked = { method: "GET", base: control, path, unavailable: "CONTROL_UNAVAILABLE" } as const;
    return (await client.request(asked)).body;
  };
  try {
    if (call === undefined) {
      const { calls } = (await get(`/trace?limit=${String(LISTED)}`)) as { calls: TraceSummary[] };
      if (json) for (const one of calls) sayJson(one);
      else say(calls.length === 0 ? "No calls are remembered.\n" : `${calls.map(lineOf).join("\n")}\n`);
      return;
    }
    const found = await find(call, get);
    if (json) sayJson(found);
    else say(printTrace(found, { messages, time: isoTime }));
  } finally {
    await client.close();
  }
}

const isoTime = (at: number): string => new Date(at).toISOString();

/** By its id or Call-ID; else the newest call in which that is a number. */
async function find(call: string, get: (path: string) => Promise<unknown>): Promise<CallTrace> {
  try {
    return (await get(`/trace/${encodeURIComponent(call)}`)) as CallTrace;
  } catch (error) {
    if (!(error instanceof MediaswitchError) || error.code !== "CALL_UNKNOWN") throw error;
    const { calls } = (await get(`/trace?limit=1&search=${encodeURIComponent(call)}`)) as {
      calls: TraceSummary[];
    };
    const [newest] = calls;
    if (newest === undefined) throw error;
    return (await get(`/trace/${encodeURIComponent(newest.id)}`)) as CallTrace;
  }
}

function lineOf({ id, state, from, to, domain, start, end, cause }: TraceSummary): string {
  const length = end === undefined ? "" : `${((end - start) / 1000).toFixed(1)} s`;
  const outcome = state === "live" ? "goes on" : (cause?.name ?? "");
  return [isoTime(start), id, `${from} → ${to}@${domain}`, length, outcome].join("  ").trimEnd();
}
