import type { ControlHealth } from "../control/controller.js";
import { callInfoBody, toCallback, type DialogCallback } from "./callinfo-wire.js";
import { z } from "zod";
import type { OriginateRequest } from "../control/originate.js";
import type { Registration, SipEvent } from "../sip/sip-service.js";
import { MediaswitchError } from "../core/errors.js";
import { gatewayCallbackRoutes, type GatewayEvent } from "./gateway-routes.js";
import { mediaEventBody, type MediaCallback } from "./media-event-wire.js";
import { withOpenApi } from "./openapi.js";
import { CONTROL_METRICS } from "./metrics/control-metrics.js";
import { metricsRoutes } from "./metrics/metrics-routes.js";
import { NOTHING, route, type Route, type RouteInput, type RouteTable } from "./route-table.js";
import { sipEventCallbackRoutes, type SipTidings } from "./sip-event-routes.js";
import { originateBody, ORIGINATE_SHAPES } from "./originate-wire.js";
import { callidReply, deregisteredBody, registeredBody } from "./sip-wire.js";

type RegistrationEvent = Extract<SipEvent, { type: "registered" } | { type: "deregistered" }>;

/** Takes the callbacks of a sip component elsewhere: `http/remote-sip-service.ts`. */
export interface SipCallbackReceiver {
  deliverDialog(callback: DialogCallback): Promise<void>;
  deliverRegistration(event: RegistrationEvent): Promise<void>;
  deliverTidings(event: SipTidings): Promise<void>;
  deliverGateway(event: GatewayEvent): Promise<void>;
}

/** Takes the callbacks of an rtp component elsewhere: `http/remote-media-service.ts`. */
export interface MediaCallbackReceiver {
  deliver(callback: MediaCallback): Promise<void>;
}

export interface ControlRoutesOptions {
  /** Absent where events come another way (all components in one process). */
  readonly sip?: SipCallbackReceiver;
  readonly media?: MediaCallbackReceiver;
  /** Takes registrations where `sip` is absent: somebody else may tell of them, too. */
  readonly registrations?: (event: RegistrationEvent) => Promise<void>;
  /** Puts two people through to each other, by way of the script. @returns the Call-ID of the first one's call. */
  readonly originate?: (request: OriginateRequest) => Promise<string>;
  /** Call-IDs of the calls there are now. */
  readonly calls: () => readonly string[];
  readonly health: () => Partial<ControlHealth> | Promise<Partial<ControlHealth>>;
  /** Rows of what else there is to be asked here. */
  readonly more?: RouteTable;
}

/** The control component over HTTP. */
export function controlRoutes({
  sip,
  media,
  registrations,
  originate,
  calls,
  health,
  more = {},
}: ControlRoutesOptions): RouteTable {
  const dialog = route(
    {
      summary: "An event of a call; the callid counts that is in the body",
      body: callInfoBody,
      reply: NOTHING,
      refusals: ["CONTROL_UNAVAILABLE", "NOT_ALLOWED", "CALL_STATE"],
    },
    ({ body }) => expected(sip).deliverDialog(toCallback(body)),
  );
  const registration = registrationRoutes((event) =>
    sip === undefined ? expected(registrations)(event) : sip.deliverRegistration(event),
  );
  return withOpenApi("control", {
    "/dialog{/:callid}": { PUT: dialog, POST: dialog },
    "/invite": { POST: inviteRoute(originate) },
    "/reg": registration,
    "/reg/:domain/:user": registration,
    ...sipEventCallbackRoutes((event) => expected(sip).deliverTidings(event)),
    ...gatewayCallbackRoutes((event) => expected(sip).deliverGateway(event)),
    "/channel/:uuid": {
      PUT: route(
        {
          summary: "An event of a channel",
          body: mediaEventBody,
          reply: NOTHING,
          refusals: ["CONTROL_UNAVAILABLE"],
        },
        ({ body }) => expected(media).deliver(body),
      ),
    },
    ...more,
    "/calls": {
      GET: route(
        { summary: "Call-IDs of the calls there are now", body: NOTHING, reply: z.array(z.string()) },
        () => [...calls()],
      ),
    },
    ...metricsRoutes({ rows: CONTROL_METRICS, health }),
    "/health": {
      GET: route(
        {
          summary: "What the component holds now",
          body: NOTHING,
          reply: z.looseObject({ calls: z.int() }),
        },
        health,
      ),
    },
  });
}

function inviteRoute(originate: ControlRoutesOptions["originate"]): Route {
  return route(
    {
      summary: "Calls one, and when he answers, has the script call the other for him",
      body: originateBody,
      shapes: ORIGINATE_SHAPES,
      reply: callidReply,
      refusals: [
        "USER_UNKNOWN",
        "USER_NOT_REGISTERED",
        "DESTINATION_UNREACHABLE",
        "MAX_FORWARDS_EXCEEDED",
        "MEDIA_UNAVAILABLE",
        "CONTROL_UNAVAILABLE",
      ],
    },
    async ({ body: { control: _control, sdp: _sdp, ...request } }) => ({
      callid: await expected(originate)(request),
    }),
  );
}

function registrationRoutes(deliver: (event: RegistrationEvent) => Promise<void>): RouteTable[string] {
  const registered = route(
    {
      summary: "A phone registered, or registered again",
      body: registeredBody,
      reply: NOTHING,
      refusals: ["CONTROL_UNAVAILABLE"],
    },
    async (input) => {
      const { host, port, agent } = input.body;
      const registration: Registration = {
        ...identity(input, input.body),
        host,
        port,
        ...(agent === undefined ? {} : { agent }),
      };
      await deliver({ type: "registered", registration });
    },
  );
  const deregistered = route(
    {
      summary: "A user has no binding any more",
      body: deregisteredBody,
      reply: NOTHING,
      refusals: ["CONTROL_UNAVAILABLE"],
    },
    async (input) => {
      const { reason } = input.body;
      await deliver({
        type: "deregistered",
        ...identity(input, input.body),
        ...(reason === undefined ? {} : { reason }),
      });
    },
  );
  return { PUT: registered, POST: registered, DELETE: deregistered };
}

function expected<Receiver>(receiver: Receiver | undefined): Receiver {
  if (receiver !== undefined) return receiver;
  throw new MediaswitchError(
    "CONTROL_UNAVAILABLE",
    "this control has its sip and rtp in its own process and takes no callbacks over HTTP",
  );
}

/** The path says who, or the body does; the original's `user` holds the domain too. */
function identity(
  { path }: Pick<RouteInput, "path">,
  body: { readonly domain?: string; readonly user?: string },
): { domain: string; user: string } {
  const [user, domainOfUser] = (path["user"] ?? body.user ?? "").split("@", 2);
  const domain = path["domain"] ?? body.domain ?? domainOfUser;
  if (user === undefined || user === "") {
    throw new MediaswitchError("ARGUMENT_INVALID", "user: expected the user's name", "user");
  }
  if (domain === undefined || domain === "") {
    throw new MediaswitchError("ARGUMENT_INVALID", "domain: expected the user's domain", "domain");
  }
  return { domain, user };
}
