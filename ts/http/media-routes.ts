import { z } from "zod";
import { MediaswitchError } from "../core/errors.js";
import { RTP_METRICS } from "./metrics/rtp-metrics.js";
import { metricsRoutes } from "./metrics/metrics-routes.js";
import type { Command } from "../core/service.js";
import type { MediaCommands, MediaService } from "../rtp/media-service.js";
import { statisticsReply } from "./media-event-wire.js";
import {
  detectBody,
  directionBody,
  dtmfBody,
  loadReply,
  mediaHealthReply,
  openBody,
  openReply,
  renewReply,
  switchBody,
  targetField,
  whisperBody,
} from "./media-wire.js";
import { withOpenApi } from "./openapi.js";
import { NOTHING, part, route, type Route, type RouteInput, type RouteTable } from "./route-table.js";
import { bareSoup, playRecordBody, recordBody, soupBody } from "./sound-wire.js";
import { noFields } from "./wire.js";

/**
 * The rtp component over HTTP: channels.
 * @param httpHealth counts of the process's own HTTP client, told beside the service's health.
 */
export function mediaRoutes(media: MediaService, httpHealth: () => object = () => ({})): RouteTable {
  const open = route(
    {
      summary: "Opens a channel",
      body: openBody,
      reply: openReply,
      refusals: ["MEDIA_OUT_OF_PORTS", "MEDIA_DRAINING"],
    },
    async ({ body: { control, target, lease, callid } }) => {
      const opened = await media.execute({
        type: "open",
        ...(control === undefined ? {} : { control }),
        ...(target === undefined ? {} : { remote: target }),
        ...(lease === undefined ? {} : { lease }),
        ...(callid === undefined ? {} : { callid }),
      });
      return { ...opened, channel: opened.uuid };
    },
  );
  const health = (): Promise<MediaCommands["health"]["result"]> => media.execute({ type: "health" });
  const healthRoute = { body: NOTHING, reply: mediaHealthReply } as const;
  return withOpenApi("rtp", {
    "/": { POST: open },
    "/channel": { POST: open },
    ...channelRoutes(media),
    "/lease/:holder": putOrPost(
      route(
        { summary: "The heartbeat that keeps a holder's channels open", body: noFields, reply: renewReply },
        (input) => media.execute({ type: "renew", holder: part(input, "holder") }),
      ),
    ),
    "/drain": putOrPost(
      route(
        { summary: "Opens no more channels, or does again", body: switchBody, reply: loadReply },
        ({ body }) => media.execute({ type: "drain", ...body }),
      ),
    ),
    ...metricsRoutes({
      rows: RTP_METRICS,
      health,
      checkReady: ({ draining, available }) => {
        if (draining) throw new MediaswitchError("MEDIA_DRAINING", "no channel is opened any more");
        if (available === 0) throw new MediaswitchError("MEDIA_OUT_OF_PORTS", "every channel is in use");
      },
    }),
    "/stats": { GET: route({ summary: "What the server holds now", ...healthRoute }, health) },
    "/health": {
      GET: route({ summary: "What the component holds now", ...healthRoute }, async () => ({
        ...(await health()),
        ...httpHealth(),
      })),
    },
  });
}

