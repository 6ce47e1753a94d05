import type { EngineLoad } from "../media-service.js";
import type { ServerState } from "./server-machine.js";

/** What is known of a server when a channel is to be placed. */
export interface Placeable {
  readonly state: ServerState;
  /** How much more it can carry than one with weight 1. */
  readonly weight: number;
  /** As it told last; undefined while it has told nothing. */
  readonly reported: EngineLoad | undefined;
  /** Channels being opened there by us, which it has not told of yet. */
  readonly opening: number;
}

/** Of a media thread's time, at least so much counts as free: a busy server still has an order among busy ones. */
const LEAST_HEADROOM = 0.05;

/**
 * Channels there would be with one more, per weight; a server half of whose time is in use counts as having twice as many.
 * A small measured load changes little, so that idle servers get channels in turn.
 */
export function cost({ weight, reported, opening }: Placeable): number {
  const channels = (reported?.active ?? 0) + opening + 1;
  const headroom = Math.max(LEAST_HEADROOM, 1 - (reported?.load ?? 0));
  return channels / (weight * headroom);
}

const hasRoom = ({ reported, opening }: Placeable): boolean =>
  reported === undefined || reported.available > opening;

/**
 * The server with the least load for its weight, of those that are up; where there is none, of those that are suspect,
 * since asking one of them is better than refusing the call. The first of several that are equal.
 */
export function leastLoaded<Server extends Placeable>(servers: Iterable<Server>): Server | undefined {
  const withRoom = [...servers].filter(hasRoom);
  for (const state of ["up", "suspect"] as const) {
    const [first, ...others] = withRoom.filter((server) => server.state === state);
    if (first === undefined) continue;
    return others.reduce((best, other) => (cost(other) < cost(best) ? other : best), first);
  }
  return undefined;
}
