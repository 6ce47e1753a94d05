import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { html } from "../html.js";
import { messageOf, request, type Method } from "../server.js";

export interface ActionButtonProps {
  readonly text: string;
  /** For who hears the page: what it is done to. */
  readonly label: string;
  readonly method?: Method;
  readonly path: string;
  readonly body?: object;
  /** Can't be undone: a second press is asked for. */
  readonly asksTwice?: boolean;
}

const PATIENCE = 4000;

/** Has the server do something, and says why where it does not. */
export function ActionButton(props: ActionButtonProps): VNode {
  const { text, label, method = "POST", path, body, asksTwice } = props;
  const [state, setState] = useState<"idle" | "sure?" | "busy">("idle");
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    if (state !== "sure?") return undefined;
    const timer = setTimeout(() => setState("idle"), PATIENCE);
    return () => clearTimeout(timer);
  }, [state]);
  const press = async (): Promise<void> => {
    if (asksTwice === true && state === "idle") {
      setState("sure?");
      return;
    }
    setState("busy");
    setProblem(undefined);
    try {
      await request(method, path, body === undefined ? {} : { body });
    } catch (error) {
      setProblem(messageOf(error));
    }
    setState("idle");
  };
  return html`<span class="action">
    <button
      type="button"
      class=${asksTwice === true ? "danger" : ""}
      disabled=${state === "busy"}
      aria-label=${state === "sure?" ? `Really? ${label}` : label}
      onClick=${() => void press()}
    >
      ${state === "sure?" ? "Really?" : text}
    </button>
    ${problem !== undefined && html`<span class="problem" role="alert">${problem}</span>`}
  </span>`;
}
