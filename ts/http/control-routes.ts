import { callInfoBody, toCallback, type DialogCallback } from "./callinfo-wire.js";
import { z } from "zod";
import type { Registration, SipEvent } from "../sip/sip-service.js";
import { MediaswitchError } from "../core/errors.js";
import { gatewayCallbackRoutes, type GatewayEvent } from "./gateway-routes.js";
import { mediaEventBody, type MediaCallback } from "./media-event-wire.js";
import { withOpenApi } from "./openapi.js";
import { NOTHING, route, type RouteInput, type RouteTable } from "./route-table.js";
import { sipEventCallbackRoutes, type SipTidings } from "./sip-event-routes.js";
import { deregisteredBody, registeredBody } from "./sip-wire.js";

/** Takes the callbacks of a sip component elsewhere: `http/remote-sip-service.ts`. */
export interface SipCallbackReceiver {
  deliverDialog(callback: DialogCallback): Promise<void>;
  deliverRegistration(
    event: Extract<SipEvent, { type: "registered" } | { type: "deregistered" }>,
  ): Promise<void>;
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
  /** Call-IDs of the calls there are now. */
  readonly calls: () => readonly string[];
  readonly health: () => object | Promise<object>;
}

/** The control component over HTTP. */
export function controlRoutes({ sip, media, calls, health }: ControlRoutesOptions): RouteTable {
  const dialog = route(
    {
      summary: "An event of a call; the callid counts that is in the body",
      body: callInfoBody,
      reply: NOTHING,
      refusals: ["CONTROL_UNAVAILABLE"],
    },
    ({ body }) => expected(sip).deliverDialog(toCallback(body)),
  );
  const registration = registrationRoutes(() => expected(sip));
  return withOpenApi("control", {
    "/dialog{/:callid}": { PUT: dialog, POST: dialog },
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
    "/calls": {
      GET: route(
        { summary: "Call-IDs of the calls there are now", body: NOTHING, reply: z.array(z.string()) },
        () => [...calls()],
      ),
    },
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

function registrationRoutes(receiver: () => SipCallbackReceiver): RouteTable[string] {
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
      await receiver().deliverRegistration({ type: "registered", registration });
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
      await receiver().deliverRegistration({
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
