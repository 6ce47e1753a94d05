import { COMMAND_FLAGS, flagName, type Flag } from "../flags.js";
import type { GivenFlag } from "../make-command.js";

export type Component = "sip" | "rtp" | "control";

/**
 * The words after `mediaswitch` that run a component: the flags of the command line that it has, and after them what we
 * say, which counts before those. Environment and configuration file it reads by itself.
 */
export function componentArguments(
  component: Component,
  given: readonly GivenFlag[],
  ours: Readonly<Record<string, string>>,
): readonly string[] {
  const flags: readonly Flag[] = COMMAND_FLAGS[component];
  const isItsOwn = (name: string): boolean => flags.some((flag) => flagName(flag) === name);
  const passed = given.filter(({ name }) => isItsOwn(name) && ours[name] === undefined && name !== "json");
  return [
    component,
    // A value that begins with a hyphen stays one.
    ...passed.map(({ name, value }) => (value === undefined ? `--${name}` : `--${name}=${value}`)),
    ...Object.entries(ours).map(([name, value]) => `--${name}=${value}`),
    "--json",
  ];
}
