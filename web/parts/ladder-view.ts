/** The SIP messages of all legs, and beside them what happened to the media and in the script. */
import type { VNode } from "preact";
import { html } from "../html.js";
import type { Ladder, LadderRow } from "../model/ladder.js";
import { clockText, offsetText } from "../model/time-text.js";

export function LadderView({ ladder }: { readonly ladder: Ladder }): VNode {
  const { parties, rows, omitted } = ladder;
  const columns = { "--parties": String(parties.length) };
  return html`<div
    class="ladder"
    style=${columns}
    tabindex="0"
    role="region"
    aria-label="Messages and media, by time"
  >
    <div class="ladder-row ladder-head">
      <span>Time</span>
      ${parties.map(
        ({ title, subtitle }) => html`<span class="party"><b>${title}</b><small>${subtitle}</small></span>`,
      )}
      <span>Media and script</span>
    </div>
    <ol>
      ${rows.map((row) => html`<li key=${row.key}><${Row} row=${row} /></li>`)}
    </ol>
    ${omitted > 0 && html`<p class="nothing">${omitted} more were too many to keep.</p>`}
  </div>`;
}

function Row({ row }: { readonly row: LadderRow }): VNode {
  const time = html`<time title=${clockText(row.at)}>${offsetText(row.since)}</time>`;
  if (row.kind !== "message") {
    return html`<div class=${`ladder-row ${row.kind}`}>
      ${time}
      <span class="dot" style=${{ gridColumn: String(row.party + 2) }}></span>
      <span class="note">${row.text}</span>
    </div>`;
  }
  const [left, right] = [Math.min(row.from, row.to), Math.max(row.from, row.to)];
  const direction = row.from < row.to ? "to-right" : "to-left";
  return html`<details>
    <summary class=${`ladder-row message ${row.isFailure ? "failure" : ""}`}>
      ${time}
      <span
        class=${`arrow ${direction}`}
        style=${{ gridColumn: `${String(left + 2)} / ${String(right + 3)}`, "--span": String(right - left + 1) }}
      >
        ${row.name}
      </span>
    </summary>
    <p class="path">
      ${row.message.direction === "in" ? "from" : "to"} ${row.message.peer} by ${row.message.protocol},
      ${row.message.size} octets, at ${clockText(row.at)}
    </p>
    <pre tabindex="0">${row.message.text}</pre>
  </details>`;
}
