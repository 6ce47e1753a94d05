import { z } from "zod";
import type { EpochMillis } from "../../core/brand.js";
import type { StoredCall } from "../calls/call-table.js";
import { address, flow, text } from "./stored-parts.js";

const seq = z.int().min(0);
const epoch = z.number().min(0);

const dialog = z
  .strictObject({
    callId: text,
    localTag: text,
    remoteTag: z.string(),
    local: address,
    remote: address,
    localSeq: seq,
    remoteSeq: seq.optional(),
    remoteTarget: text,
    routeSet: z.array(address),
    nextHop: flow,
    exchange: z.enum(["none", "first offered", "first asked", "agreed", "offered anew", "asked anew"]),
    them: z.string().exactOptional(),
    contact: address.exactOptional(),
    remoteAllow: z.array(z.string()).exactOptional(),
    remoteRSeq: seq.exactOptional(),
  })
  // JSON has no undefined.
  .transform((read) => ({ ...read, remoteSeq: read.remoteSeq }));

/** What later events of the call repeat; what only one of them told is not kept. */
const info = z.strictObject({
  callid: text,
  domain: z.string(),
  to: z.string(),
  gr: z.string().exactOptional(),
  from: z.string(),
  contact: z.string(),
  maxforwards: z.int(),
  gateway: z.string().exactOptional(),
  authenticated: z.boolean(),
  originator: z.boolean(),
  ring: z.boolean(),
  answered: z.boolean(),
  hold: z.boolean(),
  hangup: z.boolean(),
  error: z.strictObject({ code: z.int(), status: z.string() }),
  remote: z.strictObject({ host: z.string(), port: z.int() }),
  callerid: z
    .strictObject({ number: z.string(), name: z.string(), private: z.boolean().exactOptional() })
    .exactOptional(),
  headers: z.record(z.string(), z.string()).exactOptional(),
  replaces: z.string().exactOptional(),
  redirect: z.array(z.string()).exactOptional(),
  reason: z.strictObject({ protocol: z.string(), cause: z.int(), text: z.string() }).exactOptional(),
  sdp: z.strictObject({ them: z.string().exactOptional(), us: z.string().exactOptional() }),
  epochs: z.strictObject({ start: epoch, ring: epoch, answer: epoch, end: epoch }),
});

/** An answered call leg: `CallTable.stored` writes it, `OutlivedCalls.resume` takes it up. */
export const storedCall = z.strictObject({
  session: z.strictObject({
    state: z.literal("confirmed"),
    info,
    localTag: text,
    contact: address,
    dialog,
    early: z.tuple([]),
    ack: z.strictObject({ seq, sdp: z.string().exactOptional() }),
    timer: z
      .strictObject({
        interval: z.int().min(1),
        refresher: z.enum(["us", "them"]),
        expiresAt: epoch.transform((at) => at as EpochMillis),
      })
      .exactOptional(),
    endsAt: epoch.exactOptional(),
  }),
  control: text.exactOptional(),
  party: z.strictObject({ domain: z.string(), user: z.string() }),
  told: z.int().min(0),
}) satisfies z.ZodType<StoredCall>;
