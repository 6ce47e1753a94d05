/** The lines of the log as they are written. */
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { LogLine } from "../../ts/core/log-tail.js";
import { html } from "../html.js";
import { useLive } from "../hooks.js";
import type { Live } from "../live.js";
import { clockText } from "../model/time-text.js";

const MOST_SHOWN = 200;

export function LogView({ live }: { readonly live: Live }): VNode {
  useLive(live);
  const [search, setSearch] = useState("");
  const wanted = search.toLowerCase();
  const lines = live.lines.filter((line) => textOf(line).includes(wanted)).slice(-MOST_SHOWN);
  return html`<section aria-label="Log" class="log">
    <form class="search" role="search" onSubmit=${(event: Event) => event.preventDefault()}>
      <label>
        Search
        <input
          type="search"
          value=${search}
          placeholder="text, Call-ID, error"
          onInput=${(event: Event) => setSearch((event.target as HTMLInputElement).value)}
        />
      </label>
      <output>${lines.length} shown, newest first</output>
    </form>
    <table>
      <caption>
        Log
      </caption>
      <thead>
        <tr>
          ${["Time", "Level", "Part", "What"].map((title) => html`<th scope="col">${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${[...lines].reverse().map(
          (line) =>
            html`<tr key=${line.number} class=${`level-${line.level}`}>
              <td>${clockText(line.at)}</td>
              <td>${line.level}</td>
              <td>${line.part}</td>
              <td>${line.text} <span class="fields">${fieldsText(line)}</span></td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}

const fieldsText = ({ fields }: LogLine): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");

const textOf = (line: LogLine): string => `${line.level} ${line.text} ${fieldsText(line)}`.toLowerCase();
