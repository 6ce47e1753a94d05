// What a run of all benchmarks prints and draws.

const RED = "\u001b[31m";
const GREEN = "\u001b[32m";
const PLAIN = "\u001b[0m";

const shown = (value) =>
  value === undefined ? "" : value >= 100 ? String(Math.round(value)) : value.toPrecision(3);

const percent = (change) =>
  change === undefined ? "" : `${change >= 0 ? "+" : "−"}${Math.abs(change * 100).toFixed(0)} %`;

function cells({ name, unit, ours, before, change, verdict, peers }) {
  const others = Object.entries(peers).map(([peer, value]) => `${peer} ${shown(value)}`);
  return [
    name,
    unit,
    shown(ours),
    shown(before),
    percent(change),
    verdict === "same" ? "" : verdict,
    others.join(", "),
  ];
}

const COLUMNS = ["", "unit", "ours", "last", "change", "", "peers"];

/** `results`: `{ title, failure, figures }`. Colours are for a terminal. */
export function reportText(results, { isColoured }) {
  const paint = (verdict, line) => {
    const colour = verdict === "worse" ? RED : verdict === "better" ? GREEN : "";
    return isColoured && colour !== "" ? `${colour}${line}${PLAIN}` : line;
  };
  const blocks = results.map(({ title, failure, figures }) => {
    const rows = figures.map((figure) => ({ verdict: figure.verdict, cells: cells(figure) }));
    const all = [{ cells: COLUMNS }, ...rows];
    const widths = COLUMNS.map((_, index) => Math.max(...all.map((row) => row.cells[index].length)));
    const lines = all.map(({ verdict, cells: texts }) =>
      paint(
        verdict,
        texts
          .map((text, index) => text.padEnd(widths[index]))
          .join("  ")
          .trimEnd(),
      ),
    );
    const fault = failure === undefined ? [] : [paint("worse", `not measured: ${failure}`)];
    return [title, ...fault, ...(figures.length === 0 ? [] : lines)].join("\n");
  });
  return `${blocks.join("\n\n")}\n`;
}

const WIDTH = 900;
const LEFT = 330;
const BAR = 18;
const COLOURS = { worse: "#b3261e", better: "#2e7d32" };
const escaped = (text) => text.replace(/[&<>]/g, (sign) => `&#${String(sign.charCodeAt(0))};`);
const text = (x, y, content, attributes = "") =>
  `<text x="${String(x)}" y="${String(y)}" ${attributes}>${escaped(content)}</text>`;

/** What each peer costs in times of ours, as bars: longer than the line is dearer than we are. */
export function ratioPlot(results, about) {
  const rows = results.flatMap(({ figures }) =>
    figures.flatMap(({ name, unit, ours, peers, verdict }) =>
      Object.entries(peers).map(([peer, value]) => ({
        label: `${name}, ${unit}: ${peer}`,
        ratio: value / ours,
        verdict,
      })),
    ),
  );
  const most = Math.max(1.2, ...rows.map(({ ratio }) => ratio));
  const x = (ratio) => LEFT + (ratio / most) * (WIDTH - LEFT - 70);
  const height = 70 + rows.length * BAR;
  const bars = rows.flatMap(({ label, ratio, verdict }, index) => {
    const y = 50 + index * BAR;
    return [
      text(LEFT - 8, y + 12, label, 'text-anchor="end" font-size="11"'),
      `<rect x="${String(LEFT)}" y="${String(y)}" width="${(x(ratio) - LEFT).toFixed(1)}" height="${String(BAR - 4)}" fill="${COLOURS[verdict] ?? "#1565c0"}"/>`,
      text(Number(x(ratio).toFixed(1)) + 5, y + 12, `× ${ratio.toFixed(2)}`, 'font-size="11"'),
    ];
  });
  const one = x(1).toFixed(1);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${String(WIDTH)}" height="${String(height)}" font-family="sans-serif" font-size="13">`,
    '<rect width="100%" height="100%" fill="white"/>',
    text(20, 22, "What peers cost, in times of what we do", 'font-size="15" font-weight="bold"'),
    text(20, 40, about, 'font-size="11" fill="#555"'),
    ...bars,
    `<line x1="${one}" x2="${one}" y1="46" y2="${String(height - 12)}" stroke="#333" stroke-dasharray="3 3"/>`,
    "</svg>",
    "",
  ].join("\n");
}
