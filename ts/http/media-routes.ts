import type { MediaService } from "../rtp/media-service.js";
import { openBody, targetField } from "./media-wire.js";
import { ok, part, reply, type RouteHandler, type RouteTable } from "./route-table.js";
import { read } from "./wire.js";

/**
 * The rtp component over HTTP: channels.
 * @param httpHealth counts of the process's own HTTP client, told beside the service's health.
 */
export function mediaRoutes(media: MediaService, httpHealth: () => object = () => ({})): RouteTable {
  const open: RouteHandler = async ({ body }) => {
    const { control, target } = read(openBody, body);
    const opened = await media.execute({
      type: "open",
      ...(control === undefined ? {} : { control }),
      ...(target === undefined ? {} : { remote: target }),
    });
    return reply({ ...opened, channel: opened.uuid });
  };
  const target: RouteHandler = async (input) => {
    const remote = read(targetField, input.body);
    await media.execute({ type: "target", uuid: part(input, "uuid"), remote });
    return ok;
  };
  return {
    "/": { POST: open },
    "/channel": { POST: open },
    "/channel/target/:uuid": { PUT: target, POST: target },
    "/channel/:uuid": {
      GET: async (input) => reply(await media.execute({ type: "statistics", uuid: part(input, "uuid") })),
      PUT: target,
      DELETE: async (input) => reply(await media.execute({ type: "close", uuid: part(input, "uuid") })),
    },
    "/channel/:uuid/mix/:other": {
      PUT: async (input) => {
        await media.execute({ type: "mix", uuid: part(input, "uuid"), other: part(input, "other") });
        return ok;
      },
    },
    "/channel/:uuid/unmix": {
      PUT: async (input) => {
        await media.execute({ type: "unmix", uuid: part(input, "uuid") });
        return ok;
      },
    },
    "/health": { GET: async () => reply({ ...(await media.execute({ type: "health" })), ...httpHealth() }) },
  };
}
