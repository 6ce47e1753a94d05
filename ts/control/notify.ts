/** Runs a script's callbacks, and before them what happens by default at that moment. */
import { bridge } from "./bridge.js";
import type { Call } from "./call.js";
import type { Desk } from "./desk.js";

/** An event tells of a new call. */
export function tellNewCall(desk: Desk, call: Call): Promise<void> {
  return call.tasks.run(() => {
    runNewCall(desk, call);
  });
}

/**
 * The script's callbacks for a new inbound call; of a call that we made, only its own, once, and also when it
 * came to nothing.
 */
export function runNewCall(desk: Desk, call: Call): void {
  if (call.hasEnded) return;
  const failed = endsCall(desk, call);
  if (!call.originator && !call.isOver) desk.script.newcall.run(call, failed);
  call.listeners.newcall.drain(call, failed);
}

/** The far end rings. */
export function tellRinging(desk: Desk, call: Call): Promise<void> {
  return call.tasks.run(() => {
    call.history = "Client confirmed ringing";
    call.tell({ type: "ringing" });
    runRinging(desk, call);
  });
}

/** A child that rings rings its parent. */
export function runRinging(desk: Desk, call: Call): void {
  if (call.isOver) return;
  const { parent } = call.metadata.family;
  if (parent !== undefined) void desk.feed(parent, "ring");
  const failed = endsCall(desk, call);
  desk.script.ringing.run(call, failed);
  call.listeners.ringing.drain(call, failed);
}

/** A child that answers has its parent answered; when that has happened the two are bridged. */
export function runAnswered(desk: Desk, call: Call): void {
  if (call.isOver) return;
  call.tell({ type: "answered" });
  const { parent } = call.metadata.family;
  if (parent !== undefined) {
    parent.listeners.answer.add(() => bridge(desk, call, parent));
    void desk.feed(parent, "answer");
  }
  const failed = endsCall(desk, call);
  desk.script.answer.run(call, failed);
  call.listeners.answer.drain(call, failed);
}

/** Callbacks that were set after the moment they wait for. */
export function runPending(desk: Desk, call: Call): Promise<void> {
  return call.tasks.run(() => {
    if (call.isOver) return;
    const failed = endsCall(desk, call);
    call.listeners.ringing.drain(call, failed);
    if (call.answered) call.listeners.answer.drain(call, failed);
  });
}

/** A callback that fails ends its own call, and nothing else. */
function endsCall(desk: Desk, call: Call): (error: unknown) => void {
  return (error) => desk.fail(call, error);
}
