#!/usr/bin/env -S node --max-semi-space-size=64
/** The command line. Each command is a file in `cli/commands`; here they are put together and run. */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { realpathSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { callCommand } from "./cli/commands/call.js";
import { benchCommand } from "./cli/commands/bench.js";
import { checkCommand } from "./cli/commands/check.js";
import { controlCommand } from "./cli/commands/control.js";
import { demoCommand } from "./cli/commands/demo.js";
import { registerCommand } from "./cli/commands/register.js";
import { rtpCommand } from "./cli/commands/rtp.js";
import { sipCommand } from "./cli/commands/sip.js";
import { soundinfoCommand } from "./cli/commands/soundinfo.js";
import { startCommand } from "./cli/commands/start.js";
import { toneCommand } from "./cli/commands/tone.js";
import { traceCommand } from "./cli/commands/trace.js";
import { EXIT_FAILED, EXIT_USAGE } from "./cli/exit-code.js";
import { MediaswitchError } from "./core/errors.js";

const allCommands = (): readonly Command[] => [
  startCommand(),
  sipCommand(),
  controlCommand(),
  rtpCommand(),
  checkCommand(),
  benchCommand(),
  toneCommand(),
  soundinfoCommand(),
  demoCommand(),
  callCommand(),
  registerCommand(),
  traceCommand(),
];

/** @returns the program; it throws `CommanderError` instead of ending the process. */
export function program(commands: readonly Command[] = allCommands()): Command {
  const { version } = createRequire(import.meta.url)("../package.json") as { version: string };
  const whole = new Command("mediaswitch")
    .description(
      "A soft-switch: phones register, a call script decides, calls are answered, bridged, transcoded.",
    )
    .version(version)
    .addHelpText(
      "after",
      "\nEvery flag can be set in the environment: --sip-port is MEDIASWITCH_SIP_PORT.\n" +
        "`mediaswitch <command> --help` tells the flags of a command.",
    );
  for (const one of commands) whole.addCommand(one);
  for (const one of [whole, ...whole.commands]) one.exitOverride().showHelpAfterError(false);
  return whole;
}

/** A variable that is set to nothing counts as not set, as compose files and unit files have it. */
function dropEmptyVariables(): void {
  for (const [name, value] of Object.entries(process.env)) {
    if (name.startsWith("MEDIASWITCH_") && value === "") Reflect.deleteProperty(process.env, name);
  }
}

async function main(): Promise<void> {
  dropEmptyVariables();
  try {
    await program().parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE);
    const text = error instanceof MediaswitchError ? error.message : String((error as Error).stack);
    process.stderr.write(`mediaswitch: ${text}\n`);
    process.exit(EXIT_FAILED);
  }
}

const started = process.argv[1];
if (started !== undefined && import.meta.url === pathToFileURL(realpathSync(started)).href) void main();
