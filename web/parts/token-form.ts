/** Asks for the switch's token. */
import type { VNode } from "preact";
import { formText } from "../form-text.js";
import { html } from "../html.js";
import { setToken } from "../server.js";

export function TokenForm({ given }: { readonly given: () => void }): VNode {
  const submit = (event: Event): void => {
    event.preventDefault();
    const data = new FormData(event.target as HTMLFormElement);
    setToken(formText(data, "token"));
    given();
  };
  return html`<form class="token" onSubmit=${submit}>
    <p>This switch wants its token (--token or MEDIASWITCH_TOKEN). It is kept until this tab is closed.</p>
    <label>
      Token
      <input name="token" type="password" required autocomplete="off" />
    </label>
    <button type="submit">Open</button>
  </form>`;
}
