/** Conferences and queues as the page shows them, of all apps of this control. */
import { z } from "zod";
import { MediaswitchError } from "../../core/errors.js";
import type { Desk } from "../../control/desk.js";
import type { Member } from "../../control/services/conference/member.js";
import type { Room } from "../../control/services/conference/room.js";
import type { Agent } from "../../control/services/queue/agent.js";
import type { CallQueue } from "../../control/services/queue/call-queue.js";
import { servicesOf } from "../../control/services/services.js";

/** Callers, agents and members told of one queue or room. */
const MOST = 500;

const millis = z.number().describe("milliseconds");

export const roomsAndQueuesSchema = z.object({
  rooms: z.array(
    z.object({
      name: z.string(),
      locked: z.boolean(),
      open: z.boolean().describe("they hear each other: no moderator is waited for"),
      members: z.array(
        z.object({
          callid: z.string(),
          name: z.string(),
          moderator: z.boolean(),
          muted: z.boolean(),
          deaf: z.boolean(),
          held: z.boolean(),
          since: z.number().describe("milliseconds since 1970"),
        }),
      ),
    }),
  ),
  queues: z.array(
    z.object({
      name: z.string(),
      answered: z.int(),
      abandoned: z.int(),
      overflowed: z.int(),
      averageWait: millis.exactOptional(),
      callers: z.array(
        z.object({
          callid: z.string(),
          from: z.string(),
          state: z.enum(["waiting", "offered", "talking"]),
          waited: millis,
          agent: z.string().exactOptional(),
        }),
      ),
      agents: z.array(z.object({ name: z.string(), state: z.string(), answered: z.int() })),
    }),
  ),
});

export type RoomsAndQueues = z.output<typeof roomsAndQueuesSchema>;

const rooms = (desk: Desk): Room[] =>
  servicesOf(desk).flatMap(({ rooms }) => rooms.names.map((name) => rooms.of(name)));

const queues = (desk: Desk): CallQueue[] => servicesOf(desk).flatMap(({ queues }) => [...queues.all]);

export function roomsAndQueues(desk: Desk): RoomsAndQueues {
  return {
    rooms: rooms(desk).map(({ name, isLocked, isOpen, members }) => ({
      name,
      locked: isLocked,
      open: isOpen,
      members: members.slice(0, MOST).map(({ callid, name, moderator, muted, deaf, held, since }) => ({
        ...{ callid, name, moderator, muted, deaf, held, since },
      })),
    })),
    queues: queues(desk).map((queue) => {
      const { answered, abandoned, overflowed, averageWait } = queue.statistics();
      return {
        name: queue.name,
        ...{ answered, abandoned, overflowed },
        ...(averageWait !== undefined && { averageWait }),
        callers: queue.callers.slice(0, MOST).map((caller) => ({
          ...caller,
          from: desk.calls.get(caller.callid)?.info.from ?? "",
        })),
        agents: queue.agents.slice(0, MOST).map(({ name, state, answered: taken }) => ({
          ...{ name, state, answered: taken },
        })),
      };
    }),
  };
}

/** The room that this call is in. */
export const memberOf = (desk: Desk, callid: string): Member | undefined =>
  rooms(desk)
    .flatMap(({ members }) => members)
    .find((member) => member.callid === callid);

/** @throws {MediaswitchError} ARGUMENT_INVALID */
export function roomNamed(desk: Desk, name: string): Room {
  const found = rooms(desk).filter((room) => room.name === name);
  const room = found.find(({ members }) => members.length > 0) ?? found[0];
  if (room === undefined) throw unknown("room", name);
  return room;
}

/** @throws {MediaswitchError} ARGUMENT_INVALID, CALL_UNKNOWN */
export function memberIn(desk: Desk, room: string, callid: string): Member {
  const member = roomNamed(desk, room).members.find((each) => each.callid === callid);
  if (member === undefined) {
    throw new MediaswitchError("CALL_UNKNOWN", `the call ${callid} is not in the room ${room}`, "callid");
  }
  return member;
}

/** @throws {MediaswitchError} ARGUMENT_INVALID */
export function agentIn(desk: Desk, queue: string, name: string): Agent {
  const all = queues(desk).filter((each) => each.name === queue);
  if (all.length === 0) throw unknown("queue", queue);
  const agent = all.flatMap(({ agents }) => agents).find((each) => each.name === name);
  if (agent === undefined) throw unknown("agent", name);
  return agent;
}

const unknown = (what: "room" | "queue" | "agent", name: string): MediaswitchError =>
  new MediaswitchError("ARGUMENT_INVALID", `there is no ${what} ${name}`, what);
