import type { SipEvent, SipService } from "../sip/sip-service.js";
import { NOTHING, part, route, type RouteInput, type RouteTable } from "./route-table.js";
import {
  mailboxBody,
  messageBody,
  messageInfoBody,
  messageReply,
  presenceBody,
  subscriptionBody,
} from "./sip-event-wire.js";

const userOf = (input: Pick<RouteInput, "path">): { domain: string; user: string } => ({
  domain: part(input, "domain"),
  user: part(input, "user"),
});

const OF_A_USER = ["DOMAIN_UNKNOWN", "USER_UNKNOWN"] as const;

/** Presence, mailboxes and messages of the sip component. */
export function sipEventRoutes(sip: SipService): RouteTable {
  const send = route(
    {
      summary: "Sends a message to all phones of a user, and waits for what becomes of it",
      body: messageBody,
      reply: messageReply,
      refusals: ["USER_UNKNOWN", "USER_NOT_REGISTERED", "DESTINATION_UNREACHABLE"],
    },
    ({ body: request }) => sip.execute({ type: "message.send", request }),
  );
  const mailbox = route(
    {
      summary: "How many voice messages wait for a user",
      body: mailboxBody,
      reply: NOTHING,
      refusals: OF_A_USER,
    },
    (input) => sip.execute({ type: "mwi.set", ...userOf(input), mailbox: input.body }),
  );
  return {
    "/presence/:domain/:user": {
      PUT: route(
        {
          summary: "What is told of a user's presence, in place of what the phones say",
          body: presenceBody,
          reply: NOTHING,
          refusals: OF_A_USER,
        },
        (input) => sip.execute({ type: "presence.set", ...userOf(input), ...input.body }),
      ),
      DELETE: route(
        {
          summary: "Takes back what was set: the phones count again",
          body: NOTHING,
          reply: NOTHING,
          refusals: OF_A_USER,
        },
        (input) => sip.execute({ type: "presence.set", ...userOf(input) }),
      ),
    },
    "/mwi/:domain/:user": { PUT: mailbox, POST: mailbox },
    "/message": { POST: send, PUT: send },
  };
}

export type SipTidings = Extract<SipEvent, { type: "subscribed" } | { type: "message" }>;

/** Takes the callbacks of these at control. */
export function sipEventCallbackRoutes(deliver: (event: SipTidings) => Promise<void>): RouteTable {
  return {
    "/subscription/:domain/:user": {
      PUT: route(
        {
          summary: "A phone watches a user, or does so no more",
          body: subscriptionBody,
          reply: NOTHING,
          refusals: ["CONTROL_UNAVAILABLE"],
        },
        ({ body: subscription }) => deliver({ type: "subscribed", subscription }),
      ),
    },
    "/message/:domain/:user": {
      PUT: route(
        {
          summary: "A message to somebody who has no phone to take it",
          body: messageInfoBody,
          reply: NOTHING,
          refusals: ["CONTROL_UNAVAILABLE", "USER_UNKNOWN", "USER_NOT_REGISTERED"],
        },
        ({ body: message }) => deliver({ type: "message", message }),
      ),
    },
  };
}
