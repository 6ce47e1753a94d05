import { z } from "zod";

/**
 * Bodies that say what to play and what to record. Only their shape is checked here: which files are there, what
 * a tone's definition means and which numbers are possible, the engine says.
 */

const loop = z.union([z.boolean(), z.number()]);
const path = z.string().min(1);

/** Files and a tone in one shape, so that a wrong key is blamed by its own path. */
const entry = z.strictObject({
  wav: path.exactOptional(),
  pcma: path.exactOptional(),
  pcmu: path.exactOptional(),
  l168k: path.exactOptional(),
  l1616k: path.exactOptional(),
  ilbc: path.exactOptional(),
  g722: path.exactOptional(),
  start: z.number().exactOptional(),
  stop: z.number().exactOptional(),
  tone: z.string().min(1).exactOptional(),
  loop: loop.exactOptional(),
});

/** `PUT /channel/<uuid>/play` */
export const soupBody = z.strictObject({
  files: z.array(entry).min(1).readonly(),
  loop: loop.exactOptional(),
  interupt: z.boolean().exactOptional(),
  interrupt: z.boolean().exactOptional(),
});

/** A soup may stand by itself or as `{"soup": …}`: both were promised. */
export function bareSoup(body: unknown): unknown {
  return typeof body === "object" && body !== null && "soup" in body ? body.soup : body;
}

/** `PUT /channel/<uuid>/record` */
export const recordBody = z.strictObject({
  file: path,
  numchannels: z.union([z.literal(1), z.literal(2)]).exactOptional(),
  direction: z.enum(["in", "out", "both"]).exactOptional(),
  startabovepower: z.number().exactOptional(),
  finishbelowpower: z.number().exactOptional(),
  poweraveragepackets: z.number().exactOptional(),
  minduration: z.number().exactOptional(),
  maxduration: z.number().exactOptional(),
  pause: z.boolean().exactOptional(),
  finish: z.boolean().exactOptional(),
});

/** `PUT /channel/<uuid>/playrecord` */
export const playRecordBody = z.strictObject({
  soup: soupBody,
  record: recordBody,
  interrupt: z.boolean().exactOptional(),
  bargeinpower: z.number().exactOptional(),
  bargeinpoweraveragepackets: z.number().exactOptional(),
  concurrent: z.boolean().exactOptional(),
});
