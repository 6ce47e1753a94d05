import { z } from "zod";
import { NOTHING, route, type Route, type RouteTable } from "./route-table.js";

/** One RTP server as control sees it. */
interface RtpServer {
  readonly url: string;
  readonly weight: number;
  readonly state: "up" | "suspect" | "down" | "draining";
  readonly channels: number;
  readonly reported?: {
    readonly active: number;
    readonly available: number;
    readonly draining: boolean;
    readonly load?: number;
  };
}

/** The RTP servers of a control: `rtp/media-pool/media-pool.ts`. */
export interface RtpServers {
  readonly servers: readonly RtpServer[];
  add(member: { readonly url: string; readonly weight?: number }): void;
  drain(url: string, options: { readonly enabled: boolean }): void;
  remove(url: string): void;
}

const baseUrl = z
  .string()
  .regex(/^https?:\/\/[^/]/i, "expected an http URL, such as http://192.0.2.1:9002")
  .max(1024)
  .transform((url) => url.replace(/\/+$/, ""));

const memberBody = z.strictObject({ url: baseUrl, weight: z.number().positive().exactOptional() });
const drainBody = z.strictObject({ url: baseUrl, enabled: z.boolean().default(true) });
const removeBody = z.strictObject({ url: baseUrl });

const serversReply = z.object({
  servers: z.array(
    z.object({
      url: z.string(),
      weight: z.number(),
      state: z.enum(["up", "suspect", "down", "draining"]),
      channels: z.int(),
      reported: z
        .object({
          active: z.int(),
          available: z.int(),
          draining: z.boolean(),
          load: z.number().exactOptional(),
        })
        .exactOptional(),
    }),
  ),
});

/** The RTP servers that control chooses among; each change is answered with how they stand. */
export function rtpPoolRoutes(pool: RtpServers): RouteTable {
  const answer = (): { servers: readonly RtpServer[] } => ({ servers: pool.servers });
  const add = route(
    { summary: "One more RTP server", body: memberBody, reply: serversReply },
    ({ body: { url, weight } }) => {
      pool.add({ url, ...(weight === undefined ? {} : { weight }) });
      return answer();
    },
  );
  const drain = route(
    { summary: "Places no more calls on an RTP server, or again", body: drainBody, reply: serversReply },
    ({ body: { url, enabled } }) => {
      pool.drain(url, { enabled });
      return answer();
    },
  );
  const remove = route(
    {
      summary: "Takes out an RTP server that has no channels of this control",
      body: removeBody,
      reply: serversReply,
      refusals: ["MEDIA_STATE"],
    },
    ({ body: { url } }) => {
      pool.remove(url);
      return answer();
    },
  );
  return {
    "/rtp": {
      GET: route(
        { summary: "The RTP servers and how they stand", body: NOTHING, reply: serversReply },
        answer,
      ),
      ...both(add),
    },
    "/rtp/drain": both(drain),
    "/rtp/remove": both(remove),
  };
}

const both = (one: Route): { PUT: Route; POST: Route } => ({ PUT: one, POST: one });
