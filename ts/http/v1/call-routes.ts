/** The calls of this control as a resource. */
import { z } from "zod";
import { ms } from "../../core/brand.js";
import { MediaswitchError } from "../../core/errors.js";
import type { Call } from "../../control/call.js";
import { causeNamed } from "../../control/causes.js";
import type { Controller } from "../../control/controller.js";
import { newCall } from "../../control/newcall.js";
import { NOTHING, part, route, type RouteTable } from "../route-table.js";
import { name, oneLine } from "../wire.js";
import { actionBody, callerid, codecs, headers } from "./action-schema.js";
import type { CallActions } from "./call-actions.js";
import type { CallRegistry } from "./call-registry.js";
import { callSchema, callStates, type CallResource } from "./call-schema.js";

const MOST_PER_PAGE = 200;
/** Milliseconds that an originated call may ring. */
const RINGING = 60_000;

const originateBody = z.strictObject({
  from: z
    .strictObject({ user: name, domain: name, authsecret: z.string().exactOptional() })
    .describe("in whose name"),
  to: z.strictObject({ user: name, domain: name.exactOptional(), gr: oneLine.exactOptional() }),
  callerid: callerid.exactOptional(),
  gateway: name.exactOptional(),
  headers: headers.exactOptional(),
  codecs: codecs.exactOptional(),
  timeout: z.int().min(1000).max(600_000).exactOptional().describe("milliseconds it may ring; 60000"),
  maxduration: z.int().min(1).exactOptional().describe("seconds from the answer on"),
  for: name.exactOptional().describe("id of the call that it is made for: both stand in one record then"),
  metadata: z.record(z.string(), z.unknown()).exactOptional().describe("goes into the call's record"),
});

const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(MOST_PER_PAGE).default(50),
  after: z.coerce.number().int().min(0).default(0).describe("`next` of the last page"),
  state: z.enum(callStates).exactOptional(),
  direction: z.enum(["inbound", "outbound"]).exactOptional(),
  domain: name.exactOptional(),
  from: name.exactOptional(),
  to: name.exactOptional(),
  record: name.exactOptional(),
});

const hangupBody = z
  .strictObject({
    cause: z
      .string()
      .refine((text) => causeNamed(text) !== undefined, { error: "expected a name of the table of causes" })
      .exactOptional(),
    code: z.int().min(300).max(699).exactOptional(),
    reason: oneLine.exactOptional(),
    q850: z.int().min(1).max(127).exactOptional(),
  })
  .refine(({ cause, ...status }) => cause === undefined || Object.keys(status).length === 0, {
    error: "expected either cause, or code, reason and q850",
  });

const pageSchema = z.object({ calls: z.array(callSchema), next: z.string().exactOptional() });

export interface CallRoutesOptions {
  readonly controller: Controller;
  readonly registry: CallRegistry;
  readonly actions: CallActions;
}

export function callRoutes({ controller, registry, actions }: CallRoutesOptions): RouteTable {
  return {
    "/v1/calls": {
      GET: route(
        {
          summary: "Calls, oldest first; ended ones where `state` asks for them",
          body: NOTHING,
          query: listQuery,
          reply: pageSchema,
        },
        ({ query: { limit, after, ...filter } }) => registry.page(filter, limit, after),
      ),
      POST: route(
        {
          summary: "Calls somebody; what becomes of it is told by events",
          body: originateBody,
          status: 201,
          reply: callSchema,
          refusals: [
            "CALL_UNKNOWN",
            "USER_UNKNOWN",
            "DOMAIN_UNKNOWN",
            "USER_NOT_REGISTERED",
            "GATEWAY_UNKNOWN",
            "DESTINATION_UNREACHABLE",
            "MEDIA_OUT_OF_PORTS",
            "SIP_UNAVAILABLE",
          ],
        },
        ({ body }) => originate(controller, registry, body),
      ),
    },
    "/v1/calls/:id": {
      GET: route(
        {
          summary: "One call; for a while also when it has ended",
          body: NOTHING,
          reply: callSchema,
          refusals: ["CALL_UNKNOWN"],
        },
        (input) => registry.resource(part(input, "id")),
      ),
      PATCH: route(
        {
          summary: "Does something with a call; answered when that has begun",
          body: actionBody,
          reply: callSchema,
          refusals: [
            "CALL_UNKNOWN",
            "CALL_ENDED",
            "CALL_STATE",
            "MEDIA_FILE_UNKNOWN",
            "MEDIA_STATE",
            "MEDIA_UNAVAILABLE",
          ],
        },
        async (input) => {
          const id = part(input, "id");
          await actions.perform(id, input.body);
          return registry.resource(id);
        },
      ),
      DELETE: route(
        {
          summary: "Hangs up; without a body normally",
          body: hangupBody.optional(),
          reply: callSchema,
          refusals: ["CALL_UNKNOWN"],
        },
        async (input) => {
          const id = part(input, "id");
          const { cause, ...status } = input.body ?? {};
          await actions.hangup(id, cause ?? (Object.keys(status).length === 0 ? undefined : status));
          return registry.resource(id);
        },
      ),
    },
  };
}

/** Settles when the SIP side has taken it. */
async function originate(
  controller: Controller,
  registry: CallRegistry,
  { for: parent, callerid: cid, timeout = RINGING, metadata, ...request }: z.output<typeof originateBody>,
): Promise<CallResource> {
  const origin = parent === undefined ? undefined : registry.call(parent);
  const call = newCall(controller, undefined, { ...request, ...(cid !== undefined && { cid }) }, origin);
  if (metadata !== undefined) call.metadata["cdr"] = metadata;
  giveUpAfter(controller, call, timeout);
  await call.tasks.run(() => undefined);
  if (call.failure instanceof MediaswitchError) throw call.failure;
  const resource = registry.resourceOf(call);
  if (resource === undefined) throw new MediaswitchError("CALL_ENDED", "the call ended before it began");
  return resource;
}

function giveUpAfter(controller: Controller, call: Call, timeout: number): void {
  const timer = controller.clock.after(ms(timeout), () => {
    void call.hangup();
  });
  call.watchers.add(({ type }) => {
    if (type === "answered" || type === "ended") timer.cancel();
  });
}
