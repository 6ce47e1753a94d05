import { z } from "zod";
import { MediaswitchError } from "../core/errors.js";
import { SIP_METRICS } from "./metrics/sip-metrics.js";
import { metricsRoutes } from "./metrics/metrics-routes.js";
import type { Command } from "../core/service.js";
import type { SipCommands, SipService } from "../sip/sip-service.js";
import { callInfoBody, writeCallInfo } from "./callinfo-wire.js";
import { gatewayRoutes } from "./gateway-routes.js";
import { withOpenApi } from "./openapi.js";
import { NOTHING, part, route, type Route, type RouteTable } from "./route-table.js";
import { sipEventRoutes } from "./sip-event-routes.js";
import {
  ackBody,
  callidReply,
  contentBody,
  createdReply,
  dialogCountReply,
  drainBody,
  drainReply,
  directoryPatchBody,
  directoryPutBody,
  directoryReply,
  flatInviteBody,
  hangupBody,
  inviteBody,
  inviteOrReinviteBody,
  maybeWithoutSdp,
  notifyBody,
  refuseBody,
  registrationsReply,
  ringBody,
  sdpBody,
  sipHealthReply,
  userBody,
} from "./sip-wire.js";
import { countReply } from "./wire.js";

/**
 * The sip component over HTTP: registrations, directory, dialogs.
 * @param httpHealth counts of the process's own HTTP client, told beside the service's health.
 * @param more rows of what else there is to be asked here.
 */
export const sipRoutes = (
  sip: SipService,
  httpHealth: () => object = () => ({}),
  more: RouteTable = {},
): RouteTable =>
  withOpenApi("sip", {
    ...more,
    ...registrationRoutes(sip),
    ...directoryRoutes(sip),
    ...dialogRoutes(sip),
    ...sipEventRoutes(sip),
    ...gatewayRoutes(sip),
    "/drain": drainRoutes(sip),
    ...metricsRoutes({
      rows: SIP_METRICS,
      health: () => sip.execute({ type: "health" }),
      checkReady: ({ draining }) => {
        if (draining) throw new MediaswitchError("SIP_DRAINING", "nothing new is taken");
      },
    }),
    "/health": {
      GET: route(
        { summary: "What the component holds now", body: NOTHING, reply: sipHealthReply },
        async () => ({ ...(await sip.execute({ type: "health" })), ...httpHealth() }),
      ),
    },
  });

function drainRoutes(sip: SipService): RouteTable[string] {
  const drain = route(
    {
      summary: "Takes nothing new and lets calls finish, or takes it again",
      body: drainBody,
      reply: drainReply,
    },
    ({ body }) => sip.execute({ type: "drain", ...body }),
  );
  return { PUT: drain, POST: drain };
}

const registrationRoutes = (sip: SipService): RouteTable => ({
  "/reg": {
    GET: route(
      { summary: "Count of all bindings of authenticated phones", body: NOTHING, reply: countReply },
      () => sip.execute({ type: "registrations.count" }),
    ),
  },
  "/reg/:domain": {
    GET: route(
      {
        summary: "The users of a domain and whether they are registered",
        body: NOTHING,
        reply: registrationsReply,
        refusals: ["DOMAIN_UNKNOWN"],
      },
      (input) => sip.execute({ type: "registrations.domain", domain: part(input, "domain") }),
    ),
  },
  "/reg/:domain/:user": {
    GET: route(
      {
        summary: "One user of a domain and whether it is registered",
        body: NOTHING,
        reply: registrationsReply,
        refusals: ["DOMAIN_UNKNOWN"],
      },
      (input) =>
        sip.execute({
          type: "registrations.domain",
          domain: part(input, "domain"),
          user: part(input, "user"),
        }),
    ),
  },
});

function directoryRoutes(sip: SipService): RouteTable {
  const putUser = route(
    {
      summary: "Adds or replaces one user of a known domain",
      body: userBody,
      reply: createdReply,
      refusals: ["DOMAIN_UNKNOWN"],
    },
    (input) => {
      const { secret, ha1, ...control } = input.body;
      const users = [
        {
          username: part(input, "user"),
          ...(secret === undefined ? {} : { secret }),
          ...(ha1 === undefined ? {} : { ha1 }),
        },
      ];
      return sip.execute({ type: "directory.patch", domain: part(input, "domain"), users, ...control });
    },
  );
  return {
    "/dir": {
      GET: route({ summary: "The domains", body: NOTHING, reply: directoryReply }, () =>
        sip.execute({ type: "directory.get" }),
      ),
      PUT: route({ summary: "Refused: a domain is missing", body: NOTHING, reply: NOTHING }, () => {
        throw new MediaswitchError("ARGUMENT_INVALID", "the path is too short: expected /dir/<domain>");
      }),
    },
    "/dir/:domain": { ...domainRoutes(sip) },
    "/dir/:domain/:user": {
      GET: route(
        {
          summary: "Whether a user is there, and where the domain's events go",
          body: NOTHING,
          reply: directoryReply,
          refusals: ["DOMAIN_UNKNOWN", "USER_UNKNOWN"],
        },
        (input) =>
          sip.execute({
            type: "directory.get",
            domain: part(input, "domain"),
            user: part(input, "user"),
          }),
      ),
      PUT: putUser,
      PATCH: putUser,
      DELETE: route(
        {
          summary: "Removes a user",
          body: NOTHING,
          reply: NOTHING,
          refusals: ["DOMAIN_UNKNOWN", "USER_UNKNOWN"],
        },
        (input) =>
          sip.execute({
            type: "directory.delete",
            domain: part(input, "domain"),
            user: part(input, "user"),
          }),
      ),
    },
  };
}

