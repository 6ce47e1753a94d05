import { z } from "zod";
import type { MessageInfo, SubscriptionInfo } from "../sip/sip-service.js";
import { name, oneLine } from "./wire.js";

/** Presence, mailboxes, messages and subscriptions over HTTP: what is asked of the sip component, and what it tells. */

/** `PUT /presence/<domain>/<user>` */
export const presenceBody = z.strictObject({
  status: z.enum(["open", "closed"]),
  note: z.string().max(255).exactOptional(),
});

const count = z.int().min(0);

/** `PUT /mwi/<domain>/<user>` */
export const mailboxBody = z.strictObject({
  new: count,
  old: count.default(0),
  urgentNew: count.exactOptional(),
  urgentOld: count.exactOptional(),
  account: oneLine.max(255).exactOptional(),
});

/** `POST /message` */
export const messageBody = z.strictObject({
  from: z.strictObject({ user: name, domain: name, name: oneLine.exactOptional() }),
  to: z.strictObject({ user: name, domain: name.exactOptional() }),
  content: z.string(),
  contentType: oneLine.exactOptional(),
});

export const messageReply = z.object({ status: z.int() });

/** `PUT <control>/subscription/<domain>/<user>` */
export const subscriptionBody = z.object({
  domain: name,
  user: z.string(),
  event: z.enum(["presence", "dialog", "message-summary"]),
  subscriber: z.string(),
  state: z.enum(["pending", "active", "terminated"]),
}) satisfies z.ZodType<SubscriptionInfo>;

/** `PUT <control>/message/<domain>/<user>` */
export const messageInfoBody = z.object({
  callid: name,
  domain: name,
  user: z.string(),
  from: z.string(),
  contentType: z.string(),
  content: z.string(),
}) satisfies z.ZodType<MessageInfo>;
