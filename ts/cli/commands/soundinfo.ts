import type { Command } from "commander";
import { loadAddon } from "../../rtp/addon.js";
import { blaming } from "../../rtp/engine-error.js";
import { makeCommand } from "../make-command.js";
import { say } from "../output.js";

type Run = (file: string) => Promise<void>;

export const soundinfoCommand = (run: Run = soundinfo): Command =>
  makeCommand("soundinfo", "print what the header of a WAV file says, as JSON", [])
    .argument("<file>", "WAV file")
    .action((file: string) => run(file));

function soundinfo(file: string): Promise<void> {
  const info = blaming(() => loadAddon().soundInfo(file));
  say(`${JSON.stringify(info, undefined, 2)}\n`);
  return Promise.resolve();
}
