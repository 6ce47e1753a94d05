import { setTimeout as pause } from "node:timers/promises";
import type { Command } from "commander";
import { MediaswitchError, type ErrorCode } from "../../core/errors.js";
import type { RegisteredEvent } from "../../phone/keep-registered.js";
import { JSON_FLAG, optional, type Flag } from "../flags.js";
import { makeCommand } from "../make-command.js";
import { say, sayJson } from "../output.js";
import { codecsOf, PHONE_FLAGS, text, type PhoneFlags } from "../phone-flags.js";
import { untilInterrupted } from "../until-interrupted.js";
import * as values from "../values.js";

export interface RegisterFlags extends PhoneFlags {
  readonly expires?: number;
  readonly answer?: boolean;
}

const FLAGS: readonly Flag[] = [
  ...PHONE_FLAGS,
  optional("--expires <seconds>", "ask for a registration of this length", values.expires, "3600"),
  { flags: "--answer", text: "answer whoever calls; callers hear themselves" },
  optional(
    "--play <what>",
    "with --answer: play this and hang up; a WAV file, or such as 440*0.5:1000",
    text,
  ),
  optional(
    "--seconds <seconds>",
    "stay so long; 0: until Ctrl-C",
    values.seconds,
    "0 with --answer, else it ends when it was registered",
  ),
  JSON_FLAG,
];

/** What the process ends with; 1 and 2 as everywhere, and as of `mediaswitch call`. */
const EXIT_CODES: Partial<Record<ErrorCode, number>> = {
  REGISTRATION_REFUSED: 3,
  NO_ANSWER: 5,
  DESTINATION_UNREACHABLE: 5,
};

type Run = (aor: string, options: RegisterFlags) => Promise<void>;

export const registerCommand = (run: Run = register): Command =>
  makeCommand("register", "register as a phone, and answer calls if wanted", FLAGS)
    .argument("<aor>", "who it is, such as 1001@pbx.example.net or 1001@192.0.2.1:5060")
    .addHelpText(
      "after",
      "\nExit codes: 0 registered, 3 refused, 5 nothing came back or the way is not known, 1 anything else,\n" +
        "2 a wrong command line.",
    )
    .action((aor: string, options: RegisterFlags) => run(aor, options));

async function register(aor: string, options: RegisterFlags): Promise<void> {
  const { keepRegistered } = await import("../../phone/keep-registered.js");
  const { soundArgument } = await import("../../phone/sound-argument.js");
  const { server, user, password = "", expires, answer = false, play, json = false } = options;
  const sound = play === undefined ? undefined : soundArgument(play);
  const seconds = options.seconds ?? (answer ? 0 : undefined);
  const told = (event: RegisteredEvent): void => {
    if (json) sayJson(event);
    else say(`${eventText(event)}\n`);
  };
  const waited = async (signal: AbortSignal): Promise<void> => {
    if (seconds === undefined) return;
    // An interruption is the usual end here.
    await (seconds === 0 ? aborted(signal) : pause(seconds * 1000, undefined, { signal })).catch(
      () => undefined,
    );
  };
  try {
    await untilInterrupted((signal) =>
      keepRegistered({
        aor,
        password,
        codecs: codecsOf(options.codec),
        answers: answer,
        ...(server === undefined ? {} : { server }),
        ...(user === undefined ? {} : { user }),
        ...(expires === undefined ? {} : { expires }),
        ...(sound === undefined ? {} : { sound: sound.soup, soundsRoot: sound.root }),
        until: waited,
        signal,
        told,
      }),
    );
  } catch (error) {
    const code = error instanceof MediaswitchError ? EXIT_CODES[error.code] : undefined;
    if (!(error instanceof MediaswitchError) || code === undefined) throw error;
    if (json) sayJson({ type: "failed", code: error.code, why: error.message });
    else process.stderr.write(`mediaswitch: ${error.message}\n`);
    process.exitCode = code;
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else
      signal.addEventListener(
        "abort",
        () => {
          resolve();
        },
        { once: true },
      );
  });

/** For people. */
export function eventText(event: RegisteredEvent): string {
  switch (event.type) {
    case "registered":
      return (
        `${event.aor} is registered at ${event.server} over ${event.protocol}, ` +
        `for ${String(event.expires)} s at a time`
      );
    case "answered":
      return `call from ${event.from} answered, ${event.codec}`;
    case "ended": {
      const by = event.endedBy === "phone" ? "us" : "the far end";
      const keys = event.keys === "" ? "" : `, keys ${event.keys}`;
      return (
        `call from ${event.from} ended by ${by}: ${String(event.packets)} packets heard, ` +
        `${String(event.lost)} lost, jitter ${event.jitterMillis.toFixed(1)} ms, ` +
        `MOS ${event.mos?.toFixed(2) ?? "not known"}${keys}`
      );
    }
    case "failed":
      return `a call failed: ${event.why}`;
    case "unregistered":
      return `${event.aor} is registered no more`;
  }
}
