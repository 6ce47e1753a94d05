/** Who is registered. */
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { useAsked } from "../hooks.js";
import { clockText } from "../model/time-text.js";

interface Answer {
  readonly domains: readonly {
    readonly domain: string;
    readonly users: number;
    readonly registered: number;
  }[];
  readonly phones: readonly {
    readonly domain: string;
    readonly user: string;
    readonly host: string;
    readonly port: number;
    readonly agent?: string;
    readonly contact: string;
    readonly expires: number;
    readonly since: number;
    readonly unanswered: number;
  }[];
  readonly more: number;
}

export function Phones(): VNode {
  const [search, setSearch] = useState("");
  const query = new URLSearchParams({ search }).toString();
  const { answer, problem } = useAsked<Answer>(`data/phones?${query}`, 3000);
  return html`<section aria-label="Phones">
    <form class="search" role="search" onSubmit=${(event: Event) => event.preventDefault()}>
      <label>
        Search
        <input
          type="search"
          value=${search}
          placeholder="user, address or make"
          onInput=${(event: Event) => setSearch((event.target as HTMLInputElement).value)}
        />
      </label>
      <output>
        ${answer?.domains
          .map(
            ({ domain, users, registered }) => `${domain}: ${String(registered)} of ${String(users)} users`,
          )
          .join(", ")}
      </output>
    </form>
    ${problem !== undefined && html`<p class="problem" role="status">${problem}</p>`}
    <table>
      <caption>
        Registered phones
      </caption>
      <thead>
        <tr>
          ${["User", "Address", "Phone", "Since", "Expires in", "Unanswered pings"].map(
            (name) => html`<th scope="col">${name}</th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${answer?.phones.map(
          ({ user, domain, host, port, agent, contact, since, expires, unanswered }) =>
            html`<tr key=${`${user}@${domain} ${contact}`}>
              <td>${user}@${domain}</td>
              <td title=${contact}>${host}:${port}</td>
              <td>${agent}</td>
              <td>${clockText(since).slice(0, 8)}</td>
              <td>${Math.round(expires)} s</td>
              <td>${unanswered}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${answer?.phones.length === 0 && html`<p class="nothing">No phone is registered.</p>`}
    ${answer !== undefined && answer.more > 0 && html`<p class="nothing">${answer.more} more: search for them.</p>`}
  </section>`;
}
