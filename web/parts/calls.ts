/** Calls: the list with its search, and the one that is open. */
import type { VNode } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { TraceSummary } from "../../ts/trace/call-trace.js";
import { html } from "../html.js";
import { useLive } from "../hooks.js";
import type { Live } from "../live.js";
import { rowOfTrace, type CallRow } from "../model/call-list.js";
import { ask } from "../server.js";
import { CallTable } from "./call-table.js";
import { CallView } from "./call-view.js";

/** Milliseconds without a key press before the server is asked. */
const PAUSE = 300;

export interface CallsProps {
  readonly live: Live;
  /** Record of the one that is open. */
  readonly open: string | undefined;
  readonly show: (record: string | undefined) => void;
}

export function Calls({ live, open, show }: CallsProps): VNode {
  useLive(live);
  const [search, setSearch] = useState("");
  const [ended, setEnded] = useState(false);
  const older = useOlder(search, ended);
  const shown = live.calls.shown({ search, ended });
  const rows = useMemo(() => withOlder(shown, older, live), [shown, older]);
  return html`<div class=${open === undefined ? "calls" : "calls with-call"}>
    <div class="call-list">
      <${Search}
        search=${search}
        setSearch=${setSearch}
        ended=${ended}
        setEnded=${setEnded}
        found=${rows.length}
      />
      <${CallTable} rows=${rows} selected=${open} select=${show} />
    </div>
    ${
      open !== undefined &&
      html`<${CallView}
        key=${open}
        record=${open}
        row=${live.calls.row(open) ?? older.find(({ record }) => record === open)}
        close=${() => show(undefined)}
      />`
    }
  </div>`;
}

interface SearchProps {
  readonly search: string;
  readonly setSearch: (text: string) => void;
  readonly ended: boolean;
  readonly setEnded: (ended: boolean) => void;
  readonly found: number;
}

function Search({ search, setSearch, ended, setEnded, found }: SearchProps): VNode {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const isTyping = event.target instanceof HTMLInputElement;
      if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      field.current?.focus();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
  return html`<form class="search" role="search" onSubmit=${(event: Event) => event.preventDefault()}>
    <label>
      Search
      <input
        ref=${field}
        type="search"
        value=${search}
        placeholder="number, name or Call-ID"
        aria-keyshortcuts="/"
        onInput=${(event: Event) => setSearch((event.target as HTMLInputElement).value)}
      />
    </label>
    <label>
      <input
        type="checkbox"
        checked=${ended}
        onChange=${(event: Event) => setEnded((event.target as HTMLInputElement).checked)}
      />
      ended calls, too
    </label>
    <output>${found} shown</output>
  </form>`;
}

/** Ended calls that only the traces know. */
function useOlder(search: string, ended: boolean): readonly CallRow[] {
  const [older, setOlder] = useState<readonly CallRow[]>([]);
  useEffect(() => {
    if (!ended) {
      setOlder([]);
      return undefined;
    }
    const ending = new AbortController();
    const timer = setTimeout(() => {
      const query = new URLSearchParams({ state: "ended", limit: "200", search: search.trim() });
      if (search.trim() === "") query.delete("search");
      ask<{ calls: readonly TraceSummary[] }>(`../trace?${query.toString()}`, ending.signal).then(
        ({ calls }) => setOlder(calls.map(rowOfTrace)),
        () => setOlder([]),
      );
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      ending.abort();
    };
  }, [search, ended]);
  return older;
}

function withOlder(shown: readonly CallRow[], older: readonly CallRow[], live: Live): readonly CallRow[] {
  const missing = older.filter(({ record }) => live.calls.row(record) === undefined);
  return missing.length === 0 ? shown : [...shown, ...missing].sort((a, b) => b.created - a.created);
}
