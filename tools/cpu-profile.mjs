// Reads what `node --cpu-prof` writes.

/**
 * Self time by function, the longest first: `{ name, where, millis, share }`. `where` is the file's end and its line.
 * @param {object} profile as in a .cpuprofile file: nodes of a call tree, samples of node ids, microseconds between them
 */
export function hottest({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const micros = new Map();
  let total = 0;
  for (const [index, id] of samples.entries()) {
    const { functionName, url, lineNumber } = byId.get(id).callFrame;
    const file = url.split("/").slice(-3).join("/");
    const where = file === "" ? "" : `${file}:${String(lineNumber + 1)}`;
    const name = functionName === "" ? "(anonymous)" : functionName;
    if (name === "(idle)") continue;
    // A sample stands for the time until the next one.
    const spent = Math.max(0, timeDeltas[index + 1] ?? 0);
    const key = `${name} ${where}`;
    const entry = micros.get(key) ?? { name, where, spent: 0 };
    entry.spent += spent;
    micros.set(key, entry);
    total += spent;
  }
  return [...micros.values()]
    .sort((one, other) => other.spent - one.spent)
    .map(({ name, where, spent }) => ({
      name,
      where,
      millis: spent / 1000,
      share: total === 0 ? 0 : spent / total,
    }));
}

/** The first rows as a table. */
export const profileText = (rows, most = 25) =>
  rows
    .slice(0, most)
    .map(({ name, where, millis, share }) =>
      `${(share * 100).toFixed(1).padStart(5)} % ${millis.toFixed(0).padStart(7)} ms  ${name.padEnd(32)} ${where}`.trimEnd(),
    )
    .join("\n");
