import { basename, dirname, resolve } from "node:path";
import type { Command } from "commander";
import type { CallOutcome, CallReport } from "../../phone/call-report.js";
import { untilInterrupted } from "../until-interrupted.js";
import { flag, JSON_FLAG, optional, type Flag } from "../flags.js";
import { makeCommand } from "../make-command.js";
import { say, sayJson } from "../output.js";
import { codecsOf, PHONE_FLAGS, text, type PhoneFlags } from "../phone-flags.js";
import * as values from "../values.js";

export interface CallFlags extends PhoneFlags {
  readonly from?: string;
  readonly name?: string;
  readonly record?: string;
  readonly dtmf?: string;
  readonly seconds: number;
  readonly ringSeconds: number;
}

function keys(text: string): string {
  if (/^[\d*#A-Da-d]{1,64}$/.test(text)) return text.toUpperCase();
  throw new values.ValueExpected("expected up to 64 keys: digits, *, #, A to D");
}

const FLAGS: readonly Flag[] = [
  optional("--from <address>", "who calls: user, or user@domain", text, "--user, or mediaswitch"),
  optional("--name <name>", "name that is shown to whoever is called", text),
  ...PHONE_FLAGS,
  flag(
    "--play <what>",
    "say this from the answer on: a WAV file, tone (a beep every second), or such as 440*0.5:1000",
    text,
    "tone",
  ),
  optional(
    "--record <file>",
    "write what is heard (left) and said (right) into this WAV file",
    values.writable,
  ),
  optional("--dtmf <keys>", "press these keys a second after the answer", keys),
  flag("--seconds <seconds>", "hang up after this; 0: when the far end does", values.seconds, 5),
  flag("--ring-seconds <seconds>", "give up when nobody answers in this time", values.positive, 30),
  JSON_FLAG,
];

/** What the process ends with; 1 and 2 as everywhere. */
const EXIT_CODES: Readonly<Record<CallOutcome, number>> = {
  answered: 0,
  refused: 3,
  "no-answer": 4,
  unreachable: 5,
};

type Run = (uri: string, options: CallFlags) => Promise<void>;

export const callCommand = (run: Run = call): Command =>
  makeCommand("call", "call a SIP address, and tell what happened", FLAGS)
    .argument("<address>", "such as 1001@pbx.example.net, sip:600@192.0.2.1:5060, or a number with --server")
    .addHelpText(
      "after",
      "\nExit codes: 0 answered, 3 refused, 4 nobody answered, 5 nothing came back or the way is not known,\n" +
        "1 anything else, 2 a wrong command line.",
    )
    .action((uri: string, options: CallFlags) => run(uri, options));

async function call(address: string, options: CallFlags): Promise<void> {
  const { callOnce } = await import("../../phone/call-once.js");
  const { soundArgument } = await import("../../phone/sound-argument.js");
  const { json = false, from, name, server, user, password, record, dtmf, seconds, ringSeconds } = options;
  const sound = soundArgument(options.play ?? "tone");
  const report = await untilInterrupted((signal) =>
    callOnce({
      to: address,
      from: from ?? user ?? "mediaswitch",
      ...(name === undefined ? {} : { name }),
      ...(server === undefined ? {} : { server }),
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { password }),
      codecs: codecsOf(options.codec),
      sound: sound.soup,
      soundsRoot: sound.root,
      ...(record === undefined
        ? {}
        : { recording: basename(record), recordingsRoot: dirname(resolve(record)) }),
      ...(dtmf === undefined ? {} : { digits: dtmf }),
      seconds,
      ringSeconds,
      signal,
      told: (text) => {
        process.stderr.write(`${text}\n`);
      },
    }),
  );
  const told =
    record === undefined || report.outcome !== "answered"
      ? report
      : { ...report, recording: resolve(record) };
  if (json) sayJson(told);
  else say(reportText(told));
  process.exitCode = EXIT_CODES[report.outcome];
}

const WORDS: Readonly<Record<CallOutcome, string>> = {
  answered: "answered",
  refused: "refused",
  "no-answer": "no answer",
  unreachable: "not reached",
};

/** For people. */
export function reportText(report: CallReport): string {
  const { received, sent } = report;
  const rows: (readonly [string, string | undefined])[] = [
    ["call", `${report.to}: ${WORDS[report.outcome]}${statusText(report)}`],
    ["why", report.why],
    ["rang", report.ringingAfter === undefined ? undefined : `after ${report.ringingAfter.toFixed(2)} s`],
    [
      "answer",
      report.answeredAfter === undefined
        ? undefined
        : `after ${report.answeredAfter.toFixed(2)} s, ${(report.talked ?? 0).toFixed(1)} s long, ended by ` +
          (report.endedBy === "phone" ? "us" : "the far end"),
    ],
    [
      "codec",
      report.codec === undefined ? undefined : `${report.codec}, audio to ${report.media ?? "nowhere"}`,
    ],
    [
      "heard",
      received === undefined
        ? undefined
        : `${String(received.packets)} packets, loss ${received.lostPercent.toFixed(1)} %, jitter ` +
          `${received.jitterMillis.toFixed(1)} ms, MOS ${received.mos?.toFixed(2) ?? "not known"}`,
    ],
    [
      "said",
      sent === undefined
        ? undefined
        : `${String(sent.packets)} packets, MOS ${sent.mos?.toFixed(2) ?? "not told by the far end"}`,
    ],
    [
      "way",
      report.roundTripMillis === undefined || report.roundTripMillis === null
        ? undefined
        : `${report.roundTripMillis.toFixed(1)} ms there and back (RTCP)`,
    ],
    ["keys", report.keys === undefined || report.keys === "" ? undefined : report.keys],
    ["file", report.recording],
    ["Call-ID", report.callId === "" ? undefined : report.callId],
  ];
  return rows
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(8)}${value}\n`]))
    .join("");
}

const statusText = ({ status, reason = "" }: CallReport): string =>
  status === undefined ? "" : ` (${String(status)} ${reason})`;
