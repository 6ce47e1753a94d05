import { MediaswitchError } from "../core/errors.js";
import { fromJson } from "../sdp/json.js";
import { isSdpRefusal } from "../sdp/parse.js";
import { serializeSdp } from "../sdp/serialize.js";
import type { ActionData } from "./action-data.js";
import { attempt } from "./answer.js";
import type { Call } from "./call.js";
import type { Desk } from "./desk.js";

const ACTIONS = ["ring", "answer", "ok", "notify", "hangup", "invite"] as const;
type Action = (typeof ACTIONS)[number];

/**
 * An action on the call's dialog by the seed's name for it, without the media work of the verbs.
 * @throws {MediaswitchError} ARGUMENT_INVALID: there is no such action, or the description is none.
 */
export function dialogAction(desk: Desk, call: Call, name: string, data: ActionData): Promise<void> {
  const action = ACTIONS.find((known) => known === name);
  if (action === undefined) {
    throw new MediaswitchError(
      "ARGUMENT_INVALID",
      `"${name}" is no action of a dialog; known: ${ACTIONS.join(", ")}`,
      "action",
    );
  }
  return act(desk, call, action, { ...data, sdp: textOf(data.sdp) });
}

function act(
  desk: Desk,
  call: Call,
  action: Action,
  { sdp, alertinfo, code, reason }: Omit<ActionData, "sdp"> & { readonly sdp: string | undefined },
): Promise<void> {
  const dialog = { callid: call.callid, ...(sdp !== undefined && { sdp }) };
  const why = { ...(code !== undefined && { code }), ...(reason !== undefined && { reason }) };
  switch (action) {
    case "ring":
      return desk.feed(call, "ring", { alertinfo });
    case "answer":
      if (sdp !== undefined) call.leg.early = sdp;
      return desk.feed(call, "answer");
    case "hangup":
      return desk.feed(call, "hangup", { status: why });
    case "ok":
      return attempt(desk, call, async () => {
        await desk.sip.execute({ type: "dialog.ok", ...dialog });
      });
    case "invite":
      return attempt(desk, call, async () => {
        await desk.sip.execute({ type: "dialog.reinvite", ...dialog });
      });
    case "notify":
      return attempt(desk, call, async () => {
        await desk.sip.execute({ type: "dialog.notify", callid: call.callid, ...why });
      });
  }
}

function textOf(sdp: string | object | undefined): string | undefined {
  if (sdp === undefined || typeof sdp === "string") return sdp;
  const description = fromJson(sdp);
  if (isSdpRefusal(description)) throw new MediaswitchError("SDP_INVALID", description.message, "sdp");
  return serializeSdp(description);
}
