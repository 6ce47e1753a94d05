import { Command, InvalidArgumentError, Option } from "commander";
import { readConfigFile } from "./config-file.js";
import { EXIT_USAGE } from "./exit-code.js";
import { COMMAND_FLAGS, flagName, takesValue, type Flag } from "./flags.js";
import { ValueExpected } from "./values.js";

/** A flag as it was given: at the keyboard, as often as it was, not read yet. */
export interface GivenFlag {
  readonly name: string;
  readonly value?: string;
}

const given = new WeakMap<Command, GivenFlag[]>();

/** The flags that stood on the command line, in their order. */
export const givenFlags = (command: Command): readonly GivenFlag[] => given.get(command) ?? [];

/**
 * A command with these flags. Each that takes a value is read from the environment too; and, where `--config` is one of
 * them, from a file. A flag counts before the environment, that before the file, that before the default.
 */
export function makeCommand(name: string, description: string, flags: readonly Flag[]): Command {
  const made = new Command(name).description(description);
  const stood: GivenFlag[] = [];
  given.set(made, stood);
  for (const one of flags) {
    const name = flagName(one);
    made.addOption(optionOf(one));
    made.on(`option:${name}`, (value: string | null | undefined) => {
      stood.push({ name, ...(takesValue(one) && typeof value === "string" ? { value } : {}) });
    });
  }
  if (flags.some((one) => flagName(one) === "config")) {
    made.hook("preAction", (_, command) => {
      applyConfigFile(command, flags);
    });
  }
  return made;
}

function optionOf(flag: Flag): Option {
  const { flags, text, byDefault, value, parse, choices } = flag;
  const isTold = byDefault !== undefined && value === undefined;
  const option = new Option(flags, isTold ? `${text} (default: ${byDefault})` : text);
  if (value !== undefined) option.default(value, byDefault);
  if (choices !== undefined) option.choices(choices);
  if (takesValue(flag)) option.env(environmentName(flag));
  if (parse === undefined) return option;
  return option.argParser((given: string, before: unknown) => {
    try {
      return parse(given, before as never);
    } catch (error) {
      if (error instanceof ValueExpected) throw new InvalidArgumentError(error.message);
      throw error;
    }
  });
}

const environmentName = (flag: Flag): string =>
  `MEDIASWITCH_${flagName(flag).replaceAll("-", "_").toUpperCase()}`;

const ALL_FLAGS: readonly Flag[] = Object.values(COMMAND_FLAGS).flat();

/** Sets what neither a flag nor the environment has set. */
function applyConfigFile(command: Command, flags: readonly Flag[]): void {
  const file = command.opts<{ readonly config?: string }>().config;
  if (file === undefined) return;
  const refuse = (lines: readonly string[]): never =>
    command.error(lines.map((line) => `error: ${line}`).join("\n"), { exitCode: EXIT_USAGE });
  try {
    const { values, faults } = readConfigFile(file, { flags, others: ALL_FLAGS });
    if (faults.length > 0) {
      refuse(faults.map(({ line, column, text }) => `${file}:${String(line)}:${String(column)}: ${text}`));
    }
    for (const option of command.options) {
      const key = option.attributeName();
      const source = command.getOptionValueSource(key);
      const value = values.get(option.name());
      if (value === undefined || (source !== undefined && source !== "default")) continue;
      command.setOptionValueWithSource(key, option.negate ? false : value, "config");
    }
  } catch (error) {
    if (error instanceof ValueExpected) refuse([`option '--config <file>': ${error.message}`]);
    throw error;
  }
}
