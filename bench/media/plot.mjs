// Horizontal bars, one group a workload, one bar a server, as SVG.

const COLOURS = { floor: "#9aa5b1", mediaswitch: "#1565c0", rtpengine: "#e08e0b", projectrtp: "#b3261e" };
const WIDTH = 860;
const LEFT = 250;
const BAR = 15;
const GAP = 16;
const TOP = 62;

const escape = (text) => text.replace(/[&<>]/g, (sign) => `&#${String(sign.charCodeAt(0))};`);

const label = (x, y, content, attributes = "") =>
  `<text x="${String(x)}" y="${String(y)}" ${attributes}>${escape(content)}</text>`;

/**
 * `groups`: `[{ title, bars: [{ server, value }] }]`. On a logarithmic scale a bar begins at the largest power of ten
 * below all values.
 */
export function barPlot({ title, unit, groups, isLogarithmic = false, digits = 1 }) {
  const shown = groups.filter(({ bars }) => bars.length > 0);
  const values = shown.flatMap(({ bars }) => bars.map(({ value }) => value));
  const least = isLogarithmic ? 10 ** Math.floor(Math.log10(Math.min(...values))) : 0;
  const most = Math.max(...values);
  const share = (value) =>
    isLogarithmic ? Math.log(value / least) / Math.log(most / least || 10) : value / most;
  const span = WIDTH - LEFT - 90;

  const parts = [];
  let y = TOP;
  for (const { title: workload, bars } of shown) {
    parts.push(label(LEFT - 10, y + (bars.length * BAR) / 2 + 4, workload, 'text-anchor="end"'));
    for (const { server, value } of bars) {
      const length = Math.max(1, share(value) * span).toFixed(1);
      parts.push(
        `<rect x="${String(LEFT)}" y="${String(y)}" width="${length}" height="${String(BAR - 2)}" fill="${COLOURS[server]}"/>`,
        label(LEFT + Number(length) + 6, y + BAR - 4, value.toFixed(digits), 'font-size="11"'),
      );
      y += BAR;
    }
    y += GAP;
  }
  const legend = Object.entries(COLOURS).flatMap(([server, colour], index) => [
    `<rect x="${String(LEFT + index * 120)}" y="36" width="12" height="12" fill="${colour}"/>`,
    label(LEFT + index * 120 + 18, 46, server),
  ]);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${String(WIDTH)}" height="${String(y)}" font-family="sans-serif" font-size="13">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    label(
      20,
      22,
      `${title}, ${unit}${isLogarithmic ? " (logarithmic)" : ""}`,
      'font-size="15" font-weight="bold"',
    ),
    ...legend,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}
