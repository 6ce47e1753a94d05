/** What happens to a call, for `for await`. */
import { MediaswitchError } from "../../core/errors.js";
import type { CallEvent } from "../call-event.js";
import { EventQueue } from "./event-queue.js";
import type { Line } from "./line.js";
import type { Abortable, ActiveCallEvent, KeyPress } from "./verb-options.js";
import { waitFor } from "./wait-for.js";

/** All of it, `ended` last; after that the loop ends. */
export function callEvents(line: Line, { signal }: Abortable): AsyncIterable<ActiveCallEvent> {
  return watched<ActiveCallEvent>(line, "events", signal, {
    taken: (event) => event,
    lost: (count) => ({ type: "lost", count, at: line.desk.clock.epoch() }),
  });
}

export function keyPresses(line: Line, { signal }: Abortable): AsyncIterable<KeyPress> {
  return watched<KeyPress>(line, "keys", signal, {
    taken: (event) =>
      event.type === "key" ? { key: event.key, source: event.source, at: event.at } : undefined,
  });
}

/** Keys are looked for as tones in the audio, too, or no more. */
export function detectTones(
  line: Line,
  { enabled, signal }: Abortable & { readonly enabled: boolean },
): Promise<void> {
  return waitFor<undefined>({ verb: "detectTones", desk: line.desk, line, signal }, async (waiter) => {
    const uuid = line.call.leg.channel?.uuid;
    if (uuid === undefined) throw new MediaswitchError("CALL_STATE", "nothing is heard of the far end yet");
    await line.desk.media.execute({ type: "detect", uuid, inband: enabled });
    waiter.done(undefined);
  });
}

interface Selection<Event> {
  /** What the reader gets of an event; undefined: nothing. */
  readonly taken: (event: CallEvent) => Event | undefined;
  readonly lost?: (count: number) => Event;
}

function watched<Event>(
  line: Line,
  verb: string,
  signal: AbortSignal | undefined,
  { taken, lost }: Selection<Event>,
): AsyncIterable<Event> {
  let unwatch: () => void = () => undefined;
  const queue = new EventQueue<Event>({
    signal,
    verb,
    closed: () => unwatch(),
    ...(lost !== undefined && { lost }),
  });
  if (line.call.hasEnded) {
    queue.close();
    return queue;
  }
  unwatch = line.watchers.add((event) => {
    const value = taken(event);
    if (value !== undefined) queue.push(value);
    if (event.type === "ended") queue.close();
  });
  if (signal?.aborted === true) unwatch();
  return queue;
}
