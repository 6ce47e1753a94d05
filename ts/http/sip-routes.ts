import { MediaswitchError } from "../core/errors.js";
import type { SipService } from "../sip/sip-service.js";
import { ok, part, reply, type RouteHandler, type RouteTable } from "./route-table.js";
import {
  ackBody,
  directoryPatchBody,
  directoryPutBody,
  hangupBody,
  inviteBody,
  normaliseInvite,
  ringBody,
  sdpBody,
  userBody,
  withoutEmptySdp,
} from "./sip-wire.js";
import { read } from "./wire.js";

/**
 * The sip component over HTTP: registrations, directory, dialogs.
 * @param httpHealth counts of the process's own HTTP client, told beside the service's health.
 */
export const sipRoutes = (sip: SipService, httpHealth: () => object = () => ({})): RouteTable => ({
  ...registrationRoutes(sip),
  ...directoryRoutes(sip),
  ...dialogRoutes(sip),
  "/health": { GET: async () => reply({ ...(await sip.execute({ type: "health" })), ...httpHealth() }) },
});

const registrationRoutes = (sip: SipService): RouteTable => ({
  "/reg": { GET: async () => reply(await sip.execute({ type: "registrations.count" })) },
  "/reg/:domain": {
    GET: async (input) =>
      reply(await sip.execute({ type: "registrations.domain", domain: part(input, "domain") })),
  },
  "/reg/:domain/:user": {
    GET: async (input) =>
      reply(
        await sip.execute({
          type: "registrations.domain",
          domain: part(input, "domain"),
          user: part(input, "user"),
        }),
      ),
  },
});

function directoryRoutes(sip: SipService): RouteTable {
  const putUser: RouteHandler = async (input) => {
    const { secret, ...control } = read(userBody, input.body);
    const domain = part(input, "domain");
    const users = [{ username: part(input, "user"), secret }];
    return reply(await sip.execute({ type: "directory.patch", domain, users, ...control }));
  };
  return {
    "/dir": {
      GET: async () => reply(await sip.execute({ type: "directory.get" })),
      PUT: () => {
        throw new MediaswitchError("ARGUMENT_INVALID", "the path is too short: expected /dir/<domain>");
      },
    },
    "/dir/:domain": {
      GET: async (input) =>
        reply(await sip.execute({ type: "directory.get", domain: part(input, "domain") })),
      PUT: async (input) => {
        const domain = part(input, "domain");
        const body = read(directoryPutBody, input.body);
        return reply(await sip.execute({ type: "directory.put", domain, ...body }), 201);
      },
      PATCH: async (input) => {
        const domain = part(input, "domain");
        const body = read(directoryPatchBody, input.body);
        return reply(await sip.execute({ type: "directory.patch", domain, ...body }));
      },
      DELETE: async (input) => {
        await sip.execute({ type: "directory.delete", domain: part(input, "domain") });
        return ok;
      },
    },
    "/dir/:domain/:user": {
      PUT: putUser,
      PATCH: putUser,
      DELETE: async (input) => {
        const domain = part(input, "domain");
        await sip.execute({ type: "directory.delete", domain, user: part(input, "user") });
        return ok;
      },
    },
  };
}

function dialogRoutes(sip: SipService): RouteTable {
  const invite: RouteHandler = async ({ body }) => {
    if (Array.isArray(body) && body.length !== 1) {
      throw new MediaswitchError(
        "ARGUMENT_INVALID",
        `body: expected one call (an object, or an array of one), not ${String(body.length)}`,
      );
    }
    const request = read(inviteBody, normaliseInvite(body));
    return reply(await sip.execute({ type: "dialog.invite", request }));
  };
  /** The original's peers PUT, the seed's examples POST. */
  const action = (act: (body: unknown) => Promise<object>): RouteTable[string] => {
    const handler: RouteHandler = async ({ body }) => {
      await act(body);
      return ok;
    };
    return { PUT: handler, POST: handler };
  };
  return {
    "/dialog": { GET: async () => reply(await sip.execute({ type: "dialog.count" })) },
    "/dialog/invite": { POST: invite, PUT: invite },
    "/invite": { POST: invite, PUT: invite },
    "/dialog/ring": action((body) => sip.execute({ type: "dialog.ring", ...read(ringBody, body) })),
    "/dialog/answer": action((body) =>
      sip.execute({ type: "dialog.answer", ...read(sdpBody, withoutEmptySdp(body)) }),
    ),
    "/dialog/ok": action((body) =>
      sip.execute({ type: "dialog.ok", ...read(sdpBody, withoutEmptySdp(body)) }),
    ),
    "/dialog/refuse": action((body) => sip.execute({ type: "dialog.refuse", ...read(hangupBody, body) })),
    "/dialog/ack": action((body) => sip.execute({ type: "dialog.ack", ...read(ackBody, body) })),
    "/dialog/hangup": action((body) => sip.execute({ type: "dialog.hangup", ...read(hangupBody, body) })),
  };
}
