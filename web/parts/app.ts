/** The whole page: where one is, and what is shown there. The address says both: `#/calls/<record>`. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { html } from "../html.js";
import { useLive } from "../hooks.js";
import type { Connection, Live } from "../live.js";
import { applyTheme, nextTheme, storedTheme } from "../theme.js";
import { Calls } from "./calls.js";
import { DialForm } from "./dial-form.js";
import { LogView } from "./log-view.js";
import { Phones } from "./phones.js";
import { Servers } from "./servers.js";
import { Services } from "./services.js";
import { TokenForm } from "./token-form.js";

const PLACES = {
  calls: "Calls",
  phones: "Phones",
  servers: "Servers",
  services: "Conferences and queues",
  dial: "Call",
  log: "Log",
} as const;
type Place = keyof typeof PLACES;

const isPlace = (text: string): text is Place => Object.hasOwn(PLACES, text);

function useAddress(): { readonly place: Place; readonly open: string | undefined } {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const changed = (): void => setHash(location.hash);
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  const [, place = "calls", open] = hash.split("/");
  return {
    place: isPlace(place) ? place : "calls",
    open: open === undefined || open === "" ? undefined : decodeURIComponent(open),
  };
}

export function App({ live }: { readonly live: Live }): VNode {
  useLive(live);
  const { place, open } = useAddress();
  const show = (record: string | undefined): void => {
    location.hash = record === undefined ? "#/calls" : `#/calls/${encodeURIComponent(record)}`;
  };
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.key === "Escape" && open !== undefined) show(undefined);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [open]);
  return html`<${Header} live=${live} place=${place} />
    <main>
      ${
        live.connection.state === "locked"
          ? html`<${TokenForm} given=${() => void live.listen()} />`
          : html`<${View} live=${live} place=${place} open=${open} show=${show} />`
      }
    </main>`;
}

interface ViewProps {
  readonly live: Live;
  readonly place: Place;
  readonly open: string | undefined;
  readonly show: (record: string | undefined) => void;
}

function View({ live, place, open, show }: ViewProps): VNode {
  switch (place) {
    case "calls":
      return html`<${Calls} live=${live} open=${open} show=${show} />`;
    case "phones":
      return html`<${Phones} />`;
    case "servers":
      return html`<${Servers} />`;
    case "services":
      return html`<${Services} />`;
    case "dial":
      return html`<${DialForm} />`;
    case "log":
      return html`<${LogView} live=${live} />`;
  }
}

function Header({ live, place }: { readonly live: Live; readonly place: Place }): VNode {
  const [theme, setTheme] = useState(storedTheme);
  return html`<header class="top">
    <h1>mediaswitch</h1>
    <nav aria-label="Parts of the page">
      ${Object.entries(PLACES).map(
        ([name, title]) =>
          html`<a href=${`#/${name}`} aria-current=${name === place ? "page" : undefined}>${title}</a>`,
      )}
    </nav>
    <output class="count">${live.calls.live} live</output>
    <span class=${`connection ${live.connection.state}`} role="status"
      >${connectionText(live.connection)}</span
    >
    <button
      type="button"
      aria-label=${`Colours: ${theme}`}
      onClick=${() => {
        const next = nextTheme(theme);
        applyTheme(next);
        setTheme(next);
      }}
    >
      ${theme}
    </button>
  </header>`;
}

function connectionText(connection: Connection): string {
  switch (connection.state) {
    case "connecting":
      return "connecting";
    case "connected":
      return "connected";
    case "locked":
      return "locked";
    case "lost":
      return `no connection: ${connection.why}`;
  }
}
