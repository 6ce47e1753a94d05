/** Click-to-call: one phone rings, and who answers it is put through as if he had dialled. */
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { formText } from "../form-text.js";
import { html } from "../html.js";
import { messageOf, request } from "../server.js";

interface Told {
  readonly text: string;
  readonly isProblem: boolean;
}

export function DialForm(): VNode {
  const [told, setTold] = useState<Told>();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const data = new FormData(form);
    const [from = "", domain = ""] = formText(data, "from").split("@");
    try {
      await request("POST", "../invite", { body: { from, domain, to: formText(data, "to") } });
      setTold({ text: `${from} is being called`, isProblem: false });
      form.reset();
    } catch (error) {
      setTold({ text: messageOf(error), isProblem: true });
    }
  };
  return html`<section aria-label="Call">
    <form class="dial" onSubmit=${(event: Event) => void submit(event)}>
      <label>
        Whose phone
        <input
          name="from"
          required
          pattern="[^@\\s]+@[^@\\s]+"
          placeholder="1000@example.net"
          autocomplete="off"
        />
      </label>
      <label>
        calls
        <input name="to" required placeholder="1001" autocomplete="off" />
      </label>
      <button type="submit">Call</button>
    </form>
    <p class=${told?.isProblem === true ? "problem" : ""} role="status">${told?.text}</p>
  </section>`;
}
