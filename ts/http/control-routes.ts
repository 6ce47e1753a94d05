import type { Registration, SipEvent } from "../sip/sip-service.js";
import { MediaswitchError } from "../core/errors.js";
import { mediaEventBody, type MediaCallback } from "./media-event-wire.js";
import { ok, reply, type RouteHandler, type RouteInput, type RouteTable } from "./route-table.js";
import { deregisteredBody, readCallInfo, registeredBody, type DialogCallback } from "./sip-wire.js";
import { read } from "./wire.js";

/** Takes the callbacks of a sip component elsewhere: `http/remote-sip-service.ts`. */
export interface SipCallbackReceiver {
  deliverDialog(callback: DialogCallback): Promise<void>;
  deliverRegistration(event: Exclude<SipEvent, { type: "dialog" }>): Promise<void>;
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
  // The callid counts that is in the body; the original ignores the one in the path.
  const dialog: RouteHandler = async ({ body }) => {
    await expected(sip).deliverDialog(readCallInfo(body));
    return ok;
  };
  const registered: RouteHandler = async (input) => {
    const body = read(registeredBody, input.body);
    const registration: Registration = {
      ...identity(input, body),
      host: body.host,
      port: body.port,
      ...(body.agent === undefined ? {} : { agent: body.agent }),
    };
    await expected(sip).deliverRegistration({ type: "registered", registration });
    return ok;
  };
  const deregistered: RouteHandler = async (input) => {
    const who = identity(input, read(deregisteredBody, input.body));
    await expected(sip).deliverRegistration({ type: "deregistered", ...who });
    return ok;
  };
  const registration = { PUT: registered, POST: registered, DELETE: deregistered };
  return {
    "/dialog{/:callid}": { PUT: dialog, POST: dialog },
    "/reg": registration,
    "/reg/:domain/:user": registration,
    "/channel/:uuid": {
      PUT: async ({ body }) => {
        await expected(media).deliver(read(mediaEventBody, body));
        return ok;
      },
    },
    "/calls": { GET: () => reply([...calls()]) },
    "/health": { GET: async () => reply(await health()) },
  };
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
  { path }: RouteInput,
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
