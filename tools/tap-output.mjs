// Reading of TAP (https://testanything.org/tap-version-14-specification.html) line by line.

/** Reads tap's closing comment `# { total: 6, pass: 3, fail: 1, skip: 1, todo: 1 }`; undefined for other lines. */
export function readTotals(line) {
  const braces = /^# \{ (total: \d+.*) \}$/.exec(line);
  if (braces === null) return undefined;
  const counts = Object.fromEntries(
    braces[1].split(", ").map((pair) => {
      const [name, count] = pair.split(": ");
      return [name, Number(count)];
    }),
  );
  return {
    passed: counts.pass ?? 0,
    failed: counts.fail ?? 0,
    skipped: (counts.skip ?? 0) + (counts.todo ?? 0),
  };
}

/** Reads the line with which tap ends a test file; undefined for other lines. */
export function readFileResult(line) {
  const parts = /^(not ok|ok) \d+ - (\S+\.test\.ts)(?: # time=([\d.]+)ms)?/.exec(line);
  if (parts === null) return undefined;
  return { file: parts[2], passed: parts[1] === "ok", seconds: Number(parts[3] ?? 0) / 1000 };
}

/**
 * The line that a run ends with, and its exit code.
 *
 * A file that crashes or keeps no plan can fail the run without a failed assertion, and a run that was cut off has no
 * totals: neither may read "0 failed".
 */
export function verdict(totals, tapExitCode) {
  const { passed, failed, skipped } = totals ?? { passed: 0, failed: 1, skipped: 0 };
  const isGood = tapExitCode === 0 && totals !== undefined && failed === 0;
  return {
    line: `${passed} passed, ${isGood ? 0 : Math.max(failed, 1)} failed, ${skipped} skipped`,
    exitCode: isGood ? 0 : tapExitCode || 1,
  };
}

/** Plans, the version, and the comments that tap itself makes. */
const NOISE = /^(\d+\.\.\d+( |$)|TAP version \d|# (time=|\{ |No coverage))/;

/**
 * A filter of lines: keeps each file's result line, each failing line with the names of the subtests around it
 * and its YAML block, comments, and what is not TAP (a crash's stack, console output); drops what passed.
 *
 * @returns {(line: string) => string[]} the lines to show for one line read
 */
export function failuresOnly() {
  /** Subtest headings that are open at the moment, outermost first, and whether each was shown. */
  const headings = [];
  let yamlIndent;
  let keepYaml = false;

  const openHeadings = () =>
    headings
      .filter((heading) => !heading.shown)
      .map((heading) => {
        heading.shown = true;
        return heading.line;
      });

  return (line) => {
    const indent = line.length - line.trimStart().length;
    const text = line.trim();
    if (yamlIndent !== undefined) {
      if (indent === yamlIndent && text === "...") yamlIndent = undefined;
      return keepYaml ? [line] : [];
    }
    if (text === "---") {
      yamlIndent = indent;
      return keepYaml ? [line] : [];
    }
    keepYaml = false;
    if (text.startsWith("# Subtest: ")) {
      while (headings.length > 0 && headings.at(-1).indent >= indent) headings.pop();
      headings.push({ indent, line, shown: false });
      return [];
    }
    if (text.startsWith("not ok ") && !/ # (TODO|SKIP)\b/i.test(text)) {
      while (headings.length > 0 && headings.at(-1).indent > indent) headings.pop();
      keepYaml = true;
      return [...openHeadings(), line];
    }
    if (/^(not )?ok \d+/.test(text)) return indent === 0 ? [line] : [];
    if (text === "" || NOISE.test(text)) return [];
    return [line];
  };
}
