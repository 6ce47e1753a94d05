export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export function readTotals(line: string): Totals | undefined;

export function verdict(
  totals: Totals | undefined,
  tapExitCode: number,
): { readonly line: string; readonly exitCode: number };

export function failuresOnly(): (line: string) => string[];

export function readFileResult(
  line: string,
): { readonly file: string; readonly passed: boolean; readonly seconds: number } | undefined;
