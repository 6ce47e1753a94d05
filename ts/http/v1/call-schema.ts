/** A call as the API shows it: one leg, as everywhere here. Unknown fields have to be passed over by who reads it. */
import { z } from "zod";

const millis = z.int().describe("milliseconds since 1970");

export const causeSchema = z.object({
  name: z.string(),
  sip: z.int().exactOptional(),
  q850: z.int(),
  side: z.enum(["us", "them"]).exactOptional(),
  text: z.string(),
});

export const callStates = ["new", "ringing", "answered", "ending", "ended"] as const;

export const callSchema = z.object({
  id: z.string(),
  callid: z.string().describe("the SIP Call-ID; differs from the id only where an older SIP server chose it"),
  record: z.string().describe("the same in all legs of one call, and in its record"),
  direction: z.enum(["inbound", "outbound"]),
  state: z.enum(callStates),
  from: z.string(),
  to: z.string(),
  domain: z.string(),
  callerid: z
    .object({ number: z.string(), name: z.string(), private: z.boolean().exactOptional() })
    .exactOptional(),
  gateway: z.string().exactOptional(),
  headers: z.record(z.string(), z.string()).exactOptional(),
  held: z.boolean().describe("the far end has us on hold"),
  bridged: z.string().exactOptional().describe("id of the call it hears"),
  created: millis,
  rung: millis.exactOptional(),
  answered: millis.exactOptional(),
  ended: millis.exactOptional(),
  cause: causeSchema.exactOptional(),
});

export type CallResource = z.output<typeof callSchema>;
