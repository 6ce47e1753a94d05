/** A call as the page lists it: what its legs say, in one row. */
import { z } from "zod";
import { causeSchema } from "../v1/call-schema.js";

const millis = z.number().describe("milliseconds since 1970");

export const callRowSchema = z.object({
  record: z.string().describe("id that all legs of the call share"),
  from: z.string(),
  to: z.string(),
  domain: z.string(),
  state: z.enum(["new", "ringing", "answered", "ended"]),
  created: millis,
  answered: millis.exactOptional(),
  ended: millis.exactOptional(),
  cause: causeSchema.exactOptional().describe("of the first leg"),
  legs: z.array(
    z.object({
      callid: z.string(),
      direction: z.enum(["inbound", "outbound"]),
      from: z.string(),
      to: z.string(),
      state: z.enum(["new", "ringing", "answered", "ended"]),
      held: z.boolean().describe("the far end has us on hold"),
      muted: z.boolean().describe("the operator has it muted: what it says is not heard"),
    }),
  ),
  moreLegs: z.int().exactOptional().describe("legs beyond those told"),
});

export type CallRow = z.output<typeof callRowSchema>;
