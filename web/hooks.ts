/** What parts of the page go by that changes outside of them. */
import { useEffect, useReducer, useState } from "preact/hooks";
import type { Live } from "./live.js";
import { ask, messageOf } from "./server.js";

/** Draws the part again whenever something live has changed. */
export function useLive(live: Live): void {
  const [, draw] = useReducer((count: number, _: undefined) => count + 1, 0);
  useEffect(() => live.watch(() => draw(undefined)), [live]);
}

export interface Asked<Answer> {
  readonly answer: Answer | undefined;
  /** Why there is no newer one. */
  readonly problem: string | undefined;
}

/** Asks again and again while the part is there and its page in sight. */
export function useAsked<Answer>(path: string, everyMillis: number): Asked<Answer> {
  const [asked, set] = useState<Asked<Answer> & { readonly path: string }>({
    path,
    answer: undefined,
    problem: undefined,
  });
  useEffect(() => {
    const ending = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const again = async (): Promise<void> => {
      try {
        if (!document.hidden) {
          const answer = await ask<Answer>(path, ending.signal);
          set({ path, answer, problem: undefined });
        }
      } catch (error) {
        if (ending.signal.aborted) return;
        const problem = messageOf(error);
        set((last) => ({ path, answer: last.path === path ? last.answer : undefined, problem }));
      }
      timer = setTimeout(() => void again(), everyMillis);
    };
    void again();
    return () => {
      ending.abort();
      clearTimeout(timer);
    };
  }, [path, everyMillis]);
  return asked.path === path ? asked : { answer: undefined, problem: undefined };
}

/** Draws the part again as time goes by. @returns milliseconds since 1970. */
export function useNow(everyMillis: number): number {
  const [now, set] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => set(Date.now()), everyMillis);
    return () => clearInterval(timer);
  }, [everyMillis]);
  return now;
}
