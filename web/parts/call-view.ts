/** One call: who, what is wrong with it, its messages and media, and what can be done. */
import type { VNode } from "preact";
import { useMemo } from "preact/hooks";
import type { CallTrace } from "../../ts/trace/call-trace.js";
import { html } from "../html.js";
import { useAsked, useNow } from "../hooks.js";
import type { CallRow } from "../model/call-list.js";
import { ladderOf } from "../model/ladder.js";
import { qualityOf } from "../model/quality.js";
import { ActionButton } from "./action-button.js";
import { lastsText } from "./call-table.js";
import { LadderView } from "./ladder-view.js";
import { QualityView } from "./quality-view.js";

const WHILE_LIVE = 1000;
const WHEN_OVER = 15_000;

export interface CallViewProps {
  readonly record: string;
  /** As the list has it; absent where the list knows it no more. */
  readonly row: CallRow | undefined;
  readonly close: () => void;
}

export function CallView({ record, row, close }: CallViewProps): VNode {
  const isLive = row !== undefined && row.state !== "ended";
  const path = `../trace/${encodeURIComponent(record)}`;
  const { answer: trace, problem } = useAsked<CallTrace>(path, isLive ? WHILE_LIVE : WHEN_OVER);
  const now = useNow(1000);
  const ladder = useMemo(() => trace && ladderOf(trace), [trace]);
  const quality = useMemo(() => trace && qualityOf(trace), [trace]);
  const [from, to] = [row?.from ?? trace?.from ?? "", row?.to ?? trace?.to ?? ""];
  return html`<section class="call-view" aria-label=${`Call from ${from} to ${to}`}>
    <header>
      <h2>${from} → ${to}</h2>
      <span class="lasts">${row === undefined ? "" : `${row.state} ${lastsText(row, now)}`}</span>
      ${
        isLive &&
        html`<${ActionButton}
          text="Hang up"
          label=${`Hang up the call from ${from} to ${to}`}
          method="DELETE"
          path=${`data/calls/${encodeURIComponent(record)}`}
          asksTwice
        />`
      }
      <button type="button" onClick=${close} aria-label="Close this call">Close</button>
    </header>
    ${trace?.findings.map(
      ({ severity, text, advice }) => html`<p class=${`finding ${severity}`}>${text} ${advice}</p>`,
    )}
    <${Legs} row=${row} trace=${trace} isLive=${isLive} />
    ${problem !== undefined && html`<p class="problem" role="status">${problem}</p>`}
    <h3>Media</h3>
    ${quality !== undefined && html`<${QualityView} quality=${quality} />`}
    <h3>Messages</h3>
    ${ladder !== undefined && html`<${LadderView} ladder=${ladder} />`}
  </section>`;
}

interface LegsProps {
  readonly row: CallRow | undefined;
  readonly trace: CallTrace | undefined;
  readonly isLive: boolean;
}

function Legs({ row, trace, isLive }: LegsProps): VNode {
  const channels = new Map(trace?.legs.map(({ callid, channel }) => [callid, channel]));
  const legs = row !== undefined && row.legs.length > 0 ? row.legs : (trace?.legs ?? []).map(endedLeg);
  return html`<table>
    <caption>
      Legs
    </caption>
    <thead>
      <tr>
        <th scope="col">Leg</th>
        <th scope="col">State</th>
        <th scope="col">Media</th>
        <th scope="col">Call-ID</th>
        ${isLive && html`<th scope="col">Actions</th>`}
      </tr>
    </thead>
    <tbody>
      ${legs.map(({ callid, direction, from, to, state, held, muted }) => {
        const channel = channels.get(callid);
        const path = `data/calls/${encodeURIComponent(callid)}`;
        const name = direction === "inbound" ? from : to;
        return html`<tr key=${callid}>
          <td>${direction === "inbound" ? `from ${from}` : `to ${to}`}</td>
          <td>${[state, held && "on hold", muted && "muted"].filter(Boolean).join(", ")}</td>
          <td>
            ${
              channel === undefined
                ? ""
                : `${channel.codec ?? ""} ${channel.address}:${String(channel.port)} ${channel.far === undefined ? "" : `↔ ${channel.far}`}`
            }
          </td>
          <td class="callid">${callid}</td>
          ${
            isLive &&
            html`<td>
              ${
                state !== "ended" &&
                html`<${ActionButton}
                    text=${muted ? "Unmute" : "Mute"}
                    label=${`${muted ? "Unmute" : "Mute"} ${name}`}
                    path=${`${path}/mute`}
                    body=${{ muted: !muted }}
                  /><${ActionButton}
                    text="Hang up"
                    label=${`Hang up the leg of ${name}`}
                    method="DELETE"
                    path=${path}
                    asksTwice
                  />`
              }
            </td>`
          }
        </tr>`;
      })}
    </tbody>
  </table>`;
}

const endedLeg = ({ callid, direction, from, to }: CallTrace["legs"][number]): CallRow["legs"][number] => ({
  ...{ callid, direction, from, to },
  ...{ state: "ended", held: false, muted: false },
});
