/** What the server tells as it happens, and who of the page wants to know. */
import type { LogLine } from "../ts/core/log-tail.js";
import { CallList, type CallChanges } from "./model/call-list.js";
import { eventReader, type StreamEvent } from "./model/event-text.js";
import { messageOf, Refused, request } from "./server.js";

export type Connection =
  | { readonly state: "connecting" | "connected" }
  | { readonly state: "lost"; readonly why: string }
  /** It wants a token, or another one. */
  | { readonly state: "locked" };

const RETRY = 2000;
const MOST_LINES = 500;

export class Live {
  readonly calls = new CallList();
  connection: Connection = { state: "connecting" };
  lines: readonly LogLine[] = [];
  readonly #watchers = new Set<() => void>();
  #isToBeTold = false;

  /** @returns ends that. */
  watch(changed: () => void): () => void {
    this.#watchers.add(changed);
    return () => {
      this.#watchers.delete(changed);
    };
  }

  /** Listens until the server wants a token; after a loss of the connection again and again. */
  async listen(): Promise<void> {
    this.#set({ state: "connecting" });
    for (;;) {
      try {
        await this.#read();
        this.#set({ state: "lost", why: "the switch has ended the connection" });
      } catch (error) {
        if (error instanceof Refused && error.status === 401) {
          this.#set({ state: "locked" });
          return;
        }
        this.#set({ state: "lost", why: messageOf(error) });
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY));
    }
  }

  async #read(): Promise<void> {
    const { body } = await request("GET", "data/live");
    if (body === null) return;
    // What comes is everything anew.
    this.calls.clear();
    this.lines = [];
    this.#set({ state: "connected" });
    const events = eventReader();
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      for (const event of events(value)) this.#take(event);
    }
  }

  #take({ type, data }: StreamEvent): void {
    if (type === "calls") this.calls.take(JSON.parse(data) as CallChanges);
    if (type === "log") {
      const { lines } = JSON.parse(data) as { lines: readonly LogLine[] };
      this.lines = [...this.lines, ...lines].slice(-MOST_LINES);
    }
    this.#tell();
  }

  #set(connection: Connection): void {
    this.connection = connection;
    this.#tell();
  }

  /** Once for each picture, however much has changed. */
  #tell(): void {
    if (this.#isToBeTold) return;
    this.#isToBeTold = true;
    requestAnimationFrame(() => {
      this.#isToBeTold = false;
      for (const watcher of [...this.#watchers]) watcher();
    });
  }
}
