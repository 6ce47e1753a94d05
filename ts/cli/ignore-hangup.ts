/** Who renames the file of records sends SIGHUP by habit. The next record makes a new one, so there is nothing to do. */
export function ignoreHangup({ cdr }: { readonly cdr?: string }): void {
  if (cdr !== undefined) process.on("SIGHUP", () => undefined);
}
