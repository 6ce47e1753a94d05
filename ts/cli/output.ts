/** Where results go. */
export const output = {
  write: (text: string): void => {
    process.stdout.write(text);
  },
};

/** Prints on standard output, which belongs to results; logs and progress go to standard error. */
export function say(text: string): void {
  output.write(text);
}

/** One JSON value on a line of its own, for `--json`. */
export function sayJson(value: unknown): void {
  say(`${JSON.stringify(value)}\n`);
}
