import type { Call, CallVerbs } from "./call.js";
import type { CallEvent } from "./call-event.js";
import { hangupStatus, type HangupReason, type HangupStatus } from "./causes.js";
import type { Desk } from "./desk.js";
import { dialogAction } from "./dialog-action.js";
import { echo } from "./echo.js";
import { link, unlink } from "./family.js";
import { mix, unmix } from "./mix.js";
import { groupCall, newCall } from "./newcall.js";
import { asCall, runHeard } from "./notify.js";
import { play } from "./play.js";
import type { Watchers } from "./watchers.js";

/** @param watchers told of the events of all calls. */
export function callVerbs(
  desk: Desk,
  watchers: Watchers<{ readonly call: Call; readonly event: CallEvent }>,
): CallVerbs {
  /** A reason that is none still hangs up. */
  const statusOf = (call: Call, reason: HangupReason | undefined): HangupStatus => {
    const status = hangupStatus(reason);
    if (status === undefined) desk.log.warn({ callid: call.callid, reason }, "not a reason to hang up with");
    return status ?? {};
  };
  const watcherFailed = (call: Call, error: unknown): void => {
    desk.log.error({ callid: call.callid, err: error }, "one who watches a call failed");
  };
  return {
    ring: (call, alertinfo) => desk.feed(call, "ring", { alertinfo }),
    early: (call, { codecs }) => desk.feed(call, "early", { codecs }),
    answer: (call, { codecs }) => desk.feed(call, "answer", { codecs }),
    hangup: (call, reason) => desk.feed(call, "hangup", { status: statusOf(call, reason) }),
    newcall: (parent, request) => newCall(desk, parent, request),
    groupcall: (parent, requests) => groupCall(desk, parent, requests),
    play: (call, soup) => play(desk, call, soup),
    echo: (call, options) => echo(desk, call, options),
    mix: (call, done) => mix(desk, call, done),
    unmix: (call, done) => unmix(desk, call, done),
    link: (call, other) => {
      link(desk, call, other);
    },
    unlink,
    action: (call, action, data) => dialogAction(desk, call, action, data),
    callBack: (call, listeners) => {
      asCall(desk, call, (failed) => {
        listeners.run(call, failed);
      });
    },
    moh: () => desk.script.moh,
    now: () => desk.clock.epoch(),
    happened: (call, event) => {
      watchers.tell({ call, event }, (error) => {
        watcherFailed(call, error);
      });
      runHeard(desk, call, event);
    },
    watcherFailed,
  };
}