const domainRoutes = (sip: SipService): RouteTable[string] => ({
  GET: route(
    {
      summary: "The users of a domain by name, and where its events go",
      body: NOTHING,
      reply: directoryReply,
      refusals: ["DOMAIN_UNKNOWN"],
    },
    (input) => sip.execute({ type: "directory.get", domain: part(input, "domain") }),
  ),
  PUT: route(
    {
      summary: "Replaces a domain and its users, whole",
      body: directoryPutBody,
      reply: createdReply,
      status: 201,
    },
    (input) => sip.execute({ type: "directory.put", domain: part(input, "domain"), ...input.body }),
  ),
  PATCH: route(
    {
      summary: "Adds or changes users of a known domain",
      body: directoryPatchBody,
      reply: createdReply,
      refusals: ["DOMAIN_UNKNOWN"],
    },
    (input) => sip.execute({ type: "directory.patch", domain: part(input, "domain"), ...input.body }),
  ),
  DELETE: route(
    {
      summary: "Removes a domain with its users",
      body: NOTHING,
      reply: NOTHING,
      refusals: ["DOMAIN_UNKNOWN"],
    },
    (input) => sip.execute({ type: "directory.delete", domain: part(input, "domain") }),
  ),
});

function dialogRoutes(sip: SipService): RouteTable {
  const invite = route(
    {
      summary:
        "Makes a call, or changes one: of a callid alone, a re-INVITE. Control is told what becomes of it",
      body: inviteOrReinviteBody,
      shapes: [
        inviteBody,
        sdpBody,
        flatInviteBody,
        z.array(inviteBody).length(1),
        z.array(flatInviteBody).length(1),
      ],
      reply: callidReply,
      refusals: [
        "USER_UNKNOWN",
        "USER_NOT_REGISTERED",
        "DESTINATION_UNREACHABLE",
        "CALL_UNKNOWN",
        "CALL_STATE",
        "MAX_FORWARDS_EXCEEDED",
      ],
    },
    async ({ body }) => {
      if (body.isNew) {
        const { isNew: _isNew, ...request } = body;
        return sip.execute({ type: "dialog.invite", request });
      }
      const { isNew: _isNew, ...exchange } = body;
      await sip.execute({ type: "dialog.reinvite", ...exchange });
      return { callid: exchange.callid };
    },
  );
  /** What is done to one call: the original's peers PUT, the seed's examples POST. */
  const action = <Body extends z.ZodType>(
    summary: string,
    body: Body,
    command: (body: z.output<Body>) => Command<SipCommands>,
  ): { readonly PUT: Route; readonly POST: Route } => {
    const act = route(
      { summary, body, reply: NOTHING, refusals: ["CALL_UNKNOWN", "CALL_STATE", "CALL_ENDED"] },
      (input) => sip.execute(command(input.body as z.output<Body>)),
    );
    return { PUT: act, POST: act };
  };
  return {
    "/dialog": {
      GET: route({ summary: "Calls now, and calls ever", body: NOTHING, reply: dialogCountReply }, () =>
        sip.execute({ type: "dialog.count" }),
      ),
    },
    "/dialog/invite": { POST: invite, PUT: invite },
    "/invite": { POST: invite, PUT: invite },
    "/dialog/ring": action(
      "Tells the caller that it rings; with sdp, early media",
      maybeWithoutSdp(ringBody),
      (body) => ({ type: "dialog.ring", ...body }),
    ),
    "/dialog/answer": action("Answers the call", maybeWithoutSdp(sdpBody), (body) => ({
      type: "dialog.answer",
      ...body,
    })),
    "/dialog/ok": action("Answers a re-INVITE", maybeWithoutSdp(sdpBody), (body) => ({
      type: "dialog.ok",
      ...body,
    })),
    "/dialog/refuse": action("Refuses a re-INVITE; the call goes on as it was", refuseBody, (body) => ({
      type: "dialog.refuse",
      ...body,
    })),
    "/dialog/ack": action("Answers the offer of a 2xx", ackBody, (body) => ({
      type: "dialog.ack",
      ...body,
    })),
    "/dialog/notify": action("Tells who sent a REFER what has become of it", notifyBody, (body) => ({
      type: "dialog.notify",
      ...body,
    })),
    "/dialog/info": action("Sends INFO within the call", contentBody, (body) => ({
      type: "dialog.info",
      ...body,
    })),
    "/dialog/message": action("Sends MESSAGE within the call", contentBody, (body) => ({
      type: "dialog.message",
      ...body,
    })),
    "/dialog/hangup": action("Ends the call, in any state", hangupBody, (body) => ({
      type: "dialog.hangup",
      ...body,
    })),
    "/dialog/call/:callid": {
      GET: route(
        {
          summary: "What is known of a call",
          body: NOTHING,
          reply: callInfoBody,
          refusals: ["CALL_UNKNOWN"],
        },
        async ({ path }) =>
          writeCallInfo(await sip.execute({ type: "dialog.get", callid: part({ path }, "callid") })),
      ),
    },
  };
}
