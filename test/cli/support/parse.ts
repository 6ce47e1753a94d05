import type { CommanderError } from "commander";
import { program } from "../../../ts/cli.js";
import { controlCommand } from "../../../ts/cli/commands/control.js";
import { rtpCommand } from "../../../ts/cli/commands/rtp.js";
import { sipCommand } from "../../../ts/cli/commands/sip.js";
import { soundinfoCommand } from "../../../ts/cli/commands/soundinfo.js";
import { startCommand } from "../../../ts/cli/commands/start.js";
import { toneCommand } from "../../../ts/cli/commands/tone.js";

export interface Parsed {
  readonly command: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly script?: string | undefined;
  readonly words?: readonly string[];
}

/** What a command line comes to, or the line it is refused with. */
export function parse(line: string, environment: Readonly<Record<string, string>> = {}): Parsed | string {
  let parsed: Parsed | undefined;
  const commands = [
    startCommand(async (options, script) => void (parsed = { command: "start", options, script })),
    sipCommand(async (options) => void (parsed = { command: "sip", options })),
    controlCommand(async (options, script) => void (parsed = { command: "control", options, script })),
    rtpCommand(async (options) => void (parsed = { command: "rtp", options })),
    toneCommand(
      async (tones, options) =>
        void (parsed = {
          command: "tone",
          words: tones.flatMap(({ definition, file }) => [definition, file]),
          options: { ...options },
        }),
    ),
    soundinfoCommand(async (file) => void (parsed = { command: "soundinfo", words: [file], options: {} })),
  ];
  let complaint = "";
  const whole = program(commands);
  for (const one of [whole, ...whole.commands]) {
    one.configureOutput({
      writeErr: (text) => (complaint += text),
      writeOut: (text) => (complaint += text),
    });
  }
  const before = { ...process.env };
  Object.assign(process.env, environment);
  try {
    whole.parse(["node", "mediaswitch", ...line.split(" ").filter((word) => word !== "")]);
  } catch (error) {
    return complaint === "" ? (error as CommanderError).message : complaint.trimEnd();
  } finally {
    for (const name of Object.keys(environment)) {
      if (before[name] === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = before[name];
    }
  }
  return parsed ?? "nothing was run";
}
