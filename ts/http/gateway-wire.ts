import { z } from "zod";
import type { GatewayInfo, GatewayNews, GatewaySettings } from "../sip/sip-service.js";
import { controlField, name, oneLine } from "./wire.js";

/** Gateways over HTTP: what is asked of the sip component, and what it tells. */

const callerId = z.strictObject({
  number: oneLine,
  name: oneLine,
  private: z.boolean().exactOptional(),
});

/** `PUT /gateway/<name>` */
export const gatewayBody = z.strictObject({
  from: z.strictObject({
    user: name,
    domain: name.exactOptional(),
    authuser: name.exactOptional(),
    authsecret: z.string().min(1).exactOptional(),
  }),
  to: z.strictObject({ domain: name }),
  proxy: name.exactOptional(),
  register: z.boolean().exactOptional(),
  expires: z.int().exactOptional(),
  cid: callerId.exactOptional(),
  domain: name.exactOptional(),
  control: controlField.exactOptional(),
  sources: z.array(z.string()).readonly().exactOptional(),
}) satisfies z.ZodType<GatewaySettings>;

const failure = z.object({ code: z.int(), status: z.string() });

/** `GET /gateway/<name>` */
export const gatewayReply = z.object({
  name: z.string(),
  from: z.object({ user: z.string(), domain: z.string(), authuser: z.string() }),
  to: z.object({ domain: z.string() }),
  proxy: z.string().exactOptional(),
  register: z.boolean(),
  state: z.enum([
    "unregistered",
    "registering",
    "registered",
    "refreshing",
    "failed",
    "unregistering",
    "ended",
  ]),
  error: failure.exactOptional(),
  expires: z.int(),
  route: z.array(z.string()).readonly(),
  path: z.array(z.string()).readonly(),
  sources: z.array(z.string()).readonly(),
  domain: z.string().exactOptional(),
  control: z.string().exactOptional(),
}) satisfies z.ZodType<GatewayInfo>;

/** `GET /gateway` */
export const gatewaysReply = z.object({ gateways: z.array(gatewayReply).readonly() });

/** `PUT <control>/gateway/<name>` */
export const gatewayNewsBody = z.object({
  name,
  state: z.enum(["registered", "failed", "unregistered"]),
  expires: z.int().exactOptional(),
  error: failure.exactOptional(),
}) satisfies z.ZodType<GatewayNews>;