/** Everything that is done to one channel. */
function channelRoutes(media: MediaService): RouteTable {
  /**
   * A command that is answered by nothing but its success.
   * @param key of the command whose fields are the body's own.
   */
  const act = <Body extends z.ZodType>(
    summary: string,
    body: Body,
    command: (uuid: string, body: z.output<Body>, input: Pick<RouteInput, "path">) => Command<MediaCommands>,
    key?: string,
  ): ReturnType<typeof putOrPost> =>
    putOrPost(
      route(
        { summary, body, reply: NOTHING, refusals: ["MEDIA_CHANNEL_UNKNOWN", "MEDIA_STATE"] },
        async (input) => {
          try {
            await media.execute(command(part(input, "uuid"), input.body as z.output<Body>, input));
          } catch (error) {
            throw key === undefined ? error : inBody(error, `${key}.`);
          }
        },
      ),
    );
  const target = act("Says where audio is to be sent", targetField, (uuid, remote) => ({
    type: "target",
    uuid,
    remote,
  }));
  return {
    "/channel/target/:uuid": target,
    "/channel/:uuid": {
      PUT: target.PUT,
      GET: route(
        {
          summary: "Statistics of a channel",
          body: NOTHING,
          reply: statisticsReply,
          refusals: ["MEDIA_CHANNEL_UNKNOWN"],
        },
        (input) => media.execute({ type: "statistics", uuid: part(input, "uuid") }),
      ),
      DELETE: route(
        {
          summary: "Closes a channel",
          body: NOTHING,
          reply: loadReply,
          refusals: ["MEDIA_CHANNEL_UNKNOWN"],
        },
        (input) => media.execute({ type: "close", uuid: part(input, "uuid") }),
      ),
    },
    "/channel/:uuid/mix/:other": act(
      "Brings two channels into one group",
      noFields,
      (uuid, _body, input) => ({
        type: "mix",
        uuid,
        other: part(input, "other"),
      }),
    ),
    "/channel/:uuid/unmix": act("Takes a channel out of its group", noFields, (uuid) => ({
      type: "unmix",
      uuid,
    })),
    "/channel/:uuid/direction": act("Says which way audio goes", directionBody, (uuid, body) => ({
      type: "direction",
      uuid,
      ...body,
    })),
    "/channel/:uuid/whisper": act("Says who alone hears it", whisperBody, (uuid, body) => ({
      type: "whisper",
      uuid,
      ...body,
    })),
    "/channel/:uuid/dtmf": act("Sends key presses", dtmfBody, (uuid, body) => ({
      type: "dtmf",
      uuid,
      ...body,
    })),
    "/channel/:uuid/detect": act("Whether keys are also heard as tones", detectBody, (uuid, body) => ({
      type: "detect",
      uuid,
      ...body,
    })),
    "/channel/:uuid/echo": act("Sends back what comes in", switchBody, (uuid, body) => ({
      type: "echo",
      uuid,
      ...body,
    })),
    ...soundRoutes(act),
  };
}

/** Playing and recording. */
const soundRoutes = (
  act: <Body extends z.ZodType>(
    summary: string,
    body: Body,
    command: (uuid: string, body: z.output<Body>) => Command<MediaCommands>,
    key?: string,
  ) => ReturnType<typeof putOrPost>,
): RouteTable => ({
  "/channel/:uuid/play": act(
    "Plays a soup",
    z.preprocess(bareSoup, soupBody),
    (uuid, soup) => ({ type: "play", uuid, soup }),
    "soup",
  ),
  "/channel/:uuid/stopplay": act("Ends what is played", noFields, (uuid) => ({ type: "stopplay", uuid })),
  "/channel/:uuid/pauseplay": act("Pauses what is played", noFields, (uuid) => ({ type: "pauseplay", uuid })),
  "/channel/:uuid/resumeplay": act("Goes on with what was paused", noFields, (uuid) => ({
    type: "resumeplay",
    uuid,
  })),
  "/channel/:uuid/record": act(
    "Records into a file",
    recordBody,
    (uuid, options) => ({ type: "record", uuid, options }),
    "options",
  ),
  "/channel/:uuid/playrecord": act(
    "Plays a prompt and records what follows",
    playRecordBody,
    (uuid, options) => ({ type: "playrecord", uuid, options }),
    "options",
  ),
});

/** The engine blames a field by its path in the command, the caller knows its path in the body. */
function inBody(error: unknown, prefix: string): unknown {
  if (!(error instanceof MediaswitchError) || error.field?.startsWith(prefix) !== true) return error;
  return new MediaswitchError(
    error.code,
    error.message.replace(prefix, ""),
    error.field.slice(prefix.length),
  );
}

const putOrPost = (one: Route): { readonly PUT: Route; readonly POST: Route } => ({ PUT: one, POST: one });
