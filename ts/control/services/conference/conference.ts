import { MediaswitchError } from "../../../core/errors.js";
import { answer } from "../../app/answer.js";
import { gather } from "../../app/gather.js";
import type { Line } from "../../app/line.js";
import { checkedCount } from "../../app/option-checks.js";
import { play } from "../../app/play.js";
import { waitFor } from "../../app/wait-for.js";
import type { ConferenceOptions, ConferenceResult, ConferenceSettings } from "./conference-options.js";
import { tellScript } from "../tell-script.js";
import { Member } from "./member.js";
import type { Rooms } from "./rooms.js";

type Role = "member" | "moderator" | "refused";

/** Puts a call into a room, answered if need be. Settles when it has left, or may not come in. */
export function conference(
  rooms: Rooms,
  line: Line,
  name: string,
  options: ConferenceOptions = {},
): Promise<ConferenceResult> {
  const { signal, muted = false, deaf = false, joined } = options;
  return waitFor<ConferenceResult>({ verb: "conference", desk: line.desk, line, signal }, async (waiter) => {
    const { settings } = rooms.of(name);
    await answer(line, signal === undefined ? {} : { signal });
    const role = await roleOf(line, settings, options);
    if (waiter.isSettled()) return;
    // While digits were asked for, the last one may have left.
    const room = rooms.of(name);
    const isModerator = role === "moderator" || options.moderator === true;
    const reason =
      role === "refused"
        ? "pin"
        : room.isLocked && !isModerator
          ? "locked"
          : room.isFull
            ? "full"
            : undefined;
    if (reason !== undefined) {
      room.tell({ type: "refused", callid: line.call.callid, reason });
      rooms.release(room);
      waiter.done({ outcome: "refused", reason });
      return;
    }
    await line.joint?.part();
    if (waiter.isSettled()) return;
    const member = new Member({
      line,
      room,
      name: options.name ?? nameOf(line),
      moderator: isModerator,
      muted,
      deaf,
      left: (result, why) => {
        if (why === "failed")
          waiter.fail(new MediaswitchError("MEDIA_UNAVAILABLE", "the room can't be joined"));
        else waiter.done(result);
      },
    });
    waiter.undo(() => member.leave());
    await room.add(member);
    tellScript(line, () => joined?.(member));
  });
}

function nameOf({ call }: Line): string {
  if (call.originator) return call.info.to;
  const { name = "" } = call.info.callerid ?? {};
  return name === "" ? call.info.from : name;
}

/** What the digits that were given, or are asked for, make of the caller. */
async function roleOf(line: Line, settings: ConferenceSettings, options: ConferenceOptions): Promise<Role> {
  const { pin } = options;
  if (settings.pin === undefined && settings.moderatorPin === undefined) return "member";
  if (options.moderator === true) return "moderator";
  if (pin === undefined || typeof pin === "string") return roleBy(pin ?? "", settings);
  const tries = checkedCount(pin.tries ?? 3, "pin.tries", [1, 10]);
  for (let count = 0; count < tries; count += 1) {
    const { digits } = await gather(line, {
      prompt: pin.prompt,
      ...(options.signal !== undefined && { signal: options.signal }),
    });
    const role = roleBy(digits, settings);
    if (role !== "refused") return role;
    if (pin.wrong !== undefined) await play(line, pin.wrong, {});
  }
  return "refused";
}

function roleBy(digits: string, { pin, moderatorPin }: ConferenceSettings): Role {
  if (digits !== "" && digits === moderatorPin) return "moderator";
  return pin === undefined ? "member" : digits === pin ? "member" : "refused";
}
