import { MediaswitchError } from "../core/errors.js";
import type { Command } from "../core/service.js";
import type { MediaCommands, MediaService } from "../rtp/media-service.js";
import { detectBody, directionBody, dtmfBody, openBody, switchBody, targetField } from "./media-wire.js";
import { ok, part, reply, type RouteHandler, type RouteInput, type RouteTable } from "./route-table.js";
import { bareSoup, playRecordBody, recordBody, soupBody } from "./sound-wire.js";
import { read } from "./wire.js";

/**
 * The rtp component over HTTP: channels.
 * @param httpHealth counts of the process's own HTTP client, told beside the service's health.
 */
export function mediaRoutes(media: MediaService, httpHealth: () => object = () => ({})): RouteTable {
  const open: RouteHandler = async ({ body }) => {
    const { control, target, lease } = read(openBody, body);
    const opened = await media.execute({
      type: "open",
      ...(control === undefined ? {} : { control }),
      ...(target === undefined ? {} : { remote: target }),
      ...(lease === undefined ? {} : { lease }),
    });
    return reply({ ...opened, channel: opened.uuid });
  };
  const health = (): Promise<MediaCommands["health"]["result"]> => media.execute({ type: "health" });
  return {
    "/": { POST: open },
    "/channel": { POST: open },
    ...channelRoutes(media),
    "/lease/:holder": putOrPost(async (input) =>
      reply(await media.execute({ type: "renew", holder: part(input, "holder") })),
    ),
    "/drain": putOrPost(async ({ body }) =>
      reply(await media.execute({ type: "drain", ...read(switchBody, body) })),
    ),
    "/stats": { GET: async () => reply(await health()) },
    "/health": { GET: async () => reply({ ...(await health()), ...httpHealth() }) },
  };
}

/** Everything that is done to one channel. */
function channelRoutes(media: MediaService): RouteTable {
  /**
   * A command that is answered by nothing but its success.
   * @param key of the command whose fields are the body's own.
   */
  const act = (
    command: (uuid: string, input: RouteInput) => Command<MediaCommands>,
    key?: string,
  ): ReturnType<typeof putOrPost> =>
    putOrPost(async (input) => {
      try {
        await media.execute(command(part(input, "uuid"), input));
      } catch (error) {
        throw key === undefined ? error : inBody(error, `${key}.`);
      }
      return ok;
    });
  const target = act((uuid, { body }) => ({ type: "target", uuid, remote: read(targetField, body) }));
  return {
    "/channel/target/:uuid": target,
    "/channel/:uuid": {
      PUT: target.PUT,
      GET: async (input) => reply(await media.execute({ type: "statistics", uuid: part(input, "uuid") })),
      DELETE: async (input) => reply(await media.execute({ type: "close", uuid: part(input, "uuid") })),
    },
    "/channel/:uuid/mix/:other": act((uuid, input) => ({ type: "mix", uuid, other: part(input, "other") })),
    "/channel/:uuid/unmix": act((uuid) => ({ type: "unmix", uuid })),
    "/channel/:uuid/direction": act((uuid, { body }) => ({
      type: "direction",
      uuid,
      ...read(directionBody, body),
    })),
    "/channel/:uuid/dtmf": act((uuid, { body }) => ({ type: "dtmf", uuid, ...read(dtmfBody, body) })),
    "/channel/:uuid/detect": act((uuid, { body }) => ({ type: "detect", uuid, ...read(detectBody, body) })),
    "/channel/:uuid/echo": act((uuid, { body }) => ({ type: "echo", uuid, ...read(switchBody, body) })),
    "/channel/:uuid/play": act(
      (uuid, { body }) => ({ type: "play", uuid, soup: read(soupBody, bareSoup(body)) }),
      "soup",
    ),
    "/channel/:uuid/stopplay": act((uuid) => ({ type: "stopplay", uuid })),
    "/channel/:uuid/pauseplay": act((uuid) => ({ type: "pauseplay", uuid })),
    "/channel/:uuid/resumeplay": act((uuid) => ({ type: "resumeplay", uuid })),
    "/channel/:uuid/record": act(
      (uuid, { body }) => ({ type: "record", uuid, options: read(recordBody, body) }),
      "options",
    ),
    "/channel/:uuid/playrecord": act(
      (uuid, { body }) => ({ type: "playrecord", uuid, options: read(playRecordBody, body) }),
      "options",
    ),
  };
}

/** The engine blames a field by its path in the command, the caller knows its path in the body. */
function inBody(error: unknown, prefix: string): unknown {
  if (!(error instanceof MediaswitchError) || error.field?.startsWith(prefix) !== true) return error;
  return new MediaswitchError(
    error.code,
    error.message.replace(prefix, ""),
    error.field.slice(prefix.length),
  );
}

const putOrPost = (handler: RouteHandler): { readonly PUT: RouteHandler; readonly POST: RouteHandler } => ({
  PUT: handler,
  POST: handler,
});
