/** Runs a script's callbacks, and before them what happens by default at that moment. */
import { bridge } from "./bridge.js";
import type { Call } from "./call.js";
import type { CallEvent } from "./call-event.js";
import type { Desk } from "./desk.js";
import type { ListenerFailure } from "./listener-list.js";

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
  asCall(desk, call, (failed) => {
    if (!call.originator && !call.isOver) desk.script.newcall.run(call, failed);
    call.listeners.newcall.drain(call, failed);
  });
}

/** The script decides what becomes of the call, whoever began it: its `destination` may be another one now. */
export function processCall(desk: Desk, call: Call): void {
  if (call.isOver) return;
  if (desk.script.newcall.size === 0) {
    desk.log.warn({ callid: call.callid }, "no script takes calls");
    void desk.feed(call, "hangup", { status: { code: 480 } });
    return;
  }
  asCall(desk, call, (failed) => {
    desk.script.newcall.run(call, failed);
    call.listeners.newcall.drain(call, failed);
  });
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
  asCall(desk, call, (failed) => {
    desk.script.ringing.run(call, failed);
    call.listeners.ringing.drain(call, failed);
  });
}

/** A child that answers has its parent answered; when that has happened the two are bridged. */
export function runAnswered(desk: Desk, call: Call): void {
  if (call.isOver) return;
  call.tell({ type: "answered" });
  const { parent } = call.metadata.family;
  if (parent !== undefined) {
    // After what the parent's own callbacks have asked for: what is played then ends with the bridge.
    parent.joins.answer.add(() => parent.tasks.run(() => bridge(desk, call, parent)));
    void desk.feed(parent, "answer");
  }
  asCall(desk, call, (failed) => {
    desk.script.answer.run(call, failed);
    call.listeners.answer.drain(call, failed);
    call.joins.answer.drain(call, failed);
  });
}

/** Callbacks that were set after the moment they wait for. */
export function runPending(desk: Desk, call: Call): Promise<void> {
  return call.tasks.run(() => {
    if (call.isOver) return;
    asCall(desk, call, (failed) => {
      call.listeners.ringing.drain(call, failed);
      if (!call.answered) return;
      call.listeners.answer.drain(call, failed);
      call.joins.answer.drain(call, failed);
    });
  });
}

export function runHold(desk: Desk, call: Call): void {
  if (call.isOver) return;
  asCall(desk, call, (failed) => {
    desk.script.hold.run(call, failed);
    call.listeners.hold.run(call, failed);
  });
}

export function runOffHold(desk: Desk, call: Call): void {
  if (call.isOver) return;
  asCall(desk, call, (failed) => {
    desk.script.offhold.run(call, failed);
    call.listeners.offhold.run(call, failed);
  });
}

/** What the far end says while the call goes on. */
export function runHeard(desk: Desk, call: Call, event: CallEvent): void {
  if (call.isOver) return;
  if (event.type === "key" && call.listeners.key.size > 0) {
    asCall(desk, call, (failed) => {
      call.listeners.key.run(call, failed, { key: event.key, source: event.source });
    });
  }
  if (event.type === "message" && call.listeners.message.size > 0) {
    asCall(desk, call, (failed) => {
      call.listeners.message.run(call, failed, event.message);
    });
  }
}

/** Whatever a callback starts belongs to its call; one that fails ends that call, and nothing else. */
export function asCall(desk: Desk, call: Call, run: (failed: ListenerFailure) => void): void {
  desk.within(call, () => {
    run((error) => desk.fail(call, error));
  });
}
