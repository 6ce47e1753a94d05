import type { Line } from "../../app/line.js";
import type { Abortable } from "../../app/verb-options.js";
import { waitFor } from "../../app/wait-for.js";
import { MediaswitchError } from "../../../core/errors.js";
import type { Takeable } from "./hand-over.js";
import type { PickupFrom, PickupResult } from "./park-options.js";
import type { Parking } from "./parking.js";
import type { RingingGroups } from "./ringing-groups.js";

/** Takes a parked call, or one that rings in a group. Settles when the two have talked, or there is nobody. */
export function pickup(
  { parking, groups }: { readonly parking: Parking; readonly groups: RingingGroups },
  line: Line,
  from: PickupFrom,
  { signal }: Abortable = {},
): Promise<PickupResult> {
  return waitFor<PickupResult>({ verb: "pickup", desk: line.desk, signal }, async (waiter) => {
    line.checkAlive();
    const where = typeof from === "string" ? { slot: from } : from;
    if (!("slot" in where) && !("group" in where)) {
      throw new MediaswitchError("ARGUMENT_INVALID", "it takes a slot or a group", "from");
    }
    const waiting: Takeable | undefined =
      "slot" in where ? parking.at(where.slot) : groups.oldest(where.group);
    const talk = waiting?.line === line ? undefined : waiting?.take(line, signal);
    if (waiting === undefined || talk === undefined) {
      waiter.done({ outcome: "nobody" });
      return;
    }
    const { callid } = waiting.line.call;
    waiter.done({ outcome: "picked-up", callid, ended: await talk });
  });
}
