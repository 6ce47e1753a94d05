/** What an operator may do from the page. */
import { z } from "zod";
import { MediaswitchError } from "../../core/errors.js";
import type { Call } from "../../control/call.js";
import type { Controller } from "../../control/controller.js";
import { NOTHING, part, route, type RouteTable } from "../route-table.js";
import type { LiveCalls } from "./live-calls.js";
import type { MutedCalls } from "./muted-calls.js";
import { agentIn, memberIn, roomNamed } from "./rooms-and-queues.js";

const muteBody = z.strictObject({ muted: z.boolean() });
const roomBody = z.strictObject({ action: z.enum(["lock", "unlock", "end"]) });
const memberBody = z.strictObject({ action: z.enum(["mute", "unmute", "deafen", "undeafen", "kick"]) });
const agentBody = z.strictObject({ action: z.enum(["pause", "unpause"]) });

export interface PageActionsOptions {
  readonly controller: Controller;
  readonly calls: LiveCalls;
  readonly muted: MutedCalls;
}

export const pageActions = (options: PageActionsOptions): RouteTable => ({
  ...callActions(options),
  ...serviceActions(options.controller),
});

function callActions({ controller, calls, muted }: PageActionsOptions): RouteTable {
  return {
    "/page/data/calls/:id": {
      DELETE: route(
        {
          summary: "Hangs up: a leg by its Call-ID, or all legs of a call by its record's id",
          body: NOTHING,
          reply: NOTHING,
          refusals: ["CALL_UNKNOWN"],
        },
        async (input) => {
          await Promise.all(legs(controller, part(input, "id")).map((call) => call.hangup()));
        },
      ),
    },
    "/page/data/calls/:id/mute": {
      POST: route(
        {
          summary: "From now on what a leg says is not heard, or is heard again",
          body: muteBody,
          reply: NOTHING,
          refusals: ["CALL_UNKNOWN", "CALL_STATE", "MEDIA_UNAVAILABLE"],
        },
        async (input) => {
          for (const call of legs(controller, part(input, "id"))) {
            await muted.set(call, input.body);
            calls.touch(call.record);
          }
        },
      ),
    },
  };
}

function serviceActions(controller: Controller): RouteTable {
  return {
    "/page/data/rooms/:room": {
      POST: route(
        { summary: "Locks a conference room, or ends it", body: roomBody, reply: NOTHING },
        async (input) => {
          const room = roomNamed(controller, part(input, "room"));
          switch (input.body.action) {
            case "lock":
              room.lock();
              return;
            case "unlock":
              room.unlock();
              return;
            case "end":
              await room.end();
          }
        },
      ),
    },
    "/page/data/rooms/:room/members/:callid": {
      POST: route(
        {
          summary: "Mutes a member of a room, or puts it out",
          body: memberBody,
          reply: NOTHING,
          refusals: ["CALL_UNKNOWN"],
        },
        async (input) => {
          const member = memberIn(controller, part(input, "room"), part(input, "callid"));
          await member[input.body.action]();
        },
      ),
    },
    "/page/data/queues/:queue/agents/:agent": {
      POST: route(
        { summary: "Pauses an agent, in all queues, or ends that", body: agentBody, reply: NOTHING },
        (input) => {
          agentIn(controller, part(input, "queue"), part(input, "agent"))[input.body.action]();
        },
      ),
    },
  };
}

/** @throws {MediaswitchError} CALL_UNKNOWN */
function legs({ calls }: Controller, id: string): readonly Call[] {
  const one = calls.get(id);
  if (one !== undefined) return [one];
  const ofRecord = [...calls.values()].filter(({ record }) => record === id);
  if (ofRecord.length > 0) return ofRecord;
  throw new MediaswitchError("CALL_UNKNOWN", `there is no call ${id}`, "id");
}
