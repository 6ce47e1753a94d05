/** Conferences and queues, and what can be done with who is in them. */
import type { VNode } from "preact";
import type { RoomsAndQueues } from "../../ts/http/page/rooms-and-queues.js";
import { html } from "../html.js";
import { useAsked, useNow } from "../hooks.js";
import { durationText } from "../model/time-text.js";
import { ActionButton } from "./action-button.js";

type Room = RoomsAndQueues["rooms"][number];
type Queue = RoomsAndQueues["queues"][number];

export function Services(): VNode {
  const { answer, problem } = useAsked<RoomsAndQueues>("data/services", 1000);
  const isEmpty = answer !== undefined && answer.rooms.length + answer.queues.length === 0;
  return html`<section aria-label="Conferences and queues">
    ${problem !== undefined && html`<p class="problem" role="status">${problem}</p>`}
    ${isEmpty && html`<p class="nothing">No conference and no queue is in use.</p>`}
    ${answer?.rooms.map((room) => html`<${RoomView} key=${`r ${room.name}`} room=${room} />`)}
    ${answer?.queues.map((queue) => html`<${QueueView} key=${`q ${queue.name}`} queue=${queue} />`)}
  </section>`;
}

function RoomView({ room: { name, locked, open, members } }: { readonly room: Room }): VNode {
  const now = useNow(1000);
  const path = `data/rooms/${encodeURIComponent(name)}`;
  const lock = locked ? "Unlock" : "Lock";
  return html`<article>
    <h2>
      Conference ${name} ${locked && "(locked)"} ${!open && members.length > 0 && "(waits for a moderator)"}
      <${ActionButton}
        text=${lock}
        label=${`${lock} ${name}`}
        path=${path}
        body=${{ action: lock.toLowerCase() }}
      />
      <${ActionButton} text="End" label=${`End ${name}`} path=${path} body=${{ action: "end" }} asksTwice />
    </h2>
    <table>
      <caption>
        Members
      </caption>
      <thead>
        <tr>
          ${["Member", "Is", "For", "Actions"].map((title) => html`<th scope="col">${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${members.map((member) => {
          const memberPath = `${path}/members/${encodeURIComponent(member.callid)}`;
          const mute = member.muted ? "Unmute" : "Mute";
          return html`<tr key=${member.callid}>
            <td>${member.name}</td>
            <td>${member.moderator ? "moderator " : ""}${wordsOf(member)}</td>
            <td>${durationText(now - member.since)}</td>
            <td>
              <${ActionButton}
                text=${mute}
                label=${`${mute} ${member.name}`}
                path=${memberPath}
                body=${{ action: mute.toLowerCase() }}
              />
              <${ActionButton}
                text="Kick"
                label=${`Kick ${member.name} out of ${name}`}
                path=${memberPath}
                body=${{ action: "kick" }}
                asksTwice
              />
            </td>
          </tr>`;
        })}
      </tbody>
    </table>
  </article>`;
}

const wordsOf = ({ muted, deaf, held }: Room["members"][number]): string =>
  [muted && "muted", deaf && "deaf", held && "on hold"].filter(Boolean).join(", ");

function QueueView({ queue }: { readonly queue: Queue }): VNode {
  const { name, callers, agents, answered, abandoned, overflowed, averageWait } = queue;
  return html`<article>
    <h2>Queue ${name}</h2>
    <p>
      ${answered} answered, ${abandoned} given up, ${overflowed} turned
      away${averageWait === undefined ? "" : `, ${durationText(averageWait)} waited on average`}
    </p>
    <${Callers} callers=${callers} />
    <${Agents} path=${`data/queues/${encodeURIComponent(name)}/agents`} agents=${agents} />
  </article>`;
}

function Callers({ callers }: Pick<Queue, "callers">): VNode {
  return html`<table>
    <caption>
      Callers
    </caption>
    <thead>
      <tr>
        ${["From", "Call-ID", "State", "Waited", "Agent", "Actions"].map((title) => html`<th scope="col">${title}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${callers.map(
        ({ callid, from, state, waited, agent }) =>
          html`<tr key=${callid}>
            <td>${from}</td>
            <td class="callid">${callid}</td>
            <td>${state}</td>
            <td>${durationText(waited)}</td>
            <td>${agent}</td>
            <td>
              <${ActionButton}
                text="Hang up"
                label=${`Hang up ${from}`}
                method="DELETE"
                path=${`data/calls/${encodeURIComponent(callid)}`}
                asksTwice
              />
            </td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function Agents({ path, agents }: Pick<Queue, "agents"> & { readonly path: string }): VNode {
  return html`<table>
    <caption>
      Agents
    </caption>
    <thead>
      <tr>
        ${["Agent", "State", "Answered", "Actions"].map((title) => html`<th scope="col">${title}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${agents.map((agent) => {
        const isPaused = agent.state === "paused" || agent.state === "pausing";
        const text = isPaused ? "Unpause" : "Pause";
        return html`<tr key=${agent.name}>
          <td>${agent.name}</td>
          <td>${agent.state}</td>
          <td>${agent.answered}</td>
          <td>
            <${ActionButton}
              text=${text}
              label=${`${text} ${agent.name}`}
              path=${`${path}/${encodeURIComponent(agent.name)}`}
              body=${{ action: text.toLowerCase() }}
            />
          </td>
        </tr>`;
      })}
    </tbody>
  </table>`;
}
