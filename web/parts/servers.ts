/** The RTP servers with their load, and how SIP is. */
import type { VNode } from "preact";
import type { Servers as Answer } from "../../ts/http/page/servers.js";
import { html } from "../html.js";
import { useAsked } from "../hooks.js";
import { clockText } from "../model/time-text.js";
import { ActionButton } from "./action-button.js";

export function Servers(): VNode {
  const { answer, problem } = useAsked<Answer>("data/servers", 2000);
  return html`<section aria-label="Servers">
    ${problem !== undefined && html`<p class="problem" role="status">${problem}</p>`}
    ${answer !== undefined && html`<${Sip} answer=${answer} /><${Rtp} rtp=${answer.rtp} />`}
  </section>`;
}

function Sip({ answer: { calls, sip } }: { readonly answer: Answer }): VNode {
  const facts: readonly (readonly [string, string])[] =
    sip === undefined
      ? [["SIP", "does not answer"]]
      : [
          ["Legs here", String(calls)],
          ["Dialogs", String(sip.dialogs)],
          ["Registered phones", String(sip.bindings)],
          ["SIP runs since", clockText(sip.started).slice(0, 8)],
          ["New work", sip.draining ? "none: draining" : `${(sip.admits * 100).toFixed(0)} % is taken`],
        ];
  return html`<dl class="facts">
    ${facts.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

function Rtp({ rtp }: { readonly rtp: Answer["rtp"] }): VNode {
  return html`<table>
    <caption>
      RTP servers
    </caption>
    <thead>
      <tr>
        ${["Server", "State", "Load", "Channels of ours", "Channels", "Free", "Actions"].map(
          (name) => html`<th scope="col">${name}</th>`,
        )}
      </tr>
    </thead>
    <tbody>
      ${rtp.map(
        ({ url, state, channels, active, available, load }) =>
          html`<tr key=${url ?? "here"}>
            <td>${url ?? "in this process"}</td>
            <td class=${`server-${state}`}>${state}</td>
            <td>
              ${
                load === undefined
                  ? "not known"
                  : html`<meter min="0" max="1" high="0.8" value=${load} aria-label="Load"></meter> ${(
                        load * 100
                      ).toFixed(0)}
                      %`
              }
            </td>
            <td>${channels}</td>
            <td>${active}</td>
            <td>${available}</td>
            <td>
              ${
                url !== undefined &&
                html`<${ActionButton}
                  text=${state === "draining" ? "Use again" : "Drain"}
                  label=${`${state === "draining" ? "Use again" : "Drain"} ${url}`}
                  path="../rtp/drain"
                  body=${{ url, enabled: state !== "draining" }}
                />`
              }
            </td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}
