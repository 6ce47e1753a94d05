import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { loadAddon } from "../../rtp/addon.js";
import { EXIT_USAGE } from "../exit-code.js";
import { TONE_FLAGS } from "../flags.js";
import { makeCommand } from "../make-command.js";
import { say, sayJson } from "../output.js";
import { Progress } from "../progress.js";
import { writeToneFile, type ToneFileOptions } from "../tone-file.js";
import { readToneList, type ListedTone } from "../tone-list.js";

interface Options extends ToneFileOptions {
  readonly batch?: string;
  readonly json?: boolean;
}
type Run = (tones: readonly ListedTone[], options: Options) => Promise<void>;

export const toneCommand = (run: Run = tone): Command =>
  makeCommand("tone", "write tones into WAV files", TONE_FLAGS)
    .argument("[definition]", "such as 350+440*0.5:1000")
    .argument("[file]", "WAV file")
    .action((definition: string | undefined, file: string | undefined, options: Options, self: Command) =>
      run(tonesOf(definition, file, options, self), options),
    );

function tonesOf(
  definition: string | undefined,
  file: string | undefined,
  { batch }: Options,
  self: Command,
): readonly ListedTone[] {
  const refuse = (text: string): never => self.error(`error: ${text}`, { exitCode: EXIT_USAGE });
  if (batch !== undefined) {
    if (definition !== undefined) refuse("--batch has its tones in a list: leave definition and file away");
    return readToneList(readFileSync(batch, "utf8"), batch);
  }
  if (definition === undefined) return refuse("missing required argument 'definition'");
  if (file === undefined) return refuse("missing required argument 'file'");
  return [{ definition, file }];
}

async function tone(tones: readonly ListedTone[], options: Options): Promise<void> {
  const progress = new Progress(tones.length);
  const addon = loadAddon();
  try {
    for (const { definition, file } of tones) {
      progress.begin(file);
      const seconds = await writeToneFile(addon, definition, file, options);
      progress.step();
      progress.end();
      if (options.json === true) sayJson({ file, seconds });
      else say(`${file}: ${seconds.toFixed(2)} seconds\n`);
    }
  } finally {
    progress.end();
  }
}
